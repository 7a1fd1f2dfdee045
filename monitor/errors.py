"""Every error badbuzz raises on purpose.

Our exception hierarchy::

    MonitorError
      InputRefused            exit status 1: what was given cannot be used
        RecordingUnreadable   a file of recorded posts
          RecordingBroken     it breaks off; what came before was read
        WatchlistInvalid      a topic file, with file:line
        SettingInvalid        a setting of the service
      StoreError              exit status 1: the database
        StoreTooNew           written by a newer badbuzz
        StoreFull             no space left; what was committed is safe
        StoreUnavailable      cannot be opened or reached
      PortInUse               exit status 1: somebody else listens there

A message is one sentence that names the place, the value and the remedy.
"""

from __future__ import annotations

__all__ = [
    "InputRefused",
    "MonitorError",
    "PortInUse",
    "RecordingBroken",
    "RecordingUnreadable",
    "SettingInvalid",
    "StoreError",
    "StoreFull",
    "StoreTooNew",
    "StoreUnavailable",
    "WatchlistInvalid",
]


class MonitorError(Exception):
    """Anything badbuzz refuses or cannot do, said in one sentence meant for the person at the terminal."""


class InputRefused(MonitorError):
    """What was given cannot be used; the message names file, line, value and remedy."""


class RecordingUnreadable(InputRefused):
    """A file of recorded posts cannot be opened, recognised or decompressed."""


class RecordingBroken(RecordingUnreadable):
    """A file of recorded posts breaks off; everything before the break was given."""


class WatchlistInvalid(InputRefused):
    """A topic file breaks the schema or holds a query that cannot be read."""


class SettingInvalid(InputRefused):
    """A setting of the service has a value it cannot have."""


class StoreError(MonitorError):
    """The database cannot do what was asked; nothing committed was lost."""


class StoreTooNew(StoreError):
    """The database was written by a newer badbuzz than this one."""


class StoreFull(StoreError):
    """The disk holding the database is full; the batch was rolled back and may be retried."""


class StoreUnavailable(StoreError):
    """The database cannot be opened or reached."""


class PortInUse(MonitorError):
    """The address we should listen on is taken."""
