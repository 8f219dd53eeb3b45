"""What the nodes of a run may use of the world: its workspace's models, knowledge bases, tools and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.chat import Exchange
from engine.chat.sources import resource
from engine.providers.available import WorkspaceModels
from engine.providers.model import ChatModel
from engine.retrieval.hit import Hit
from engine.retrieval.options import LARGEST_TOP_K, parse_dataset_configs
from engine.retrieval.search import retrieve
from engine.tools import Provided, ToolContext
from engine.tools.references import ToolReference
from engine.tools.shelf import read_shelf
from engine.workflow import MetadataCondition, RetrievalRequest, Services
from engine.workflow.conditions import ConditionError, holds, join
from foundation.errors import ApiError
from models.workflow_run import WorkflowRun
from workers.process import GenerationProcess
from workers.workflow_files import RunFiles


@dataclass(frozen=True, slots=True)
class RunModels:
    """The chat models of a run's workspace; `refusal` is why they cannot be had."""

    process: GenerationProcess
    available: WorkspaceModels | None
    refusal: ApiError | None

    async def chat(self, config: Mapping[str, Any]) -> ChatModel:
        """Return the model that a node's `model` object names.

        Raises:
            ApiError: there is no such model, or it has no credentials.
        """
        if self.available is None:
            raise self.refusal or ApiError("provider_not_initialize", "The workspace's models cannot be read.")
        return (await self.process.models.chat(self.available, config)).model


@dataclass(frozen=True, slots=True)
class RunRetriever:
    """The knowledge bases of a run's workspace."""

    process: GenerationProcess
    workspace_id: str

    async def retrieve(self, request: RetrievalRequest) -> Sequence[Mapping[str, Any]]:
        """Return passages, best first. Conditions on metadata are applied to more candidates than are wanted."""
        options = parse_dataset_configs(request.settings)
        filtered = request.metadata_mode == "manual" and bool(request.conditions)
        asked = replace(options, top_k=LARGEST_TOP_K) if filtered else options
        hits: Sequence[Hit] = await retrieve(
            self.process.database, self.process.embedders, self.workspace_id, request.dataset_ids, request.query, asked
        )
        if filtered:
            hits = [hit for hit in hits if _fits(hit, request)][: options.top_k]
        return [{**resource(hit), "position": place} for place, hit in enumerate(hits, 1)]


@dataclass(frozen=True, slots=True)
class RunTools:
    """The tools of a run's workspace."""

    process: GenerationProcess
    run: WorkflowRun
    user: str

    @property
    def context(self) -> ToolContext:
        """What calls may use."""
        return ToolContext(self.process.egress, self.user, self.process.settings.tool_seconds)

    async def find(self, references: Sequence[ToolReference], call_depth: int) -> list[Provided]:
        """Return the tools that are named, in order.

        Raises:
            ApiError: `invalid_param`: there is no such tool.
        """
        async with self.process.database.workspace(self.run.workspace_id) as scope:
            shelf = await read_shelf(scope, references)
        retrieval = parse_dataset_configs(None)

        async def search(dataset_ids: Sequence[str], query: str) -> Sequence[Hit]:
            process = self.process
            return await retrieve(
                process.database, process.embedders, self.run.workspace_id, dataset_ids, query, retrieval
            )

        found, _ = shelf.tools(references, self.process.sealer, search)
        if details := shelf.missing(references):
            raise ApiError("invalid_param", details[0]["message"], details=details)
        return found


def run_services(
    process: GenerationProcess,
    run: WorkflowRun,
    files: RunFiles,
    models: RunModels,
    history: Sequence[Exchange],
) -> Services:
    """Return what the nodes of a run may use."""
    return Services(
        models=models,
        retriever=RunRetriever(process, run.workspace_id),
        tools=RunTools(process, run, str(run.system.get("user_id") or "")),
        files=files,
        code=process.sandbox,
        templates=process.sandbox,
        http=process.egress,
        history=history,
    )


def _fits(hit: Hit, request: RetrievalRequest) -> bool:
    """Tell whether a passage's document fulfils the conditions on its metadata."""
    values = {"document_name": hit.document_name, **(hit.document.doc_metadata or {})}
    return join(request.logical_operator, (_meets(values, each) for each in request.conditions))


def _meets(values: Mapping[str, Any], condition: MetadataCondition) -> bool:
    """Tell whether a document has a field that fulfils a condition; values that cannot be compared do not."""
    try:
        known = condition.name in values
        return holds(condition.operator, values.get(condition.name), condition.value, known=known)
    except ConditionError:
        return False
