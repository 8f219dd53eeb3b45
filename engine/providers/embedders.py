"""Finds the model that a dataset's vectors are made with: a provider's, or the built-in one."""

from __future__ import annotations

from engine.embedding.builtin import BuiltinEmbedders
from engine.providers.available import ModelChoice
from engine.providers.builtin import PROVIDER
from engine.providers.catalogue import canonical
from engine.providers.model import EmbeddingModel
from engine.providers.resolution import Models
from models.database import Database


class WorkspaceEmbedders:
    """The embedders of all workspaces, for retrieval and indexing."""

    def __init__(self, database: Database, models: Models, builtin: BuiltinEmbedders) -> None:
        self._database = database
        self._models = models
        self._builtin = builtin

    async def embedder(
        self, workspace_id: str, provider: str | None = None, model: str | None = None
    ) -> EmbeddingModel:
        """Returns the named model, or the workspace's default where none is named.

        Raises:
            ApiError: the provider has no credentials, or does not have the model.
        """
        name = canonical(provider or "")
        if name == PROVIDER:
            return await self._builtin.embedder(workspace_id, PROVIDER, model)
        async with self._database.workspace(workspace_id) as scope:
            available = await self._models.available(scope)
        chosen = await self._models.embedding(available, ModelChoice(name, model) if name and model else None)
        if chosen is None:
            return await self._builtin.embedder(workspace_id, PROVIDER, None)
        return chosen.model

    def close(self) -> None:
        """Ends the built-in model's threads."""
        self._builtin.close()
