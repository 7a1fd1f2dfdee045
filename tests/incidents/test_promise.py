import pytest

from monitor.incidents.promise import achieved, poisson_interval


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (20, 12.2165, 30.8884), (100, 81.3640, 121.6268)],
)
def test_the_interval_is_garwoods_as_tabled(count, lower, upper):
    assert poisson_interval(count) == (pytest.approx(lower, abs=1e-4), pytest.approx(upper, abs=1e-4))


def test_rates_are_per_month_of_thirty_days():
    found = achieved(2.0, 60.0, 5, 1)
    assert (found.raised.per_month, found.dismissed.per_month) == (2.5, 0.5)
    assert found.raised.lower == pytest.approx(1.6235 / 2, abs=1e-4)


@pytest.mark.parametrize(
    ("days", "raised", "dismissed", "standing"),
    [
        (90.0, 6, 2, "kept"),
        (90.0, 11, 11, "kept"),  # eleven in three months may still be two a month
        (90.0, 20, 3, "above"),
        (90.0, 20, 15, "broken"),
        (10.0, 0, 0, "too early"),
        (10.0, 1, 1, "too early"),
        (10.0, 9, 9, "broken"),
    ],
)
def test_a_promise_is_broken_only_beyond_doubt(days, raised, dismissed, standing):
    assert achieved(2.0, days, raised, dismissed).standing == standing
