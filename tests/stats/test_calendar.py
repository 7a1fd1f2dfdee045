from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stats.calendar import is_weekend, local_seconds, utc_offset


@given(
    st.integers(1_104_537_600, 1_893_456_000), st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kathmandu"])
)
def test_offsets_are_those_of_the_zone_database(second: int, zone: str) -> None:
    expected = datetime.fromtimestamp(second, ZoneInfo(zone)).utcoffset()
    assert timedelta(seconds=utc_offset(zone, second)) == expected


def test_clocks_change_at_one_in_the_morning_utc_in_paris() -> None:
    change = int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp())
    assert utc_offset("Europe/Paris", change - 1) == 3600
    assert utc_offset("Europe/Paris", change) == 7200


@pytest.mark.parametrize(("day", "expected"), [(16, False), (17, True), (18, True), (19, False)])
def test_the_weekend_is_that_of_local_clocks(day: int, expected: bool) -> None:
    # 17 January 2026 was a Saturday; at 00:30 in Paris it is still Friday in UTC.
    second = int(datetime(2026, 1, day, 0, 30, tzinfo=ZoneInfo("Europe/Paris")).timestamp())
    assert is_weekend(local_seconds("Europe/Paris", second)) is expected
