"""What a workspace may use: its own credentials, models and defaults, read once and unsealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.providers.catalogue import ModelType, canonical, providers
from foundation.errors import ApiError
from foundation.secrets import Sealer, SealError
from foundation.settings import Settings
from models.provider import Setting


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that somebody named."""

    provider: str
    model: str

    @classmethod
    def of(cls, config: Mapping[str, Any] | None) -> ModelChoice | None:
        """Returns the choice in the `model` object of an app's configuration; None where it names none."""
        config = config or {}
        provider_name = canonical(str(config.get("provider") or ""))
        model = str(config.get("name") or config.get("model") or "").strip()
        return cls(provider_name, model) if provider_name and model else None


@dataclass(frozen=True, slots=True)
class WorkspaceModels:
    """A workspace's part of the settings; it holds no database session."""

    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    own_models: Mapping[tuple[str, str, str], Mapping[str, str] | None] = field(default_factory=dict, repr=False)
    defaults: Mapping[str, ModelChoice] = field(default_factory=dict)
    exceeded: frozenset[str] = frozenset()
    """Providers whose last call was refused for its quota."""

    def values(self, choice: ModelChoice, model_type: ModelType) -> Mapping[str, str] | None:
        """Returns the credentials for a model: its own, or those of its provider."""
        own = self.own_models.get((choice.provider, model_type, choice.model))
        return own or self.credentials.get(choice.provider)


def open_settings(rows: Iterable[Setting], sealer: Sealer) -> WorkspaceModels:
    """Returns a workspace's credentials, models and defaults, unsealed.

    Raises:
        ApiError: stored credentials do not open with this server's key (`provider_not_initialize`).
    """
    credentials: dict[str, Mapping[str, str]] = {}
    own: dict[tuple[str, str, str], Mapping[str, str] | None] = {}
    defaults: dict[str, ModelChoice] = {}
    exceeded: set[str] = set()
    for row in rows:
        values = _open(sealer, row.sealed) if row.sealed else None
        if row.exceeded:
            exceeded.add(row.provider)
        if row.kind == "default":
            defaults[row.model_type] = ModelChoice(canonical(row.provider), row.model)
        elif row.kind == "model":
            own[row.provider, row.model_type, row.model] = values
        elif values is not None:
            credentials[row.provider] = values
    return WorkspaceModels(credentials, own, defaults, frozenset(exceeded))


def settings_credentials(settings: Settings) -> dict[str, dict[str, str]]:
    """Returns the credentials that the server's own settings give, by provider, in their order of preference."""
    found: dict[str, dict[str, str]] = {}
    if settings.llm_url:
        found["openai_api_compatible"] = {"endpoint_url": settings.llm_url, "api_key": settings.llm_api_key}
    if settings.openai_api_key:
        found["openai"] = {"openai_api_key": settings.openai_api_key}
    if settings.anthropic_api_key:
        found["anthropic"] = {"anthropic_api_key": settings.anthropic_api_key}
    if settings.gemini_api_key:
        found["gemini"] = {"google_api_key": settings.gemini_api_key}
    return found


def not_initialized(provider_name: str) -> ApiError:
    """Returns the error for a provider without credentials."""
    known = providers().get(provider_name)
    label = known.label["en_US"] if known else provider_name
    message = f"{label} has no credentials in this workspace. Add them under Model Providers in the console."
    return ApiError("provider_not_initialize", message)


def _open(sealer: Sealer, sealed: str) -> dict[str, str]:
    try:
        return {str(name): str(value) for name, value in sealer.open(sealed).items()}
    except SealError as error:
        message = "The stored credentials do not open with this server's secret key. Save them again."
        raise ApiError("provider_not_initialize", message) from error
