"""Settings of the live service: one YAML file, overridden by ``BADBUZZ_*`` environment variables.

Secrets are never settings but files, so that they appear in no process list, log or backup of the configuration.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, Field, HttpUrl, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from monitor.errors import SettingInvalid

__all__ = ["Settings", "WebhookSettings", "author_secret", "load_settings", "secret_lines"]


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
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
        default=None,
        description="Bearer tokens of the API, one a line. Needed to listen on anything but loopback.",
    )
    lateness_seconds: float = Field(
        default=60,
        ge=0,
        le=3600,
        description="How far behind the newest post of its source a post may come and still be judged in its minute.",
    )
    silence_seconds: float = Field(
        default=900,
        gt=0,
        le=30 * 86400,
        description="A source silent for longer (no post, no heartbeat), or further behind, was blind, not quiet.",
    )
    public_followers: int = Field(
        default=10_000,
        ge=0,
        description="Handles are stored only of accounts with this many followers, and of verified press and public "
        "offices.",
    )
    queue_posts: int = Field(default=100_000, gt=0, description="Posts waiting before ingest answers 503.")
    body_bytes: int = Field(default=8 << 20, gt=0, description="Largest body ingest accepts.")
    text_days: int = Field(
        default=30, gt=0, le=36500, description="Text, handle and link of a post are erased after this long."
    )
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
    values: dict[Any, Any] = {}
    if path is not None:
        values = _read(path)
        _resolve(values, path.parent)
    try:
        return Settings(**{str(name): value for name, value in values.items()})
    except SettingsError as error:
        message = f"environment: {error}; lists are written as JSON"
        raise SettingInvalid(message) from None
    except ValidationError as error:
        where = path if path is not None else "environment"
        message = f"{where}: {'; '.join(map(_complaint, error.errors()))}"
        raise SettingInvalid(message) from None


def _resolve(values: dict[Any, Any], folder: Path) -> None:
    """Make relative paths relative to the folder of the settings file."""
    webhooks = values.get("webhooks")
    for holder in (values, *(webhooks if isinstance(webhooks, list) else ())):
        for name in ("topics", "ingest_secret_file", "author_secret_file", "api_token_file", "secret_file"):
            if isinstance(holder, dict) and isinstance(holder.get(name), str):
                holder[name] = folder / holder[name]
    store = values.get("store")
    if isinstance(store, str) and "://" not in store:
        values["store"] = str(folder / store)


def _complaint(fault: ErrorDetails) -> str:
    name = ".".join(map(str, fault["loc"]))
    match fault["type"]:
        case "extra_forbidden":
            return f"{name} is not a setting; the settings are {', '.join(Settings.model_fields)}"
        case "value_error":
            # What several settings break together names them itself.
            return f"{name}: {fault['msg']}".removeprefix(": ").replace("Value error, ", "", 1)
        case _:
            value = "" if name.endswith("url") else f" is {str(fault['input'])[:40]!r}"  # an address may hold a secret
            return f"{name}{value}: {fault['msg']}"


def _read(path: Path) -> dict[Any, Any]:
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
    except (yaml.YAMLError, RecursionError):
        message = f"{path}: cannot be read as YAML; remove control characters, and lists within lists"
        raise SettingInvalid(message) from None
    if not isinstance(values, dict):
        message = f"{path}:1: settings must be a list of 'name: value' lines"
        raise SettingInvalid(message)
    return values


def secret_lines(path: Path | None, setting: str) -> list[bytes]:
    """Read secrets, one a line; none when `path` is ``None``. `setting` is what a message calls it.

    Raises
    ------
    SettingInvalid
        If the file cannot be read or holds none.
    """
    if path is None:
        return []
    try:
        found = [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        message = f"{setting}: {path}: {error.strerror}; name a file that holds one secret a line"
        raise SettingInvalid(message) from None
    if not found:
        message = f"{setting}: {path} is empty; write one secret a line"
        raise SettingInvalid(message)
    return found


def author_secret(settings: Settings) -> bytes:
    """Read the key of the pseudonyms; beside a SQLite store, make one at the first start.

    Raises
    ------
    SettingInvalid
        If the file cannot be read or made, or is needed and not set.
    """
    path = settings.author_secret_file
    if path is None:
        if "://" in settings.store and not settings.store.startswith("sqlite:"):
            message = "author_secret_file: needed with a PostgreSQL store; name a file that holds a long random line"
            raise SettingInvalid(message)
        path = Path(settings.store.removeprefix("sqlite:///") + ".author-key")
        if not path.exists():
            _make_secret(path)
    return hashlib.sha256(secret_lines(path, "author_secret_file")[0]).digest()


def _make_secret(path: Path) -> None:
    """Write a new key, whole or not at all: half a key would be another one after a repair."""
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_text(secrets.token_hex(32), "ascii")
        part.replace(path)
    except OSError as error:
        message = f"author_secret_file: {path} cannot be made ({error.strerror}); make room, or name a file of yours"
        raise SettingInvalid(message) from None
