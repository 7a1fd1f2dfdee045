"""What every page of the war room shares: language, freshness, and staying up whatever happens below."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar, get_args

import streamlit as st
from sqlalchemy import Connection

from dashboards import cascades
from dashboards.acting import can_act, correct_tone
from dashboards.inert import inert, own_handles, post_number, safe_link, unnamed
from dashboards.speech import Speech
from monitor.clock import SystemClock
from monitor.crowds.export import coarse
from monitor.errors import MonitorError
from monitor.incidents.words import Language, languages
from monitor.queries import CascadeRow, Freshness, IncidentRow, Post, Reading, freshness
from monitor.tone import Said
from monitor.topics import Topic

__all__ = [
    "EVERY_SECONDS",
    "advice",
    "choose_language",
    "is_dark",
    "language",
    "live",
    "reading",
    "show_cascades",
    "show_posts",
    "speak",
    "store_address",
]

EVERY_SECONDS: Final = 5
"""How often a page looks again: often enough to feel live, seldom enough for fifty viewers on a small machine."""

AUDIBLE: Final = 0.25
"""Tones nearer to zero are called neutral."""

DEFAULT_STORE: Final = "badbuzz.db"

Rows = TypeVar("Rows")


def store_address() -> str:
    """Return the store to read: the argument after ``--``, else BADBUZZ_STORE, else badbuzz.db right here."""
    return sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BADBUZZ_STORE", DEFAULT_STORE)


@st.cache_resource
def reading(address: str) -> Reading:
    """Return the one reader of a store that all viewers share."""
    return Reading(address)


def language() -> Language:
    """Return the language chosen, else the one of the link, else the browser's, else English."""
    wanted = st.session_state.get("language") or st.query_params.get("lang") or (st.context.locale or "")[:2]
    return next((known for known in languages() if known == wanted), "en")


def choose_language() -> None:
    """Offer the other language, on every page; the style sheet is here too, where it takes no room."""
    with st.container(key="language-choice"):
        dress()
        st.segmented_control(
            speak()("language"),
            languages(),
            default=language(),
            format_func=str.upper,
            key="language",
            label_visibility="collapsed",
        )


def speak(topic: Topic | None = None) -> Speech:
    """Return the language of the page and the clock of the topic."""
    return Speech(language(), topic.time_zone) if topic else Speech(language())


def is_dark() -> bool:
    """Tell whether the reader's page is dark."""
    return st.context.theme.type == "dark"


def live(ask: Callable[[Connection, Freshness], Rows], show: Callable[[Rows, Freshness], None]) -> None:
    """Ask the store and show the answer, again every few seconds, for as long as somebody looks.

    Everything is asked in one snapshot and before anything is shown, so that a page is never half old. When the
    store cannot be read the page says so and keeps trying.
    """

    @st.fragment(run_every=EVERY_SECONDS)
    def look() -> None:
        speech = speak()
        try:
            with reading(store_address()).snapshot() as connection:
                fresh = freshness(connection, SystemClock().now_us())
                rows = ask(connection, fresh)
        except MonitorError as error:
            st.error(speech("no_store"), icon=":material/cloud_off:")
            st.text(str(error))
            st.text(speech("no_store_next", seconds=EVERY_SECONDS))
            return
        show_freshness(fresh, speech)
        show(rows, fresh)

    look()


def show_freshness(fresh: Freshness, speech: Speech) -> None:
    """Say how old everything on the page is; loudly when the service is silent."""
    if fresh.recorded_us is None:
        st.warning(speech("never_recorded"), icon=":material/hourglass_empty:")
        return
    if fresh.is_stale:
        st.error(
            f"**{speech('stale', age=speech.duration(fresh.age_us))}** {speech('stale_next')}",
            icon=":material/warning:",
        )
    seen = f"{speech.moment(fresh.watermark_us)} ({speech.zone})"
    st.html(
        f'<div class="bb-fresh"><span>{speech("data_age", age=speech.duration(fresh.age_us))}</span>'
        f"<span>{speech('event_time', time=seen)}</span></div>"
    )


def advice(row: IncidentRow, topic: Topic, speech: Speech, most: int = 4) -> list[str]:
    """Return what to do next, most useful first: who to call, then a step for each reason, weightiest first."""
    incident = row.incident
    if incident.state != "open":
        return [speech(f"next_{incident.stage}")]
    steps = []
    if incident.severity == "critical" and row.acknowledged_us is None and topic.owner:
        steps.append(speech("next_owner", owner=inert(topic.owner, 60)))
    known = (
        *("own_post", "own_reply", "new_voices", "voices", "spread", "complaints", "negative", "influence"),
        *("copied", "unproven", "coordinated", "mixed", "suspected", "velocity", "agreement", "joint"),
    )
    reasons = [reason.name for reason in incident.reasons if reason.name in known]
    steps += [speech(f"next_{name}") for name in sorted(reasons, key=known.index)]
    return steps[:most]


