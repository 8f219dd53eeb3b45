"""Opens the built-in embedder once for each process, when it is first needed, with a bounded number of threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine.embedding.minilm import MiniLM
from engine.embedding.unified import PROVIDER, BuiltinEmbedder, open_builtin
from engine.providers.model import EmbeddingModel
from foundation.errors import ApiError


class BuiltinEmbedders:
    """Finds embedders where no provider is connected. Make one in each process, after it was forked."""

    def __init__(self, folder: Path, threads: int = 1, minilm: MiniLM | None = None) -> None:
        """Prepares to open the embedder.

        Args:
            folder: where the sentence model's graph is kept.
            threads: how many calls are worked on at once.
            minilm: the sentence model, where it is open already; it may come from before the process was forked.
        """
        self._folder = folder
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="embedding")
        self._opening = asyncio.Lock()
        self._minilm = minilm
        self._builtin: BuiltinEmbedder | None = None

    async def embedder(
        self, workspace_id: str, provider: str | None = None, model: str | None = None
    ) -> EmbeddingModel:
        """Returns the built-in embedder.

        Raises:
            ApiError: another provider is named (`provider_not_initialize`), or the name of a built-in model whose
                vectors this process cannot make (`model_currently_not_support`).
        """
        if provider not in (None, "", PROVIDER):
            raise ApiError(
                "provider_not_initialize", f"The provider {provider} has no credentials for embeddings here."
            )
        builtin = await self.builtin()
        if model and model != builtin.model:
            raise ApiError(
                "model_currently_not_support",
                f"Of {PROVIDER}, only {builtin.model} is here, not {model}. What was indexed with another one has to be"
                " indexed again, or that model installed.",
            )
        return builtin

    async def builtin(self) -> BuiltinEmbedder:
        """Returns the embedder, opening it at the first call."""
        async with self._opening:
            if self._builtin is None:
                loop = asyncio.get_running_loop()
                parts = (self._folder, self._executor, self._minilm)
                self._builtin = await loop.run_in_executor(self._executor, open_builtin, *parts)
            return self._builtin

    def close(self) -> None:
        """Ends the threads; texts that wait to be embedded are dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)
