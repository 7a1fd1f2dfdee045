"""One topic: how loud against usual, what was said, by whom, and how it spreads."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec
import streamlit as st
from sqlalchemy import Connection

from dashboards import charts, panels, strips
from dashboards.page import is_dark, live, show_cascades, show_posts, speak
from dashboards.speech import Speech
from monitor import queries
from monitor.clock import HOUR_US, MINUTE_US
from monitor.queries import Freshness, TopicNow
from monitor.topics import Topic

SPANS: Final = {6: 5, 24: 15, 168: 60}
"""Hours shown, and minutes a bucket: between seventy and a hundred and seventy points, as many as a phone can draw."""


class Answer(msgspec.Struct):
    topics: list[TopicNow]
    wanted: str
    chosen: TopicNow | None = None
    buckets: list[queries.Bucket] = []
    incidents: list[queries.IncidentRow] = []
    own_us: list[int] = []
    posts: list[queries.Post] = []
    authors: list[queries.PublicAuthor] = []
    audiences: list[queries.AudienceBand] = []
    hashtags: list[queries.Hashtag] = []
    cascades: list[queries.CascadeRow] = []
    voices: queries.Voices | None = None
    before: queries.Voices | None = None
    promises: list[queries.Promise] = []


def hours() -> int:
    return st.session_state.get("span") or 24


def ask(look: Connection, fresh: Freshness) -> Answer:
    topics = queries.topics_now(look, fresh)
    wanted = st.query_params.get("topic") or (topics[0].topic.id if topics else "")
    chosen = next((row for row in topics if row.topic.id == wanted), None)
    if chosen is None:
        return Answer(topics, wanted)
    end_us = fresh.watermark_us // MINUTE_US * MINUTE_US
    start_us = end_us - hours() * HOUR_US
    span = (look, wanted, start_us, end_us)
    return Answer(
        topics,
        wanted,
        chosen,
        buckets=queries.observed_and_expected(*span, SPANS[hours()]),
        incidents=queries.incidents_of(*span),
        own_us=queries.own_posts(*span),
        posts=queries.top_posts(*span),
        authors=queries.authors_who_matter(*span),
        audiences=queries.audience_bands(*span),
        hashtags=queries.hashtags(*span),
        cascades=queries.leading_cascades(*span),
        voices=queries.voices(*span),
        before=queries.voices(look, wanted, 2 * start_us - end_us, start_us),
        promises=queries.promises(look, wanted, end_us),
    )


def choose() -> None:
    st.query_params["topic"] = st.session_state["topic_choice"]


def labels(rows: list[TopicNow]) -> dict[str, str]:
    """Return what each topic goes by: its name, and its id beside it where two have the same name."""
    times = Counter(row.topic.name for row in rows)
    return {
        row.topic.id: row.topic.name if times[row.topic.name] == 1 else f"{row.topic.name} ({row.topic.id})"
        for row in rows
    }


def show(answer: Answer, fresh: Freshness) -> None:
    speech = speak()
    if not answer.topics:
        st.subheader(speech("no_topics"))
        st.text(speech("no_topics_next"))
        return
    names = labels(answer.topics)
    places = list(names)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.selectbox(
        speech("choose_topic"),
        places,
        index=places.index(answer.wanted) if answer.wanted in names else None,
        format_func=lambda identifier: names.get(identifier, identifier),
        key="topic_choice",
        on_change=choose,
    )
    right.segmented_control(
        speech("span"), list(SPANS), default=24, format_func=lambda length: speech(f"span_{length}"), key="span"
    )
    if answer.chosen is None:
        st.text(speech("unknown_topic", name=answer.wanted[:60]))
        return
    speech = speak(answer.chosen.topic)
    head(answer.chosen, fresh, speech)
    loud(answer, speech)
    sound(answer, speech)
    left, right = st.columns([3, 2], gap="large")
    with left:
        spread(answer, answer.chosen.topic, speech)
        st.subheader(speech("top_posts"))
        show_posts(answer.posts, speech, "top", answer.chosen.topic)
        if not answer.posts:
            st.text(speech("no_posts"))
    with right:
        people(answer, speech)
    if answer.promises:
        st.subheader(speech("promises"))
        st.html(panels.promises(answer.promises, speech))


def head(row: TopicNow, fresh: Freshness, speech: Speech) -> None:
    st.html(f'<div class="bb-strip bb-edge-{row.state}">{strips.face(row, fresh.watermark_us, speech)}</div>')
    if row.incident is not None:
        st.page_link(
            "views/incident.py",
            label=speech("open_incident"),
            icon=":material/arrow_forward:",
            query_params={"incident": row.incident.incident.id, "lang": speech.language},
        )


def loud(answer: Answer, speech: Speech) -> None:
    st.subheader(speech("chart"))
    if all(bucket.band is None for bucket in answer.buckets):
        st.text(speech("no_signal"))
        return
    st.html(panels.legend(speech, answer.buckets))
    chart = charts.fan_chart(answer.buckets, answer.incidents, answer.own_us, speech, dark=is_dark())
    st.vega_lite_chart(chart, theme=None, key="fan")


def sound(answer: Answer, speech: Speech) -> None:
    if answer.voices is None or answer.before is None:
        return
    st.subheader(speech("voices"))
    st.html(panels.voices(answer.voices, answer.before, speech))
    if answer.voices.late:
        st.text(speech.count("late", answer.voices.late))


def people(answer: Answer, speech: Speech) -> None:
    st.subheader(speech("authors"))
    st.caption(speech("public_figures"))
    if answer.authors:
        st.html(panels.author_table(answer.authors, speech))
    else:
        st.text(speech("no_public"))
    if answer.audiences:
        st.caption(speech("everybody_else"))
        st.html(panels.audience_table(answer.audiences, speech))
    st.subheader(speech("hashtags"))
    if answer.hashtags:
        st.vega_lite_chart(charts.hashtag_chart(answer.hashtags, speech, dark=is_dark()), theme=None, key="hashtags")
        st.caption(speech("hashtags_note"))
    else:
        st.text(speech("no_hashtags"))


def spread(answer: Answer, topic: Topic, speech: Speech) -> None:
    st.subheader(speech("cascades"))
    if not answer.cascades:
        st.text(speech("no_cascades"))
    show_cascades(answer.cascades, speech, topic)


live(ask, show)
