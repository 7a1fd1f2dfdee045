"""Why a picture could not be read: a closed set, so that a summary can count them and never repeats an address."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["CannotRead", "Unread"]


class Unread(StrEnum):
    """Each as the summary says it."""

    REFUSED = "at no public web address"
    UNREACHABLE = "not to be had"
    SLOW = "too slow"
    TOO_LARGE = "too large"
    NO_PICTURE = "no picture we read"
    TOO_PLAIN = "too plain to be told from others"
    NO_TIME = "passed over because others took too long"
    GIVEN_UP = "given up"


class CannotRead(Exception):
    """A picture cannot be read; it says nothing but why."""

    def __init__(self, why: Unread) -> None:
        super().__init__(why.value)
        self.why = why
