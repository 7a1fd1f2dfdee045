"""The table of settings in the README is made of the settings' own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from monitor.settings import Settings, WebhookSettings

README = Path(__file__).parent.parent / "README.md"
FIELDS = [
    *Settings.model_fields.items(),
    *[(f"webhooks[].{name}", field) for name, field in WebhookSettings.model_fields.items()],
]


def settings_table() -> str:
    """Return every setting, its default and its meaning as a Markdown table; paste it into the README."""
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    rows += [f"| `{name}` | {_default(field)} | {field.description} |" for name, field in FIELDS]
    return "\n".join(rows)


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    return "none" if value is None or value == [] else f"`{str(value).lower() if isinstance(value, bool) else value}`"


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[name for name, _ in FIELDS])
def test_every_setting_says_what_it_means(name: str, field: FieldInfo) -> None:
    assert field.description, name
    assert field.description.endswith(".")
    assert "|" not in field.description


def test_the_readme_has_the_table_of_settings() -> None:
    assert settings_table() in README.read_text("utf-8"), f"paste this into the README:\n\n{settings_table()}"


@pytest.mark.parametrize("model", [Settings, WebhookSettings])
def test_an_unknown_setting_is_refused(model: type[BaseModel]) -> None:
    assert model.model_config["extra"] == "forbid"
