"""What people do about an incident: they say so here, the service's API writes it on the timeline."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboards.acting import Deed, act, can_act
from dashboards.inert import inert
from dashboards.speech import Speech
from monitor.queries import IncidentRow

__all__ = ["offer_deeds"]

NAME: Final = "deed-name"
WORDS: Final = "deed-words"
ICONS: Final[dict[Deed, str]] = {
    "acknowledge": ":material/pan_tool:",
    "resolve": ":material/check:",
    "dismiss": ":material/block:",
    "note": ":material/edit:",
}


def offer_deeds(row: IncidentRow, speech: Speech) -> None:
    """Let people take an incident, say that it is dealt with or nothing, or write something down.

    Nothing is offered where the service cannot be told, nor what was done already; once it is over, it may still be
    called a false alarm.
    """
    if not can_act():
        return
    st.subheader(speech("deeds"))
    with st.container(border=True, key="deeds"):
        left, right = st.columns([1, 2])
        left.text_input(speech("deed_name"), key=NAME, max_chars=80)
        right.text_input(speech("deed_words"), key=WORDS, max_chars=2_000)
        is_named = bool(_typed(NAME))
        with st.container(horizontal=True):
            for deed in offered(row):
                st.button(
                    speech(f"deed_{deed}"),
                    key=f"deed-{deed}",
                    icon=ICONS[deed],
                    disabled=not is_named or (deed == "note" and not _typed(WORDS)),
                    on_click=_do,
                    args=(row.incident.id, deed, speech),
                )
        st.caption(speech("deed_help" if is_named else "deed_unnamed"))


def offered(row: IncidentRow) -> list[Deed]:
    """Return what may still be done, the most usual first."""
    found: list[Deed] = []
    if row.incident.state != "closed":
        if row.acknowledged_us is None:
            found.append("acknowledge")
        found.append("resolve")
    if row.dismissed_us is None:
        found.append("dismiss")
    return [*found, "note"]


def _do(incident: str, deed: Deed, speech: Speech) -> None:
    fault = act(incident, deed, _typed(NAME), _typed(WORDS) or f"{speech(f'deed_{deed}')}.")
    if fault is None:
        st.session_state[WORDS] = ""
    st.toast(speech("deed_done") if fault is None else speech("tone_refused", reason=inert(fault, 200)))


def _typed(key: str) -> str:
    return str(st.session_state.get(key, "")).strip()
