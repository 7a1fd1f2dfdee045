"""What every measure of monitor.signals must keep; measures are found by file, so none is left out."""

from __future__ import annotations

import inspect
import math
import pkgutil
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import signals
from monitor.mentions import Kind
from monitor.signals import Measure, Minute
from monitor.signals.family import measures
from monitor.topics import Match
from tests.made import match

KINDS: tuple[Kind, ...] = ("post", "reply", "quote", "repost")
SHARES = {name for name in (measure.name for measure in measures()) if name.endswith("_share")}


@st.composite
def minutes(draw: st.DrawFn) -> list[Match]:
    fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "author": st.integers(-5, 5),
            "followers": st.none() | st.integers(0, 10**9),
            "kind": st.sampled_from(KINDS),
            "tone": st.floats(-1, 1),
            "root": st.integers(0, 3),
            "hashtags": st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
            "answers_own": st.booleans(),
        }
    )
    drawn = draw(st.lists(fields, min_size=1, max_size=12))
    return [match(str(place), 1_000 + place, **changes) for place, changes in enumerate(drawn)]


every_measure = pytest.mark.parametrize("measure", measures(), ids=lambda measure: measure.name)


def test_every_file_of_the_family_is_found_once_in_alphabetical_order() -> None:
    files = [module.name for module in pkgutil.iter_modules(signals.__path__) if module.name != "family"]
    assert [measure.name for measure in measures()] == sorted(files)


@every_measure
def test_a_measure_says_what_it_means_in_one_sentence(measure: Measure) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*[a-z]", measure.name)
    assert re.fullmatch(r"[A-Z(].*\.", measure.meaning)
    assert "\n" not in measure.meaning
    assert inspect.getdoc(type(measure))


@every_measure
@settings(max_examples=30)
@given(matches=minutes())
def test_a_measure_is_finite_or_absent_and_a_share_is_between_0_and_1(measure: Measure, matches: list[Match]) -> None:
    value = measure(Minute(matches))
    if value is not None:
        assert isinstance(value, float)
        assert math.isfinite(value)
        assert measure.name not in SHARES or 0 <= value <= 1


@every_measure
@settings(max_examples=30)
@given(matches=minutes(), data=st.data())
def test_a_measure_does_not_depend_on_the_order_within_the_minute(
    measure: Measure, matches: list[Match], data: st.DataObject
) -> None:
    value, shuffled = measure(Minute(matches)), measure(Minute(data.draw(st.permutations(matches))))
    if value is None or shuffled is None:
        assert value is shuffled
    else:
        assert math.isclose(value, shuffled, rel_tol=1e-12, abs_tol=1e-12)


@every_measure
def test_a_single_plain_post_can_be_measured(measure: Measure) -> None:
    alone = [match("1", "09:00", followers=None)]
    value = measure(Minute(alone))
    assert value is None or math.isfinite(value)
