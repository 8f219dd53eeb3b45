"""The models that the workspace can use."""

from __future__ import annotations

from handlers import usable_models
from handlers.call import Call
from handlers.contract import schemas
from models.provider import ModelType


async def list_models_by_type(call: Call, *, model_type: ModelType) -> schemas.ProviderWithModelsList:
    """List the usable models of one type."""
    return await usable_models.list_of(call, model_type)
