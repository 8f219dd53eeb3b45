"""Credentials of single models that a workspace adds to what a provider lists."""

from __future__ import annotations

from typing import Any

from engine.providers.available import WorkspaceModels
from engine.providers.catalogue import ModelType as ServedType
from engine.providers.catalogue import Provider, provider
from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from models import provider as stored
from models.provider import ModelType, ProviderModel

NO_MODEL = "This model has no credentials of its own."


async def shown(call: Call, name: str, model_type: ModelType, model: str) -> schemas.ModelCredentials:
    """Return a model's credentials, secrets masked; null where it has none of its own."""
    known = provider(name)
    row = await _row(call, known, model_type, model)
    sealed = row.sealed if row else None
    reference: schemas.CredentialReference | None = {"credential_id": row.id, "credential_name": model} if row else None
    return {
        "credentials": known.masked(call.services.sealer.open(sealed)) if sealed else None,
        "current_credential_id": row.id if row else None,
        "current_credential_name": model if row else None,
        "available_credentials": [reference] if reference else [],
        "load_balancing": {"enabled": False, "configs": []},
    }


async def check(call: Call, name: str, model_type: ModelType, model: str, sent: dict[str, Any]) -> None:
    """Try credentials for a model by a real call.

    Raises:
        ApiError: `credentials_validation_failed`, `provider_not_found`, `model_currently_not_support`.
    """
    known = provider(name)
    await _tried(call, known, model_type, model, await _row(call, known, model_type, model), sent)


async def keep(
    call: Call,
    name: str,
    model_type: ModelType,
    model: str,
    sent: dict[str, Any],
    *,
    credential_id: str | None = None,
) -> None:
    """Try credentials for a model and keep them, sealed, in the place of earlier ones.

    Args:
        call: the call.
        name: the provider's name.
        model_type: what the model does.
        model: its name.
        sent: the form's values; a masked secret stands for the stored one.
        credential_id: the credentials that they replace; they must be there.

    Raises:
        ApiError: `not_found` for another `credential_id`; see `check`.
    """
    known = provider(name)
    row = await _row(call, known, model_type, model)
    if credential_id is not None:
        _require(row, credential_id)
    values = await _tried(call, known, model_type, model, row, sent)
    sealed = call.services.sealer.seal(dict(values))
    async with call.services.database.workspace(call.workspace_id) as scope:
        await stored.save_model(scope, known.name, model_type, model, sealed, call.account.account_id)


async def forget(call: Call, name: str, model_type: ModelType, model: str, credential_id: str | None = None) -> None:
    """Forget a model of the workspace's own with its credentials.

    Raises:
        ApiError: `not_found`, `provider_not_found`.
    """
    known = provider(name)
    if credential_id is not None:
        _require(await _row(call, known, model_type, model), credential_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        if not await stored.remove_model(scope, known.name, model_type, model):
            raise ApiError("not_found", NO_MODEL)


def has_own(available: WorkspaceModels, name: str, model_type: ServedType, model: str) -> bool:
    """Tell whether a model of a provider has credentials of its own."""
    return bool(available.own_models.get((name, model_type, model)))


async def _row(call: Call, known: Provider, model_type: ModelType, model: str) -> ProviderModel | None:
    async with call.services.database.workspace(call.workspace_id) as scope:
        return await stored.find_model(scope, known.name, model_type, model)


async def _tried(
    call: Call, known: Provider, model_type: ModelType, model: str, row: ProviderModel | None, sent: dict[str, Any]
) -> dict[str, str]:
    served = next((each for each in known.types if each == model_type), None)
    if served is None or not known.takes_models:
        message = f"{known.label['en_US']} takes no models of type {model_type} with credentials of their own."
        raise ApiError("model_currently_not_support", message)
    values = known.unmasked(sent, call.services.sealer.open(row.sealed)) if row and row.sealed else sent
    return await call.services.models.validate(known.name, values, model, served)


def _require(row: ProviderModel | None, credential_id: str) -> None:
    if row is None or row.id != credential_id.lower():
        raise ApiError("not_found", "The credential does not exist.")
