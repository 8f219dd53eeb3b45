"""What nodes need from the world. Workers give the real ones, tests small ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from engine.chat.turn import Exchange
from engine.providers.model import ChatModel
from engine.tools.references import ToolReference
from engine.tools.tool import Provided, ToolContext
from engine.workflow.values import Value
from foundation.egress import Fetched


class ChatModels(Protocol):
    """Chat models by their configuration."""

    async def chat(self, config: Mapping[str, Any]) -> ChatModel:
        """Returns the model that a node's `model` object names.

        Raises:
            ApiError: there is no such model, or it has no credentials.
        """


@dataclass(frozen=True, slots=True)
class MetadataCondition:
    """A condition on a document's metadata."""

    name: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class RetrievalRequest:
    """What a knowledge-retrieval node searches for, and where.

    `settings` is its `multiple_retrieval_config` (top_k, score_threshold, reranking, weights). Conditions are joined
    by `logical_operator`; `metadata_mode` automatic leaves it to the retriever to derive them from the query.
    """

    query: str
    dataset_ids: tuple[str, ...]
    mode: Literal["single", "multiple"]
    settings: Mapping[str, Any]
    model: Mapping[str, Any]
    metadata_mode: Literal["disabled", "automatic", "manual"] = "disabled"
    metadata_model: Mapping[str, Any] = field(default_factory=dict)
    logical_operator: Literal["and", "or"] = "and"
    conditions: tuple[MetadataCondition, ...] = ()


class Retriever(Protocol):
    """Knowledge bases of the run's workspace."""

    async def retrieve(self, request: RetrievalRequest) -> Sequence[Mapping[str, Any]]:
        """Returns passages, best first, in the shape of `retriever_resources` (see `engine.chat.sources.resource`)."""


class Tools(Protocol):
    """The tools that the run's workspace may use."""

    @property
    def context(self) -> ToolContext:
        """What calls may use."""

    async def find(self, references: Sequence[ToolReference], call_depth: int) -> list[Provided]:
        """Returns the tools that are named, in order.

        Args:
            references: which tools are meant.
            call_depth: how many workflows called each other down to the one that asks; a workflow that is called
                as a tool is one deeper.

        Raises:
            ApiError: there is no such tool.
        """


class Files(Protocol):
    """The files of a run: file values and their bytes."""

    async def path(self, file: Mapping[str, Any]) -> Path:
        """Returns where the bytes of a file value can be read.

        Raises:
            ApiError: the file is gone, or its address cannot be fetched.
        """

    async def picture(self, file: Mapping[str, Any]) -> str:
        """Returns an address that a model can read a picture from: https, or `data:`."""

    async def keep(self, content: bytes, name: str, mime_type: str) -> dict[str, Any]:
        """Stores bytes that a node made and returns their file value."""


class CodeRunner(Protocol):
    """Runs what authors of workflows wrote, shut off from everything."""

    async def run(self, language: Literal["python3", "javascript"], code: str, inputs: Mapping[str, Value]) -> Value:
        """Calls `main` with the inputs by name and returns what it returned.

        Raises:
            CodeFailure: the code is wrong, raised, or broke a limit.
        """


class TemplateRenderer(Protocol):
    """Renders Jinja templates, shut off from everything."""

    async def render(self, template: str, values: Mapping[str, Value]) -> str:
        """Returns the rendered text.

        Raises:
            CodeFailure: the template is wrong, or broke a limit.
        """


class Fetcher(Protocol):
    """The way out to addresses that authors chose; `foundation.egress.EgressGuard` is one."""

    async def fetch(
        self,
        url: str,
        max_bytes: int = ...,
        timeout: float = ...,
        *,
        method: str = ...,
        headers: Mapping[str, str] | None = ...,
        content: bytes | None = ...,
        secrets: Iterable[str] = ...,
    ) -> Fetched:
        """Sends one request and reads its answer whole; see `EgressGuard.fetch`."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that nodes may ask for. A node whose service is None fails and says so.

    `history` is what was said in the conversation before this message, oldest first.
    """

    models: ChatModels | None = None
    retriever: Retriever | None = None
    tools: Tools | None = None
    files: Files | None = None
    code: CodeRunner | None = None
    templates: TemplateRenderer | None = None
    http: Fetcher | None = None
    history: Sequence[Exchange] = ()


@dataclass(frozen=True, slots=True)
class HumanResponse:
    """What a person answered to a form: the action, and the fields by name. `timed_out`: nobody did in time."""

    action_id: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    timed_out: bool = False
