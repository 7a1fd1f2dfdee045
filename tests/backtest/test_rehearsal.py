"""What a rehearsal says of a promise it held against a few days."""

from __future__ import annotations

import pytest

from monitor.backtest.trials.rehearsal import _promises
from monitor.topics import Policy
from tests.made import topic


@pytest.mark.parametrize(("days", "verdict"), [(5.0, "unclear"), (14.9, "unclear"), (15.0, "kept"), (60.0, "kept")])
def test_silence_keeps_a_promise_only_once_it_would_have_allowed_one(days: float, verdict: str) -> None:
    watched = topic(policy=Policy(pages_per_month=2.0))
    (page,) = [one for one in _promises(watched, [], days) if one.kind == "page"]
    assert (page.count, page.verdict) == (0, verdict)
