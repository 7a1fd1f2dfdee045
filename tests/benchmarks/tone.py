"""How well tone is read, beside VADER and vaderSentiment-fr, on the same rows in the same run.

Run ``python -m tests.benchmarks.tone --data DIR``, where DIR (or BADBUZZ_RECORDINGS) holds ``airline_complaints/
mentions.csv.gz``: the labelled Twitter US Airline Sentiment posts about United, Southwest, US Airways and Virgin
America (Crowdflower). The rivals come with ``pip install vadersentiment vadersentiment-fr``; without them the rest is
measured.

Posts are sorted by time. The earlier half was read while our rules were written, and chooses everyone's thresholds;
only the later half is reported. Four tables:

1. *As it comes*: each scorer with its own thresholds (VADER's authors say 0.05 either way, the product 0.25).
2. *Tuned*: for each the pair of thresholds that gives it the best macro-F1 on the earlier half.
3. *Learning*: each post is read, then one in ten is corrected to its label; what the lexicon says of all posts against
   what it says with the corrections so far. Also with only those corrections that are due: people click on mistakes.

4. *Irony*: how often posts that sound negative are labelled positive, with and without signs of irony.

Intervals are 95 %, by 1,000 bootstrap resamples of posts; those of a gain by 250 resamples of the same posts before and
after, over twenty seeds of who gets corrected.

There are no labelled French posts at hand. So three hundred posts were written for this, each in French and in English
(``data/paired_posts.jsonl``), by somebody who had not seen the lexicon; no line of it was or may be changed because of
them. What one pen writes says little of how well people are read, but it says whether both languages are read alike.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from monitor.backtest.trials.scoring import exact_share
from monitor.tone import Correction, Said, Tone
from monitor.tone.features import Features
from monitor.tone.learner import ToneLearner
from monitor.tone.scorer import ToneScorer

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
PAIRED = Path(__file__).parent / "data" / "paired_posts.jsonl"
LABELS: tuple[Said, ...] = ("negative", "neutral", "positive")
GRID = np.round(np.arange(0.0, 0.81, 0.05), 2)
RESAMPLES = 1_000
SEEDS = range(20)
ONE_IN = 10
ROUNDS = 5

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Scorer = Callable[[str], float]


class Contender(NamedTuple):
    name: str
    score: Scorer
    threshold: float


class Judgement(NamedTuple):
    """What is reported of one scorer; each with its 95 % interval."""

    auc: str
    accuracy: str
    macro_f1: str
    precision: str
    recall: str


def contenders(lang: str) -> list[Contender]:
    ours = ToneScorer()
    found = [Contender("badbuzz", lambda text: ours.score(text, lang).value, 0.25)]
    for name, package, module in (
        ("VADER 3.3.2", "vadersentiment", "vaderSentiment"),
        ("vaderSentiment-fr 1.3.4", "vadersentiment-fr", "vaderSentiment_fr"),
    ):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                rival = importlib.import_module(f"{module}.vaderSentiment").SentimentIntensityAnalyzer()
        except ModuleNotFoundError:
            print(f"{name} is not installed: pip install {package}", file=sys.stderr)
            continue
        found.append(Contender(name, partial(compound, rival.polarity_scores), 0.05))
    return found


def compound(polarity: Callable[[str], dict[str, float]], text: str) -> float:
    return polarity(text)["compound"]


def airline(folder: Path) -> tuple[list[str], Ints, list[str]]:
    """Return texts, labels and brands, oldest first."""
    with gzip.open(folder / "airline_complaints" / "mentions.csv.gz", "rt", encoding="utf-8") as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: int(row["unix"]))
    labels = np.array([LABELS.index(row["sentiment"]) for row in rows])
    return [row["text"] for row in rows], labels, [row["brand"] for row in rows]


def paired() -> list[dict[str, str]]:
    """Return posts that stand in two languages: ``fr``, ``en``, ``said`` and ``kind``, of what sort they are."""
    return [json.loads(line) for line in PAIRED.read_text("utf-8").splitlines()]


def by_kind(posts: Sequence[dict[str, str]]) -> None:
    """Print what the product calls negative, of each kind of post."""
    scorer = ToneScorer()
    print("\nCalled negative (below -0.25), by kind")
    for kind in dict.fromkeys((post["said"], post["kind"]) for post in posts):
        cells = []
        for lang in ("fr", "en"):
            values = [scorer.score(post[lang], lang).value for post in posts if (post["said"], post["kind"]) == kind]
            share = exact_share(sum(value < -0.25 for value in values), len(values))
            cells.append(f"{lang} {100 * share.value:3.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]")
        print(f"  {', '.join(dict.fromkeys(kind)):24}{len(values):4} posts   {'   '.join(cells)}")


def classes(values: Floats, below: float, above: float) -> Ints:
    return np.where(values < -below, NEGATIVE, np.where(values > above, POSITIVE, NEUTRAL))


def area(values: Floats, is_negative: npt.NDArray[np.bool_]) -> float:
    """Chance that a negative post is ranked below another one (Mann-Whitney, ties half)."""
    negative, others = np.sort(values[is_negative]), np.sort(values[~is_negative])
    above = len(others) - np.searchsorted(others, negative, "right")
    ties = np.searchsorted(others, negative, "right") - np.searchsorted(others, negative, "left")
    return float((above + ties / 2).sum() / (len(negative) * len(others)))


def macro_f1(said: Ints, truth: Ints) -> float:
    scores = []
    for label in range(3):
        hits = int(((said == label) & (truth == label)).sum())
        scores.append(2 * hits / max(1, int((said == label).sum() + (truth == label).sum())))
    return sum(scores) / 3


def figures(values: Floats, truth: Ints, below: float, above: float) -> tuple[float, ...]:
    said = classes(values, below, above)
    called, is_negative = said == NEGATIVE, truth == NEGATIVE
    hits = float((called & is_negative).sum())
    return (
        area(values, is_negative),
        float((called == is_negative).mean()),
        macro_f1(said, truth),
        hits / max(1.0, float(called.sum())),
        hits / max(1.0, float(is_negative.sum())),
    )


def judged(values: Floats, truth: Ints, below: float, above: float) -> Judgement:
    found = figures(values, truth, below, above)
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(truth), len(truth))
        samples.append(figures(values[rows], truth[rows], below, above))
    low, high = np.quantile(np.array(samples), [0.025, 0.975], axis=0)
    return Judgement(*(f"{f:.3f} [{a:.3f}, {b:.3f}]" for f, a, b in zip(found, low, high, strict=True)))


def best_thresholds(values: Floats, truth: Ints) -> tuple[float, float]:
    scored = [(macro_f1(classes(values, below, above), truth), below, above) for below in GRID for above in GRID]
    _, below, above = max(scored, key=lambda one: one[0])
    return float(below), float(above)


def microseconds(score: Scorer, texts: Sequence[str]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for text in texts:
            score(text)
        best = min(best, time.process_time() - began)
    return 1e6 * best / len(texts)


def compare(title: str, texts: Sequence[str], truth: Ints, scorers: Sequence[Contender], half: int) -> None:
    scored = [(one, np.array([one.score(text) for text in texts])) for one in scorers]
    heads = ("negative below rest: AUC", "negative or not: right", "three classes: macro-F1")
    print(f"\n{title}: {len(texts) - half} posts, {100 * float((truth[half:] == NEGATIVE).mean()):.0f} % negative")
    print(" " * 48 + "".join(f"{head:26}" for head in (*heads, "negative: precision", "negative: recall")))
    for one, values in scored:
        ways = [("as it comes", (one.threshold, one.threshold))]
        if half:
            ways.append(("tuned", best_thresholds(values[:half], truth[:half])))
        for way, pair in ways:
            told = f"{way} {pair[0]:.2f} {pair[1]:.2f}"
            cells = judged(values[half:], truth[half:], *pair)
            print(f"{one.name:26}{told:22}" + "".join(f"{cell:26}" for cell in cells))
    for one, _ in scored:
        print(f"{one.name:26}{microseconds(one.score, texts[half:][:2000]):.0f} microseconds a post")


def learn(texts: Sequence[str], truth: Ints, brands: Sequence[str], half: int) -> None:
    """Print what corrections are worth, prequentially: a post is read before anybody may correct it."""
    scorer, features = ToneScorer(), Features(b"benchmark")
    named = {bucket for words in set(brands) for bucket in features.of(words)}
    posts = [
        (scorer.score(text, "en"), tuple(one for one in features.of(text) if one not in named)) for text in texts[half:]
    ]
    later, lexicon = truth[half:], np.array([tone.value for tone, _ in posts])
    print(f"\nLearning, later half, {len(posts)} posts, {len(SEEDS)} seeds")
    for what, only_mistakes in (("one in ten corrected", False), ("... if it was read wrongly", True)):
        runs, corrected = [], []
        for seed in SEEDS:
            values, count = prequential(posts, later, np.random.default_rng(seed), only_mistakes=only_mistakes)
            runs.append(values)
            corrected.append(count)
        print(f"{what}: {np.mean(corrected):.0f} corrections")
        for name, place in (("AUC", 0), ("negative or not: accuracy", 1), ("three classes: macro-F1", 2)):
            before = figures(lexicon, later, 0.25, 0.25)[place]
            after = [figures(values, later, 0.25, 0.25)[place] for values in runs]
            low, high = gain_interval(lexicon, runs, later, place)
            spread = f"(seeds {min(after):.3f} to {max(after):.3f})"
            gain = f"gain {np.mean(after) - before:+.3f} [{low:+.3f}, {high:+.3f}]"
            print(f"  {name:28}lexicon {before:.3f}   with corrections {np.mean(after):.3f} {spread}   {gain}")


def prequential(
    posts: Sequence[tuple[Tone, tuple[int, ...]]], truth: Ints, rng: np.random.Generator, *, only_mistakes: bool
) -> tuple[Floats, int]:
    """Return the tone of each post as it was read, and how many were corrected."""
    learner = ToneLearner()
    values = np.empty(len(posts))
    for number, (lexicon, features) in enumerate(posts):
        is_alarming = bool(lexicon.alarm_words)
        values[number] = value = learner.adjusted(lexicon.value, features, is_alarming=is_alarming)
        is_wrong = int(classes(np.array(value), 0.25, 0.25)) != truth[number]
        if rng.random() < 1 / ONE_IN and (is_wrong or not only_mistakes):
            said = LABELS[truth[number]]
            learner.learn(Correction(number, "airline", number, said, lexicon.value, features, is_alarming))
    return values, learner.learned


def gain_interval(lexicon: Floats, runs: Sequence[Floats], truth: Ints, place: int) -> tuple[float, float]:
    """Bootstrap the mean gain over the seeds, by posts."""
    rng = np.random.default_rng(1)
    gains = []
    for resample in range(RESAMPLES // 4):
        rows = rng.integers(0, len(truth), len(truth))
        values = runs[resample % len(runs)]
        after, before = (figures(one[rows], truth[rows], 0.25, 0.25)[place] for one in (values, lexicon))
        gains.append(after - before)
    low, high = np.quantile(gains, [0.025, 0.975])
    return float(low), float(high)


def irony(texts: Sequence[str], truth: Ints) -> None:
    """Print what signs of irony say about the tone of posts that sound negative; of all of them, they are few."""
    scorer = ToneScorer()
    tones = [scorer.score(text, "en") for text in texts]
    print("\nWhat sounds negative (below -0.25), by its label, over both halves")
    for name, is_marked in (("without signs of irony", False), ("with signs of irony", True)):
        held = [
            label
            for tone, label in zip(tones, truth, strict=True)
            if tone.value < -0.25 and tone.is_ironic is is_marked
        ]
        wrong = exact_share(held.count(POSITIVE), len(held))
        print(
            f"  {name:28}{len(held):6} posts, labelled positive {100 * wrong.value:.1f} % "
            f"[{100 * wrong.low:.1f}, {100 * wrong.high:.1f}]"
        )
    marked = np.array([tone.is_ironic for tone in tones])
    shares = [f"{LABELS[label]} {100 * float(marked[truth == label].mean()):.1f} %" for label in (NEGATIVE, POSITIVE)]
    print(f"  signs of irony, by label: {', '.join(shares)}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how tone is read.")
    parser.add_argument("--data", type=Path, default=os.environ.get("BADBUZZ_RECORDINGS"))
    data = parser.parse_args().data
    if data is not None:
        texts, truth, brands = airline(data)
        half = len(texts) // 2
        compare("Airline complaints (English), later half", texts, truth, contenders("en"), half)
        learn(texts, truth, brands, half)
        irony(texts, truth)
    else:
        print("no --data and no BADBUZZ_RECORDINGS: only the posts written in two languages", file=sys.stderr)
    posts = paired()
    meant = np.array([LABELS.index(post["said"]) for post in posts if post["said"] in LABELS])
    for lang, name in (("fr", "French"), ("en", "English")):
        compare(f"Written in two languages, {name}", [post[lang] for post in posts], meant, contenders(lang), 0)
    by_kind(posts)


if __name__ == "__main__":
    main()
