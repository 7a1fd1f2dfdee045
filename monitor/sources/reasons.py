"""Why a record could not be used: the closed set of reasons, and how JSON's errors become one of them."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from monitor.sources import Malformed
from monitor.sources.lines import MAX_RECORD_BYTES

__all__ = ["FAILURES", "REASONS", "Unusable", "explain"]

REASONS: Final = {
    "bad_field": "a field has a value it cannot have",
    "bad_feed": "not a feed that can be read",
    "bad_row": "a row that does not fit the header",
    "no_id": "nothing identifies the post",
    "no_text": "the post has no text",
    "no_time": "nothing says when the post was made",
    "not_a_post": "well-formed, but not what this format holds",
    "not_json": "not JSON",
    "not_utf8": "not UTF-8",
    "too_deep": "nested too deeply",
    "too_long": "too long",
}
"""Every reason a format may give, in words."""

FAILURES: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding raises on bytes it cannot use.

Bad JSON or types; bad UTF-8, an impossible time or an :class:`Unusable` record; nesting beyond the interpreter's stack.
"""

_HALF: Final = re.compile(rb"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]")
"""A surrogate without its other half (RFC 8259, section 8.2)."""


class Unusable(ValueError):
    """A record is well-formed and still cannot become an item."""

    def __init__(self, *, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def explain(number: int, record: bytes, error: Exception, limit: int = MAX_RECORD_BYTES) -> Malformed:
    """Say why decoding `record`, which is number `number`, ended in `error`. Never repeats the text of a post."""
    reason, detail = _diagnose(record, error, limit)
    return Malformed(number, reason, detail[:300])


def _diagnose(record: bytes, error: Exception, limit: int) -> tuple[str, str]:
    if len(record) > limit:
        return "too_long", f"longer than {limit:,} bytes; split it, or leave it out"
    if isinstance(error, Unusable):
        return error.reason, error.detail
    if isinstance(error, RecursionError):
        return "too_deep", "nested more deeply than any post; leave it out"
    encoding_fault = _encoding_fault(record)
    if encoding_fault:
        return "not_utf8", encoding_fault
    if isinstance(error, msgspec.ValidationError):
        return _field_fault(str(error))
    if not isinstance(error, msgspec.MsgspecError):  # of all that decoding does, only reading a time raises any other
        return "no_time", f"{error}; correct it"
    if _HALF.search(record):
        return "not_json", "an escape such as \\ud83d stands for half a character; write both halves, or leave it out"
    return "not_json", f"{error}; write one whole JSON object a record, with characters below U+0020 escaped"


def _encoding_fault(record: bytes) -> str | None:
    try:
        record.decode()
    except UnicodeDecodeError as error:
        byte = record[error.start]
        return f"byte {error.start} is 0x{byte:02x}; convert the file with: iconv -f LATIN1 -t UTF-8"
    if record[:64].count(0) * 3 > len(record[:64]):
        return "every other byte is 0, as in UTF-16; convert the file with: iconv -f UTF-16 -t UTF-8"
    return None


def _field_fault(message: str) -> tuple[str, str]:
    for reason, names in (("no_id", ("id", "id_str")), ("no_time", ("created_at", "published_at", "at"))):
        if any(f"missing required field `{name}`" in message for name in names):
            return reason, f"{message}; add it"
    if "`$" not in message:
        return "not_a_post", f"{message}; write one JSON object a record"
    return "bad_field", f"{message}; correct it"
