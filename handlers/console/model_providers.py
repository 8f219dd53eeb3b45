"""Where models come from: the providers, their credentials, and the models that serve by default."""

from __future__ import annotations

from typing import Any

from engine.providers.available import WorkspaceModels
from engine.providers.catalogue import ModelType as ServedType
from engine.providers.catalogue import Provider, canonical, parameter_rules, providers
from engine.providers.catalogue import provider as _known
from foundation.errors import ApiError
from handlers import model_credentials, usable_models
from handlers.call import Call
from handlers.contract import schemas
from handlers.model_credentials import has_own
from handlers.rendering.providers import (
    render_credentials,
    render_default,
    render_model,
    render_provider,
    status_of,
)
from handlers.rendering.trusted import trusted
from models import provider as stored
from models.provider import ModelType, ProviderCredential

SUCCESS: schemas.Result = {"result": "success"}
SERVED_TYPES: tuple[ModelType, ...] = ("llm", "text-embedding")


async def list_model_providers(call: Call, *, model_type: ModelType | None = None) -> schemas.ModelProviderList:
    """List every provider with its form, its state and its models."""
    available, rows = await _workspace(call)
    shown = []
    for known in providers().values():
        if model_type is not None and model_type not in known.types:
            continue
        models = await call.services.models.models(known.name, available)
        configured_by = call.services.models.configured_by(known.name, available)
        own = {(kind, model) for name, kind, model in available.own_models if name == known.name}
        shown.append(render_provider(known, models, configured_by, rows.get(known.name), own))
    return {"data": shown}


async def get_provider_credentials(
    call: Call, *, provider: str, credential_id: str | None = None
) -> schemas.ProviderCredentials:
    """Show a provider's credentials, secrets masked."""
    known = _known(provider)
    row = await _row(call, known)
    _check_id(row, credential_id)
    masked = known.masked(call.services.sealer.open(row.sealed)) if row else None
    return render_credentials(row, masked)


async def validate_provider_credentials(
    call: Call, *, provider: str, body: schemas.CredentialCheckRequest
) -> schemas.CredentialCheck:
    """Try credentials by a real call; a refusal is the answer, not an error."""
    known = _known(provider)
    row = await _row(call, known)
    try:
        await _tried(call, known, row, body["credentials"])
    except ApiError as error:
        if error.code != "credentials_validation_failed":
            raise
        return {"result": "error", "error": error.message}
    return {"result": "success", "error": None}


async def create_provider_credentials(
    call: Call, *, provider: str, body: schemas.CredentialSaveRequest
) -> schemas.Result:
    """Try credentials and keep them, sealed; they take the place of earlier ones."""
    known = _known(provider)
    await _keep(call, known, await _row(call, known), body["credentials"])
    return SUCCESS


async def update_provider_credentials(
    call: Call, *, provider: str, body: schemas.CredentialUpdateRequest
) -> schemas.Result:
    """Try new values for stored credentials and keep them."""
    known = _known(provider)
    row = await _row(call, known)
    _check_id(row, body["credential_id"])
    await _keep(call, known, row, body["credentials"])
    return SUCCESS


