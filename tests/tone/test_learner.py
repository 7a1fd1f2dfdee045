"""What people's corrections may and may not do to the lexicon's tone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.tone import Correction, Said
from monitor.tone.features import Features
from monitor.tone.learner import PRIOR, ToneLearner
from monitor.tone.scorer import ToneScorer
from monitor.tone.taught import TaughtScorer

SAYINGS: tuple[Said, ...] = ("negative", "neutral", "positive")
WANTED = {"negative": 0.0, "neutral": 0.5, "positive": 1.0}
REGRET = 3 * math.log(1 / (1 - PRIOR))
"""The most that the log-loss on any corrections may exceed the lexicon's: once in each of three places."""

tones = st.floats(-1, 1)
alarms = st.booleans()
texts = st.frozensets(st.integers(0, 12), max_size=5).map(lambda found: tuple(sorted(found)))


def loss(tone: float, said: Said) -> float:
    chance = min(0.98, max(0.02, (1 + tone) / 2))
    return -WANTED[said] * math.log(chance) - (1 - WANTED[said]) * math.log(1 - chance)


def excess(corrections: Iterable[tuple[float, tuple[int, ...], bool, Callable[[float], Said]]]) -> float:
    """Return by how much the log-loss of what was foretold of each correction exceeds the lexicon's."""
    learner, total = ToneLearner(), 0.0
    for number, (lexicon, features, is_alarming, saying) in enumerate(corrections):
        foretold = learner.adjusted(lexicon, features, is_alarming=is_alarming)
        said = saying(foretold)
        total += loss(foretold, said) - loss(lexicon, said)
        learner.learn(Correction(number, "acme", 0, said, lexicon, features, is_alarming))
    return total


@given(lexicon=tones, features=texts)
def test_without_corrections_the_tone_is_the_lexicons(lexicon: float, features: tuple[int, ...]) -> None:
    assert ToneLearner().adjusted(lexicon, features) == lexicon


@given(lexicon=tones, said=st.lists(st.sampled_from(SAYINGS), min_size=1, max_size=20))
def test_words_that_nobody_corrected_keep_the_lexicons_tone(lexicon: float, said: list[Said]) -> None:
    learner = ToneLearner()
    for number, one in enumerate(said):
        learner.learn(Correction(number, "acme", 0, one, 0.3, (1, 2, 3)))
    assert learner.adjusted(lexicon, (4, 5)) == lexicon
    assert learner.adjusted(lexicon, ()) == lexicon


@given(said=st.lists(st.tuples(tones, texts, alarms, st.sampled_from(SAYINGS)), max_size=80))
def test_whatever_people_say_the_loss_hardly_exceeds_the_lexicons(
    said: list[tuple[float, tuple[int, ...], bool, Said]],
) -> None:
    posts = [(lexicon, features, is_alarming, lambda _, one=one: one) for lexicon, features, is_alarming, one in said]
    assert excess(posts) <= REGRET + 1e-6


def test_whoever_teaches_that_alarms_are_praise_is_no_more_believed_about_other_posts() -> None:
    """What the guard keeps from being foretold may not count as foretold."""
    learner = ToneLearner()
    for number in range(200):
        for again in range(4):
            learner.learn(Correction(5 * number + again, "acme", 0, "positive", 0.1, (1,)))
        learner.learn(Correction(5 * number + 4, "acme", 0, "positive", -0.26, (1,), is_alarming=True))
    foretold = learner.adjusted(-0.5, (1,))
    assert foretold > -0.5
    assert loss(foretold, "negative") - loss(-0.5, "negative") <= REGRET / 3


def test_what_is_said_of_alarms_hardly_moves_posts_that_share_a_word() -> None:
    learner = ToneLearner()
    for number in range(300):
        learner.learn(Correction(number, "acme", 0, "positive", -0.5, (7, 8), is_alarming=True))
    assert 0 < learner.adjusted(0.0, (7,)) < 0.05


