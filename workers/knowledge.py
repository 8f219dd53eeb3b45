"""The knowledge bases of an app, searched as its configuration says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.providers.model import ChatModel
from engine.retrieval.guidance import choose_dataset, derive_filter
from engine.retrieval.hit import Hit
from engine.retrieval.knowledge import Asker, Knowledge
from engine.retrieval.options import parse_dataset_configs
from models import dataset as datasets
from models import metadata
from models.author import Author
from models.dataset import Dataset
from models.metadata_filter import MetadataFilter
from models.scope import Scope
from workers.process import GenerationProcess


@dataclass(frozen=True, slots=True)
class AppKnowledge:
    """Searches for an app on behalf of whoever asked it.

    `model` is who chooses and reads where the configuration names nobody else: the app's own model.
    """

    process: GenerationProcess
    workspace_id: str
    app_id: str
    author: Author
    model: ChatModel | None = None

    async def search(
        self,
        dataset_ids: Sequence[str],
        query: str,
        configs: Mapping[str, Any] | None = None,
        conditions: MetadataFilter | None = None,
    ) -> list[Hit]:
        """Return the best passages, best first.

        Args:
            dataset_ids: the knowledge bases.
            query: the question.
            configs: the app's `dataset_configs`. With `retrieval_model` single, a model chooses one knowledge base;
                with `metadata_filtering_mode` automatic, a model reads the conditions on metadata out of the question:
                `metadata_model_config`, else the app's own.
            conditions: what documents have to fulfil besides.

        Raises:
            ApiError: `invalid_retrieval_model`; a model that is needed cannot be had or failed.
        """
        configs = configs or {}
        options = parse_dataset_configs(configs)
        if conditions is not None:
            options = replace(options, filter=conditions)
        single = configs.get("retrieval_model") == "single" and len(dataset_ids) > 1
        automatic = configs.get("metadata_filtering_mode") == "automatic"
        if (single or automatic) and query.strip():
            async with self.process.database.workspace(self.workspace_id) as scope:
                offered = await datasets.get_many(scope, list(dict.fromkeys(dataset_ids)))
                fields = await _fields(scope, offered) if automatic else {}
            if single and (model := await self._model(configs.get("single_retrieval_model"))) is not None:
                offered = await choose_dataset(model, sorted(offered, key=lambda one: one.id), query)
                dataset_ids = [dataset.id for dataset in offered]
            if automatic and (model := await self._model(configs.get("metadata_model_config"))) is not None:
                options = replace(options, filter=await derive_filter(model, fields, query))
        if not dataset_ids:
            return []
        process = self.process
        knowledge = Knowledge(process.database, process.embedders, process.models, process.egress, process.sealer)
        asker = Asker("app", self.author.role, self.author.end_user_id or self.author.account_id, self.app_id)
        return await knowledge.search(self.workspace_id, dataset_ids, query, options, asker)

    async def _model(self, config: Any) -> ChatModel | None:
        """Return the model that a configuration names, else the app's own."""
        if not isinstance(config, Mapping) or not (config.get("name") or config.get("model")):
            return self.model
        async with self.process.database.workspace(self.workspace_id) as scope:
            available = await self.process.models.available(scope)
        return (await self.process.models.chat(available, config)).model


async def _fields(scope: Scope, offered: Sequence[Dataset]) -> dict[str, str]:
    """Return the types of the metadata fields of some datasets, by name."""
    found: dict[str, str] = {}
    if any(dataset.built_in_field_enabled for dataset in offered):
        found.update(metadata.BUILT_IN)
    for listed in (await metadata.fields(scope, [dataset.id for dataset in offered])).values():
        found.update({field.name: field.type for field in listed})
    return found
