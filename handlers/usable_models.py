"""The models that a workspace can use now, as the tiers list them."""

from __future__ import annotations

from engine.providers.catalogue import providers
from handlers.call import Call
from handlers.contract import schemas
from handlers.model_credentials import has_own
from handlers.rendering.providers import render_with_models, status_of
from models import provider as stored
from models.provider import ModelType


async def list_of(call: Call, model_type: ModelType) -> schemas.ProviderWithModelsList:
    """Return the models of one type that can be used now: by their providers, or by credentials of their own."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        available = await call.services.models.available(scope)
        rows = {row.provider: row for row in await stored.credentials(scope)}
    shown = []
    for known in providers().values():
        configured_by = call.services.models.configured_by(known.name, available)
        has_models = any(name == known.name for name, _, _ in available.own_models)
        if model_type not in known.types or not (configured_by or has_models):
            continue
        all_models = await call.services.models.models(known.name, available)
        models = [
            model
            for model in all_models
            if model.type == model_type and (configured_by or has_own(available, known.name, model.type, model.name))
        ]
        if models:
            status = status_of(configured_by or "custom", rows.get(known.name))
            shown.append(render_with_models(known, models, status, call.workspace_id))
    return {"data": shown}
