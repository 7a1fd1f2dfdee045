"""Who sent this, and when: a signature over the time and the raw body, for what is posted to us and by us.

``X-Badbuzz-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256(secret, t + "." + body)>``

D5: *The time is signed, so a captured call dies after five minutes; within them it is harmless*, because posts are
recognised by their id. That is why there is no memory of signatures, and why a client may safely repeat a call.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

__all__ = ["HEADER", "TOLERANCE_SECONDS", "is_signed", "sign"]

HEADER: Final = "X-Badbuzz-Signature"
TOLERANCE_SECONDS: Final = 300


def sign(secret: bytes, body: bytes, at_unix_seconds: int) -> str:
    """Return the header's value for a body sent at a time.

    Examples
    --------
    >>> sign(b"secret", b"{}", 1768513920)[:18]
    't=1768513920,v1=6e'
    """
    digest = hmac.digest(secret, f"{at_unix_seconds}.".encode() + body, "sha256")
    return f"t={at_unix_seconds},v1={digest.hex()}"


def is_signed(header: str | None, body: bytes, secrets: Sequence[bytes], now_unix_seconds: int) -> bool:
    """Tell whether the header signs the body with one of the secrets, now (five minutes either way).

    Comparison takes the same time wherever the difference lies.
    """
    if header is None:
        return False
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    moment, claimed = parts.get("t", ""), parts.get("v1", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12 and claimed.isascii()):
        return False
    if abs(int(moment) - now_unix_seconds) > TOLERANCE_SECONDS:
        return False
    message = f"{moment}.".encode() + body
    matches = [
        hmac.compare_digest(hmac.new(secret, message, hashlib.sha256).hexdigest(), claimed) for secret in secrets
    ]
    return any(matches)
