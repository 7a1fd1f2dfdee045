"""What all tests share: where real recordings are, no skips without a reason, and the long ones first."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A deadline for each example would be an assertion about the wall clock, and fail when others use the machine too.
# CI draws the same examples each time, or a change would be refused for what another change did; everybody else draws
# new ones on each run, and what they find is worth an explicit example.
settings.register_profile("busy machine", deadline=None, derandomize=bool(os.environ.get("BADBUZZ_REFUSE_SKIPS")))
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let several workers begin with the files that take longest: one begun last would keep all the others waiting.

    They are those with a timeout of their own.
    """
    if not hasattr(config, "workerinput"):
        return
    longest: Counter[Path] = Counter()
    for item in items:
        timeout = item.get_closest_marker("timeout")
        if timeout is not None:
            longest[item.path] = max(longest[item.path], timeout.args[0])
    items.sort(key=lambda item: -longest[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Iterator[None]:
    """Fail the run when something was skipped although BADBUZZ_REFUSE_SKIPS is set (CI sets it)."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("BADBUZZ_REFUSE_SKIPS") and skipped:
        reporter.write_line(f"{len(skipped)} skipped, and BADBUZZ_REFUSE_SKIPS is set", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
