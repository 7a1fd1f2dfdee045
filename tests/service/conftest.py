from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.service.rig import Rig


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Make services, each in a folder of its own."""
    with ExitStack() as stack:

        def make(*arguments: Any, **options: Any) -> Rig:
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            folder.mkdir()
            rig = Rig(folder, *arguments, **options)
            stack.callback(rig.close)
            return rig

        yield make


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A live service at noon, following the wall clock."""
    return make_rig()
