"""Every format, whatever it reads: total, independent of batches, recognised by content, counting everything."""

from __future__ import annotations

import io
import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import monitor.sources
from monitor.errors import InputRefused
from monitor.mentions import Mention
from monitor.sources import Decoded, Format
from monitor.sources.family import format_named, format_types, formats
from monitor.sources.reasons import REASONS

SAMPLES = {
    path.name.partition(".")[0]: path.read_bytes() for path in (Path(__file__).parents[1] / "sources/samples").iterdir()
}
NAMES = sorted(format_types())
every_format = pytest.mark.parametrize("name", NAMES)


def cut(name: str) -> tuple[Format, list[bytes]]:
    kind = format_named(name)
    return kind, list(kind.records(io.BytesIO(SAMPLES[name])))


def counted(decoded: Decoded) -> bool:
    return decoded.read == len(decoded.items) + len(decoded.malformed) + decoded.ignored


def test_every_file_with_a_format_is_discovered() -> None:
    folder = Path(monitor.sources.__path__[0])
    with_format = {path.stem for path in folder.glob("[a-z]*.py") if "    def recognises(" in path.read_text()}
    assert {kind.__module__.rpartition(".")[2] for kind in format_types().values()} == with_format
    assert {kind.name for kind in format_types().values()} == set(NAMES) == set(SAMPLES)


@every_format
def test_a_sample_is_recognised_by_its_own_format_only(name: str) -> None:
    assert [kind.name for kind in formats() if kind.recognises(SAMPLES[name][: 1 << 16])] == [name]


@every_format
def test_a_sample_is_read_whole(name: str) -> None:
    kind, records = cut(name)
    decoded = kind.decode(records)
    assert decoded.malformed == []
    assert counted(decoded)
    mentions = [item for item in decoded.items if isinstance(item, Mention)]
    assert mentions
    assert all(mention.id and mention.network.isidentifier() and mention.published_us > 0 for mention in mentions)
    assert all(mention.root_id is not None for mention in mentions if mention.kind != "post")
    assert decoded.derived_ids == sum(mention.id.startswith("derived-") for mention in mentions)


@every_format
@given(data=st.data())
def test_decoding_does_not_depend_on_how_records_are_cut_into_batches(name: str, data: st.DataObject) -> None:
    kind, records = cut(name)
    whole = kind.decode(records)
    parts = Decoded([], [])
    start = 0
    while start < len(records):
        size = data.draw(st.integers(1, len(records)))
        part = kind.decode(records[start : start + size], start + 1)
        parts = Decoded(
            parts.items + part.items,
            parts.malformed + part.malformed,
            parts.read + part.read,
            parts.ignored + part.ignored,
            parts.derived_ids + part.derived_ids,
        )
        start += size
    assert parts == whole


@every_format
@given(garbage=st.lists(st.binary(max_size=400), max_size=4))
def test_decoding_is_total_on_any_bytes(name: str, garbage: list[bytes]) -> None:
    decoded = format_named(name).decode(garbage)
    assert counted(decoded)
    assert all(malformed.reason in REASONS for malformed in decoded.malformed)


@every_format
@given(garbage=st.binary(max_size=2000))
def test_cutting_is_total_on_any_bytes(name: str, garbage: bytes) -> None:
    try:
        list(format_named(name).records(io.BytesIO(garbage)))
    except InputRefused:
        assert name == "csv"  # a header that names no text


HOSTILE = (
    *(
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-1",
        b"9" * 5000,
        b"null",
        b"true",
        b'""',
        b'"\\ud800"',
        b'"\xff"',
        b'"\\u0000"',
    ),
    *(
        b"[" * 2000 + b"]" * 2000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b'"0000-99-99T99:99:99Z"',
        b"\x00",
        b"",
        b"[]",
        b"{}",
    ),
)
VALUE = re.compile(rb'(?<=[:\[, ])("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)(?=[,}\] ])')


@every_format
@given(data=st.data())
def test_one_damaged_record_never_costs_its_neighbours(name: str, data: st.DataObject) -> None:
    kind, records = cut(name)
    before, after = kind.decode(records[:1]), kind.decode(records[-1:], 3)
    record = data.draw(st.sampled_from(records))
    damaged = data.draw(st.one_of(damage_by_value(record), damage_by_bytes(record)))
    decoded = kind.decode([records[0], damaged, records[-1]])
    assert counted(decoded)
    assert decoded.items[: len(before.items)] == before.items
    assert decoded.items[len(decoded.items) - len(after.items) :] == after.items
    for malformed in decoded.malformed:
        assert malformed.record == 2
        assert malformed.reason in REASONS
        assert len(malformed.detail) <= 300
        assert longest_shared(malformed.detail, damaged.decode(errors="replace")) <= 60  # a value, never a post


def longest_shared(detail: str, record: str) -> int:
    return SequenceMatcher(None, detail, record, autojunk=False).find_longest_match().size


@st.composite
def damage_by_value(draw: st.DrawFn, record: bytes) -> bytes:
    values = list(VALUE.finditer(record))
    if not values:
        return record + draw(st.sampled_from(HOSTILE))
    value = draw(st.sampled_from(values))
    return record[: value.start()] + draw(st.sampled_from(HOSTILE)) + record[value.end() :]


@st.composite
def damage_by_bytes(draw: st.DrawFn, record: bytes) -> bytes:
    start = draw(st.integers(0, len(record)))
    stop = draw(st.integers(start, min(len(record), start + 40)))
    return record[:start] + draw(st.binary(max_size=20)) + record[stop:]


@every_format
def test_a_record_that_is_too_long_is_one_malformed_record(name: str) -> None:
    kind, records = cut(name)
    decoded = kind.decode([records[0], b'{"text":"' + b"x" * (17 << 20), records[-1]])
    assert [(malformed.record, malformed.reason) for malformed in decoded.malformed] == [(2, "too_long")]
