"""The matcher against a slow evaluator that shares nothing with it but the tree of the query."""

import random
import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.mentions import Author
from monitor.topics import Account, Topic
from monitor.topics.anchors import anchors_of, usage_of
from monitor.topics.matcher import Hit, Matcher
from monitor.topics.parser import QueryInvalid, parse_query
from monitor.topics.query import And, Handle, Is, Lang, Near, Not, Or, Phrase, Tag
from tests.made import mention, topic


def naive_text(text):
    marks = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
    words = marks.replace("’", "'").replace("œ", "oe").replace("Œ", "oe").casefold().split(" ")
    return " ".join("\x02" if "://" in word else word for word in words)


def naive_spans(node, text):
    sign = {Tag: "#", Handle: "@"}.get(type(node), "")
    words = [node.name] if sign else node.text.split(" ")
    between = r"[^\w\x02😡]+"
    pattern = rf"(?<!\w){sign}" + between.join(re.escape(naive_text(word)) for word in words) + r"(?!\w)"
    if words == ["😡"]:
        pattern = "😡"
    return [found.span(1) for found in re.finditer(f"(?=({pattern}))", text)]


def naive(node, post):
    text = naive_text(post.text)
    match node:
        case Phrase() | Tag() | Handle():
            return bool(naive_spans(node, text))
        case Near(parts, distance):
            sides = [
                [s for p in (part.parts if isinstance(part, Or) else (part,)) for s in naive_spans(p, text)]
                for part in parts
            ]
            reached = sides[0]
            for side in sides[1:]:
                reached = [
                    b
                    for b in side
                    if any(
                        (a[1] <= b[0] and len(re.findall(r"\w+", text[a[1] : b[0]])) <= distance)
                        or (b[1] <= a[0] and len(re.findall(r"\w+", text[b[1] : a[0]])) <= distance)
                        for a in reached
                    )
                ]
            return bool(reached)
        case Lang(code):
            return post.lang == code
        case Is(kind):
            return post.kind == kind
        case Not(part):
            return not naive(part, post)
        case And(parts):
            return all(naive(part, post) for part in parts)
        case Or(parts):
            return any(naive(part, post) for part in parts)


TERMS = ("acme", "Télécom", '"acme télécom"', "#acme", "@acme", "œuf", "l'œuf", "😡", "lang:fr", "is:reply", "acm")
PIECES = (
    "acme",
    "ACMÉ",
    "telecom",
    "œuf",
    "OEUF",
    "l’",
    "#",
    "@",
    "_",
    "-",
    " ",
    " ",
    ", ",
    "😡",
    " http://x/acme ",
    "s",
)
QUERIES = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        inner.map(lambda query: f"-({query})"),
        st.tuples(st.sampled_from(TERMS), st.integers(0, 2), st.sampled_from(TERMS)).map(
            "{0[0]} NEAR/{0[1]} {0[2]}".format
        ),
    ),
    max_leaves=5,
)
POSTS = st.builds(
    lambda pieces, lang, kind: mention("1", 0, "".join(pieces), lang=lang, kind=kind),
    st.lists(st.sampled_from(PIECES), max_size=10),
    st.sampled_from((None, "fr", "en")),
    st.sampled_from(("post", "reply")),
)


def trees(queries):
    for query in queries:
        try:
            yield query, parse_query(query)
        except QueryInvalid:
            continue


@settings(max_examples=200, deadline=None)
@given(st.lists(QUERIES, min_size=1, max_size=6), st.lists(POSTS, max_size=6))
def test_it_finds_exactly_what_a_naive_evaluation_finds(queries, posts):
    read = dict(trees(queries))
    topics = [topic(f"t{number}", query, accounts=()) for number, query in enumerate(read)]
    expected = {
        (index, f"t{number}")
        for index, post in enumerate(posts)
        for number, tree in enumerate(read.values())
        if naive(tree, post)
    }
    assert {(hit.index, hit.topic) for hit in Matcher(topics).match(posts)} == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(POSTS, max_size=150), st.integers(1, 150))
def test_how_posts_are_cut_into_batches_changes_nothing(posts, size):
    matcher = Matcher([topic("b", "acme -œuf"), topic("a", 'telecom OR "acme telecom" OR 😡')])
    whole = matcher.match(posts)
    cut = [
        Hit(start + hit.index, hit.topic, hit.term, hit.is_own, hit.answers_own)
        for start in range(0, len(posts), size)
        for hit in matcher.match(posts[start : start + size])
    ]
    assert whole == cut
    assert whole == sorted(whole, key=lambda hit: (hit.index, hit.topic))


def test_no_topics_and_no_posts_are_no_trouble():
    assert Matcher([]).match([mention("1", 0)]) == []
    assert Matcher([topic()]).match([]) == []


def test_a_hostile_text_stays_one_text():
    matcher = Matcher([topic("acme", "acme", accounts=()), topic("b", '"a b"', accounts=())])
    texts = ["\x00acme\x00", "x", "a\x00b", "\x01acme\x02", "\ud800acme", "ACME\u202e", "", "a" * 300_000 + " acme"]
    hits = matcher.match([mention(str(number), 0, text) for number, text in enumerate(texts)])
    assert [(hit.index, hit.topic) for hit in hits] == [
        (0, "acme"),
        (2, "b"),
        (3, "acme"),
        (4, "acme"),
        (5, "acme"),
        (7, "acme"),
    ]


