"""Model providers as the Console shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from engine.providers.catalogue import ModelEntry, Provider
from handlers.contract import schemas
from handlers.rendering.trusted import trusted
from models.provider import ModelType, ProviderCredential

CREDENTIAL_NAME = "API KEY 1"


def status_of(configured_by: str | None, stored: ProviderCredential | None) -> schemas.ConfigurationStatus:
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
    own: Collection[tuple[str, str]] = (),
) -> schemas.ModelProvider:
    """Render a `ModelProvider`.

    Args:
        provider: what the catalogue says.
        models: its models.
        configured_by: `custom`, `system` or None.
        stored: the workspace's credentials.
        own: type and name of the models that have credentials of their own.
    """
    status = status_of(configured_by, stored)
    always: schemas.ModelProvider = trusted(provider.as_dict())
    return {
        **always,
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
        "models": [render_model(model, "active" if (model.type, model.name) in own else status) for model in models],
    }


def render_with_models(
    provider: Provider, models: Sequence[ModelEntry], status: schemas.ConfigurationStatus, workspace_id: str
) -> schemas.ProviderWithModels:
    """Render a `ProviderWithModels`."""
    summary = provider.summary()
    return {
        "tenant_id": workspace_id,
        "provider": summary["provider"],
        "label": summary["label"],
        "icon_small": summary["icon_small"],
        "icon_large": summary["icon_large"],
        "status": status,
        "models": [render_model(model, status) for model in models],
    }


def render_model(model: ModelEntry, status: str) -> schemas.CatalogueModel:
    """Render a `CatalogueModel` with its state in a workspace."""
    shown: schemas.CatalogueModel = trusted(model.as_dict(status))
    return shown


def render_default(name: str, kind: ModelType, provider: Provider) -> schemas.DefaultModelValue:
    """Render the value of a `DefaultModelAnswer`."""
    return {"model": name, "model_type": kind, "provider": trusted(provider.summary())}


def render_credentials(
    stored: ProviderCredential | None, masked: Mapping[str, str] | None
) -> schemas.ProviderCredentials:
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


def references(stored: ProviderCredential | None) -> list[schemas.CredentialReference]:
    """Render the list of a provider's credentials, as names."""
    return [{"credential_id": stored.id, "credential_name": CREDENTIAL_NAME}] if stored else []
