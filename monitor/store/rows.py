"""Our values as rows of the tables, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import zstandard
from sqlalchemy import RowMapping

from monitor.anomalies import Verdict
from monitor.cascades import Cascade
from monitor.crowds.authenticity import Authenticity
from monitor.incidents import Incident, Reason, TimelineEntry
from monitor.mentions import Author, Engagement, Mention
from monitor.store import schema
from monitor.topics import Match, Reading

if TYPE_CHECKING:
    from monitor.alerts import Alert
    from monitor.pipeline import Judged, Kept
    from monitor.store.statements import Row

__all__ = [
    "MATCH_COLUMNS",
    "alert_rows",
    "cascade_of",
    "cascade_rows",
    "incident_of",
    "incident_rows",
    "judged_of",
    "keys_of",
    "match_of",
    "mention_rows",
    "pack_verdicts",
    "packed",
    "reading_of",
    "signal_rows",
    "timeline_entry_of",
    "timeline_rows",
    "verdicts_of",
]

_to_json: Final = msgspec.json.Encoder()
_to_msgpack: Final = msgspec.msgpack.Encoder()
_reasons: Final = msgspec.json.Decoder(tuple[Reason, ...])
_authenticity: Final = msgspec.json.Decoder(Authenticity | None)
_evidence: Final = msgspec.json.Decoder(tuple[str, ...])
_facts: Final = msgspec.json.Decoder(dict[str, float])
_NO_ENGAGEMENT: Final = Engagement()


def _json(value: object) -> str:
    return _to_json.encode(value).decode()


def mention_rows(kept: Sequence[Kept], public_followers: int) -> list[Row]:
    """Return rows of ``mentions``: the hot path, a microsecond and a half each.

    Parameters
    ----------
    public_followers
        Handles are kept only of the brand's own accounts, of those with this many followers, and of verified ones
        whose profile says that they are press or hold an office: being verified makes nobody a public figure.
    """
    rows: list[Row] = []
    for one in kept:
        match, mention = one.match, one.mention
        author, engagement, links = mention.author, mention.engagement or _NO_ENGAGEMENT, match.links
        is_public = match.is_own or (match.followers or 0) >= public_followers
        is_public = is_public or (author.verified is True and match.role is not None)
        rows.append(
            (
                match.topic,
                match.published_us,
                match.key,
                match.network,
                match.id,
                match.kind,
                match.author,
                author.handle if is_public else None,
                match.followers,
                author.verified,
                match.root,
                match.root_id,
                match.root_author,
                match.tone,
                mention.lang,
                " ".join(match.hashtags) if match.hashtags else "",
                None if match.kind == "repost" else mention.text,
                mention.url,
                match.term,
                match.is_own,
                match.answers_own,
                match.parent,
                match.account_created_us,
                match.role,
                match.alarm_words,
                match.is_ironic,
                match.fingerprint,
                str(links[0]) if len(links) == 1 else " ".join(map(str, links)),
                " ".join(map(str, match.images)) if match.images else "",
                one.is_late,
                one.heard_us,
                engagement.replies,
                engagement.reposts,
                engagement.quotes,
                engagement.likes,
            )
        )
    return rows


MATCH_COLUMNS: Final = [schema.mentions.c[name] for name in Match.__struct_fields__]


def match_of(row: RowMapping) -> Match:
    """Return the match of a row that holds :data:`MATCH_COLUMNS`."""
    values: dict[str, Any] = dict(row)
    hashtags, links, images = values.pop("hashtags"), values.pop("links"), values.pop("images")
    return Match(
        **values,
        hashtags=tuple(hashtags.split(" ")) if hashtags else (),
        links=tuple(map(int, links.split(" "))) if links else (),
        images=tuple(map(int, images.split(" "))) if images else (),
    )


def mention_of(match: Match, row: RowMapping) -> Mention:
    """Return what a row still says of the mention of its match; its author has the pseudonym as identifier."""
    author = Author(str(match.author), row["handle"], match.followers, match.account_created_us, row["verified"])
    return Mention(
        network=match.network,
        id=match.id,
        kind=match.kind,
        published_us=match.published_us,
        author=author,
        text=row["text"] or "",
        lang=row["lang"],
        hashtags=match.hashtags,
        root_id=None if match.root_id == match.id else match.root_id,
        url=row["url"],
    )


def reading_of(row: RowMapping) -> Reading:
    """Return how the mention of a row reads."""
    values: dict[str, Any] = {name: row[name] for name in Reading.__struct_fields__}
    links = values.pop("links")
    return Reading(**values, links=tuple(map(int, links.split(" "))) if links else ())


def signal_rows(judged: Sequence[Judged]) -> list[Row]:
    """Return rows of ``signals``."""
    compress = zstandard.ZstdCompressor(level=_FASTEST).compress  # one for all rows takes a third of the time
    return [
        (
            one.signal.topic,
            one.signal.start_us,
            one.signal.mentions + one.signal.set_aside,
            one.expected,
            one.lower,
            one.upper,
            one.score,
            _to_msgpack.encode(one.signal.measures),
            pack_verdicts(one.verdicts, compress),
            one.signal.set_aside,
            one.signal.revised,
            one.signal.authenticity,
        )
        for one in judged
    ]


def cascade_rows(cascades: Sequence[Cascade]) -> list[Row]:
    """Return rows of ``cascades``."""
    names = schema.cascades.columns.keys()
    return [tuple([getattr(cascade, name) for name in names]) for cascade in cascades]


def cascade_of(row: RowMapping) -> Cascade:
    """Return the cascade of a whole row."""
    return Cascade(**row)


def incident_rows(incidents: Sequence[Incident]) -> list[Row]:
    """Return rows of ``incidents``, without the columns that belong to people."""
    return [
        (
            one.id,
            one.topic,
            one.state,
            one.severity,
            one.opened_us,
            one.since_us,
            one.peak_us,
            one.updated_us,
            one.worst_us,
            one.closed_us,
            one.mentions,
            one.authors,
            one.peak_mentions,
            _json(one.reasons),
            _json(one.evidence),
            one.drill,
            one.set_aside,
            _json(one.authenticity),
            one.paused_us,
            one.resumed_us,
            one.resumed,
        )
        for one in incidents
    ]


def incident_of(row: RowMapping) -> Incident:
    """Return the incident of a whole row."""
    values: dict[str, Any] = {name: row[name] for name in Incident.__struct_fields__}
    values |= {"reasons": _reasons.decode(row["reasons"]), "evidence": _evidence.decode(row["evidence"])}
    values["authenticity"] = _authenticity.decode(row["authenticity"])
    return Incident(**values)


def timeline_rows(entries: Sequence[TimelineEntry], recorded_us: int, actor: str | None = None) -> list[Row]:
    """Return rows of ``timeline``."""
    return [
        (
            entry.incident,
            entry.at_us,
            entry.kind,
            entry.sequence,
            recorded_us,
            entry.text,
            _json(entry.facts),
            _json(entry.evidence),
            actor,
        )
        for entry in entries
    ]


def timeline_entry_of(row: RowMapping) -> TimelineEntry:
    """Return the entry of a whole row."""
    values: dict[str, Any] = {name: row[name] for name in TimelineEntry.__struct_fields__}
    values |= {"evidence": _evidence.decode(row["evidence"]), "facts": _facts.decode(row["facts"])}
    return TimelineEntry(**values)


def alert_rows(alerts: Sequence[Alert], recorded_us: int) -> list[Row]:
    """Return rows of ``alerts``, without the columns that belong to the notifiers."""
    return [(alert.key, alert.incident, _json(alert), recorded_us) for alert in alerts]


def packed(keys: Sequence[int]) -> bytes:
    """Return 64-bit keys as eight bytes each.

    Examples
    --------
    >>> keys_of(packed([1, -2]))
    [1, -2]
    """
    return np.fromiter(keys, "<i8", len(keys)).tobytes()


def keys_of(block: bytes) -> list[int]:
    """Return the keys that :func:`packed` packed."""
    keys: list[int] = np.frombuffer(block, "<i8").tolist()
    return keys


_measures: Final = msgspec.msgpack.Decoder(dict[str, float])
_verdicts: Final = msgspec.msgpack.Decoder(tuple[Verdict, ...])
_FASTEST: Final = 1
_LONGEST: Final = 1 << 20


def pack_verdicts(verdicts: Sequence[Verdict], compress: Callable[[bytes], bytes] = zstandard.compress) -> bytes:
    """Return the verdicts of a minute in the form they are stored in.

    They name every factor and repeat themselves: compressed they take less than half. A whole row then stays below
    2,030 bytes, beyond which SQLite gives each row of a clustered table a page of its own.

    Examples
    --------
    >>> verdicts_of(pack_verdicts([]))
    ()
    """
    return compress(_to_msgpack.encode(verdicts))


def verdicts_of(block: bytes) -> tuple[Verdict, ...]:
    """Return the verdicts that :func:`pack_verdicts` packed."""
    return _verdicts.decode(zstandard.decompress(block, _LONGEST))


def judged_of(row: RowMapping) -> Judged:
    """Return the judged minute of a whole row of ``signals``."""
    from monitor.signals import Signal
    from monitor.topic_state import Judged

    signal = Signal(
        topic=row["topic"],
        start_us=row["start_us"],
        mentions=row["mentions"] - row["set_aside"],
        set_aside=row["set_aside"],
        revised=row["revised"],
        authenticity=row["authenticity"],
        measures=_measures.decode(row["measures"]),
    )
    return Judged(signal, row["expected"], row["lower"], row["upper"], verdicts_of(row["verdicts"]))
