from __future__ import annotations

import json
from base64 import b64decode
from html.parser import HTMLParser
from xml.etree import ElementTree

import msgspec
import pytest

from dashboards import charts, panels, strips
from dashboards.page import advice
from dashboards.speech import Speech
from monitor.clock import MINUTE_US
from monitor.incidents import Incident, IncidentState, Reason, TimelineEntry
from monitor.queries import Band, Bucket, Hashtag, IncidentRow, Post, PublicAuthor, TimelineRow, TopicNow
from monitor.topics import Topic

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e'
START_US = 1_768_513_920_000_000 - 600 * MINUTE_US
SPEECH = Speech("en", "Europe/Paris")


def buckets(*observed: int) -> list[Bucket]:
    band = Band(10.0, 4.0, 18.0, 8.0, 12.0)
    return [Bucket(START_US + 15 * n * MINUTE_US, 15, count, band) for n, count in enumerate(observed)]


def row(**changes: object) -> TopicNow:
    facts: dict[str, object] = {
        "topic": Topic(id="acme", name=HOSTILE, query="acme"),
        "state": "calm",
        "last_known": "calm",
        "since_us": None,
        "mentions": 40,
        "usual": Band(10.0, 4.0, 18.0, 8.0, 12.0),
        "score": 0.1,
        "sparkline": tuple(buckets(9, 10, 40)),
        "incident": None,
    }
    return TopicNow(**(facts | changes))