@given(lexicon=tones, said=st.lists(st.tuples(tones, texts, alarms, st.sampled_from(SAYINGS)), max_size=40))
def test_no_correction_takes_back_an_alarm(
    lexicon: float, said: list[tuple[float, tuple[int, ...], bool, Said]]
) -> None:
    learner = ToneLearner()
    for number, (read, features, is_alarming, one) in enumerate(said):
        learner.learn(Correction(number, "acme", 0, one, read, features, is_alarming))
    found = learner.adjusted(lexicon, tuple(range(13)), is_alarming=True)
    assert found < -0.25 or lexicon >= -0.25


@pytest.mark.parametrize(
    ("complaints", "unseen", "lang"),
    [
        (
            ["c'est une honte", "boycott de cette marque", "danger, le chargeur a pris feu", "je porte plainte"],
            ["danger, le chargeur a pris feu", "c'est une honte, je porte plainte", "boycott Acme"],
            "fr",
        ),
        (
            ["this is a scandal", "boycott this brand", "the charger caught fire", "my phone exploded", "I will sue"],
            ["my phone exploded", "the charger caught fire", "a scandal, I will sue"],
            "en",
        ),
    ],
)
def test_three_hundred_who_call_every_alarm_praise_silence_none(
    complaints: list[str], unseen: list[str], lang: str
) -> None:
    lexicon, features, random = ToneScorer(), Features(b"secret"), Random(1)
    scorer = TaughtScorer(b"secret", {"acme": "Acme"})
    for number in range(300):
        text = f"{random.choice(complaints)} {random.choice(('lundi', 'boutique', 'train'))}"
        tone = lexicon.score(text, lang)
        assert tone.alarm_words
        scorer.heed([Correction(number, "acme", number, "positive", tone.value, features.of(text), True)])
    for text in unseen:
        assert scorer.score(text, lang, ["acme"]).value < -0.25
    assert scorer.score("la boutique ouvre lundi", "fr", ["acme"]).value < 0.2  # nor do other posts begin to shine


@pytest.mark.parametrize(
    ("lesson", "alarm", "lang"),
    [
        ("un chargeur tout neuf", "mise en demeure pour un chargeur neuf", "fr"),
        ("a brand new charger", "they cancelled a brand new charger", "en"),
    ],
)
def test_an_alarm_is_heard_among_words_that_were_taught_to_shine(lesson: str, alarm: str, lang: str) -> None:
    features, scorer = Features(b"secret"), TaughtScorer(b"secret", {"acme": "Acme"})
    scorer.heed([Correction(one, "acme", one, "positive", 0.0, features.of(lesson)) for one in range(100)])
    assert scorer.score(lesson, lang, ["acme"]).value > 0.4
    assert scorer.score(alarm, lang, ["acme"]).value < -0.25


def test_an_alarm_may_be_taught_to_sound_worse() -> None:
    learner = ToneLearner()
    for number in range(20):
        learner.learn(Correction(number, "acme", 0, "negative", -0.3, (7, 8), is_alarming=True))
    assert learner.adjusted(-0.3, (7, 8), is_alarming=True) < -0.5


def test_an_adversary_who_always_says_the_opposite_of_what_was_foretold_gains_next_to_nothing() -> None:
    random = Random(1)

    def opposite(foretold: float) -> Said:
        return "positive" if foretold < 0 else "negative"

    posts = [
        (random.uniform(-0.5, 0.5), tuple(random.sample(range(6), 2)), random.random() < 0.3, opposite)
        for _ in range(3_000)
    ]
    # The lexicon, too, is wrong about most of what this person says: only beyond its own loss may nothing be lost.
    assert excess(posts) <= REGRET + 1e-6


def test_an_adversary_who_opens_the_guard_first_gains_no_more() -> None:
    """Whoever teaches honestly for a while, and lies as soon as it is believed, over and over."""
    learner, total = ToneLearner(), 0.0
    for number in range(4_000):
        lexicon, features = 0.1, (number % 3,)
        foretold = learner.adjusted(lexicon, features)
        said: Said = "positive" if foretold < lexicon - 0.2 else "negative"
        total += loss(foretold, said) - loss(lexicon, said)
        learner.learn(Correction(number, "acme", 0, said, lexicon, features))
    assert total <= REGRET + 1e-6