def own():
    accounts = (Account("Acme"), Account("acme.fr", "bluesky"), Account("did:plc:Acme1"))
    return Matcher(
        [
            topic("acme", "acmé", accounts=accounts, support_accounts=(Account("acme_aide", "x"),)),
            topic("b", "b", accounts=()),
        ]
    )


@pytest.mark.parametrize(
    ("changes", "term", "is_own", "answers_own"),
    [
        ({"author": Author("1", "ACME")}, "by @Acme", True, False),
        ({"author": Author("did:plc:acme1"), "network": "bluesky"}, "by did:plc:Acme1", True, False),
        ({"author": Author("1", "acme.fr"), "network": "bluesky"}, "by @acme.fr", True, False),
        ({"author": Author("1", "acme_aide")}, "by @acme_aide", True, False),
        ({"kind": "reply", "parent_author_handle": "acme"}, "answers @Acme", False, True),
        ({"kind": "quote", "parent_author_id": "did:plc:acme1"}, "answers did:plc:Acme1", False, True),
        ({"kind": "reply", "parent_author_handle": "acme", "text": "acmé !"}, "answers @Acme", False, True),
        ({"kind": "reply", "parent_author_handle": "acme", "author": Author("1", "acme")}, "by @Acme", True, True),
        ({"kind": "repost", "root_author": Author("1", "acme")}, "by @Acme", False, False),
        ({"kind": "repost", "parent_author_handle": "acme"}, "by @Acme", False, False),
        ({"text": "Acme"}, "acmé", False, False),
    ],
)
def test_what_concerns_our_accounts_is_found_by_them(changes, term, is_own, answers_own):
    post = mention("1", 0, **{"text": "rien", **changes})
    assert own().match([post]) == [Hit(0, "acme", term, is_own, answers_own)]


@pytest.mark.parametrize(
    "changes",
    [
        {"author": Author("1", "acme.fr"), "network": "x"},
        {"author": Author("1", "acme_aide"), "network": "mastodon"},
        {"kind": "post", "parent_author_handle": "acme"},
        {"kind": "repost", "author": Author("1", "acme"), "root_author": Author("2", "bob")},
    ],
)
def test_what_only_resembles_our_accounts_is_not(changes):
    assert own().match([mention("1", 0, **{"text": "rien", **changes})]) == []


def test_a_repost_by_our_account_is_ours_when_its_words_match():
    post = mention("1", 0, "acmé", kind="repost", author=Author("1", "acme"), root_author=Author("2", "bob"))
    assert own().match([post]) == [Hit(0, "acme", "acmé", True, False)]


def test_an_own_account_is_known_without_searching():
    assert own().is_own(Author("1", "ACME_aide"), "x", "acme")
    assert not own().is_own(Author("1", "ACME_aide"), "x", "b")


def test_from_finds_the_author_of_the_words():
    matcher = Matcher([topic("t", "from:alice OR (from:bob panne)", accounts=())])
    alice, bob = Author("1", "Alice"), Author("BOB")
    posts = [
        mention("1", 0, "x", author=alice),
        mention("2", 0, "x", author=bob),
        mention("3", 0, "panne", author=bob),
        mention("4", 0, "x", author=alice, kind="repost", root_author=bob),
        mention("5", 0, "x", author=bob, kind="repost", root_author=alice),
    ]
    assert [(hit.index, hit.term) for hit in matcher.match(posts)] == [
        (0, "from:alice"),
        (2, "from:bob"),
        (4, "from:alice"),
    ]


def test_the_anchor_is_the_word_that_tells_most():
    queries = ['"zo télécom"', '"ba télécom"', "la redoute", "(a OR b) longer", "x url:acme.fr", "word from:bob"]
    parsed = [parse_query(query) for query in queries]
    anchors = [anchors_of(tree, usage_of(parsed)) for tree in parsed]
    assert [a.words or a.links or a.accounts for a in anchors] == [
        {"zo"},
        {"ba"},
        {"redoute"},
        {"longer"},
        {"acme.fr"},
        {"bob"},
    ]


def made_topics(count, rng):
    names = {
        "".join(rng.choices("bcdfglmnprstvz", k=3) + rng.choices("aeiou", k=3) + rng.choices("klmn", k=2))
        for _ in range(count * 2)
    }
    return [
        Topic(id=name, name=name, query=f'("{name} télécom" OR {name} OR #{name}) -spam')
        for name in sorted(names)[:count]
    ]


def test_ten_thousand_topics_find_the_one_that_is_meant_at_about_the_cost_of_ten():
    rng = random.Random(5)
    topics = made_topics(10_000, rng)
    filler = "le réseau est en panne depuis ce matin and nobody answers the phone " * 3
    posts = [mention(str(n), 0, f"{filler} {topics[n].name.upper()} !" if n % 5 == 0 else filler) for n in range(1_000)]
    many, few = Matcher(topics), Matcher(topics[:10])
    assert [(hit.index, hit.topic) for hit in many.match(posts)] == [(n, topics[n].id) for n in range(0, 1_000, 5)]
    # The matched posts are many's only extra work; a cost that grew with the topics would be a thousandfold.
    assert least_seconds(many, posts) < 8 * least_seconds(few, posts)


def least_seconds(matcher, posts):
    seconds = []
    for _ in range(3):
        start = time.process_time()
        matcher.match(posts)
        seconds.append(time.process_time() - start)
    return min(seconds)
