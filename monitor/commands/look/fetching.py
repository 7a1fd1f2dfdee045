"""Address -> bytes, where every address comes from a stranger.

Only ``http`` and ``https`` on their own ports, and only of hosts all of whose addresses are public: a post must not
make us ask our own machine, the router, or a cloud's metadata service. The address that was checked is the one
connected to, also after each redirect (OWASP, *Server-Side Request Forgery Prevention*). Cookies, proxies and passwords
play no part.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence, Set
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx

from monitor.commands.look.unread import CannotRead, Unread

__all__ = ["MOST_BYTES", "Fetcher", "is_public"]

MOST_BYTES: Final = 10 << 20
"""The largest file read; X and Mastodon accept no larger still pictures than 5 and 16 MB, and serve smaller ones."""

MOST_REQUESTS: Final = 4
"""For one picture, redirects followed included."""

LONGEST_ADDRESS: Final = 2_000
_NAT64: Final = IPv6Network("64:ff9b::/96")  # an IPv4 address, seen through a translator (RFC 6052)
_HEADERS: Final = {"User-Agent": "badbuzz", "Accept": "image/*", "Accept-Encoding": "identity", "Connection": "close"}


class Fetcher:
    """Fetches what lies at addresses nobody vouches for. Used within one event loop.

    Parameters
    ----------
    seconds
        The longest one picture may take, redirects and all. Positive.
    private_hosts
        Lower-case names that may be asked wherever they lie, and on any port.
    """

    def __init__(self, seconds: float, private_hosts: Set[str] = frozenset()) -> None:
        self._seconds = seconds
        self._private_hosts = private_hosts
        # A connection kept for the next picture would be one to an address, whatever the name asked of it then.
        self._transport = httpx.AsyncHTTPTransport(
            trust_env=False, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0)
        )

    async def fetch(self, address: str) -> bytes:
        """Return what lies there, at most `MOST_BYTES`.

        Raises
        ------
        CannotRead
            If it is not to be had, in time, from where one may ask.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._followed(address)
        except (TimeoutError, httpx.TimeoutException):
            raise CannotRead(Unread.SLOW) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):  # hosts and redirects that are none, too
            raise CannotRead(Unread.UNREACHABLE) from None

    async def close(self) -> None:
        """Close what is still open."""
        await self._transport.aclose()

    async def _followed(self, address: str) -> bytes:
        if len(address) > LONGEST_ADDRESS:
            raise CannotRead(Unread.REFUSED)
        url = httpx.URL(address)
        for _ in range(MOST_REQUESTS):
            response = await self._asked(url)
            try:
                if response.has_redirect_location:
                    url = url.join(response.headers["Location"])
                    continue
                if response.status_code != httpx.codes.OK:
                    raise CannotRead(Unread.UNREACHABLE)
                return await _body(response)
            finally:
                await response.aclose()
        raise CannotRead(Unread.UNREACHABLE)

    async def _asked(self, url: httpx.URL) -> httpx.Response:
        """Ask the address that was checked, in the name of the host."""
        places = await self._places(url)
        timeout = httpx.Timeout(self._seconds).as_dict()
        extensions = {"sni_hostname": url.raw_host.decode("ascii"), "timeout": timeout}
        headers = {**_HEADERS, "Host": url.netloc.decode("ascii")}
        for place in places[:-1]:
            try:
                return await self._transport.handle_async_request(
                    httpx.Request("GET", url.copy_with(host=place), headers=headers, extensions=extensions)
                )
            except httpx.ConnectError:
                continue
        return await self._transport.handle_async_request(
            httpx.Request("GET", url.copy_with(host=places[-1]), headers=headers, extensions=extensions)
        )

    async def _places(self, url: httpx.URL) -> Sequence[str]:
        """Return where to connect: one address of each family, once all are known to be public."""
        host = url.raw_host.decode("ascii").lower()
        is_private_allowed = host in self._private_hosts
        is_strange = url.scheme not in {"http", "https"} or url.userinfo or not host
        if is_strange or (url.port is not None and not is_private_allowed):
            raise CannotRead(Unread.REFUSED)
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        addresses = [str(address[0]) for *_, address in found]
        if not is_private_allowed and not all(map(is_public, addresses)):
            raise CannotRead(Unread.REFUSED)
        of_families = {":" in address: address for address in reversed(addresses)}
        return [of_families[is_v6] for is_v6 in sorted(of_families)]


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet, whatever it is wrapped in.

    Examples
    --------
    >>> [is_public(one) for one in ("93.184.216.34", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    found: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(found, IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inside = IPv4Address(int(found) & 0xFFFF_FFFF)
        found = inside or found
    return found.is_global and not found.is_multicast


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MOST_BYTES:
            raise CannotRead(Unread.TOO_LARGE)
    return bytes(body)
