import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.topics.parser import QueryInvalid, parse_query
from monitor.topics.query import And, From, Handle, Is, Lang, Near, Not, Or, Phrase, Tag, Url

WORDS = (
    "acme",
    "Télécom",
    "a b",
    "or",
    "ET",
    "12:30",
    "c*",
    "-x",
    "NEAR/5",
    "#no",
    "L'Oréal",
    "😡",
    "AC/DC",
    "~",
    "AND",
)
LITERALS = st.one_of(
    st.sampled_from([word for word in WORDS if word != "~"]).map(Phrase),
    st.sampled_from(("acme", "été_1")).map(Tag),
    st.sampled_from(("acme", "acme.fr", "a@b.social")).map(Handle),
)
LEAVES = st.one_of(
    LITERALS,
    st.sampled_from(("acme", "did:plc:x1")).map(From),
    st.sampled_from(("fr", "eng")).map(Lang),
    st.sampled_from(("acme.fr/a?b=(c)", "x")).map(Url),
    st.sampled_from(("post", "reply", "quote")).map(Is),
    st.builds(
        lambda parts, distance: Near(tuple(parts), distance),
        st.lists(
            st.one_of(LITERALS, st.lists(LITERALS, min_size=2, max_size=3).map(tuple).map(Or)), min_size=2, max_size=3
        ),
        st.integers(0, 100),
    ),
)


def _joined(kind):
    def build(parts):
        flat = [inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))]
        return kind(tuple(flat))

    return build


TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(_joined(And)),
        st.lists(inner, min_size=2, max_size=3).map(_joined(Or)),
        inner.map(lambda node: node if isinstance(node, Not) else Not(node)),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(TREES)
def test_a_tree_written_as_a_query_reads_as_the_same_tree(tree):
    anchored = And((Phrase("anchor"), *(tree.parts if isinstance(tree, And) else (tree,))))
    assert parse_query(str(anchored)) == anchored


@settings(deadline=None)
@example("«“5»")
@given(st.text(st.sampled_from('ab "()-#@:~/*ANDORT“”«»\n\u00a0–😡é5')))
def test_any_text_is_read_or_refused_with_a_place_in_it(text):
    tree, error = read_or_refused(text)
    if tree is not None:
        assert parse_query(str(tree)) == tree
    else:
        assert 1 <= error.column <= len(text) + 1
        assert error.picture.splitlines()[-1].endswith("^")
        assert "\n" not in str(error)


def read_or_refused(text):
    try:
        return parse_query(text), None
    except QueryInvalid as error:
        return None, error


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("a b OR c", "(a AND b) OR c"),
        ("a OR b c", "a OR (b c)"),
        ("a NOT b", "a -b"),
        ("a --b", "a b"),
        ("a -(-b)", "a b"),
        ("a -(b OR c)", "a AND NOT (b OR c)"),
        ('"a b"~5', "a NEAR/5 b"),
        ("“a b” «c d»", '"a b" "c d"'),
        ('"a"', "a"),
        ('"a   b"', '"a b"'),
        ("url:acme.fr from:@acme", 'url:"acme.fr" from:acme'),
        ("a lang:FR", "a lang:fr"),
        ("a\n  OR b", "a OR b"),
        ("a (b (c d))", "a b c d"),
    ],
)
def test_two_ways_to_write_the_same(query, same):
    assert parse_query(query) == parse_query(same)


@pytest.mark.parametrize(
    ("query", "column", "remedy"),
    [
        ("", 1, "write at least one word"),
        ("   ", 4, "write at least one word"),
        ("acme NEER/5 panne", 6, "did you mean NEAR/5?"),
        ("acme PRÈS/3 panne", 6, "did you mean NEAR/3?"),
        ("acme NEAR panne", 6, "write NEAR/5"),
        ("acme NEAR/101 panne", 6, "from 0 to 100"),
        ("a NEAR/2 b NEAR/3 c", 12, "one distance"),
        ("a NEAR/2 (b -c)", 1, "NEAR joins words"),
        ("-a NEAR/2 b", 4, "write -(a NEAR/5 b)"),
        ("acme ET panne", 6, "write AND"),
        ("acme ou panne", 6, "write OR"),
        ("acme SAUF panne", 6, "write NOT or -"),
        ("acme or panne", 6, "write OR"),
        ("acme OR", 8, "missing before the end"),
        ("OR acme", 1, "missing before OR"),
        ("(acme", 1, "add a )"),
        ("acme)", 5, "remove it"),
        ('a "b', 3, "add a closing quote"),
        ("acme –spam", 6, "write - to exclude"),
        ("foo:bar", 1, "known fields are from:"),
        ("frm:acme", 1, "did you mean from:?"),
        ("acme is:retweet", 9, "always follows its root"),
        ("acme is:new", 9, "post, reply or quote"),
        ("acme lang:french", 11, "lang:fr"),
        ("acm*", 4, "write every form"),
        ("http://acme.fr", 5, "write url:"),
        ("a 12:30", 5, "between quotes"),
        ("a #", 3, "not a hashtag"),
        ("a @", 3, "not a handle"),
        ('a "!?"', 3, "no letter, digit or emoji"),
        ('"a"~5', 1, "at least two words"),
        ('"a b"~', 6, "number of words"),
        ("-acme", 1, "nothing to listen for"),
        ("acme OR -panne", 9, "nothing to listen for"),
        ("acme OR lang:fr is:post", 9, "nothing to listen for"),
        ("acme OR (panne OR -x)", 19, "nothing to listen for"),
        ("(" * 31 + "a" + ")" * 31, 31, "simplify"),
        ("a " * 5_001, 1, "split it"),
    ],
)
def test_an_error_names_the_column_and_the_remedy(query, column, remedy):
    with pytest.raises(QueryInvalid) as caught:
        parse_query(query)
    assert (caught.value.column, remedy in str(caught.value)) == (column, True), str(caught.value)


def test_the_picture_shows_the_place_even_in_a_long_query():
    with pytest.raises(QueryInvalid) as caught:
        parse_query("acme OR " * 40 + "\tet OR x")
    query, caret = caught.value.picture.split("\n")
    assert query[len(caret) - 1 :].startswith("et OR x")
    assert len(query) <= 100


def test_a_long_row_of_signs_is_no_trouble():
    assert parse_query("a " + "-" * 9_000 + "b") == parse_query("a b")
