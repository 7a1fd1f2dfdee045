"""``python -m dashboards [ADDRESS] [--server.port=8501 ...]``: the war room, from a clone or an installed wheel alike.

ADDRESS is that of the store, a path or a URL; without it, BADBUZZ_STORE. Flags are those of ``streamlit run``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from streamlit.web import cli

if __name__ == "__main__":
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    flags = [argument for argument in sys.argv[1:] if argument.startswith("-")]
    cli.main(["run", str(Path(__file__).with_name("war_room.py")), *flags, "--", *addresses])