def show_posts(posts: Sequence[Post], speech: Speech, prefix: str, topic: Topic) -> None:
    """Show posts as inert text: no markup, no images, nobody's name, and a link only where it can be trusted to be one.

    Where the service can be told, people may say how a post sounds.
    """
    can_correct = can_act() and any(post.text is not None for post in posts)
    if can_correct:
        st.text_input(speech("your_name"), key=f"actor-{prefix}", max_chars=80, help=speech("your_name_help"))
    for place, post in enumerate(posts):
        with st.container(border=True, key=f"post-{prefix}-{place}"):
            with st.container(key=f"who-{prefix}-{place}"):
                st.text(_byline(post, speech))
            st.text(_words(post, topic, speech))
            _offer_link(post, speech)
            if st.session_state.get(f"actor-{prefix}", "").strip() and post.text is not None and not post.is_own:
                _offer_correction(post, speech, prefix, topic.id)


def _words(post: Post, topic: Topic, speech: Speech, limit: int = 1_000) -> str:
    return speech("erased") if post.text is None else inert(unnamed(post.text, own_handles(topic)), limit)


def show_cascades(rows: Sequence[CascadeRow], speech: Speech, topic: Topic) -> None:
    """Show what is passed on: first the post itself, as inert text, then how far it goes."""
    for place, row in enumerate(rows):
        with st.container(border=True, key=f"post-cascade-{place}"):
            if row.root is None:
                name = f"{speech.network(row.cascade.network)} {post_number(row.cascade.root_id)}"
                st.text(speech("root_unknown", id=inert(name, 60)))
            else:
                with st.container(key=f"who-cascade-{place}"):
                    st.text(_byline(row.root, speech))
                st.text(_words(row.root, topic, speech, 280))
                _offer_link(row.root, speech)
            st.html(cascades.card(row, speech))


def _offer_link(post: Post, speech: Speech) -> None:
    link = safe_link(post.url)
    if link is not None:
        st.link_button(speech("open_post", network=speech.network(post.network)), link, type="tertiary")
    elif post.url:
        st.text(speech("not_linked", url=inert(post.url, 120)))


def _offer_correction(post: Post, speech: Speech, prefix: str, topic: str) -> None:
    """Let people say how the post sounds to them."""
    name = f"{post.network}:{post.id}"
    key = f"tone-{prefix}-{name}"

    def correct() -> None:
        said = st.session_state.get(key)
        if said is None:
            return
        fault = correct_tone(topic, name, said, st.session_state.get(f"actor-{prefix}", "").strip())
        st.toast(speech("tone_learned") if fault is None else speech("tone_refused", reason=inert(fault, 200)))

    st.segmented_control(
        speech("how_sounds"),
        get_args(Said),
        format_func=lambda said: speech(f"sounds_{said}"),
        key=key,
        on_change=correct,
    )


def _byline(post: Post, speech: Speech) -> str:
    if post.is_own:
        who = speech("our_account")
    elif post.handle is not None:
        who = f"@{inert(post.handle, 40)}"
        if post.followers is not None:
            who += f" · {speech.count('followers', post.followers)}"
    elif post.followers is not None:
        who = speech.count("account_followers", coarse(post.followers))
    else:
        who = speech("account_unknown")
    kind = speech(f"kind_{post.kind}") if post.kind in ("post", "reply", "quote", "repost") else post.kind
    words = [who, kind, speech.network(post.network), speech.moment(post.published_us)]
    if post.responses:
        words.append(speech.count("drew", post.responses))
    if post.text is not None and not post.is_own:
        tone = "negative" if post.tone < -AUDIBLE else "positive" if post.tone > AUDIBLE else "neutral"
        words += [speech(f"read_{tone}")] + [speech("read_ironic")] * post.is_ironic
    return " · ".join(words)


def dress() -> None:
    """Give the page its one style sheet.

    Markup that is nothing but style would go where Streamlit keeps what passes by, and the first toast would take its
    place: the page would be bare from then on.
    """
    style = Path(__file__).with_name("look.css").read_text(encoding="utf-8")
    st.html(f"<style>{style}</style><i hidden></i>")


def icon() -> str:
    """Return the sign in the browser's tab; a file of ours, for Streamlit's own icons come from elsewhere."""
    return Path(__file__).with_name("icon.svg").read_text(encoding="utf-8")
