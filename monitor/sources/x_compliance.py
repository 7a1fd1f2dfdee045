"""What X took back: lines of the compliance streams and of batch compliance jobs, as deletions.

References
----------
.. [1] X API v2 ``openapi.json``, schemas ``TweetComplianceStreamResponse`` and ``UserComplianceStreamResponse``
"""

from __future__ import annotations

from typing import Final

import msgspec

from monitor.mentions import Deletion
from monitor.sources.dates import rfc3339_us
from monitor.sources.reasons import Unusable

__all__ = ["EVENTS", "compliance", "job_result"]

_POST_REMOVED: Final = frozenset({"delete", "drop"})
_AUTHOR_REMOVED: Final = frozenset({"user_delete", "user_protect", "user_suspend"})
EVENTS: Final = frozenset(
    {"undrop", "withheld", "tweet_edit", "post_edit", "user_undelete", "user_unprotect", "user_unsuspend"}
    | {"user_withheld", "user_profile_modification", "scrub_geo", "user_scrub_geo"}
    | _POST_REMOVED
    | _AUTHOR_REMOVED
)
"""Names under ``data`` that make a line one of the compliance streams."""


class _Post(msgspec.Struct):
    id: str
    author_id: str | None = None


class _Author(msgspec.Struct):
    id: str


class _Event(msgspec.Struct):
    tweet: _Post | None = None
    post: _Post | None = None
    user: _Author | None = None
    event_at: str | None = None


class _JobResult(msgspec.Struct):
    id: str
    action: str
    redacted_at: str | None = None
    created_at: str | None = None


_names: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_event: Final = msgspec.json.Decoder(_Event).decode
_job_result: Final = msgspec.json.Decoder(_JobResult).decode


def compliance(data: msgspec.Raw, otherwise: Exception) -> Deletion | None:
    """Read the ``data`` of a compliance line; ``None`` when it takes nothing back.

    Raises
    ------
    Exception
        `otherwise`, when `data` is no compliance event at all.
    """
    names = _names(data)
    name = next(iter(EVENTS & names.keys()), None)
    if name is None:
        raise otherwise
    if name in _POST_REMOVED:
        event = _event(names[name])
        removed = event.tweet or event.post
        if removed is None:
            raise Unusable(reason="no_id", detail=f"`{name}` names no post; leave it out")
        return Deletion(network="x", id=removed.id, author_id=removed.author_id, at_us=_at_us(event.event_at))
    if name in _AUTHOR_REMOVED:
        event = _event(names[name])
        if event.user is None:
            raise Unusable(reason="no_id", detail=f"`{name}` names no user; leave it out")
        return Deletion(network="x", author_id=event.user.id, at_us=_at_us(event.event_at))
    return None


def job_result(record: bytes) -> Deletion | None:
    """Read a line of a batch compliance job; ``None`` when its action is not a deletion."""
    result = _job_result(record)
    if result.action != "delete":
        return None
    return Deletion(network="x", id=result.id, at_us=_at_us(result.redacted_at or result.created_at))


def _at_us(text: str | None) -> int:
    return 0 if text is None else rfc3339_us(text)
