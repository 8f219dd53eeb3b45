"""How retrieval and indexing find the model that a dataset's vectors are made with."""

from typing import Protocol

from engine.providers.model import EmbeddingModel


class Embedders(Protocol):
    """Finds embedding models by name. Vectors can be compared only where provider and model are the same."""

    async def embedder(self, workspace_id: str, provider: str | None, model: str | None) -> EmbeddingModel:
        """Returns the named model, or the workspace's default where nothing is named.

        Raises:
            ApiError: the provider has no credentials, or does not have the model.
        """
        ...

    def close(self) -> None:
        """Ends the threads of models that run in this process."""
        ...