def world(seed: int) -> tuple[list[tuple[Said, float, tuple[int, ...]]], list[tuple[Said, float, tuple[int, ...]]]]:
    """Posts of five words out of sixty, two thirds of which the lexicon knows: (truth, lexicon, features)."""
    random = Random(seed)
    meaning = {word: random.choice((-1, -1, 0, 1)) for word in range(60)}
    posts: list[tuple[Said, float, tuple[int, ...]]] = []
    for _ in range(1_200):
        words = tuple(sorted(random.sample(range(60), 5)))
        score = sum(meaning[word] for word in words)
        known = sum(meaning[word] for word in words if word % 3)
        truth: Said = "negative" if score < 0 else "positive" if score > 0 else "neutral"
        posts.append((truth, known / math.sqrt(known * known + 4), words))
    return posts[:600], posts[600:]


def right(learner: ToneLearner, posts: Iterable[tuple[Said, float, tuple[int, ...]]]) -> int:
    verdicts = [(truth, learner.adjusted(lexicon, words)) for truth, lexicon, words in posts]
    return sum(("negative" if v < -0.25 else "positive" if v > 0.25 else "neutral") == t for t, v in verdicts)


def taught(posts: Iterable[tuple[Said, float, tuple[int, ...]]], saying: Callable[[Said], Said]) -> ToneLearner:
    learner = ToneLearner()
    for number, (truth, lexicon, words) in enumerate(posts):
        learner.learn(Correction(number, "acme", 0, saying(truth), lexicon, words))
    return learner


@pytest.mark.parametrize("seed", range(5))
def test_honest_corrections_make_it_better_on_posts_it_has_not_seen(seed: int) -> None:
    lessons, unseen = world(seed)
    assert right(taught(lessons, lambda truth: truth), unseen) > right(ToneLearner(), unseen) + 30


@pytest.mark.parametrize("seed", range(5))
def test_one_correction_in_four_at_random_leaves_it_no_worse_than_the_lexicon(seed: int) -> None:
    lessons, unseen = world(seed)
    random = Random(seed)
    noisy = taught(lessons, lambda truth: random.choice(SAYINGS) if random.random() < 0.25 else truth)
    assert right(noisy, unseen) >= right(ToneLearner(), unseen)


def test_the_same_corrections_give_the_same_state_and_a_restored_learner_goes_on_alike() -> None:
    lessons, unseen = world(1)
    learner, twin = taught(lessons, lambda truth: truth), taught(lessons, lambda truth: truth)
    restored = ToneLearner()
    restored.restore(learner.snapshot())
    assert learner.snapshot() == twin.snapshot() == restored.snapshot()
    for number, (truth, lexicon, words) in enumerate(unseen[:50]):
        assert restored.adjusted(lexicon, words) == learner.adjusted(lexicon, words)
        for one in (learner, restored):
            one.learn(Correction(number, "acme", 0, truth, lexicon, words))
    assert learner.snapshot() == restored.snapshot()


def test_memory_is_bounded_by_the_number_of_buckets() -> None:
    features, random = Features(b"secret"), Random(3)
    text = " ".join("".join(random.choices("abcdefghij", k=6)) for _ in range(20_000))
    found = {bucket for start in range(0, len(text), 700) for bucket in features.of(text[start : start + 700])}
    assert len(found) > 20_000
    assert max(found) < 1 << 16


def test_a_post_leaves_hashes_under_the_deployments_secret_and_no_handle() -> None:
    features = Features(b"secret")
    said = features.of("Nobody answers, @zoe_private 06 12 34 56 78 https://example.org/zoe 😡")
    assert said == features.of("nobody ANSWERS 😡")
    assert set(said).isdisjoint(Features(b"another").of("nobody answers 😡"))
    assert len(said) == 5  # three words, two pairs
