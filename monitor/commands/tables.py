"""Tables that commands read and write: comma-separated text, plain or gzipped, from a file or a pipe."""

from __future__ import annotations

import csv
import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Final, TextIO

from monitor.errors import InputRefused

__all__ = ["reading", "writing"]

GZIP: Final = b"\x1f\x8b"


@contextmanager
def reading(path: Path, name: str) -> Iterator[TextIO]:
    """Open a table of text, gzipped or not; ``-`` is standard input.

    Raises
    ------
    InputRefused
        If it cannot be opened, breaks off, or is not text, also while it is read; the message begins with `name`.
    """
    with ExitStack() as opened:
        try:
            raw = sys.stdin.buffer if str(path) == "-" else opened.enter_context(path.open("rb"))
            source = BufferedReader(raw)  # type: ignore[type-var]  # either can be read into a buffer
            is_packed = source.peek(2)[:2] == GZIP
            plain = opened.enter_context(gzip.GzipFile(fileobj=source)) if is_packed else source
            yield TextIOWrapper(plain, encoding="utf-8-sig", newline="")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            message = f"{name}: the compressed file is broken ({error}); fetch it again"
            raise InputRefused(message) from error
        except BrokenPipeError:  # nobody reads what we write of it
            raise
        except OSError as error:
            message = f"{error.filename or name}: {error.strerror}; check the name and the permissions"
            raise InputRefused(message) from error
        except UnicodeDecodeError as error:
            message = f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8"
            raise InputRefused(message) from error
        except csv.Error as error:
            message = f"{name}: not readable as CSV ({error}); save it as plain comma-separated text"
            raise InputRefused(message) from error


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Open the output, gzipped if its name ends in .gz; a file appears only when all of it was written.

    Raises
    ------
    InputRefused
        If it cannot be written.
    """
    if str(path) == "-":
        yield sys.stdout
        return
    part = path.with_name(f"{path.name}.part")
    try:
        if path.suffix == ".gz":
            with gzip.open(part, "wt", encoding="utf-8", newline="") as stream:
                yield stream
        else:
            with part.open("w", encoding="utf-8", newline="") as stream:
                yield stream
        part.replace(path)
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror}); put that right and give the same command again"
        raise InputRefused(message) from error
    finally:
        part.unlink(missing_ok=True)
