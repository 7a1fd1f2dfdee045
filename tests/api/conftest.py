from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import DAY_US
from tests.api.carried import carried
from tests.api.served import Served
from tests.service.rig import NOON, Rig, story


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve a new service; ``rig`` holds options of the service, the others are those of the HTTP edge."""
    with ExitStack() as stack:

        def start(*, rig: dict[str, Any] | None = None, **options: Any) -> Served:
            made = Rig(tmp_path, **(rig or {}))
            stack.callback(made.close)
            return stack.enter_context(Served(made, **options))

        yield start


@pytest.fixture(scope="module")
def crisis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service that has seen a crisis of one of two brands; for tests that only read, or add to its timeline."""
    rig = Rig(tmp_path_factory.mktemp("crisis"), follows_wall_clock=False)
    with Served(rig, body_bytes=1_000_000) as served:
        assert served.ingest(*story(NOON - 5 * DAY_US)).status_code == 200
        yield served
    rig.close()


@pytest.fixture(scope="module")
def spreading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same service, and two camps that pass posts on."""
    rig = Rig(tmp_path_factory.mktemp("spreading"), follows_wall_clock=False)
    posts = sorted([*story(NOON - 5 * DAY_US), *carried()], key=lambda post: (post.published_us, post.id))
    with Served(rig, body_bytes=1_000_000) as served:
        assert served.ingest(*posts).status_code == 200
        yield served
    rig.close()


@pytest.fixture
def opened(spreading: Served) -> str:
    """The id of its incident."""
    (found,) = spreading.get("/api/incidents").json()
    return str(found["id"])
