"""The measures of the tone benchmark, by hand; and that corrections pay on recorded posts."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from monitor.backtest.trials.scoring import exact_share
from monitor.tone.features import Features
from monitor.tone.scorer import ToneScorer
from tests.tone import posts

sys.path.insert(0, str(Path(__file__).parent))
import tone


def test_the_area_is_the_chance_that_a_negative_post_ranks_below() -> None:
    values, is_negative = np.array([-0.9, -0.1, -0.5, 0.4]), np.array([True, True, False, False])
    assert tone.area(values, is_negative) == pytest.approx(3 / 4)
    assert tone.area(np.zeros(4), is_negative) == 0.5


def test_accuracy_f1_precision_and_recall_are_those_of_the_books() -> None:
    values = np.array([-0.9, -0.1, -0.5, 0.4, 0.9])
    truth = np.array([tone.NEGATIVE, tone.NEGATIVE, tone.NEUTRAL, tone.NEUTRAL, tone.POSITIVE])
    area, accuracy, f1, precision, recall = tone.figures(values, truth, 0.25, 0.5)
    assert (area, accuracy, precision, recall) == (pytest.approx(5 / 6), 3 / 5, 1 / 2, 1 / 2)
    assert f1 == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)


def test_thresholds_are_those_that_serve_best() -> None:
    values = np.array([-0.3, -0.22, -0.1, 0.1, 0.3, 0.6])
    truth = np.array([tone.NEGATIVE, tone.NEGATIVE, tone.NEUTRAL, tone.NEUTRAL, tone.NEUTRAL, tone.POSITIVE])
    below, above = tone.best_thresholds(values, truth)
    assert tone.macro_f1(tone.classes(values, below, above), truth) == 1.0


def test_the_posts_in_two_languages_are_many_and_apart_from_what_the_rules_were_tried_on() -> None:
    tried = {
        *posts.FRENCH_COMPLAINTS.splitlines(),
        *posts.FRENCH_PRAISE.splitlines(),
        *posts.FRENCH_NEUTRAL.splitlines(),
    }
    for lang in ("fr", "en"):
        texts = [post[lang] for post in tone.paired()]
        assert len(set(texts)) == len(texts) >= 300
        assert tried.isdisjoint(texts)


def test_french_is_read_no_worse_than_english_where_both_say_the_same() -> None:
    scorer = ToneScorer()
    meant = np.array([post["said"] == "negative" for post in tone.paired()])
    called = {
        lang: np.array([scorer.score(post[lang], lang).value < -0.25 for post in tone.paired()])
        for lang in ("fr", "en")
    }
    only_french = int((called["fr"] & ~called["en"])[meant].sum())
    only_english = int((called["en"] & ~called["fr"])[meant].sum())
    share = exact_share(only_french, only_french + only_english)
    assert share.low < 0.5 < share.high  # McNemar's test


@pytest.mark.recorded
def test_corrections_of_one_post_in_ten_pay(recordings: Path) -> None:
    texts, truth, _ = tone.airline(recordings)
    half = len(texts) // 2
    scorer, features = ToneScorer(), Features(b"test")
    read = [(scorer.score(text, "en"), features.of(text)) for text in texts[half:]]
    lexicon = np.array([tone.value for tone, _ in read])
    corrected, count = tone.prequential(read, truth[half:], np.random.default_rng(100), only_mistakes=False)
    before, after = (tone.figures(values, truth[half:], 0.25, 0.25) for values in (lexicon, corrected))
    assert 250 < count < 450
    assert after[0] > before[0]
    assert after[1] > before[1] + 0.02
