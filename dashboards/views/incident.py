"""One incident: why first, then what to do, then what happened."""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec
import streamlit as st
from sqlalchemy import Connection

from dashboards import carriers, charts, panels, strips
from dashboards.deeds import offer_deeds
from dashboards.page import advice, is_dark, live, reading, show_cascades, show_posts, speak, store_address
from dashboards.speech import Speech
from monitor import queries
from monitor.clock import HOUR_US, MINUTE_US
from monitor.crowds.analysis import LISTED
from monitor.crowds.export import MEDIA_TYPES, Format
from monitor.queries import Freshness
from monitor.queries.explanation import Explained, explanation_of
from monitor.topics import Topic

MOST_LISTED = 60
MOST_CASCADES = 3
SPREAD_LASTS_SECONDS = 60
FILES: Final[tuple[Format, ...]] = ("gexf", "json")


class Answer(msgspec.Struct):
    wanted: str
    recent: list[tuple[Topic, queries.IncidentRow]]
    topic: Topic | None = None
    row: queries.IncidentRow | None = None
    timeline: list[queries.TimelineRow] = []
    posts: dict[str, queries.Post] = {}
    buckets: list[queries.Bucket] = []
    own_us: list[int] = []
    cascades: list[queries.CascadeRow] = []
    spread: queries.Spread | None = None
    explained: Explained | None = None


