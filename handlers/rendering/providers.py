"""Model providers as the Console shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.providers.catalogue import ModelEntry, Provider
from models.provider import ProviderCredential

CREDENTIAL_NAME = "API KEY 1"


def status_of(configured_by: str | None, stored: ProviderCredential | None) -> str:
    """Return a provider's state in a workspace.

    Args:
        configured_by: who gave its credentials, if anyone.
        stored: the workspace's credentials.
    """
    if stored is not None and stored.quota_exceeded_at is not None:
        return "quota-exceeded"
    return "active" if configured_by else "no-configure"


def render_provider(
    provider: Provider,
    models: Sequence[ModelEntry],
    configured_by: str | None,
    stored: ProviderCredential | None,
) -> dict[str, Any]:
    """Render a `ModelProvider`.

    Args:
        provider: what the catalogue says.
        models: its models.
        configured_by: `custom`, `system` or None.
        stored: the workspace's credentials.
    """
    status = status_of(configured_by, stored)
    return {
        **provider.as_dict(),
        "status": status,
        "preferred_provider_type": "system" if configured_by == "system" else "custom",
        "custom_configuration": {
            "status": status if stored else "no-configure",
            "current_credential_id": stored.id if stored else None,
            "current_credential_name": CREDENTIAL_NAME if stored else None,
            "available_credentials": references(stored),
        },
        "system_configuration": {
            "enabled": configured_by == "system",
            "current_quota_type": None,
            "quota_configurations": [],
        },
        "models": [model.as_dict(status) for model in models],
    }


def render_with_models(
    provider: Provider, models: Sequence[ModelEntry], status: str, workspace_id: str
) -> dict[str, Any]:
    """Render a `ProviderWithModels`."""
    summary = provider.summary()
    return {
        "tenant_id": workspace_id,
        **{key: summary[key] for key in ("provider", "label", "icon_small", "icon_large")},
        "status": status,
        "models": [model.as_dict(status) for model in models],
    }


def render_credentials(stored: ProviderCredential | None, masked: Mapping[str, str] | None) -> dict[str, Any]:
    """Render a `ProviderCredentials`.

    Args:
        stored: the row, if there is one.
        masked: its values, secrets hidden.
    """
    return {
        "credentials": dict(masked) if masked is not None else None,
        "current_credential_id": stored.id if stored else None,
        "available_credentials": references(stored),
    }


def references(stored: ProviderCredential | None) -> list[dict[str, str]]:
    """Render the list of a provider's credentials, as names."""
    return [{"credential_id": stored.id, "credential_name": CREDENTIAL_NAME}] if stored else []
