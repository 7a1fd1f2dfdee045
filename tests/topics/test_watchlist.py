import os
import re
from datetime import datetime, time
from pathlib import Path

import jsonschema
import pytest

from monitor.errors import WatchlistInvalid
from monitor.topics import Account, OpeningHours, PlannedEvent, Policy, Topic
from monitor.topics.located import Listing, Scalar, read_tree
from monitor.topics.watchlist import inspect_watchlists, read_watchlists, schema

RULES = Path(__file__).parents[2] / "rules" / "topics"
TEN_LINES = """\
topics:
  - id: acme
    name: Acme Télécom
    query: ("Acme Télécom" OR #acmetelecom OR @acme) -"acme corp"  # no quotes of YAML's own
    accounts: ["@acme", "bluesky:@acme.fr"]
    support: ["@acme_aide"]
    hours: {mon-fri: 08:00-20:00, sat: 09:00-18:00}
    languages: [fr, no]
    alarm_budget: {watch: 2/day, critical: 7/week}
    labels: {team: comms}
"""


@pytest.fixture
def written(tmp_path):
    def write(content, name="topics.yaml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def plain(node):
    """A located tree as JSON would have it."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return {entry.key.text: plain(entry.value) for entry in node.entries}


def test_a_first_watchlist_takes_ten_lines(written):
    assert read_watchlists([written(TEN_LINES)]) == [
        Topic(
            id="acme",
            name="Acme Télécom",
            query='("Acme Télécom" OR #acmetelecom OR @acme) -"acme corp"',
            accounts=(Account("acme"), Account("acme.fr", "bluesky")),
            support_accounts=(Account("acme_aide"),),
            opening_hours=(
                OpeningHours((1, 2, 3, 4, 5), time(8), time(20)),
                OpeningHours((6,), time(9), time(18)),
            ),
            languages=("fr", "no"),
            policy=Policy(watches_per_day=2, pages_per_month=30),
            labels={"team": "comms"},
        )
    ]


def test_two_lines_are_enough(written):
    (topic,) = read_watchlists([written("topics:\n- id: acme\n  query: acme")])
    assert topic == Topic(id="acme", name="acme", query="acme")


@pytest.mark.parametrize(
    ("lines", "query"),
    [
        ('query: "Acme Télécom" OR #acme', '"Acme Télécom" OR #acme'),
        ('query: "Acme Télécom"', '"Acme Télécom"'),
        ("query: @acme", "@acme"),
        ("query: #acme # ours", "#acme"),
        ("query: l'Oréal OR 'x", "l'Oréal OR 'x"),
        ("query: '\"Acme\" OR l''Oréal'", '"Acme" OR l\'Oréal'),
        ('query: "\\"Acme T\\u00e9l\\" OR #a"', '"Acme Tél" OR #a'),
        ("query: acme OR\n      #tag\n      OR x # last", "acme OR #tag OR x"),
        ("query:\n      acme\n      OR #tag", "acme OR #tag"),
        ("query: >\n      acme\n      OR #tag", "acme OR #tag"),
        ("query: |\n      acme\n      OR #tag\n", "acme\nOR #tag"),
        ("query:   -x acme  ", "-x acme"),
    ],
)
def test_a_query_needs_no_quotes_of_yamls_own_but_may_have_them(written, lines, query):
    (topic,) = read_watchlists([written(f"topics:\n  - id: a\n    {lines}\n    name: b\n")])
    assert (topic.query, topic.name) == (query, "b")


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("{lun-ven: 8h-20h30}", [((1, 2, 3, 4, 5), time(8), time(20, 30))]),
        ("{Samedi: 9-12, sunday: 00:00-24:00}", [((6,), time(9), time(12)), ((7,), time(0), time.max)]),
        ("{fri-mon: 22:00-02:00}", [((1, 5, 6, 7), time(22), time.max), ((1, 2, 6, 7), time(0), time(2))]),
        ('{mon: ["08:00-12:00", "14:00-18:00"]}', [((1,), time(8), time(12)), ((1,), time(14), time(18))]),
        ('{"tue,thu": 20:00-00:00}', [((2, 4), time(20), time.max)]),
    ],
)
def test_opening_hours_are_written_as_people_write_them(written, hours, expected):
    (topic,) = read_watchlists([written(f"topics:\n  - id: a\n    query: a\n    hours: {hours}\n")])
    assert [(h.weekdays, h.opens, h.closes) for h in topic.opening_hours] == expected


def test_a_calendar_is_read_on_the_topics_own_clocks(written):
    events = """
      - {name: Fibre launch, kind: launch, start: 2026-03-02 09:00, end: 2026-03-03, times: 8}
      - name: Friday sale
        weekly: {fri: 18:00-20:00}
"""
    (topic,) = read_watchlists([written(f"topics:\n  - id: a\n    query: a\n    events:{events}")])
    assert topic.events == (
        PlannedEvent(
            "Fibre launch", "launch", *map(datetime.fromisoformat, ("2026-03-02 09:00", "2026-03-03")), times=8.0
        ),
        PlannedEvent("Friday sale", weekly=(OpeningHours((5,), time(18), time(20)),)),
    )


def test_a_budget_may_differ_by_day_and_by_night(written):
    budget = "{warning: 3/month, critical: {day: 2/month, night: 1/month}}"
    (topic,) = read_watchlists([written(f"topics:\n  - id: a\n    query: a\n    alarm_budget: {budget}\n")])
    policy = topic.policy
    assert (policy.warnings_per_month, policy.warnings_at_night) == (pytest.approx(3.0), None)
    assert (policy.pages_per_month, policy.pages_at_night) == (pytest.approx(3.0), pytest.approx(1.0))


WRONG = [
    (b"", 1, "holds nothing"),
    (b"# only a comment\n", 1, "holds nothing"),
    (b"topics:\n", 1, "topics is empty"),
    (b"topics: []\n", 1, "list of topics is empty"),
    (b"topics: acme\n", 1, "list of topics is empty"),
    (b"- id: a\n", 1, "write topics:"),
    (b"topic:\n  - id: a\n", 1, "did you mean topics?"),
    (b"topics:\n\t- id: a\n", 2, "replace it by spaces"),
    (b"topics:\n  - id: \xe9\n", 2, "save the file as UTF-8"),
    ("topics:\n  - id: a\n".encode("utf-16"), 1, "save the file as UTF-8"),
    (b"topics:\n  - id: a\x07\n", 2, "U+0007"),
    (b"topics:\n  - id: 'a\n", 2, "never closed"),
    (b"topics:\n  - id: a: b\n", 2, "between quotes"),
    (b"topics:\n  - id: a\n    query: a\n    accounts: [@acme]\n", 4, "between quotes"),
    (b"topics:\n  - &x {id: a, query: a}\n  - *x\n", 3, "write the value out"),
    (b"a: " + b"[" * 50_000, 1, "nested deeper"),
    (b"topics: [\n", 2, "check the indentation"),
    (b"topics:\n  - id: a\n    query: a\n---\ntopics: []\n", 4, "second document"),
    (b"topics:\n  - ? [a]\n    : b\n", 2, "one word followed by a colon"),
    (b"topics:\n  - acme\n", 2, "begin it with - id:"),
    (b"topics:\n  - query: a\n", 2, "the topic has no id"),
    (b"topics:\n  - id: a\n", 2, "the topic has no query"),
    (b"topics:\n  - id: a\n    query:\n", 3, "query is empty"),
]
WRONG_LINES = [
    ("id: Acmé Tel", "write acme-tel"),
    ("querry: x", "did you mean query?"),
    ("query: b", "already given on line 2"),
    ("name: [a]", "name must be one plain value"),
    ("name: ''", "1 to 100 printable"),
    ("owner: ~", "owner is empty"),
    ("side: their", "unknown"),
    ("page: criticl", "did you mean critical?"),
    ("time_zone: Europe/Pari", "did you mean Europe/Paris?"),
    ("time_zone: ../../etc/passwd", "is unknown"),
    ("languages: [french]", "two or three letters"),
    ("languages: {fr: en}", "one plain value"),
    ('accounts: ["@ acme"]', 'write "@handle"'),
    ("hours: 08:00-20:00", "must be a mapping"),
    ("hours: {mon: 8:00}", "must be two times"),
    ("hours: {mon: 25:00-26:00}", "is not a time"),
    ("hours: {mon: 08:00-08:00}", "00:00-24:00"),
    ("hours: {mon-tue-wed: 08:00-09:00}", "write mon-fri"),
    ("hours: {moonday: 08:00-09:00}", 'day "moonday"'),
    ("alarm_budget: {watch: 1}", "is not a rate"),
    ("alarm_budget: {watch: 0/day}", "positive number"),
    ("alarm_budget: {watch: nan/day}", "is not a rate"),
    ("alarm_budget: {watch: " + "9" * 400 + "/day}", "is not a rate"),
    ("alarm_budget: {watchs: 1/day}", "did you mean watch?"),
    ("alarm_budget: [1/day]", "must be a mapping"),
    ("alarm_budget: {watch: {day: 1/day}}", "must say both"),
    ("alarm_budget: {watch: {day: 1/day, nite: 1/day}}", "did you mean night?"),
    ("alarm_budget: {watch: {day: 1/day, night: 1}}", "is not a rate"),
    ("events: launch", "begin it with - name:"),
    ("events: {start: 2026-03-02, end: 2026-03-03}", "the event has no name"),
    ("events: {name: a, start: 2026-03-02}", "give it start: and end:"),
    ("events: {name: a}", "give it start: and end:"),
    ("events: {name: a, start: 2026-03-02, end: 2026-03-03, weekly: {fri: 18:00-20:00}}", "give it start: and end:"),
    ("events: {name: a, start: 2026-03-02, end: 2026-03-02}", "exchange start and end"),
    ("events: {name: a, start: monday, end: 2026-03-02}", "write it as 2026-03-02 09:00"),
    ("events: {name: a, start: 2026-03-02T09:00Z, end: 2026-03-02T10:00}", "on the clocks of the topic's time_zone"),
    ("events: {name: a, weekly: {fri: 18-20}, times: many}", "must be a number"),
    ("events: {name: a, weekly: {fri: 18-20}, kind: Big Launch}", "one word of small letters"),
    ("events: {name: a, weekley: {fri: 18-20}}", "did you mean weekly?"),
    ("labels: {a-b: c}", "rename it"),
    ("labels: {severity: high}", "set by every alert"),
    ("labels: {a: b, a: c}", "given twice"),
    ("labels: {a: [b]}", "one plain value"),
]
# What JSON schema cannot say: repeated keys, empty YAML, clocks, zones, days, and numbers inside texts.
BEYOND_A_SCHEMA = re.compile(
    r"^query|~|time_zone|mon: 25|08:00-08:00|mon-tue-wed|moonday|watch: (0|9+)/|a: b, a: c|end: 2026-03-02}$"
)


def refusal(path):
    with pytest.raises(WatchlistInvalid) as caught:
        read_watchlists([path])
    return str(caught.value)


@pytest.mark.parametrize(("content", "line", "remedy"), WRONG)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(written, content, line, remedy):
    path = written(content)
    said = refusal(path).split("\n")[-1]
    assert said.startswith(f"{path}:{line}: ")
    assert remedy in said


@pytest.mark.parametrize(("line", "remedy"), WRONG_LINES)
def test_a_wrong_value_is_refused_with_its_line_and_the_remedy(written, line, remedy):
    key = line.split(":")[0]
    first = "name: x" if key == "id" else "id: a"
    path = written(f"topics:\n  - query: a\n    {first}\n    {line}\n")
    assert refusal(path).startswith(f"{path}:4: ")
    assert remedy in refusal(path)
    assert "\n" not in refusal(path)


def test_a_wrong_query_is_refused_with_its_column_and_shown(written):
    path = written("topics:\n  - id: a\n    name: A\n    query: acme OR #acme ET panne\n")
    (problem,) = inspect_watchlists([path]).problems
    assert str(problem) == (
        f"{path}:4: query, column 15: ET is not an operator; operators are upper-case English words: "
        'write AND, or quote it to search "ET"'
    )
    assert problem.picture == "acme OR #acme ET panne\n" + " " * 14 + "^"


def test_every_problem_of_every_file_is_reported_at_once(written, tmp_path):
    written("topics:\n  - id: a\n    query: (a\n    page: x\n  - id: B\n    query: b\n", "1.yaml")
    written("topics:\n\t- id: a\n", "2.yml")
    written("topics:\n  - id: a\n    query: a\n  - id: a\n    query: b\n", "3.yaml")
    written("not yaml: [", "ignored.txt")
    lines = refusal(tmp_path).split("\n")
    assert [re.match(r".*/(\d\.\w+:\d+): ", line)[1] for line in lines] == [
        "1.yaml:3",
        "1.yaml:4",
        "1.yaml:5",
        "2.yml:2",
        "3.yaml:2",
        "3.yaml:4",
    ]
    assert f"already used at {tmp_path / '1.yaml'}:2" in lines[-1]


def test_files_come_in_the_order_of_their_names_and_once_each(written, tmp_path):
    second = written("topics:\n- {id: b, query: b}\n- {id: a, query: a}\n", "b.yaml")
    written("topics:\n- {id: c, query: c}\n", "a.yml")
    assert [topic.id for topic in read_watchlists([tmp_path, second])] == ["c", "b", "a"]


def test_what_is_no_file_is_refused_plainly(tmp_path):
    assert "the file cannot be read (No such file or directory)" in refusal(tmp_path / "absent.yaml")
    assert "the folder holds no .yaml file" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "not a regular file" in refusal(tmp_path / "pipe.yaml")


def test_windows_line_ends_and_a_byte_order_mark_are_read(written):
    (topic,) = read_watchlists([written("\ufeff" + TEN_LINES.replace("\n", "\r\n"))])
    assert topic.query == '("Acme Télécom" OR #acmetelecom OR @acme) -"acme corp"'


def test_the_published_schema_is_the_one_in_the_package():
    packaged = Path(__file__).parents[2] / "monitor" / "topics" / "watchlist.schema.json"
    assert (RULES / "watchlist.schema.json").read_bytes() == packaged.read_bytes()
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_schema_has_the_keys_the_reader_knows():
    known = schema()["$defs"]["topic"]["properties"]
    said = read_error_for_unknown_key()
    assert sorted(said.split("choose one of ")[1].split(", ")) == sorted(known)


def read_error_for_unknown_key():
    from monitor.topics.watchlist import Watchlist, _FileReader

    watchlist = Watchlist()
    _FileReader("f", watchlist).read("topics:\n  - id: a\n    query: a\n    zzzzzzzz: x\n")
    return watchlist.problems[0].text


def test_the_schema_accepts_what_the_reader_accepts(written):
    validator = jsonschema.Draft202012Validator(schema())
    for text in (TEN_LINES, *(path.read_text() for path in sorted(RULES.glob("*.yaml")))):
        read_watchlists([written(text)])
        validator.validate(plain(read_tree(text, "f")))


@pytest.mark.parametrize("line", [line for line, _ in WRONG_LINES if not BEYOND_A_SCHEMA.search(line)])
def test_the_schema_refuses_what_the_reader_refuses(line):
    first = "name: x" if line.startswith("id") else "id: a"
    tree = plain(read_tree(f"topics:\n  - query: a\n    {first}\n    {line}\n", "f"))
    assert not jsonschema.Draft202012Validator(schema()).is_valid(tree)


def test_the_example_is_four_topics_led_by_the_brand_of_the_demo():
    topics = read_watchlists([RULES / "example.yaml"])
    assert [(topic.id, topic.side) for topic in topics] == [
        ("acme", "ours"),
        ("zenphone", "competitor"),
        ("raileo", "ours"),
        ("lumiseve", "ours"),
    ]
