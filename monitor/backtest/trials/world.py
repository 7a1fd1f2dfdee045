"""One seed at one volume, told to the production pipeline and to every rival.

The days before a story are the same in every scenario of a seed. So they are lived once, by the simulation and by the
pipeline; then each story goes its own way from a copy of both, which gives the same as if both had run from the
beginning (a test holds that).
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from monitor.anomalies import NEVER_OPEN
from monitor.anomalies.agreement import COMMON, Agreement
from monitor.anomalies.made_mentions import MadeMentions
from monitor.backtest.brands import Brand
from monitor.backtest.plans import Event
from monitor.backtest.rhythm import midnight
from monitor.backtest.rivals import Rival
from monitor.backtest.rivals.family import rivals
from monitor.backtest.scenarios import Scenario, scenario
from monitor.backtest.simulation import Simulation
from monitor.backtest.trials import EARLY_US, FIRST_DAYS, HORIZON_US, OURS, QUIET, REFRACTORY_US, Level, Stretch, Values
from monitor.clock import DAY_US, MINUTE_US
from monitor.mentions import Item, Mention
from monitor.pipeline import Outcome, Pipeline
from monitor.topics import Topic

__all__ = ["BURN_IN_DAYS", "HISTORY_DAYS", "QUIET_DAYS", "Plan", "Track", "Watch", "live", "parts"]

HISTORY_DAYS: Final = 21
BURN_IN_DAYS: Final = 14
FIRST_DAY: Final = (0, 1)
STORY_DAYS: Final = 2  # the day of a story, and the day after
QUIET_DAYS: Final = 42
QUIET_STEP: Final = 5  # quiet streams are only counted on: the highest of five minutes is enough
SOURCE: Final = "simulation"
SECRET: Final = b"backtest"
NEVER_US: Final = 1 << 62
SURE: Final = 1e-300  # p-values below are told apart by nobody


class Plan(msgspec.Struct, frozen=True):
    """What to live through.

    Attributes
    ----------
    topics, brands
        Both watched and spoken of, in the same order; stories happen to the first.
    scenarios
        Names of the stories; none for a world of calibration.
    strengths
        How strong each story is, times the usual: each is told once for each of them.
    history_days
        How many ordinary days come before a story.
    quiet_days, burn_in_days
        How long the quiet stream is, and how much of it passes before alarms count; with as much of it as there is,
        only the first day does.
    """

    seed: int
    volume: float
    topics: tuple[Topic, ...]
    brands: tuple[Brand, ...]
    scenarios: tuple[str, ...] = ()
    strengths: tuple[float, ...] = (1.0,)
    rivals: tuple[str, ...] = ()
    history_days: int = HISTORY_DAYS
    quiet_days: int = QUIET_DAYS
    burn_in_days: int = BURN_IN_DAYS


@dataclass(slots=True)
class Track:
    """What the pipeline concluded about one topic, minute by minute from the beginning of the world."""

    start_us: int
    counts: npt.NDArray[np.int64]
    reach: Values
    verdicts: dict[str, Values]
    levels: list[Level]

    @classmethod
    def empty(cls, start_us: int, end_us: int) -> Track:
        """Return the track of silence."""
        minutes = (end_us - start_us) // MINUTE_US
        return cls(start_us, np.zeros(minutes, np.int64), np.zeros(minutes, np.float32), {}, [])

    def fork(self, end_us: int) -> Track:
        """Return a copy that ends at `end_us`; nothing beyond may have happened yet."""
        twin = Track.empty(self.start_us, end_us)
        known = min(len(self.counts), len(twin.counts))
        twin.counts[:known] = self.counts[:known]
        twin.reach[:known] = self.reach[:known]
        for name, values in self.verdicts.items():
            twin.said_by(name)[:known] = values[:known]
        twin.levels = list(self.levels)
        return twin

    def said_by(self, detector: str) -> Values:
        """Return -log10 of a detector's p-values."""
        found = self.verdicts.get(detector)
        if found is None:
            found = self.verdicts[detector] = np.zeros(len(self.counts), np.float32)
        return found


