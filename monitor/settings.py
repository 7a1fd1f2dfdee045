"""Settings of the live service: one YAML file, overridden by ``BADBUZZ_*`` environment variables.

Secrets are never settings but files, so that they appear in no process list, log or backup of the configuration.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, Field, HttpUrl, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from monitor.errors import SettingInvalid

__all__ = ["Settings", "WebhookSettings", "load_settings"]


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        message = f"{value!r} is not an address; write HOST:PORT, such as 127.0.0.1:8700"
        raise ValueError(message)
    return value


class WebhookSettings(BaseModel):
    """Where alerts are posted besides Prometheus."""

    model_config = {"extra": "forbid"}

    url: HttpUrl = Field(description="Receives a signed JSON alert by POST.")
    secret_file: Path = Field(description="Holds the key that signs what is sent.")
    only_pages: bool = Field(default=True, description="Send only alerts that must wake somebody, and their end.")


class Settings(BaseSettings):
    """Every setting, with its default and meaning."""

    model_config = SettingsConfigDict(env_prefix="BADBUZZ_", extra="forbid")

    listen: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1:8700", description="Address of ingest, API and /metrics."
    )
    store: str = Field(default="badbuzz.db", description="A path (SQLite) or a postgresql:// URL.")
    topics: Path = Field(default=Path("rules/topics"), description="Watchlist file, or folder of them.")
    clock: Literal["wall", "event"] = Field(
        default="wall",
        description="`wall`: live. `event`: time moves only with the data, for drills and recorded days.",
    )
    ingest_secret_file: Path | None = Field(
        default=None, description="One secret a line; a post body signed with any of them is accepted."
    )
    author_secret_file: Path | None = Field(
        default=None, description="Key of the authors' pseudonyms. Without it one is made beside a SQLite store."
    )
    api_token_file: Path | None = Field(
        default=None, description="Bearer token of the API. Needed to listen on anything but loopback."
    )
    lateness_seconds: float = Field(
        default=60, ge=0, le=3600, description="How late a post may come and still be judged in its minute."
    )
    silence_seconds: float = Field(
        default=900, gt=0, description="A source silent for longer (no post, no heartbeat) was blind, not quiet."
    )
    public_followers: int = Field(
        default=10_000, ge=0, description="Handles are stored only of accounts with this many followers, or verified."
    )
    queue_posts: int = Field(default=100_000, gt=0, description="Posts waiting before ingest answers 503.")
    body_bytes: int = Field(default=8 << 20, gt=0, description="Largest body ingest accepts.")
    text_days: int = Field(default=30, gt=0, description="Text, handle and link of a post are erased after this long.")
    webhooks: list[WebhookSettings] = Field(default_factory=list, description="Alerts sent besides Prometheus.")

    @classmethod
    def settings_customise_sources(  # noqa: D102 - documented by pydantic-settings
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @property
    def host(self) -> str:
        """The host part of `listen`."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port part of `listen`."""
        return int(self.listen.rpartition(":")[2])

    @model_validator(mode="after")
    def _open_only_on_loopback(self) -> Settings:
        if not _is_loopback(self.host) and (self.api_token_file is None or self.ingest_secret_file is None):
            message = (
                f"listen {self.listen!r} can be reached from other machines; "
                "set api_token_file and ingest_secret_file, or listen on 127.0.0.1"
            )
            raise ValueError(message)
        return self


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(path: Path | None) -> Settings:
    """Read settings from a YAML file (or only from the environment when `path` is ``None``).

    Relative paths in the file are relative to the file.

    Raises
    ------
    SettingInvalid
        The file cannot be read, holds an unknown setting, or a value a setting cannot have.
    """
    values: dict[str, Any] = {}
    if path is not None:
        values = _read(path)
        for name in ("topics", "ingest_secret_file", "author_secret_file", "api_token_file"):
            if isinstance(values.get(name), str):
                values[name] = path.parent / values[name]
        store = values.get("store")
        if isinstance(store, str) and "://" not in store:
            values["store"] = str(path.parent / store)
    try:
        return Settings(**values)
    except ValidationError as error:
        where = path if path is not None else "environment"
        complaints = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        )
        message = f"{where}: {complaints}"
        raise SettingInvalid(message) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        message = f"{path}: {error.strerror}; name a settings file that can be read"
        raise SettingInvalid(message) from None
    except UnicodeDecodeError:
        message = f"{path}: not UTF-8; save the settings file as UTF-8"
        raise SettingInvalid(message) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"{path}:{line}: {error.problem}; settings are YAML, such as 'listen: 127.0.0.1:8700'"
        raise SettingInvalid(message) from None
    if not isinstance(values, dict):
        message = f"{path}:1: settings must be a list of 'name: value' lines"
        raise SettingInvalid(message)
    return values
