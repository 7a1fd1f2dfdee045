"""Settings: file and environment, each wrong value one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import SettingInvalid
from monitor.settings import load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "badbuzz.yaml"
    path.write_text(text, "utf-8")
    return path


def test_paths_in_the_file_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "topics: watch.yaml\nstore: data.db\n"))
    assert settings.topics == tmp_path / "watch.yaml"
    assert settings.store == str(tmp_path / "data.db")


def test_the_secrets_of_webhooks_are_beside_the_file_too(tmp_path: Path) -> None:
    path = write(tmp_path, "webhooks:\n  - {url: 'https://example.org/hook', secret_file: hook.secret}\n")
    assert load_settings(path).webhooks[0].secret_file == tmp_path / "hook.secret"


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BADBUZZ_LISTEN", "127.0.0.1:9999")
    assert load_settings(write(tmp_path, "listen: 127.0.0.1:1111\n")).port == 9999


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("lisen: 127.0.0.1:1\n", "lisen"),
        ("listen: nowhere\n", "write HOST:PORT"),
        ("lateness_seconds: -1\n", "lateness_seconds"),
        ("listen: 0.0.0.0:80\n", "set api_token_file and ingest_secret_file"),
        ("clock: sundial\n", "'wall' or 'event'"),
        ("listen: [\n", ":2:"),
        ("- a\n- b\n", "name: value"),
        ("", "name: value"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SettingInvalid, match=r"badbuzz\.yaml") as caught:
        load_settings(write(tmp_path, text))
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="No such file"):
        load_settings(tmp_path / "absent.yaml")
