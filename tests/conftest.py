"""What all tests share: where real recordings are, and no skips where there is no reason for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A deadline for each example would be an assertion about the wall clock, and fail when others use the machine too.
settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of real recorded posts; they may not be redistributed, so it is not part of the project."""
    folder = os.environ.get("BADBUZZ_RECORDINGS")
    if not folder:
        pytest.skip("BADBUZZ_RECORDINGS names no folder of recordings")
    return Path(folder)


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands speak English unless a test says otherwise, whoever runs it."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Iterator[None]:
    """Fail the run when something was skipped although BADBUZZ_REFUSE_SKIPS is set (CI sets it)."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("BADBUZZ_REFUSE_SKIPS") and skipped:
        reporter.write_line(f"{len(skipped)} skipped, and BADBUZZ_REFUSE_SKIPS is set", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
