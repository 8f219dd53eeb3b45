"""What the nodes of a run may use of the world: its workspace's models, knowledge bases, tools and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.chat import Exchange
from engine.chat.sources import resource
from engine.providers.available import WorkspaceModels
from engine.providers.model import ChatModel
from engine.retrieval.hit import Hit
from engine.retrieval.metadata import lenient_condition
from engine.tools import Provided, ToolContext
from engine.tools.references import ToolReference
from engine.tools.shelf import read_shelf
from engine.tools.workflow_tool import WorkflowCall
from engine.workflow import RetrievalRequest, Services
from foundation.errors import ApiError
from models.metadata_filter import MetadataFilter
from models.workflow_run import WorkflowRun
from workers.knowledge import AppKnowledge
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

    knowledge: AppKnowledge

    async def retrieve(self, request: RetrievalRequest) -> Sequence[Mapping[str, Any]]:
        """Return passages, best first."""
        configs = {
            **request.settings,
            "retrieval_model": request.mode,
            "single_retrieval_model": request.model,
            "metadata_filtering_mode": request.metadata_mode,
            "metadata_filtering_conditions": None,
            "metadata_model_config": request.metadata_model or request.model,
        }
        conditions = None
        if request.metadata_mode == "manual" and request.conditions:
            read = (lenient_condition(each.name, each.operator, each.value) for each in request.conditions)
            conditions = MetadataFilter(tuple(read), request.logical_operator)
        hits = await self.knowledge.search(request.dataset_ids, request.query, configs, conditions)
        return [{**resource(hit), "position": place} for place, hit in enumerate(hits, 1)]


@dataclass(frozen=True, slots=True)
class RunTools:
    """The tools of a run's workspace."""

    process: GenerationProcess
    run: WorkflowRun
    user: str
    caller: Callable[[int], WorkflowCall]

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
        knowledge = AppKnowledge(self.process, self.run.workspace_id, self.run.app_id, self.run.author)

        async def search(dataset_ids: Sequence[str], query: str) -> Sequence[Hit]:
            return await knowledge.search(dataset_ids, query)

        found, _ = shelf.tools(references, self.process.sealer, search, self.caller(call_depth + 1))
        if details := shelf.missing(references):
            raise ApiError("invalid_param", details[0]["message"], details=details)
        return found


def run_services(
    process: GenerationProcess,
    run: WorkflowRun,
    files: RunFiles,
    models: RunModels,
    history: Sequence[Exchange],
    caller: Callable[[int], WorkflowCall],
) -> Services:
    """Return what the nodes of a run may use; `caller` calls workflows that are so many calls deep."""
    return Services(
        models=models,
        retriever=RunRetriever(AppKnowledge(process, run.workspace_id, run.app_id, run.author)),
        tools=RunTools(process, run, str(run.system.get("user_id") or ""), caller),
        files=files,
        code=process.sandbox,
        templates=process.sandbox,
        http=process.egress,
        history=history,
    )
