"""The war room: ``streamlit run dashboards/war_room.py -- sqlite:///badbuzz.db``. Navigation only."""

import streamlit as st

from dashboards.page import choose_language, icon, speak

st.set_page_config(page_title="badbuzz", page_icon=icon(), layout="wide")
say = speak()
pages = {
    name: st.Page(f"views/{name}.py", title=say(f"page_{name}"), url_path=name, default=name == "now")
    for name in ("now", "topic", "incident", "about")
}
page = st.navigation(list(pages.values()), position="top")
if page == pages["now"]:
    # Pagers and mails link to the bare address: /?incident=... and /?topic=...
    for name in ("incident", "topic"):
        if name in st.query_params:
            st.switch_page(pages[name], query_params=dict(st.query_params))
choose_language()
page.run()
