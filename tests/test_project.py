"""The project tells the truth about itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from monitor import __version__

ROOT = Path(__file__).parent.parent


def test_the_version_is_the_same_everywhere() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    newest = re.search(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert declared == newest[1] == __version__


def test_every_command_is_in_the_changelog_and_the_readme() -> None:
    from monitor.cli import COMMANDS

    for document in ("CHANGELOG.md", "README.md"):
        text = (ROOT / document).read_text("utf-8")
        assert [name for name in COMMANDS if f"badbuzz {name}" not in text] == [], document


def test_every_dependency_says_why_it_is_here() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    block = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    unexplained = [line for line in block[1].splitlines() if not re.search(r'",\s+# \w', line)]
    assert unexplained == []


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[>=<; ]", one)[0].lower().replace("_", "-") for one in declared}
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9.-]+)==", lock, re.MULTILINE))
    assert names <= locked
    assert "--hash=sha256:" in lock


def test_no_registry_is_named() -> None:
    hosts = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian", re.IGNORECASE)
    assert not hosts.search((ROOT / "requirements.lock").read_text("utf-8"))
