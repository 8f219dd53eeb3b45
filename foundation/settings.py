"""Every setting, its meaning and its default: one typed table, read from the environment once, at start."""

from __future__ import annotations

import difflib
import ipaddress
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import jsonschema_rs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "PARLEY_"
CHECKOUT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s]+").fullmatch


class SettingsError(Exception):
    """A setting is unknown or wrong; the message names it and says what would be right."""


class PlanLimits(BaseModel):
    """How many requests a key may make in each window; 0 means no limit."""

    model_config = ConfigDict(extra="forbid")

    per_minute: int = Field(0, ge=0)
    per_hour: int = Field(0, ge=0)
    per_day: int = Field(0, ge=0)


_PLANS = {
    "sandbox": PlanLimits(per_minute=60, per_hour=1_000, per_day=10_000),
    "professional": PlanLimits(per_minute=300, per_hour=10_000, per_day=100_000),
    "team": PlanLimits(per_minute=600, per_hour=30_000, per_day=300_000),
    "enterprise": PlanLimits(),
}


class Settings(BaseSettings):
    """The settings of one installation. A field is read from `PARLEY_<NAME>` or its own alias."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", populate_by_name=True)

    # where it runs
    home: Path = Field(CHECKOUT / ".parley", description="The data folder: database, queue, files, logs, secret key.")
    host: str = Field("127.0.0.1", description="The address that the API listens on.")
    port: int = Field(5001, ge=1, le=65_535, description="The port that the API listens on.")
    public_url: str = Field("", description="Where clients reach this server; http://<host>:<port> when empty.")
    console_web_url: str = Field(
        "",
        description="Where the Console's front end is: links of invitations lead there; PARLEY_PUBLIC_URL when empty.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="The least severe log level.")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins whose front ends may call with cookies, separated by commas."
    )

    metrics_token: str = Field(
        "", repr=False, description="The bearer token that /metrics asks for; empty lets everybody read it."
    )

    # services
    database_url: str = Field(
        "", validation_alias="DATABASE_URL", repr=False, description="PostgreSQL; empty runs a private one."
    )
    database_replica_url: str = Field(
        "",
        validation_alias="DATABASE_REPLICA_URL",
        repr=False,
        description="A streaming replica of that PostgreSQL, which searches read; empty lets them read the first.",
    )
    database_pool_size: int = Field(10, ge=1, le=200, description="Connections that each process keeps at most.")
    database_fsync: bool = Field(True, description="False makes the private PostgreSQL fast and unsafe, for tests.")
    redis_url: str = Field("", validation_alias="REDIS_URL", repr=False, description="Redis; empty runs a private one.")

    # secrets and the first account
    secret_key: str = Field("", repr=False, description="Signs and seals; made in the data folder when empty.")
    owner_email: str = Field("", description="Creates the owner at the first start, together with the password.")
    owner_password: str = Field("", max_length=512, repr=False, description="The first owner's password.")
    init_password: str = Field(
        "",
        max_length=30,
        repr=False,
        description="Whoever sets the server up has to give it first; empty lets the first who comes do so.",
    )
    access_token_seconds: int = Field(3_600, ge=60, description="How long an access token is valid.")
    refresh_token_seconds: int = Field(30 * 86_400, ge=3_600, description="How long a refresh token is valid.")
    invitation_seconds: int = Field(3 * 86_400, ge=60, description="How long the link of an invitation is valid.")
    file_url_seconds: int = Field(300, ge=10, description="How long a signed file address is valid.")

    # work
    generation_processes: int = Field(1, ge=1, le=64, description="Processes that answer chats.")
    generation_concurrency: int = Field(200, ge=1, le=2_000, description="Answers that one such process makes at once.")
    indexing_processes: int = Field(1, ge=1, le=64, description="Processes that index documents.")
    vector_index_segments: int = Field(
        10_000,
        ge=0,
        description="From how many vectors on a knowledge base has an approximate index; 0 means never.",
    )
    delivery_processes: int = Field(1, ge=1, le=64, description="Processes that call webhooks.")
    delivery_log_days: int = Field(30, ge=1, description="How long the log of what webhooks were told is kept.")
    answer_seconds: int = Field(1_200, ge=10, description="The longest time that one answer may take.")
    conversation_names: Literal["model", "question"] = Field(
        "model",
        description="Who names a conversation: its model, by a call of its own, or the words of its first question.",
    )
    tool_seconds: int = Field(60, ge=1, description="The longest time that one call of an agent's tool may take.")
    plugin_catalog_dir: Path | None = Field(
        None,
        description="A folder with a JSON file for each MCP server that workspaces may install as a plugin; without it "
        "there are only the plugins that come with the server.",
    )
    code_python: Literal["monty", "sandlock"] = Field(
        "monty",
        validation_alias="CODE_PYTHON",
        description="What runs the Python of workflows: monty, an interpreter of a part of the language that runs "
        "everywhere, or sandlock, CPython and its standard library, confined by Linux 6.12 or newer.",
    )
    strict_responses: bool = Field(False, description="True turns a response that breaks the contract into a 500.")

    # limits
    image_max_bytes: int = Field(15 * MEGABYTE, ge=1, description="The largest image.")
    document_max_bytes: int = Field(100 * MEGABYTE, ge=1, description="The largest document.")
    audio_max_bytes: int = Field(50 * MEGABYTE, ge=1, description="The largest audio file.")
    video_max_bytes: int = Field(100 * MEGABYTE, ge=1, description="The largest video.")
    json_max_bytes: int = Field(15 * MEGABYTE, ge=1_024, description="The largest JSON or form body.")
    plans: Annotated[dict[str, PlanLimits], NoDecode] = Field(
        _PLANS, description="Requests for each key by the workspace's plan (JSON)."
    )
    default_plan: Literal["sandbox", "professional", "team", "enterprise"] = Field(
        "enterprise", description="The plan of a new workspace."
    )
    ssrf_allow_cidrs: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias="SSRF_ALLOW_CIDRS", description="Private networks that callers' URLs may reach."
    )

    provider_addresses: Literal["any", "public"] = Field(
        "any",
        description="Where the addresses of model providers that a workspace saves may lead: anywhere, or to public "
        "addresses and SSRF_ALLOW_CIDRS alone. The server's own, LLM_URL and OLLAMA_HOST, may lead anywhere.",
    )

    # models: the first that is given serves where the workspace has chosen none
    llm_url: str = Field("", validation_alias="LLM_URL", description="An OpenAI-compatible base URL.")
    llm_model: str = Field("", validation_alias="LLM_MODEL", description="The model's name at that address.")
    llm_api_key: str = Field("", validation_alias="LLM_API_KEY", repr=False, description="The key for that address.")
    openai_api_key: str = Field("", validation_alias="OPENAI_API_KEY", repr=False, description="A key for OpenAI.")
    anthropic_api_key: str = Field(
        "", validation_alias="ANTHROPIC_API_KEY", repr=False, description="A key for Anthropic."
    )
    gemini_api_key: str = Field("", validation_alias="GEMINI_API_KEY", repr=False, description="A key for Gemini.")
    ollama_host: str = Field(
        "http://localhost:11434",
        validation_alias="OLLAMA_HOST",
        description="Where a local Ollama is looked for.",
    )

    @property
    def url(self) -> str:
        """Where clients reach this server, without a slash at the end."""
        return self.public_url or f"http://{_spoken(self.host)}:{self.port}"

    @property
    def files_folder(self) -> Path:
        """Where uploaded content is stored."""
        return self.home / "files"

    @property
    def models_folder(self) -> Path:
        """Where graphs of bundled models are kept once they are built."""
        return self.home / "models"

    @property
    def logs_folder(self) -> Path:
        """Where each process writes its log."""
        return self.home / "logs"

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("plugin_catalog_dir", mode="before")
    @classmethod
    def _folder(cls, value: Path | str | None) -> Path | None:
        if not value:
            return None
        folder = Path(value).expanduser().absolute()
        if not folder.is_dir():
            raise ValueError("must name a folder that is there")
        return folder

    @field_validator("public_url", "console_web_url", "llm_url")
    @classmethod
    def _http_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("ollama_host")
    @classmethod
    def _ollama_address(cls, value: str) -> str:
        """Takes what Ollama itself takes in this variable: a bare host, with or without a port."""
        address = value if "://" in value else f"http://{value}"
        if address.count(":") == 1:
            address += ":11434"
        return address.rstrip("/").replace("//0.0.0.0", "//127.0.0.1")

    @field_validator("database_url", "database_replica_url")
    @classmethod
    def _postgresql(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if value and (scheme not in ("postgres", "postgresql", "postgresql+psycopg") or not separator):
            raise ValueError("must be a PostgreSQL address: postgresql://user:password@host:5432/name")
        return f"postgresql+psycopg://{rest}" if value else ""

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must be a Redis address: redis://host:6379/0, rediss://… or unix:///path")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("must have at least 16 characters")
        return value

    @field_validator("owner_email")
    @classmethod
    def _email(cls, value: str) -> str:
        """Refuses what the contract's `EmailAddress` refuses: nobody could ever sign in with it."""
        rule = {"type": "string", "format": "email", "maxLength": 255}
        if value and not jsonschema_rs.is_valid(rule, value, validate_formats=True):
            raise ValueError("must be an email address such as owner@example.com")
        return value

    @field_validator("cors_origins", "ssrf_allow_cidrs", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("ssrf_allow_cidrs")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network, strict=False)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        origins = tuple(origin.rstrip("/") for origin in value)
        for origin in origins:
            if origin not in ("*", "null") and not _ORIGIN(origin):
                raise ValueError(f"{origin!r} is no origin; write each one as https://host or https://host:port")
        return origins

    @field_validator("plans", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError(f'must be JSON such as {{"sandbox": {{"per_minute": 5}}}} ({error})') from None

    @field_validator("plans")
    @classmethod
    def _complete_plans(cls, value: dict[str, PlanLimits]) -> dict[str, PlanLimits]:
        if unknown := sorted(value.keys() - _PLANS.keys()):
            raise ValueError(f"unknown plan {unknown[0]!r}; the plans are {', '.join(_PLANS)}")
        return {**_PLANS, **value}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment; nothing else is read."""
        return (init_settings, env_settings)


def load_settings(environment: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Builds the settings of this process and makes sure of its data folder and secret key.

    Args:
        environment: the variables to check for unknown names; the process's own when None.
        given: settings by field name that win over the environment.

    Raises:
        SettingsError: a variable is unknown, its value is wrong, or the data folder cannot be used; the message names
            each of them.
    """
    _refuse_unknown(os.environ if environment is None else environment)
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(item["loc"], item["msg"]) for item in error.errors())) from error
    if bool(settings.owner_email) != bool(settings.owner_password):
        raise SettingsError("PARLEY_OWNER_EMAIL and PARLEY_OWNER_PASSWORD must be given together.")
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if settings.secret_key:
            return settings
        return settings.model_copy(update={"secret_key": _kept_secret(settings.home / "secret_key")})
    except OSError as error:
        raise SettingsError(
            f"PARLEY_HOME: the data folder {settings.home} cannot be used ({error.strerror}). "
            "Name a folder that this user may write, or make this one theirs."
        ) from error


def variable_names() -> dict[str, str]:
    """Returns the environment variable of each field, by field name."""
    return {
        name: field.validation_alias if isinstance(field.validation_alias, str) else PREFIX + name.upper()
        for name, field in Settings.model_fields.items()
    }


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {name for name in variable_names().values() if name.startswith(PREFIX)}
    complaints = []
    for name in sorted(environment):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f" Did you mean {close[0]}?" if close else f" The settings are: {', '.join(sorted(known))}."
            complaints.append(f"Unknown setting {name}.{hint}")
    if complaints:
        raise SettingsError("\n".join(complaints))


def _explain(location: tuple[int | str, ...], message: str) -> str:
    name, *inside = map(str, location or ("",))
    variable = variable_names().get(name, name)
    place = f"{'.'.join(inside)}: " if inside else ""
    return f"{variable}: {place}{message.removeprefix('Value error, ')}."


def _kept_secret(file: Path) -> str:
    """Returns the secret key of the data folder; the first process to ask makes it."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        pass
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secrets.token_urlsafe(48))
        handle.flush()
        os.fsync(descriptor)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return file.read_text().strip()


def _spoken(host: str) -> str:
    """Turns a listening address into one that a client can call."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, never bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
