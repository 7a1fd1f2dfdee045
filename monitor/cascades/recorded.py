"""Recorded cascades lived through again, in the order of time: what would have been forecast, knowing only the past."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from monitor.cascades.conversation import Conversation
from monitor.cascades.forecast import FINISHED_SILENCE_S, Forecast, Forecaster
from monitor.cascades.lessons import RUNGS_S, Lesson
from monitor.cascades.pulse import Growth, Pulse

__all__ = ["Answer", "RecordedCascade", "RecordedReply", "answers", "conversation"]

_LOT_S: Final = 600.0  # reshares are counted into the rhythm in lots of ten minutes
_ASK, _COUNT, _LEARN = 0, 1, 2  # at one instant in this order: what is asked knows only what was before


class RecordedCascade(NamedTuple):
    """A cascade read from a file.

    Attributes
    ----------
    root_s
        Time of the root, seconds since the epoch; None if unknown.
    root_followers
        None if unknown.
    reshares
        Age in seconds and followers (None if unknown) of each reshare, in the order of age.
    """

    id: str
    root_s: float | None
    root_followers: int | None
    reshares: Sequence[tuple[float, int | None]]


class RecordedReply(NamedTuple):
    """A reply read from a file: its name there, that of what it answers ("" or "0": the root), and who speaks."""

    age_s: float
    name: str
    parent: str
    author: str


class Answer(NamedTuple):
    """What was said of a cascade at an age; `seen` counts the root."""

    cascade: str
    at_s: float
    seen: int
    growth: Growth
    forecast: Forecast


def conversation(replies: Sequence[RecordedReply], ages_s: Sequence[float]) -> dict[float, tuple[object, ...]]:
    """Return, for each age, replies and repliers, and depth, breadth and virality of the conversation (or ``None``)."""
    keys: dict[str, int] = {}
    found: dict[float, tuple[object, ...]] = {}
    below, told = Conversation("", ""), 0
    ordered = sorted(replies, key=lambda reply: reply.age_s)
    for age_s in sorted(ages_s):
        while told < len(ordered) and ordered[told].age_s <= age_s:
            reply = ordered[told]
            told += 1
            key = keys.setdefault(reply.name or f"reply {told}", len(keys) + 1)
            parent = None if reply.parent in {"", "0"} else keys.setdefault(reply.parent, len(keys) + 1)
            below.add(key, parent, zlib.crc32((reply.author or f"author {told}").encode()), 0)
        shape = below.shape()
        found[age_s] = (
            below.replies,
            below.repliers(),
            *((None,) * 3 if shape is None else (shape.depth, shape.breadth, round(shape.virality, 4))),
        )
    return found


class _Step(NamedTuple):
    when_s: float
    order: int
    cascade: int
    age_s: float


class _Life:
    """A cascade being lived through."""

    def __init__(self, cascade: RecordedCascade) -> None:
        self.cascade = cascade
        self.pulse = Pulse(root_audience=cascade.root_followers)
        self.lessons: list[Lesson] = []

    def until(self, age_s: float) -> Pulse:
        """Return the pulse at an age; ages must not go back."""
        reshares = self.cascade.reshares
        observe = self.pulse.observe
        for place in range(self.pulse.reshares, len(reshares)):
            age, followers = reshares[place]
            if age > age_s:
                break
            observe(age, followers)
        return self.pulse


def answers(
    cascades: Sequence[RecordedCascade],
    ages_s: Sequence[float],
    forecaster: Forecaster,
    lessons: dict[str, list[Lesson]] | None = None,
) -> dict[tuple[str, float], Answer]:
    """Return what would have been said of each cascade at each age.

    Cascades whose root has a time are lived through in the order of time, as one stream: the forecaster counts their
    reshares into its rhythm and learns from each once it has fallen silent, both only when they are in the past.
    The others teach nothing, since nobody knows what came before what.

    Parameters
    ----------
    cascades
        With distinct identifiers.
    ages_s
        Positive, in any order.
    forecaster
        Changed by what it learns.
    lessons
        If given, receives the lessons of each cascade, finished or not.
    """
    lives = [_Life(cascade) for cascade in cascades]
    asked = set(ages_s)
    said: dict[tuple[str, float], Answer] = {}
    for step in sorted(_steps(cascades, asked)):
        life = lives[step.cascade]
        cascade = life.cascade
        if step.order == _COUNT:
            forecaster.count(step.when_s)
            continue
        if step.order == _LEARN:
            forecaster.learn(life.lessons, life.until(step.age_s).reshares + 1)
            continue
        pulse = life.until(step.age_s)
        at_s = None if cascade.root_s is None else step.when_s
        growth = pulse.growth(step.age_s)
        lesson = forecaster.lesson(pulse, step.age_s, at_s, growth)
        if step.age_s in RUNGS_S:
            life.lessons.append(lesson)
        if step.age_s in asked:
            forecast = forecaster.forecast(lesson)
            said[cascade.id, step.age_s] = Answer(cascade.id, step.age_s, lesson.posts, growth, forecast)
    if lessons is not None:
        lessons.update({life.cascade.id: life.lessons for life in lives})
    return said


def _steps(cascades: Sequence[RecordedCascade], asked: set[float]) -> Iterator[_Step]:
    for place, cascade in enumerate(cascades):
        root_s = cascade.root_s or 0.0
        for age in asked.union(RUNGS_S):
            yield _Step(root_s + age, _ASK, place, age)
        if cascade.root_s is None:
            continue
        for lot in sorted({age // _LOT_S for age, _ in cascade.reshares}):
            yield _Step(root_s + (lot + 1) * _LOT_S, _COUNT, place, 0.0)
        finished = _finished_s([age for age, _ in cascade.reshares])
        yield _Step(root_s + finished, _LEARN, place, finished)


def _finished_s(ages: Sequence[float]) -> float:
    """Return the age at which a cascade had been silent for long enough to be called finished."""
    before = 0.0
    for age in ages:
        if age - before > FINISHED_SILENCE_S:
            break
        before = age
    return before + FINISHED_SILENCE_S
