"""Every topic at one glance, what burns first first."""

import streamlit as st
from sqlalchemy import Connection

from dashboards.page import advice, live, speak
from dashboards.strips import grid, line, strip
from monitor.queries import Freshness, TopicNow, topics_now

MANY = 30
"""Beyond so many topics without an incident the calm ones are told in one line each: they must not hide the blind."""


def show(rows: list[TopicNow], fresh: Freshness) -> None:
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


def ask(connection: Connection, fresh: Freshness) -> list[TopicNow]:
    return topics_now(connection, fresh)


live(ask, show)