class Watch:
    """The production pipeline, and what it concluded.

    Parameters
    ----------
    topics
        What is watched.
    start_us, end_us
        Of the world.
    """

    def __init__(self, topics: Sequence[Topic], start_us: int, end_us: int) -> None:
        self.tracks = {topic.id: Track.empty(start_us, end_us) for topic in topics}
        self._pipeline = Pipeline(topics, SECRET)

    def hear(self, items: Iterable[Item], step_us: int = MINUTE_US) -> None:
        """Take in items, those of a step together."""
        for _, batch in groupby(items, lambda item: item.published_us // step_us if isinstance(item, Mention) else 0):
            self._note(self._pipeline.step(SOURCE, list(batch), NEVER_US))

    def finish(self) -> None:
        """Close every open minute."""
        self._note(self._pipeline.finish())

    def fork(self, end_us: int) -> Watch:
        """Return a copy that goes its own way from here to an earlier end."""
        twin = copy.copy(self)
        twin.tracks = {topic: track.fork(end_us) for topic, track in self.tracks.items()}
        twin._pipeline = copy.deepcopy(self._pipeline)  # noqa: SLF001 (its own)
        return twin

    def _note(self, outcome: Outcome) -> None:
        for judged in outcome.judged:
            signal = judged.signal
            track = self.tracks[signal.topic]
            minute = (signal.start_us - track.start_us) // MINUTE_US
            track.counts[minute] = signal.mentions + signal.set_aside  # rivals are given all there is
            track.reach[minute] = signal.measures.get("potential_reach", 0.0)
            for verdict in judged.verdicts:
                track.said_by(verdict.detector)[minute] = _rarity(verdict.p_value)
        topic_of = {incident.id: incident.topic for incident in outcome.incidents.values()}
        for entry in outcome.timeline:
            if entry.kind in {"opened", "escalated", "reopened"} and "severity" in entry.facts:
                level = Level(entry.at_us, entry.incident, round(entry.facts["severity"]))
                self.tracks[topic_of[entry.incident]].levels.append(level)


def _rarity(p_value: float) -> float:
    return -math.log10(max(SURE, min(1.0, p_value)))


def live(plan: Plan, step: Callable[[], None] = lambda: None) -> list[Stretch]:
    """Live through a world; return its quiet stretches and those of its stories.

    Parameters
    ----------
    step
        Called after each part of the work; :func:`parts` says how many there are.
    """
    scenes = [scenario(name) for name in plan.scenarios]
    long = Simulation(seed=plan.seed, days=plan.quiet_days, volume=plan.volume, brands=plan.brands)
    watch = Watch(plan.topics, long.start_us, long.end_us)
    story_us = midnight(long.start_us, plan.history_days)
    watch.hear(long.mentions_until(min(story_us, long.end_us)), QUIET_STEP * MINUTE_US)
    stretches: list[Stretch] = []
    for scene in scenes:
        for strength in plan.strengths:
            stretches += _story(plan, scene, strength, long, watch, story_us)
            step()
    watch.hear(long.mentions(), QUIET_STEP * MINUTE_US)
    watch.finish()
    for name, days in ((QUIET, (plan.burn_in_days, plan.quiet_days)), (FIRST_DAYS, FIRST_DAY)):
        if days[0] < days[1]:
            stretches += [_quiet(plan, topic, track, days, name) for topic, track in watch.tracks.items()]
    step()
    return stretches


def parts(plan: Plan) -> int:
    """Return how many times :func:`live` calls back."""
    return len(plan.scenarios) * len(plan.strengths) + 1


def _story(
    plan: Plan, scene: Scenario, strength: float, long: Simulation, watch: Watch, story_us: int
) -> list[Stretch]:
    days = _days(plan, scene)
    planned = Simulation(seed=plan.seed, days=days, volume=plan.volume, strength=strength, brands=plan.brands)
    scene.plan(planned)
    concerned = {event.topic for event in planned.events} or {plan.brands[0].topic}
    if planned.earliest_us >= story_us:
        simulation = long.fork(days, strength)
        twin = watch.fork(simulation.end_us)
    else:  # it begins before the last but one day, and is lived through alone
        brands = tuple(brand for brand in plan.brands if brand.topic in concerned)
        simulation = Simulation(seed=plan.seed, days=days, volume=plan.volume, strength=strength, brands=brands)
        topics = [topic for topic in plan.topics if topic.id in concerned]
        twin = Watch(topics, simulation.start_us, simulation.end_us)
    twin.hear(scene.play(simulation))
    twin.finish()
    gaps = [gap.start_us for gap in simulation.gaps]
    events = simulation.events or [Event(plan.brands[0].topic, scene.name, False, onset_us) for onset_us in gaps]
    is_young = scene.days <= STORY_DAYS  # a story of the first days needs no history
    known_us = simulation.start_us + (0 if is_young else plan.burn_in_days * DAY_US)
    are_alike = len({event.kind for event in events}) == 1
    name_of = {event.kind: scene.name if are_alike else f"{scene.name}:{event.kind}" for event in events}
    told = [
        _told(plan, name_of[event.kind], strength, event, twin.tracks[event.topic])
        for event in events
        if event.onset_us >= known_us
    ]
    return [dataclasses.replace(one, is_first_day=is_young) for one in told]


def _days(plan: Plan, scene: Scenario) -> int:
    return min(scene.days, plan.history_days + STORY_DAYS)


def _told(plan: Plan, scene: str, strength: float, event: Event, track: Track) -> Stretch:
    """Cut what matters for one event out of a track."""
    since_us = max(track.start_us, event.onset_us - EARLY_US - REFRACTORY_US)
    since = (since_us - track.start_us) // MINUTE_US
    end = min(len(track.counts), (event.onset_us + HORIZON_US - track.start_us) // MINUTE_US + 1)
    said = {name: values[since:end] for name, values in _said(plan, track, since, end)}
    return Stretch(
        seed=plan.seed,
        volume=plan.volume,
        topic=event.topic,
        start_us=track.start_us + since * MINUTE_US,
        said=said,
        scenario=scene,
        is_crisis=event.is_crisis,
        onset_us=event.onset_us,
        counts=track.counts[since:end],
        reach=track.reach[since:end],
        levels=tuple(level for level in track.levels if level.at_us >= since_us),
        strength=strength,
    )


def _quiet(plan: Plan, topic: str, track: Track, days: tuple[int, int], name: str) -> Stretch:
    """Cut the days [first, last) out of a quiet track."""
    first_us, last_us = (midnight(track.start_us, day) for day in days)
    since, end = (min((at_us - track.start_us) // MINUTE_US, len(track.counts)) for at_us in (first_us, last_us))
    said = {method: _highest(values[since:end]) for method, values in _said(plan, track, since, end)}
    return Stretch(
        seed=plan.seed,
        volume=plan.volume,
        topic=topic,
        start_us=track.start_us + since * MINUTE_US,
        said=said,
        scenario=name,
        step_us=QUIET_STEP * MINUTE_US,
        levels=tuple(level for level in track.levels if first_us <= level.at_us < last_us),
        is_first_day=name == FIRST_DAYS,
    )


def _said(plan: Plan, track: Track, since: int, end: int) -> Iterator[tuple[str, Values]]:
    """Yield what each method said, of all minutes up to `end`; before `since` it may be anything."""
    together = np.zeros(len(track.counts), np.float32)
    heard = {Agreement.name, MadeMentions.name, *track.verdicts}  # many streams never hear of these two
    for name in sorted(heard - NEVER_OPEN):
        yield f"{OURS}:{name}", track.said_by(name)
        if name != Agreement.name:  # which is the same sum, as rare as it is on this topic
            together += np.maximum(track.said_by(name) - COMMON, 0.0)
    yield OURS, together
    for rival in _chosen(plan.rivals):
        values = np.full(end, -np.inf, np.float32)
        values[since:] = rival.judge(track.counts[:end], since)
        yield rival.name, values


def _chosen(names: Sequence[str]) -> list[Rival]:
    return [rival for rival in rivals() if rival.name in names]


def _highest(values: Values) -> Values:
    whole = len(values) // QUIET_STEP * QUIET_STEP
    highest: Values = values[:whole].reshape(-1, QUIET_STEP).max(axis=1)
    return highest
