"""What is likely coordinated, as rows and back: the stored volume is all of it."""

from __future__ import annotations

import msgspec

from monitor.anomalies import Verdict
from monitor.crowds.authenticity import Authenticity
from monitor.incidents import Incident
from monitor.signals import Signal
from monitor.store import rows, schema
from monitor.topic_state import Judged
from tests.made import at

MINUTE = Signal(
    topic="acme", start_us=at("09:00"), mentions=12, measures={"tone": -0.5}, set_aside=88, authenticity="coordinated"
)


def test_a_minute_is_stored_with_its_whole_volume_and_read_back_cleaned() -> None:
    judged = Judged(MINUTE, 10.0, 4.0, 18.0, ())
    row = dict(zip(schema.signals.columns.keys(), rows.signal_rows([judged])[0], strict=True))
    assert (row["mentions"], row["set_aside"]) == (100, 88)
    assert rows.judged_of(row) == judged  # type: ignore[arg-type]


def test_a_minute_with_every_verdict_takes_no_page_of_its_own() -> None:
    """SQLite keeps (8192 - 12) * 64 / 255 - 23 bytes of a clustered row in its page, and gives longer ones another."""
    verdicts = tuple(
        Verdict(
            detector=name,
            p_value=1 / (3 + place),
            observed=place / 7,
            expected=place / 11,
            lower=place / 17,
            upper=place / 5,
            factors={f"{name}_factor_{n}": place / (n + 13) for n in range(9)},
            drivers=("distinct_authors", "mentions", "influence"),
        )
        for place, name in enumerate(("seasonal_counts", "slow_burn", "joint", "negative_share", "own_replies"))
    )
    measures = {f"measure_number_{n}": 1 / (n + 3) for n in range(12)}
    minute = msgspec.structs.replace(MINUTE, measures=measures)
    row = rows.signal_rows([Judged(minute, 1.1, 0.0, 4.0, verdicts)])[0]
    assert rows.verdicts_of(row[8]) == verdicts
    assert len(msgspec.msgpack.encode(verdicts)) > 2_030
    assert sum(len(value) if isinstance(value, bytes | str) else 8 for value in row) < 2_030


def test_an_incident_keeps_whether_it_is_real_or_made() -> None:
    found = Authenticity(verdict="mixed", mentions=90, made=30, suspected=25, why="few_hands", accounts=4)
    incident = Incident(
        id="acme-1", topic="acme", state="open", severity="watch", opened_us=1, since_us=1, peak_us=1, updated_us=2,
        worst_us=2,
        mentions=90, set_aside=25, authenticity=found,
    )  # fmt: skip
    names = [name for name in schema.incidents.columns.keys() if name not in _OF_PEOPLE]  # noqa: SIM118 - no dict
    row = dict(zip(names, rows.incident_rows([incident])[0], strict=True))
    assert rows.incident_of(row) == incident  # type: ignore[arg-type]


_OF_PEOPLE = ("acknowledged_us", "acknowledged_by", "dismissed_us")
