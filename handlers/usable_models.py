"""The models that a workspace can use now, as the tiers list them."""

from __future__ import annotations

from engine.providers.catalogue import providers
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.providers import render_with_models, status_of
from models import provider as stored
from models.provider import ModelType


async def list_of(call: Call, model_type: ModelType) -> schemas.ProviderWithModelsList:
    """Return the models of one type whose providers can be used now."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        available = await call.services.models.available(scope)
        rows = {row.provider: row for row in await stored.credentials(scope)}
    shown = []
    for known in providers().values():
        configured_by = call.services.models.configured_by(known.name, available)
        if configured_by is None or model_type not in known.types:
            continue
        all_models = await call.services.models.models(known.name, available)
        models = [model for model in all_models if model.type == model_type]
        if models:
            status = status_of(configured_by, rows.get(known.name))
            shown.append(render_with_models(known, models, status, call.workspace_id))
    return {"data": shown}
