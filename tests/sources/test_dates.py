from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import from_datetime, rfc3339
from monitor.sources.dates import any_us, rfc822_us, rfc3339_us, snowflake_us, twitter_us, unix_us

moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive
since_1970 = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments)
def test_rfc3339_is_read_to_the_microsecond(moment: datetime) -> None:
    exact = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert rfc3339_us(moment.isoformat()) == exact


@given(st.integers(-(10**16), 10**17))
def test_rfc3339_takes_back_what_the_clock_writes(instant: int) -> None:
    assert rfc3339_us(rfc3339(instant)) == instant


@given(since_1970.map(lambda moment: moment.replace(microsecond=0)), st.integers(-14, 14))
def test_every_way_to_write_a_moment_means_that_moment(moment: datetime, hours: int) -> None:
    local = moment.astimezone(timezone(timedelta(hours=hours)))
    exact = from_datetime(moment)
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    clock, zone = local.strftime("%H:%M:%S"), local.strftime("%z")
    twitter = f"Wed {names[local.month - 1]} {local.day:02} {clock} {zone} {local.year:04}"
    assert twitter_us(twitter) == exact
    assert rfc822_us(f"Wed, {local.day:02} {names[local.month - 1]} {local.year:04} {clock} {zone}") == exact
    for text in (twitter, local.isoformat(), local.isoformat(" "), moment.strftime("%d/%m/%Y %H:%M:%S")):
        assert any_us(text) == exact


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00",
        ),
        *("NaN", "9" * 400, "-1", "2026", "\0"),
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        rfc3339_us(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Wed Okt 10 20:19:24 +0000 2018", "Wed Feb 30 20:19:24 +0000 2018", "Wed Oct 10 24:19:24 +0000 2018"),
        *("Wed Oct 10 20:19:24 +0000 20188", "Wed Oct 10 20:19:24 ZZZZZ 2018", "x" * 30, ""),
    ],
)
def test_what_is_no_tweets_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        twitter_us(text)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    for read in (rfc3339_us, twitter_us, rfc822_us, any_us, snowflake_us):
        with suppress(ValueError):
            assert isinstance(read(text), int)


@pytest.mark.parametrize("year", [1970, 2099])
def test_unbelievable_years_are_read(year: int) -> None:
    exact = from_datetime(datetime(year, 6, 1, tzinfo=UTC))
    assert rfc3339_us(f"{year}-06-01T00:00:00Z") == any_us(f"{year}-06-01") == exact
    assert twitter_us(f"Mon Jun 01 00:00:00 +0000 {year}") == exact
    assert unix_us(exact // 1_000_000) == exact


def test_a_unix_time_says_its_unit_by_its_size() -> None:
    assert any_us("1424159328") == any_us("1424159328000") == any_us("1424159328000000") == any_us("1424159328.0")
    for bad in (float("nan"), float("inf"), -1.0, 1e30):
        with pytest.raises((ValueError, OverflowError)):
            unix_us(bad)


def test_eight_digits_are_a_day_not_a_unix_time() -> None:
    assert any_us("20150301") == any_us("2015-03-01")


def test_a_time_without_a_zone_is_utc() -> None:
    assert any_us("2015-03-01 00:09") == any_us("2015-03-01T00:09:00+00:00") == any_us("2015-03-01 00:09 UTC")


def test_an_id_from_before_snowflakes_holds_no_time() -> None:
    with pytest.raises(ValueError, match="holds no time"):
        snowflake_us("20")