class Tags(HTMLParser):
    """Collects the elements of a fragment with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_hostile_name_stays_text_in_a_strip() -> None:
    html = strips.strip(row(), START_US, SPEECH)
    tags = Tags(html).found
    assert "script" not in {tag for tag, _ in tags}
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert "\u202e" not in html


def test_a_strip_is_never_told_by_colour_alone() -> None:
    html = strips.strip(row(state="blind"), START_US, SPEECH)
    assert "blind" in html
    assert strips.SHAPES["blind"] in html
    assert len(set(strips.SHAPES.values())) == len(strips.SHAPES)


def test_a_strip_says_how_loud_in_words() -> None:
    html = strips.strip(row(), START_US, SPEECH)
    assert "usually 4 to 18" in html
    assert "4.0 × usual" in html


def test_what_is_usual_is_not_called_a_multiple_of_it() -> None:
    assert "× usual" not in strips.strip(row(mentions=18), START_US, SPEECH)
    assert "1.9 × usual" in strips.strip(row(mentions=19), START_US, SPEECH)


def test_a_calm_topic_among_many_is_one_inert_line() -> None:
    html = strips.line(row(mentions=1), SPEECH)
    assert "1 mention in the last hour, usually 4 to 18" in html
    assert {tag for tag, _ in Tags(html).found} == {"a", "div", "span"}


def test_while_learning_nothing_is_called_usual() -> None:
    html = strips.strip(row(state="learning", last_known="learning"), START_US, SPEECH)
    assert "what is usual is not known yet" in html
    assert "× usual" not in html


def test_a_sparkline_is_a_well_formed_image_without_references() -> None:
    html = strips.strip(row(), START_US, SPEECH)
    (source,) = [attributes["src"] for tag, attributes in Tags(html).found if tag == "img"]
    assert source is not None
    drawing = b64decode(source.removeprefix("data:image/svg+xml;base64,")).decode()
    root = ElementTree.fromstring(drawing)
    assert root.tag.endswith("svg")
    assert "href" not in drawing
    assert drawing.count("<path") == 1


def test_a_hostile_handle_stays_text_in_a_table() -> None:
    author = PublicAuthor(HOSTILE, "x", True, 900, 1, 2, START_US, False)
    tags = {tag for tag, _ in Tags(panels.author_table([author], SPEECH)).found}
    assert tags <= {"div", "table", "thead", "tbody", "tr", "th", "td", "span"}


@pytest.mark.parametrize("dark", [True, False])
def test_the_fan_chart_draws_every_bucket_with_its_band(dark: bool) -> None:
    figure = charts.fan_chart(buckets(9, 10, 12), [], [START_US], SPEECH, dark=dark)
    drawn = [row for name in ("datasets",) for rows in figure.get(name, {}).values() for row in rows]
    drawn += [row for layer in figure["layer"] for row in layer.get("data", {}).get("values", [])]
    assert {row["observed"] for row in drawn if "observed" in row} == {9, 10, 12}
    assert all(row["lower"] == 4.0 for row in drawn if "observed" in row)


def test_times_on_the_chart_are_those_of_the_zone() -> None:
    """21:52 UTC less ten hours is 11:52 UTC: 12:52 in Paris, drawn as if it were UTC."""
    figure = json.dumps(charts.fan_chart(buckets(1), [], [START_US], SPEECH, dark=False))
    assert str((START_US // 1000) + 3_600_000) in figure
    assert "time in Europe/Paris" in figure


def test_counts_on_an_axis_are_written_as_the_language_writes_them() -> None:
    for language, grouped in (("en", "format(datum.value, ',d')"), ("fr", "replace(format(datum.value, ',d')")):
        figure = charts.hashtag_chart([Hashtag("a", 1_200, 1)], Speech(language), dark=False)
        assert figure["layer"][0]["encoding"]["x"]["axis"]["labelExpr"].startswith(grouped)


def incident(state: IncidentState) -> Incident:
    return Incident(
        id="acme-1",
        topic="acme",
        state=state,
        severity="critical",
        opened_us=START_US,
        since_us=START_US,
        peak_us=START_US,
        worst_us=START_US,
        updated_us=START_US,
        closed_us=START_US + 90 * MINUTE_US if state == "closed" else None,
        mentions=1,
        reasons=(Reason(name="new", text="Why <b>.", observed=1.0, weight=1.0),),
    )


def over(state: IncidentState) -> str:
    topic = Topic(id="acme", name=HOSTILE, query="acme")
    known = IncidentRow(incident(state))
    return strips.incident_head(known, topic, SPEECH) + strips.incident_strip(known, topic, SPEECH)


def test_a_crisis_that_sleeps_is_told_as_paused_and_not_as_over() -> None:
    topic = Topic(id="acme", name="Acme", query="acme")
    asleep = IncidentRow(msgspec.structs.replace(incident("subsiding"), paused_us=START_US + 3 * 60 * MINUTE_US))
    html = strips.incident_head(asleep, topic, SPEECH) + strips.incident_strip(asleep, topic, SPEECH)
    assert html.count("paused") == 2
    assert "subsiding" not in html
    assert "be ready then" in advice(asleep, topic, SPEECH)[0]


def test_what_came_back_less_bad_says_so_beside_the_highest_severity() -> None:
    topic = Topic(id="acme", name=HOSTILE, query="acme")
    milder = msgspec.structs.replace(incident("open"), resumed_us=START_US - MINUTE_US, resumed="watch")
    html = strips.incident_head(IncidentRow(milder), topic, SPEECH)
    assert "critical" in html
    assert "came back 15\u00a0Jan\u00a012:51, as watch" in html
    assert "At its worst since it came back, 15" in panels.reasons(IncidentRow(milder), 2 * START_US, SPEECH)


def test_reasons_of_an_earlier_hour_say_so_beside_the_present_one() -> None:
    burning = row(incident=IncidentRow(incident("open")))
    assert "At its worst" not in strips.strip(burning, START_US + 10 * MINUTE_US, SPEECH)
    html = strips.strip(burning, START_US + 11 * MINUTE_US, SPEECH)
    assert (
        html.index("mentions in the last hour")
        < html.index("At its worst, 15\u00a0Jan\u00a012:52:")
        < html.index("Why")
    )
    assert "At its worst, 15\u00a0Jan\u00a012:52:" in panels.reasons(
        IncidentRow(incident("closed")), 2 * START_US, SPEECH
    )


def test_what_is_over_is_said_without_alarm() -> None:
    assert over("open").count("bb-critical") == 2
    assert "bb-edge-over" in over("closed")
    assert "nobody has acknowledged it yet" in over("open")
    assert "bb-critical" not in over("closed")
    assert "critical" in over("closed")
    assert "nobody acknowledged it" in over("closed")
    assert "lasted 1 h 30 min · 1 mention<" in over("closed")
    assert "Why &lt;b&gt;." in over("closed")


def test_a_line_of_the_timeline_says_where_and_when_its_evidence_was_published() -> None:
    entry = TimelineEntry(
        incident="i", sequence=1, at_us=START_US, kind="note", text="Seen.", evidence=("x:1", 'x:"<b>gone')
    )
    post = Post(
        network="x", id="1", kind="post", published_us=START_US, handle=None, followers=1, is_own=False, tone=0.0,
        text="", url="https://x.com/i/status/1",
    )  # fmt: skip
    html = panels.timeline([TimelineRow(entry, START_US)], {"x:1": post}, SPEECH)
    assert '<a class="bb-evidence" href="https://x.com/i/status/1" title="x:1"' in html
    assert ">X 12:52</a>" in html
    assert "x:&quot;&lt;b&gt;gone</span>" in html


def test_every_cell_of_a_wide_table_names_its_column_for_a_phone() -> None:
    table = panels.table(["who", "a", "b", "c"], [["x", "1", "2", "3"]])
    assert "bb-wide" in table
    assert '<span class="bb-cell-head">b</span><span>2</span>' in table
    assert "bb-wide" not in panels.table(["who", "a", "b"], [["x", "1", "2"]])


def test_only_a_steep_peak_changes_the_scale() -> None:
    assert '"sqrt"' not in json.dumps(charts.fan_chart(buckets(9, 20), [], [], SPEECH, dark=False))
    assert "√ scale" in json.dumps(charts.fan_chart(buckets(9, 900), [], [], SPEECH, dark=False), ensure_ascii=False)


def test_a_hostile_hashtag_is_a_label_and_nothing_else() -> None:
    figure = charts.hashtag_chart([Hashtag("a\u202eb<b>", 3, 1)], SPEECH, dark=True)
    text = json.dumps(figure, ensure_ascii=False)
    assert "#a⟨U+202E⟩b<b>" in text
    assert "\u202e" not in text


def test_figures_name_no_address_to_fetch_from() -> None:
    figure = charts.fan_chart(buckets(9, 900), [], [START_US], SPEECH, dark=False)
    assert "url" not in {key for layer in figure["layer"] for key in layer.get("data", {})}
