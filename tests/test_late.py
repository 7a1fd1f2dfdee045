"""What comes late is heard, at its own time, for what does not depend on speed; however it was cut or restarted."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from monitor.incidents import Incident
from monitor.mentions import Author, Heartbeat, Item, Mention
from monitor.pipeline import Kept, Outcome, Pipeline, TopicSnapshot
from monitor.recognition import Root
from monitor.topics import Match, Reading
from tests.made import at, mention, own_words, topic

FAR = at("00:00", "2030-01-01")
START = at("00:00", "2026-01-05")
CRISIS = START + 4 * DAY_US + 12 * HOUR_US
PAGE = "https://gazette.example/acme"
POLLED_US = 10 * MINUTE_US

Stream = list[tuple[str, Item]]


def article(name: str, at_us: int, paper: str) -> Mention:
    text = f"Acme: the {name} affair"
    return mention(name, at_us, text, network="feed", author=Author(id=paper), url=f"{PAGE}/{name}")


def posts(until_us: int) -> list[Mention]:
    """Quiet days of one network, a post every five minutes."""
    random = Random(1)
    return [
        mention(f"q{at_us}", at_us + random.randrange(5 * MINUTE_US), f"hello Acme {own_words(random)}")
        for at_us in range(START, until_us, 5 * MINUTE_US)
    ]


def anger() -> list[Mention]:
    """Forty minutes of indignation, and a page that is passed around."""
    random = Random(2)
    said = [
        mention(
            f"b{number}", CRISIS + random.randrange(40 * MINUTE_US), f"boycott Acme, a scandal! {own_words(random)}"
        )
        for number in range(160)
    ]
    return [*said, mention("link", CRISIS + 5 * MINUTE_US, "Acme did this", links=(f"{PAGE}/leak",))]


def polled(said: list[Mention], articles: list[Mention], until_us: int, lag_us: int = 20 * MINUTE_US) -> Stream:
    """A network as it speaks, beside a press feed polled every ten minutes: a heartbeat of now, then what is new."""
    timed: list[tuple[int, int, tuple[str, Item]]] = [(one.published_us, 0, ("x", one)) for one in said]
    for now_us in range(START, until_us, POLLED_US):
        timed.append((now_us, 1, ("press", Heartbeat(source="press", at_us=now_us))))
        new = [one for one in articles if now_us - POLLED_US < one.published_us + lag_us <= now_us]
        timed += [(now_us, 2, ("press", one)) for one in new]
    return [item for _, _, item in sorted(timed, key=lambda entry: entry[:2])]


def tell(
    stream: Stream, edges: frozenset[int] | None = None, restarts: frozenset[int] = frozenset()
) -> tuple[Outcome, bytes]:
    """Play a stream item by item or cut before `edges`, killed and taken up from what was stored after `restarts`."""
    one, outcome = fresh(), Outcome()
    states: dict[str, TopicSnapshot] = {}
    run: list[Item] = []
    for place, (source, item) in enumerate(stream):
        run.append(item)
        following = stream[place + 1][0] if place + 1 < len(stream) else ""
        if edges is None or following != source or place + 1 in edges:
            outcome.add(one.step(source, run, FAR))
            run = []
            states |= one.topic_states()
        if place in restarts:
            one = taken_up(one.snapshot(), states, outcome.kept, outcome.first_seen)
    outcome.add(one.finish())
    return outcome, msgspec.msgpack.encode(sorted(one.topic_states().items()))


def fresh() -> Pipeline:
    return Pipeline([topic(query=f'acme OR "{PAGE}"')], b"secret", lateness_us=60 * SECOND_US)


def taken_up(snapshot: bytes, states: dict[str, TopicSnapshot], stored: list[Kept], seen: list[int]) -> Pipeline:
    roots: dict[int, Root] = {}
    in_time: list[Match] = []
    late: list[tuple[int, Match]] = []
    for kept in stored:
        match = kept.match
        reading = Reading(match.tone, match.alarm_words, match.is_ironic, match.fingerprint, match.links)
        roots.setdefault(match.root, (reading, ((match.topic, match.term),)))
        next_us = states[match.topic][0] if match.topic in states else 0
        if kept.heard_us is not None and kept.heard_us >= next_us:
            late.append((kept.heard_us, match))
        elif not kept.is_late and match.published_us >= next_us:
            in_time.append(match)
    one = fresh()
    one.restore(snapshot, states, in_time, roots, seen, late)
    return one


def everything(outcome: Outcome) -> object:
    said = (outcome.judged, outcome.timeline, outcome.alerts, sorted(outcome.incidents.items()))
    return msgspec.msgpack.decode(msgspec.msgpack.encode(said))


LEAK = article("leak", CRISIS + 15 * MINUTE_US, "gazette")


@pytest.fixture(scope="module")
def crisis() -> Stream:
    return polled([*posts(CRISIS + 2 * HOUR_US), *anger()], [LEAK], CRISIS + 2 * HOUR_US)


@pytest.fixture(scope="module")
def told(crisis: Stream) -> tuple[Outcome, bytes]:
    return tell(crisis)


def only(outcome: Outcome) -> Incident:
    (incident,) = outcome.incidents.values()
    return incident


def test_a_feed_polled_every_ten_minutes_reaches_the_press_at_the_time_it_did(told: tuple[Outcome, bytes]) -> None:
    outcome, _ = told
    (late,) = [kept for kept in outcome.kept if kept.mention.network == "feed"]
    assert late.is_late
    (line,) = [entry for entry in outcome.timeline if entry.kind == "jump_to_press"]
    assert line.at_us == LEAK.published_us
    assert line.evidence == ("x:link", "feed:leak")


def test_an_open_incident_counts_what_came_late_once_and_shows_it(crisis: Stream, told: tuple[Outcome, bytes]) -> None:
    without = [item for item in crisis if item[1] is not LEAK]
    before, after = only(tell(without)[0]), only(told[0])
    assert after.mentions == before.mentions + 1
    assert (after.severity, after.opened_us, after.peak_mentions) == (
        before.severity,
        before.opened_us,
        before.peak_mentions,
    )


def test_minutes_of_velocity_hold_nothing_that_came_late(crisis: Stream, told: tuple[Outcome, bytes]) -> None:
    without = tell([item for item in crisis if item[1] is not LEAK])[0]
    counted = [(one.signal.start_us, one.signal.mentions) for one in told[0].judged if one.signal.mentions]
    assert counted == [(one.signal.start_us, one.signal.mentions) for one in without.judged]


@pytest.mark.parametrize("lag", [20, 45])
def test_papers_that_all_come_late_are_voices_by_themselves(lag: int) -> None:
    papers = [article(f"a{number}", CRISIS + number * 4 * MINUTE_US, f"paper{number}") for number in range(12)]
    stream = polled(posts(CRISIS + 3 * HOUR_US), papers, CRISIS + 3 * HOUR_US, lag * MINUTE_US)
    outcome, _ = tell(stream)
    incident = only(outcome)
    assert {reason.name for reason in incident.reasons} & {"voices", "new_voices"}
    assert "velocity" not in {reason.name for reason in incident.reasons}
    assert set(incident.evidence) & {f"feed:a{number}" for number in range(12)}


def test_five_ordinary_hours_of_the_press_filled_in_at_once_are_no_burst() -> None:
    until_us = CRISIS + 2 * HOUR_US
    hourly = [article(f"a{at_us}", at_us, f"paper{at_us % 5}") for at_us in range(START, CRISIS - 5 * HOUR_US, HOUR_US)]
    missed = [
        article(f"m{at_us}", at_us, f"paper{at_us % 5}") for at_us in range(CRISIS - 5 * HOUR_US, CRISIS, HOUR_US)
    ]
    stream = polled(posts(until_us), hourly, until_us)
    place = next(
        place for place, (_, item) in enumerate(stream) if isinstance(item, Heartbeat) and item.at_us >= CRISIS
    )
    outcome, _ = tell([*stream[: place + 1], *[("press", one) for one in missed], *stream[place + 1 :]])
    assert outcome.incidents == {}
    heard = [kept.mention.id for kept in outcome.kept if kept.heard_us is not None and kept.mention.id.startswith("m")]
    assert len(heard) == 3, "what is older than three hours is stored and shown, and no longer heard"


@pytest.mark.parametrize("seed", range(4))
def test_cuts_and_kills_make_no_difference(seed: int, crisis: Stream, told: tuple[Outcome, bytes]) -> None:
    random = Random(seed)
    arrival = next(place for place, (_, item) in enumerate(crisis) if item is LEAK)
    places = [arrival, arrival + 1, arrival + 2, *random.sample(range(arrival - 60, len(crisis)), 12)]
    outcome, _ = tell(crisis, restarts=frozenset(places))
    assert everything(outcome) == everything(told[0])
    cut = tell(crisis, edges=frozenset([arrival, *random.sample(range(len(crisis)), 30)]))
    assert everything(cut[0]) == everything(told[0])
    assert cut[1] == told[1]
