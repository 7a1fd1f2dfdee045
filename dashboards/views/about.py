"""How to read the war room."""

import streamlit as st

from dashboards.page import speak

speech = speak()
st.header(speech("page_about"))
st.markdown(speech("about"))