def ask(look: Connection, fresh: Freshness) -> Answer:
    wanted = st.query_params.get("incident", "")
    row = queries.incident(look, wanted) if wanted else None
    topic = queries.topic(look, row.incident.topic) if row else None
    if row is None or topic is None:
        return Answer(wanted, recent(look))
    incident = row.incident
    end_us = min(fresh.watermark_us // MINUTE_US * MINUTE_US, incident.updated_us + 2 * HOUR_US)
    start_us = incident.since_us - 4 * HOUR_US
    minutes = next((size for size in (5, 15, 60) if (end_us - start_us) / (size * MINUTE_US) <= 150), 240)
    timeline = queries.incident_timeline(look, wanted)
    names = [*incident.evidence, *(name for line in timeline for name in line.entry.evidence)]
    return Answer(
        wanted,
        [],
        topic,
        row,
        timeline,
        queries.evidence_posts(look, topic.id, names),
        queries.observed_and_expected(look, topic.id, start_us, end_us, minutes),
        queries.own_posts(look, topic.id, start_us, end_us),
        queries.leading_cascades(look, topic.id, incident.since_us, end_us, MOST_CASCADES),
        spread(look, topic.id, incident.since_us, incident.updated_us),
        explained(look, wanted, incident.severity),
    )


@st.cache_data(ttl=SPREAD_LASTS_SECONDS, max_entries=20, show_spinner=False)
def explained(_look: Connection, identifier: str, severity: str) -> Explained | None:
    """Recompute the verdict of a severity; it does not change until the severity does."""
    return explanation_of(_look, identifier)


@st.cache_data(ttl=SPREAD_LASTS_SECONDS, max_entries=20, show_spinner=False)
def spread(_look: Connection, topic: str, start_us: int, end_us: int) -> queries.Spread:
    """Analyse the repost graph; it may take a second, and what it says changes slowly."""
    return queries.spread_of(_look, topic, start_us, end_us)


def recent(look: Connection) -> list[tuple[Topic, queries.IncidentRow]]:
    rows = queries.recent_incidents(look, MOST_LISTED)
    topics = {name: queries.topic(look, name) for name in {row.incident.topic for row in rows}}
    pairs = [(topic, row) for row in rows if (topic := topics[row.incident.topic]) is not None]
    return sorted(pairs, key=lambda pair: pair[1].incident.state == "closed")


def show(answer: Answer, fresh: Freshness) -> None:
    if answer.row is None or answer.topic is None:
        show_recent(answer)
        return
    row, topic = answer.row, answer.topic
    speech = speak(topic)
    st.html(strips.incident_head(row, topic, speech))
    st.page_link(
        "views/topic.py",
        label=speech("open_topic"),
        icon=":material/arrow_forward:",
        query_params={"topic": topic.id, "lang": speech.language},
    )
    left, right = st.container(key="why-next").columns([3, 2], gap="large")
    with left:
        st.subheader(speech("why"))
        st.html(panels.reasons(row, fresh.watermark_us, speech))
    with right:
        st.subheader(speech("next"))
        st.html(strips.steps(advice(row, topic, speech)))
    offer_deeds(row, speech)
    if answer.explained is not None:
        st.subheader(speech("explained"))
        st.html(panels.explained(answer.explained, speech))
    chart(answer, row, speech)
    st.subheader(speech("timeline"))
    st.html(panels.timeline(answer.timeline, answer.posts, speech))
    if answer.cascades:
        st.subheader(speech("cascades"))
        show_cascades(answer.cascades, speech, topic)
    if answer.spread is not None:
        carriers_of(answer.spread, row, speech)
    evidence(answer, row, topic, speech)


def chart(answer: Answer, row: queries.IncidentRow, speech: Speech) -> None:
    st.subheader(speech("chart"))
    if all(bucket.band is None for bucket in answer.buckets):
        st.text(speech("no_signal"))
        return
    st.html(panels.legend(speech, answer.buckets))
    figure = charts.fan_chart(answer.buckets, [row], answer.own_us, speech, dark=is_dark())
    st.vega_lite_chart(figure, theme=None, key="fan")


def carriers_of(found: queries.Spread, row: queries.IncidentRow, speech: Speech) -> None:
    st.subheader(speech("carried"))
    st.text(carried(found, speech))
    if found.graph.communities:
        st.html(carriers.communities(found, speech))
    if found.graph.reshares:
        st.html(carriers.rankings(found, speech))
        graph_files(row, speech)
    if found.influences:
        st.subheader(speech("influences"))
        st.caption(speech("influences_note"))
        st.html(carriers.influences(found, speech))


def carried(found: queries.Spread, speech: Speech) -> str:
    graph = found.graph
    if not graph.reshares:
        return speech("carried_none")
    largest = len(graph.communities[0].accounts) / graph.accounts if graph.communities else 0.0
    said = speech(
        "carried_by",
        accounts=speech.count("accounts", graph.accounts),
        reshares=speech.count("reshared", graph.reshares),
        communities=speech.number(len(graph.communities)),
        largest=speech.percent(largest),
        bridges=speech.number(len(graph.bridges)) + ("+" if len(graph.bridges) == LISTED else ""),
    )
    return f"{said} {speech('carried_partial')}" if found.is_partial else said


def graph_files(row: queries.IncidentRow, speech: Speech) -> None:
    """Offer the graph as a file, made only when somebody wants it."""
    incident, store = row.incident, reading(store_address())

    def content(form: Format) -> bytes:
        with store.snapshot() as look:
            return queries.exported_graph(look, incident.topic, incident.since_us, incident.updated_us, form)

    with st.container(horizontal=True, vertical_alignment="center"):
        for form in FILES:
            st.download_button(
                speech(f"graph_{form}"),
                partial(content, form),
                file_name=f"{incident.id}.{form}",
                mime=MEDIA_TYPES[form],
                key=f"graph-{form}",
                icon=":material/download:",
                on_click="ignore",
            )
        st.caption(speech("graph_note"))


def evidence(answer: Answer, row: queries.IncidentRow, topic: Topic, speech: Speech) -> None:
    st.subheader(speech("evidence"))
    names = row.incident.evidence
    if not names:
        st.text(speech("no_evidence"))
    kept = [answer.posts[name] for name in names if name in answer.posts]
    show_posts(kept, speech, "evidence", topic)
    missing = sum(name not in answer.posts for name in names)
    if missing:
        st.text(speech("evidence_missing", count=speech.number(missing)))


def show_recent(answer: Answer) -> None:
    speech = speak()
    if answer.wanted:
        st.text(speech("unknown_incident", name=answer.wanted[:80]))
    elif answer.recent:
        st.text(speech("no_incident_chosen"))
    st.subheader(speech("recent_incidents"))
    if not answer.recent:
        st.text(speech("no_incidents"))
    st.html(strips.grid((strips.incident_strip(row, topic, speak(topic)) for topic, row in answer.recent), "quiet"))


live(ask, show)
