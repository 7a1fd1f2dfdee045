"""What comes late is counted where it happened, and is no velocity."""

from random import Random

from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.mentions import Author, Gap, Heartbeat, Item, Mention
from monitor.pipeline import Outcome, Pipeline
from tests.made import at, mention, topic

FAR = at("00:00", "2030-01-01")
START = at("00:00", "2026-01-05")


WORDS = (
    *("bill", "box", "call", "city", "line", "month", "night", "price", "queue", "road", "shop", "sign", "store"),
    *("team", "time", "train", "tree", "walk", "week", "work"),
)


def said(rng: Random) -> str:
    return f"Acme {' '.join(rng.sample(WORDS, 7))}"


def chatter(days: float, first_us: int, every: int, name: str, seed: int) -> list[Mention]:
    rng = Random(seed)
    return [
        mention(f"{name}{at_us}", at_us + rng.randrange(every), said(rng), author=Author(id=str(rng.randrange(9_999))))
        for at_us in range(first_us, first_us + round(days * DAY_US), every)
    ]


def told(pipeline: Pipeline, steps: list[tuple[str, list[Item]]]) -> Outcome:
    outcome = Outcome()
    for source, items in steps:
        outcome.add(pipeline.step(source, items, FAR))
    outcome.add(pipeline.finish())
    return outcome


def quiet() -> list[tuple[str, list[Item]]]:
    """Six days of two sources, a hundred and fifty posts an hour and as many again."""
    steps: list[tuple[str, list[Item]]] = []
    for day in range(6):
        for place, source in enumerate(("x", "bluesky")):
            posts = chatter(1, START + day * DAY_US, 2 * MINUTE_US, source, 100 * place + day)
            steps.append((source, [*posts]))
    return steps


def test_a_day_delivered_at_once_after_an_outage_alarms_nobody() -> None:
    out = START + 6 * DAY_US
    back = out + 6 * HOUR_US
    missed = chatter(0.25, out, 2 * MINUTE_US, "late", 20)
    steps = [
        *quiet(),
        ("bluesky", [*chatter(0.25, out, 2 * MINUTE_US, "bluesky", 21)]),
        ("x", [Gap(source="x", start_us=out, end_us=back, reason="outage"), Heartbeat(source="x", at_us=back)]),
        ("x", [*missed]),
        ("x", [*chatter(0.25, back, 2 * MINUTE_US, "x", 22)]),
        ("bluesky", [*chatter(0.25, back, 2 * MINUTE_US, "bluesky", 23)]),
    ]
    outcome = told(Pipeline([topic()], b"secret"), steps)
    assert outcome.counts["late"] > 100
    assert outcome.incidents == {}
    kept = {
        entry.match.published_us for entry in outcome.kept if entry.is_late and entry.match.published_us > out - DAY_US
    }
    assert all(out <= moment < back for moment in kept)


def test_the_same_day_published_at_once_would_have_alarmed() -> None:
    now = START + 6 * DAY_US
    rng = Random(7)
    burst = [mention(f"burst{number}", now + number * 1_000_000, said(rng)) for number in range(180)]
    outcome = told(
        Pipeline([topic()], b"secret"),
        [*quiet(), ("bluesky", [Heartbeat(source="bluesky", at_us=now + HOUR_US)]), ("x", [*burst])],
    )
    assert outcome.incidents
