"""Every topic at one glance, what burns first first."""

import streamlit as st
from sqlalchemy import Connection

from dashboards.page import advice, live, speak
from dashboards.strips import grid, incident_strip, line, strip
from monitor.clock import DAY_US
from monitor.queries import Freshness, IncidentRow, TopicNow, closed_since, topics_now

MANY = 30
"""Beyond so many topics without an incident the calm ones are told in one line each: they must not hide the blind."""

MOST_CLOSED = 6


def show(found: tuple[list[TopicNow], list[IncidentRow]], fresh: Freshness) -> None:
    rows, closed = found
    speech = speak()
    if not rows:
        st.subheader(speech("no_topics"))
        st.text(speech("no_topics_next"))
        return
    burning = [row for row in rows if row.incident is not None]
    others = [row for row in rows if row.incident is None]
    now_us = fresh.watermark_us
    if burning:
        st.subheader(f"{speech('burning')} · {len(burning)}")
        steps = [advice(row.incident, row.topic, speech, most=2) for row in burning if row.incident]
        st.html(grid((strip(row, now_us, speech, each) for row, each in zip(burning, steps, strict=True)), "burning"))
    if others:
        st.subheader(speech("everything_else") if burning else f"{speech('all_topics')} · {speech('all_quiet')}")
        is_crowded = len(others) > MANY
        shown = (line(r, speech) if is_crowded and r.state == "calm" else strip(r, now_us, speech) for r in others)
        st.html(grid(shown, "quiet"))
    topics = {row.topic.id: row.topic for row in rows}
    over = [(row, topics[row.incident.topic]) for row in closed if row.incident.topic in topics]
    if over:  # whoever comes in the morning asks what the night brought
        st.subheader(speech("closed_lately"))
        st.html(grid((incident_strip(row, topic, speech) for row, topic in over), "quiet"))


def ask(connection: Connection, fresh: Freshness) -> tuple[list[TopicNow], list[IncidentRow]]:
    return topics_now(connection, fresh), closed_since(connection, fresh.watermark_us - DAY_US, MOST_CLOSED)


live(ask, show)