async def delete_provider_credentials(call: Call, *, provider: str, credential_id: str | None = None) -> None:
    """Forget a provider's credentials."""
    known = _known(provider)
    _check_id(await _row(call, known), credential_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        if not await stored.remove_credential(scope, known.name):
            raise ApiError("not_found", "No credentials are stored for this provider.")


async def get_model_credentials(
    call: Call,
    *,
    provider: str,
    model: str,
    model_type: ModelType,
    credential_id: str | None = None,
    config_from: str | None = None,
) -> schemas.ModelCredentials:
    """Show the credentials of one model, secrets masked."""
    found = await model_credentials.shown(call, provider, model_type, model)
    if credential_id is not None and credential_id.lower() != found["current_credential_id"]:
        raise ApiError("not_found", "The credential does not exist.")
    return found


async def validate_model_credentials(
    call: Call, *, provider: str, body: schemas.ModelCredentialCheckRequest
) -> schemas.CredentialCheck:
    """Try credentials for one model; a refusal is the answer, not an error."""
    try:
        await model_credentials.check(call, provider, body["model_type"], body["model"], body["credentials"])
    except ApiError as error:
        if error.code != "credentials_validation_failed":
            raise
        return {"result": "error", "error": error.message}
    return {"result": "success", "error": None}


async def create_model_credentials(
    call: Call, *, provider: str, body: schemas.ModelCredentialSaveRequest
) -> schemas.Result:
    """Try credentials for one model and keep them."""
    await model_credentials.keep(call, provider, body["model_type"], body["model"], body["credentials"])
    return SUCCESS


async def update_model_credentials(
    call: Call, *, provider: str, body: schemas.ModelCredentialUpdateRequest
) -> schemas.Result:
    """Try new values for the credentials of one model and keep them."""
    await model_credentials.keep(
        call, provider, body["model_type"], body["model"], body["credentials"], credential_id=body["credential_id"]
    )
    return SUCCESS


async def delete_model_credentials(call: Call, *, provider: str, body: schemas.ModelCredentialReference) -> None:
    """Forget the credentials of one model, and the model with them."""
    await model_credentials.forget(call, provider, body["model_type"], body["model"], body["credential_id"])


async def delete_provider_model(call: Call, *, provider: str, body: schemas.ProviderModelReference) -> None:
    """Forget a model that the workspace added."""
    await model_credentials.forget(call, provider, body["model_type"], body["model"])


async def list_provider_models(call: Call, *, provider: str) -> schemas.CatalogueModelList:
    """List a provider's models."""
    known = _known(provider)
    available, rows = await _workspace(call)
    models = await call.services.models.models(known.name, available)
    configured_by = call.services.models.configured_by(known.name, available)
    status = status_of(configured_by, rows.get(known.name))
    return {
        "data": [
            render_model(model, "active" if has_own(available, known.name, model.type, model.name) else status)
            for model in models
        ]
    }


async def list_parameter_rules(call: Call, *, provider: str, model: str) -> schemas.ParameterRuleList:
    """List the parameters of a model; a provider's models share them."""
    return {"data": trusted(parameter_rules(_known(provider).name))}


async def list_models_by_type(call: Call, *, model_type: ModelType) -> schemas.ProviderWithModelsList:
    """List the models of one type whose providers can be used now."""
    return await usable_models.list_of(call, model_type)


async def get_default_model(call: Call, *, model_type: ModelType) -> schemas.DefaultModelAnswer:
    """Show the model that serves a type where none is named."""
    if model_type not in SERVED_TYPES:
        return {"data": None}
    available, _ = await _workspace(call)
    kind: ServedType = "llm" if model_type == "llm" else "text-embedding"
    chosen, _ = await call.services.models.choose(available, kind)
    if not chosen.model:
        return {"data": None}
    return {"data": render_default(chosen.model, model_type, _known(chosen.provider))}


async def set_default_models(call: Call, *, body: schemas.DefaultModelsRequest) -> schemas.Result:
    """Choose the models that serve by default; types that are not listed stay as they are."""
    for setting in body["model_settings"]:
        if setting.get("model") and (provider := setting.get("provider")):
            _known(provider)
    async with call.services.database.workspace(call.workspace_id) as scope:
        for setting in body["model_settings"]:
            if (model := setting.get("model")) and (provider := setting.get("provider")):
                await stored.set_default_model(scope, setting["model_type"], canonical(provider), model)
            else:
                await stored.remove_default_model(scope, setting["model_type"])
    return SUCCESS


async def _workspace(call: Call) -> tuple[WorkspaceModels, dict[str, ProviderCredential]]:
    async with call.services.database.workspace(call.workspace_id) as scope:
        available = await call.services.models.available(scope)
        rows = {row.provider: row for row in await stored.credentials(scope)}
    return available, rows


async def _row(call: Call, known: Provider) -> ProviderCredential | None:
    async with call.services.database.workspace(call.workspace_id) as scope:
        return await stored.find_credential(scope, known.name)


async def _tried(call: Call, known: Provider, row: ProviderCredential | None, sent: dict[str, Any]) -> dict[str, str]:
    """Return the form's values once the provider took them; a masked secret stands for the stored one."""
    values = known.unmasked(sent, call.services.sealer.open(row.sealed)) if row else sent
    return await call.services.models.validate(known.name, values)


async def _keep(call: Call, known: Provider, row: ProviderCredential | None, sent: dict[str, Any]) -> None:
    values = await _tried(call, known, row, sent)
    sealed = call.services.sealer.seal(dict(values))
    async with call.services.database.workspace(call.workspace_id) as scope:
        await stored.save_credential(scope, known.name, sealed, call.account.account_id)


def _check_id(row: ProviderCredential | None, credential_id: str | None) -> None:
    if credential_id is not None and (row is None or row.id != credential_id.lower()):
        raise ApiError("not_found", "The credential does not exist.")
