"""Malformed records -> a file a person can look through: one JSON object a line, never the text of a post."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from monitor.errors import InputRefused
from monitor.sources import Malformed

__all__ = ["KEPT", "Quarantine"]

KEPT: Final = 10_000
"""Records described in one file; those beyond are counted only."""

_encode: Final = msgspec.json.Encoder().encode


class Quarantine:
    """Describes malformed records in a file, as ``{"record","reason","detail"}`` lines, up to a bound.

    Parameters
    ----------
    path
        Where to write. Nothing is created before the first malformed record.
    kept
        How many records are described.

    Attributes
    ----------
    count
        Malformed records given so far, described or not.
    """

    def __init__(self, path: Path, kept: int = KEPT) -> None:
        self._path = path
        self._kept = kept
        self.count = 0

    def add(self, malformed: Iterable[Malformed]) -> None:
        """Describe these records.

        Raises
        ------
        InputRefused
            If the file cannot be written.
        """
        lines = []
        for record in malformed:
            if self.count < self._kept:
                lines.append(_encode(record) + b"\n")
            self.count += 1
        if not lines:
            return
        try:
            with self._path.open("ab") as file:
                file.writelines(lines)
        except OSError as error:
            message = f"{self._path}: cannot be written ({error.strerror}); choose another place for what is malformed"
            raise InputRefused(message) from error
