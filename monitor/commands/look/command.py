"""``badbuzz look``: a filter that adds to posts what their pictures look like.

It stands before ingest or a replay and passes everything on, as our own JSON lines and in the same order. Only pictures
of posts on a topic are fetched, and none of a repost or of the brand's own posts: they are no jump to another network.
Of a picture nothing is kept but its fingerprint (:mod:`monitor.topics.images`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from monitor.commands.look.gallery import Gallery, address_of
from monitor.commands.look.passage import Looking, Passage
from monitor.commands.options import known_format, parse_columns
from monitor.mentions import Item, Mention
from monitor.sources.recordings import open_recording
from monitor.topics.images import MOST_IMAGES
from monitor.topics.matcher import Matcher
from monitor.topics.watchlist import read_watchlists

__all__ = ["look"]

BATCH_RECORDS: Final = 500


def look(
    files: Annotated[list[str], typer.Argument(help="Recordings; - is standard input, live too.", metavar="FILE...")],
    topics: Annotated[Path, typer.Option(readable=False, help="Watchlist file, or folder of them.")],
    format: Annotated[  # noqa: A002 - the option's name
        str, typer.Option(help="Name of the format, or auto.", callback=known_format)
    ] = "auto",
    columns: Annotated[
        str | None, typer.Option("--map", help="For CSV: our field=their column, such as text=body,author=who.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, max=256, help="Pictures fetched beside each other.")] = 16,
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="The longest one picture may take.")] = 5.0,
    allow_private: Annotated[
        list[str] | None, typer.Option(help="Host that may be asked though it is on a private network.", metavar="HOST")
    ] = None,
) -> None:
    """Pass every post on as a JSON line, with what its pictures look like; the summary goes to standard error."""
    mapped = parse_columns(columns)
    matcher = Matcher(read_watchlists([topics]))
    with _looking(at_once, seconds, frozenset(host.lower() for host in allow_private or ())) as (gallery, passage):
        for name in files:
            with open_recording(name, format=format, columns=mapped) as recording:
                # Of a pipe each record at once: what comes live shall leave live.
                for decoded, _ in recording.batches(BATCH_RECORDS if recording.bytes_total is not None else 1):
                    passage.broken += len(decoded.malformed)
                    _pass_on(decoded.items, matcher, gallery, passage)


@contextmanager
def _looking(at_once: int, seconds: float, private_hosts: Set[str]) -> Iterator[tuple[Gallery, Passage]]:
    """Have a gallery and a passage; wait for what is under way unless a person says stop; say what became of it all."""
    gallery = Gallery(at_once, seconds, private_hosts)
    passage = Passage(sys.stdout.buffer)
    try:
        yield gallery, passage
    except KeyboardInterrupt:
        gallery.give_up()
        raise
    finally:
        try:
            passage.close()
        finally:
            gallery.close()
            for sentence in _summary(passage):
                print(sentence, file=sys.stderr)


def _pass_on(items: Sequence[Item], matcher: Matcher, gallery: Gallery, passage: Passage) -> None:
    shown = [item for item in items if isinstance(item, Mention) and item.images and item.kind != "repost"]
    wanted = {id(shown[hit.index]) for hit in matcher.match(shown) if not hit.is_own}
    for item in items:
        passage.put(item, _asked(item, gallery) if isinstance(item, Mention) and id(item) in wanted else {})


def _asked(mention: Mention, gallery: Gallery) -> Looking:
    looking = {}
    for place, image in enumerate(mention.images[:MOST_IMAGES]):
        address = None if image.fingerprint else address_of(mention, image)
        if address is not None:
            looking[place] = gallery.ask(address)
    return looking


def _summary(passage: Passage) -> Iterator[str]:
    if passage.passed or passage.broken:
        lost = f"{passage.broken + passage.left_out:,} broken records left out"
        yield f"{passage.passed:,} posts and notices passed on, {lost}"
        why = [f", {count:,} {reason}" for reason, count in sorted(passage.unread.items())]
        yield f"pictures on the topics: {passage.seen:,} with a fingerprint now{''.join(why)}"
