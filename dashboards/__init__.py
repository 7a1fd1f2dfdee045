"""The war room: Streamlit pages that read only through :mod:`monitor.queries`."""
