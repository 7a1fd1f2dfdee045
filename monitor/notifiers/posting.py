"""One POST to a receiver, and what came of it, for every notifier that speaks HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

import httpx

from monitor.errors import SettingInvalid
from monitor.notifiers import Receipt

__all__ = ["TIMEOUT_SECONDS", "checked_url", "new_client", "post"]

TIMEOUT_SECONDS: Final = 10.0
"""For connecting, and for each silence while sending or waiting for the answer."""

WAIT_AT_MOST_SECONDS: Final = 3600.0
"""The longest pause a receiver may ask for: a page held back longer is no page."""

# Request Timeout, Too Early, Too Many Requests: the request is fine, the moment is not (RFC 9110, 8470, 6585).
_NOT_NOW = frozenset({408, 425, 429})


def new_client(timeout_seconds: float = TIMEOUT_SECONDS) -> httpx.Client:
    """Return a client that never follows a redirect: an alert goes where the settings say, nowhere else."""
    return httpx.Client(timeout=timeout_seconds, follow_redirects=False, headers={"User-Agent": "badbuzz"})


def checked_url(url: str, *, secure: bool) -> httpx.URL:
    """Return a receiver's address, checked.

    Parameters
    ----------
    secure
        Insist on ``https`` for other machines.

    Raises
    ------
    SettingInvalid
        If it is not a web address, holds a password, or would send in the clear. The message names scheme and host
        only: the path of many receivers' addresses is a secret.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        message = "the address of a notifier cannot be read; write it as https://host/path"
        raise SettingInvalid(message) from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        message = f"the address of a notifier begins with {parsed.scheme or 'no scheme'!r}; write https://host/path"
        raise SettingInvalid(message)
    if parsed.userinfo:
        message = f"the address of the notifier on {parsed.host} holds a password; put it into a secret file"
        raise SettingInvalid(message)
    if secure and parsed.scheme == "http" and not _is_this_machine(parsed.host):
        message = f"the notifier on {parsed.host} would send alerts in the clear; use https://"
        raise SettingInvalid(message)
    return parsed


def post(client: httpx.Client, url: httpx.URL, body: bytes, headers: Mapping[str, str]) -> Receipt:
    """Send JSON once and tell what came of it, without reading the answer's body.

    Returns
    -------
    Receipt
        ``delivered`` on 2xx; ``retried`` when nobody answered in time or the receiver has trouble of its own
        (5xx, 408, 425, 429); ``refused`` on everything else, redirects included.
    """
    where = f"{url.scheme}://{url.netloc.decode('ascii')}"
    try:
        with client.stream(
            "POST", url, content=body, headers={"Content-Type": "application/json", **headers}
        ) as response:
            status, retry_after = response.status_code, response.headers.get("Retry-After", "")
    except httpx.TimeoutException:
        return Receipt("retried", f"{where} did not answer in time")
    except httpx.RequestError as error:
        # The error's own words may repeat the address, so only its kind is told.
        return Receipt("retried", f"{where} cannot be reached ({type(error).__name__})")
    if 200 <= status < 300:
        return Receipt("delivered")
    if 300 <= status < 400:
        return Receipt("refused", f"{where} answered {status}, a redirect, which is never followed; name its target")
    if status >= 500 or status in _NOT_NOW:
        return Receipt("retried", f"{where} answered {status}", _seconds(retry_after))
    return Receipt("refused", f"{where} answered {status}: check its address and secret")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(retry_after: str) -> float:
    # A date is legal too, but needs the receiver's clock to agree with ours; our own back-off does as well.
    if not (retry_after.isascii() and retry_after.isdigit()):
        return 0.0
    return min(WAIT_AT_MOST_SECONDS, float(retry_after[:6]))
