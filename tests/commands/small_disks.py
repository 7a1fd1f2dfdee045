"""Disks that are full when a test wants it: a real one where this machine lets us make one, and one of SQLite's own.

The real one is a tmpfs in a mount namespace that an ordinary user may make (user_namespaces(7)). Where that is not
allowed, SQLite's limit on the pages of a database stands in for it: the same error, from one layer above.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import ClassVar, Protocol

__all__ = ["Disk", "disks"]

PROGRAM = """\
import os
from pathlib import Path
from sqlalchemy import Engine, event
import monitor.cli, monitor.commands.replay

limit = Path(os.environ["PAGES"])

@event.listens_for(Engine, "begin")
def obey(connection):
    pages = limit.read_text() if limit.exists() else 0xFFFFFFFE
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

monitor.commands.replay.BATCH_RECORDS = 300
monitor.cli.main()
"""
"""`badbuzz` in small batches, whose databases may have as many pages as a file says."""

MEGABYTE = 1 << 20


class Disk(Protocol):
    """A place for a database."""

    name: ClassVar[str]
    folder: Path
    """As a command sees it."""
    seen: Path
    """The same as we see it."""

    def command(self, *arguments: object) -> list[str]:
        """Return the command line of a badbuzz that sees the disk."""
        ...

    def fill(self, database: str, left: int) -> None:
        """Leave room for about so many bytes of a database."""
        ...

    def free(self) -> None:
        """Make room again."""
        ...

    def close(self) -> None:
        """Take the disk away."""
        ...


class LimitedPages:
    """A database that may not grow."""

    name: ClassVar[str] = "limited pages"

    def __init__(self, path: Path) -> None:
        self.folder = self.seen = path / "disk"
        self.folder.mkdir()
        self._limit = path / "pages"

    def command(self, *arguments: object) -> list[str]:
        return ["env", f"PAGES={self._limit}", sys.executable, "-c", PROGRAM, *map(str, arguments)]

    def fill(self, database: str, left: int) -> None:
        pages = 0
        if (self.folder / database).exists():
            with closing(sqlite3.connect(self.folder / database)) as connection:
                (pages,) = connection.execute("PRAGMA page_count").fetchone()
        part = self._limit.with_suffix(".part")
        part.write_text(str(pages + left // 8192))
        part.replace(self._limit)

    def free(self) -> None:
        self._limit.unlink()

    def close(self) -> None:
        pass


class SmallDisk:
    """A file system of a few megabytes."""

    name: ClassVar[str] = "small disk"

    def __init__(self, path: Path) -> None:
        self.folder = path / "disk"
        self.folder.mkdir()
        script = 'mount -t tmpfs -o size=24m,mode=700 tmpfs "$0" && echo mounted && exec sleep 600'
        self._holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"mounted\n"
        self.seen = Path(f"/proc/{self._holder.pid}/root{self.folder}")

    def command(self, *arguments: object) -> list[str]:
        inside = ["nsenter", f"--target={self._holder.pid}", "--user", "--mount", "--preserve-credentials"]
        return [*inside, "env", "PAGES=/absent", sys.executable, "-c", PROGRAM, *map(str, arguments)]

    def fill(self, database: str, left: int) -> None:
        del database
        room = os.statvfs(self.seen)
        # A database takes its room twice, in its log too.
        size = max(0, room.f_bavail * room.f_frsize - 2 * left)
        (self.seen / "ballast").write_bytes(bytes(size))

    def free(self) -> None:
        (self.seen / "ballast").unlink()

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()
        assert self._holder.stdout is not None
        self._holder.stdout.close()


@cache
def disks() -> tuple[type[LimitedPages] | type[SmallDisk], ...]:
    """Return the kinds of disk this machine lets us make."""
    if sys.platform != "linux" or not (shutil.which("unshare") and shutil.which("nsenter")):
        return (LimitedPages,)
    is_allowed = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /tmp"],
        capture_output=True,
        check=False,
    )
    return (LimitedPages, SmallDisk) if is_allowed.returncode == 0 else (LimitedPages,)
