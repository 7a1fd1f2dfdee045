"""What a rehearsal says of a promise it held against a few days."""

from __future__ import annotations

import pytest

from monitor.backtest.trials.rehearsal import Rehearsal, _promises
from monitor.backtest.trials.tables import rehearsed
from monitor.topics import Policy
from tests.made import topic


@pytest.mark.parametrize(("days", "verdict"), [(5.0, "unclear"), (15.0, "unclear"), (55.0, "unclear"), (60.0, "kept")])
def test_silence_keeps_a_promise_only_once_the_whole_interval_is_within_it(days: float, verdict: str) -> None:
    watched = topic(policy=Policy(pages_per_month=2.0))
    (page,) = [one for one in _promises(watched, [], days) if one.kind == "page"]
    assert (page.count, page.verdict) == (0, verdict)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "too few days to tell: 15 days, at most 1 expected"),
        ("fr", "trop peu de jours pour le dire\xa0: 15 jours, 1 attendues au plus"),
    ],
)
def test_where_days_are_too_few_it_says_how_many_and_what_they_would_have_allowed(language, said) -> None:
    policy = Policy(pages_per_month=2.0)
    promises = tuple(_promises(topic(policy=policy), [], 15.0))
    one = Rehearsal(topic="acme", since=None, until=None, days=15.0, mentions=0, incidents=(), promises=promises)
    (line,) = [line for line in rehearsed([one], language).splitlines() if "pages" in line or "réveil" in line][:1]
    assert line.endswith(said)
