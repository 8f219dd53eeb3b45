"""A knowledge base as a tool: the model decides when to search it, and for what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.chat.prompt import context_block
from engine.chat.sources import passage, resource
from engine.retrieval.hit import Hit
from engine.tools.tool import ToolContext, ToolResult, Words, words

Search = Callable[[Sequence[str], str], Awaitable[Sequence[Hit]]]
"""Finds passages of datasets, given their ids and a question."""

_PARAMETERS = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "What to look for, in words of the documents."}},
    "required": ["query"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class KnowledgeTool:
    """Searches one knowledge base."""

    dataset_id: str
    dataset_name: str
    dataset_description: str
    search: Search

    @property
    def name(self) -> str:
        """A name that a model may call."""
        return f"dataset_{self.dataset_id.replace('-', '_')}"

    @property
    def label(self) -> Words:
        """The knowledge base's name."""
        return words(self.dataset_name)

    @property
    def description(self) -> str:
        """What the knowledge base holds, in its owner's words."""
        about = self.dataset_description.strip() or f"Documents of the knowledge base “{self.dataset_name}”."
        return f"Searches this knowledge base: {about}"

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The question."""
        return _PARAMETERS

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Returns the best passages, with their documents."""
        hits = await self.search([self.dataset_id], str(arguments["query"]))
        found = tuple(resource(hit) for hit in hits)
        return ToolResult(context_block([passage(hit) for hit in hits]), found, resources=found)
