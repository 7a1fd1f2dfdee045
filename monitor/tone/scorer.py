"""How a short French or English post sounds: a lexicon and a dozen rules, offline, fast enough for every post.

The rules are those of VADER [1]_ (negation, degree words, capitals, exclamation marks, *but*, emoji), carried over to
French and extended with what complaints are made of: duties denied ("aucune reponse", "still no refund"),
negation behind the verb ("marche plus"), hashtags read as words, and irony.

.. [1] Hutto & Gilbert, VADER: a parsimonious rule-based model for sentiment analysis of social media text,
   ICWSM 2014. Numbers marked (VADER) are theirs; the others were set by us without fitting them to any corpus.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Set
from typing import Final

import msgspec

from monitor.tone import Tone
from monitor.tone.language import Language, language_of
from monitor.tone.lexicon import ALARM, SILENT, Entry, Sense, lexicon
from monitor.tone.readable import readable
from monitor.tone.words import heard, tokens_of

__all__ = ["ToneScorer"]

CHARACTERS_READ: Final = 2_000  # a post is shorter; of an article we read the beginning
SATURATION: Final = 15.0  # value = sum / sqrt(sum^2 + 15) (VADER)
DENIED_PRAISE: Final = -0.74  # "not good" (VADER)
DENIED_BLAME: Final = -0.4  # "not terrible" praises less than "not good" blames
REACH: Final = 3  # a negation or degree word acts on the next three words (VADER)
LEADING: Final = 4  # ... and what denies an opinion on those that come after at most four such as "that it is a"
FADING: Final = (1.0, 0.95, 0.9)  # ... a degree word less with distance (VADER)
SHOUTED: Final = 0.733  # added to the strength of a word in capitals among others (VADER)
STRETCHED: Final = 0.5  # added to that of a lengthened word, "nuuuul"
EXCLAMATION: Final = 0.292  # each of up to four (VADER)
BEFORE_BUT, AFTER_BUT = 0.5, 1.5  # (VADER)
IRONIC_PRAISE: Final = -0.5  # what becomes of praise marked as ironic; beside a complaint it says nothing at all
SARCASM: Final = " /s"
THANKED: Final = 5  # "thanks for" and the thing blamed are at most so many words apart

_CAPITALS: Final = re.compile(r"[A-ZÀ-Þ]{3}")
_STRETCH: Final = re.compile(r"([^\W\d_])\1{2,}")
_PAUSES: Final = frozenset(".,;:!?…\n")
_QUE: Final = frozenset({"que", "qu"})  # "n'est que" restricts, it does not deny
_FAINT: Final = frozenset({"ne", "n"})  # deny what follows, never what precedes
_FILLER: Final = frozenset({"toujours", "vraiment", "meme", "du", "tout", "encore", "absolument", "a", "est"})
_THAT_IT_IS_WORDS: Final = """
a an are be is it re s that the they this was were you
c ca ce cela elle elles est etait il ils l la le les sera soient soit sont un une vous
"""
_THAT_IT_IS: Final = frozenset(_THAT_IT_IS_WORDS.split())
_BLAME: Final = frozenset({"complaint", "product", "outrage", "boycott", "legal", "safety", "duty", "scorn"})
_MOCKING_WORDS: Final = """
amazing awesome brilliant classy excellent fantastic great lovely marvellous nice perfect splendid wonderful
formidable genial incroyable magnifique merveilleux parfait splendide super superbe top
"""
_MOCKING: Final = frozenset(_MOCKING_WORDS.split())
_PRAISE: Final = frozenset({"praise", "mood"})
_AGAIN: Final = frozenset({"again", "another", "encore", "toujours"})
_NOT: Final = frozenset({"hasn't", "isn't", "jamais", "never", "not", "pas", "still", "toujours", "wasn't"})
_REMEDIED_WORDS: Final = """
fixed refunded repaired replaced resolved solved sorted
rembourse remboursee remplace remplacee repare reparee regle reglee resolu resolue retabli retablie
"""
_REMEDIED: Final = frozenset(_REMEDIED_WORDS.split())


class _Hit(msgspec.Struct, frozen=True, gc=False):
    """A word or phrase that was recognised: its place among the words, how it counts, its category."""

    place: int
    valence: float
    category: str


class _Reading(msgspec.Struct):
    """What was recognised in one text."""

    hits: list[_Hit] = []
    alarm_words: dict[str, None] = {}
    but_at: int = -1
    is_marked_ironic: bool = False


class ToneScorer:
    """Scores the tone of short posts in French and English.

    Examples
    --------
    >>> scorer = ToneScorer()
    >>> round(scorer.score("Service client INJOIGNABLE depuis 3 jours, c'est une honte !!!", "fr").value, 1)
    -0.9
    >>> scorer.score("Merci pour votre aide, livraison parfaite 😍", "fr").value > 0.8
    True
    >>> scorer.score("Great job @acme, my parcel is lost again 👏", "en").is_ironic
    True
    """

    def __init__(self) -> None:
        self._entries: dict[Language, dict[str, Entry]] = {
            "fr": lexicon("fr"),
            "en": lexicon("en"),
            "either": lexicon("fr", "en"),
            "other": lexicon(),  # emoji
        }

    def score(self, text: str, lang: str | None = None) -> Tone:
        """Score one text.

        Parameters
        ----------
        text
            As published; only the first 2,000 characters are read. Links and @handles say nothing.
        lang
            As declared by the network or the author, such as ``fr`` or ``en-GB``. A hint: people often write in a
            language other than their interface's. In any third language only emoji are read.
        """
        text = readable(text[:CHARACTERS_READ])
        words, is_stretched = heard(text)
        language = language_of(words, lang)
        known = self._entries[language]
        found = list(map(known.get, words))
        if is_stretched:
            _restore_stretched(words, found, known)
        speaking = _speaking(words, found)
        is_marked = text.endswith(SARCASM)
        if not speaking and not is_marked:
            return _NOTHING
        reading = _read(text, words, found, speaking)
        return _judge(reading, words, text, is_marked) if reading.hits or is_marked else _NOTHING


_NOTHING: Final = Tone(0.0)
_NEGATION: Final = Sense(0.0, "negation")


def _restore_stretched(words: list[str], found: list[Entry | None], known: dict[str, Entry]) -> None:
    """Recognise lengthened words, "nuuuul" as "nul", "coooool" as "cool" and "jamaaaais" as "jamais"."""
    for place, word in enumerate(words):
        if found[place] is None and _STRETCH.search(word):
            for shortened in (_STRETCH.sub(r"\1", word), _STRETCH.sub(r"\1\1", word)):
                entry = known.get(shortened)
                if entry is not None and len(shortened) > 1:
                    found[place] = _lengthened(entry)
                    words[place] = shortened
                    break


def _lengthened(entry: Entry) -> Entry:
    """Return a word that says, or strengthens, by so much more; a negation does not deny any more than it does."""
    sense = entry.sense
    if sense is not None and sense.valence:
        sense = msgspec.structs.replace(sense, valence=sense.valence + math.copysign(STRETCHED, sense.valence))
    boost = entry.boost and entry.boost + math.copysign(STRETCHED, entry.boost)
    return Entry(sense, boost, entry.phrases)


def _speaking(words: list[str], found: list[Entry | None]) -> list[int]:
    """Return the places of words that say something or begin a phrase; most of those we know only could."""
    following = [*words[1:], ""]
    return [  # "le" begins "le comble"
        place
        for place, entry in enumerate(found)
        if entry is not None and (entry.sense is not None or following[place] in entry.phrases)
    ]


def _spans(words: list[str], found: list[Entry | None], speaking: list[int]) -> Iterator[tuple[int, int, Sense]]:
    """Cut the text into recognised words and phrases, the longest phrase first: (start, end, sense).

    The words of a phrase no longer act on their own: their entries are taken out of `found`.
    """
    spoken_for = 0
    for place in speaking:
        entry = found[place]
        if entry is None or place < spoken_for:
            continue
        end = place + 1
        sense = entry.sense
        if entry.phrases and end < len(words):
            for tail, meaning in entry.phrases.get(words[end], ()):
                if not tail or words[end + 1 : end + 1 + len(tail)] == tail:
                    end, sense = end + 1 + len(tail), meaning
                    if sense.category == "opinion":
                        end = _past_that_it_is(words, end)
                    found[place:end] = [None] * (end - place - 1) + [_modifier(meaning)]
                    break
        if sense is not None and not (entry.boost and end < len(words) and _speaks(found[end])):
            yield place, end, sense
        spoken_for = end


def _past_that_it_is(words: list[str], place: int) -> int:
    """Return where the opinion begins: "bad", in "I don't think that it is bad"."""
    end = min(place + LEADING, len(words) - 1)
    while place < end and words[place] in _THAT_IT_IS:
        place += 1
    return place


def _speaks(entry: Entry | None) -> bool:
    """Tell whether a word says something itself, so that a "super" before it only strengthens: "super decu"."""
    sense = None if entry is None else entry.sense
    return sense is not None and sense.category != "duty" and sense.valence != 0


def _modifier(sense: Sense) -> Entry | None:
    """Return how a phrase acts on the words after it, if it does."""
    if sense.category == "intensifier":
        return Entry(boost=sense.valence)
    if sense.category == "opinion":
        return Entry(sense=_NEGATION)
    return Entry(sense=sense) if sense.category == "negation" else None


def _read(text: str, words: list[str], found: list[Entry | None], speaking: list[int]) -> _Reading:
    reading = _Reading()
    shouted: Set[int] | None = None
    for start, end, sense in _spans(words, found, speaking):
        if sense.category in SILENT:
            if sense.category == "but":
                reading.but_at = start
            elif sense.category == "irony":
                reading.is_marked_ironic = True
                reading.hits.append(_Hit(start, sense.valence, sense.category))
            continue
        valence = _valence(sense, *_context(words, found, start, end, sense))
        if valence and words[start : start + 1] * 2 != words[max(0, start - 2) : start]:  # of a row, two count
            if shouted is None:
                shouted = _shouted(text, words)
            if shouted and not shouted.isdisjoint(range(start, end)):
                valence += math.copysign(SHOUTED, valence)
            reading.hits.append(_Hit(start, valence, sense.category))
            if valence < 0 and sense.category in ALARM and words[start].isalnum():
                reading.alarm_words[" ".join(words[start:end])] = None
    return reading


def _shouted(text: str, words: list[str]) -> Set[int]:
    """Return where words stand in capitals, unless all of the text does."""
    if _CAPITALS.search(text) is None or text.isupper():
        return frozenset()
    tokens = tokens_of(text)
    if len(tokens) != len(words):  # a few letters, such as the Turkish capital I, fold to more than one token
        return frozenset()
    return {place for place, token in enumerate(tokens) if token.isupper() and len(token) > 2}


def _context(words: list[str], found: list[Entry | None], start: int, end: int, sense: Sense) -> tuple[bool, float]:
    """Tell whether what stands at [start, end) is denied, and by how much it is strengthened."""
    is_denied = False
    boost = 0.0
    if not words[start][0].isalnum():  # nobody denies an emoji
        return False, 0.0
    for distance in range(1, min(REACH, start) + 1):
        word = words[start - distance]
        if word[0] in _PAUSES:
            break
        entry = found[start - distance]
        if entry is not None:
            boost += entry.boost * FADING[distance - 1]
            is_denied |= entry.sense is not None and entry.sense.category == "negation"
        if word in _QUE:
            break
    if sense.is_settled:  # "marche pas" has told its negation
        return False, boost
    return is_denied or _is_denied_behind(words, found, end, sense), boost


def _is_denied_behind(words: list[str], found: list[Entry | None], end: int, sense: Sense) -> bool:
    """Tell whether a negation follows: "j'aime pas", "ne repond toujours pas", "marche plus", "refund never came"."""
    is_duty = sense.category == "duty"
    place = end
    while is_duty and place < min(end + 2, len(words)) and words[place] in _FILLER:
        place += 1
    if place >= len(words):
        return False
    if is_duty:
        entry = found[place]
        category = "" if entry is None or entry.sense is None else entry.sense.category
        return category.startswith("negation") and words[place] not in _FAINT
    # In "nul, pas de reseau" without its comma the negation opens the next complaint.
    return words[place] in ("pas", "jamais") and words[place + 1 : place + 2] != ["de"]


def _valence(sense: Sense, is_denied: bool, boost: float) -> float:
    if sense.category == "duty":
        return sense.valence - boost if is_denied else 0.0
    valence = sense.valence + (boost if sense.valence > 0 else -boost)
    if not is_denied:
        return valence
    return valence * (DENIED_PRAISE if valence > 0 else DENIED_BLAME)


def _is_ironic(words: list[str], hits: list[_Hit], blamed: list[int], but_at: int) -> bool:
    """Tell whether praise stands beside blame as it does in irony.

    Congratulation in the same breath as a complaint ("bravo, encore une panne"), thanks *for* something blamed
    ("thanks for losing my bag"), no other praise than an exclamation ("great, my parcel is lost"), or no other blame
    than the rolling eyes behind it; what a *but* separates is meant as it is said.
    """
    praise = [hit.place for hit in hits if hit.valence > 0 and hit.category in _PRAISE] if but_at < 0 else []
    if praise:
        is_meant = not _REMEDIED.isdisjoint(words) and _NOT.isdisjoint(words)  # "super, panne reparee"
        if not is_meant and all(_is_exclaimed(words, place) for place in praise):
            return True
        blame = {hit.category for hit in hits if hit.valence < 0 and hit.category in _BLAME}
        if blame == {"scorn"} and praise[0] < blamed[-1]:
            return True
    return any(
        hit.valence > 0
        and (
            (hit.category == "applause" and hit.place > but_at)
            or (hit.category == "thanks" and any(0 < place - hit.place <= THANKED for place in blamed))
        )
        for hit in hits
    )


def _is_exclaimed(words: list[str], place: int) -> bool:
    """Tell whether a word of praise stands alone as one says it drily: "great.", "super, encore", last "awesome!"."""
    if words[place] not in _MOCKING or (place and words[place - 1][0].isalnum()):
        return False
    behind = words[place + 1 : place + 3]
    if not behind or behind[0] in _AGAIN:
        return True
    return not behind[0][0].isalnum() and (behind[0][0] in ",.…" or len(behind) == 1 or behind[1] in _AGAIN)


def _judge(reading: _Reading, words: list[str], text: str, is_marked: bool) -> Tone:
    """Weigh what was recognised: irony, what follows a *but*, exclamation marks."""
    hits = reading.hits
    blamed = [hit.place for hit in hits if hit.valence < 0 and hit.category in _BLAME]
    is_ironic = reading.is_marked_ironic or is_marked
    is_ironic = is_ironic or (bool(blamed) and _is_ironic(words, hits, blamed, reading.but_at))
    total = 0.0
    for hit in hits:
        weight = 1.0
        if reading.but_at >= 0:
            weight = BEFORE_BUT if hit.place < reading.but_at else AFTER_BUT
        if hit.valence > 0 and (is_ironic or (blamed and hit.category == "humour")):
            weight *= 0.0 if blamed else IRONIC_PRAISE
        total += weight * hit.valence
    if total:
        total += math.copysign(EXCLAMATION * min(4, text.count("!")), total)
    return Tone(round(total / math.sqrt(total * total + SATURATION), 4), tuple(reading.alarm_words), is_ironic)
