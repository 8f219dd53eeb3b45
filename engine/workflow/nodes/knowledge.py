"""knowledge-retrieval: passages of knowledge bases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from engine.workflow.context import NodeContext
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, SelectorList
from engine.workflow.references import references
from engine.workflow.services import MetadataCondition, RetrievalRequest
from engine.workflow.values import Value

_SOURCE = "knowledge"


class SingleRetrieval(Part):
    """The model that chooses one knowledge base."""

    model: dict[str, Any] = Field(default_factory=dict)


class FilterCondition(Part):
    """A condition on the metadata of documents."""

    name: str = Field(min_length=1)
    comparison_operator: str
    value: Any = None


class FilterConditions(Part):
    """Conditions on the metadata of documents."""

    logical_operator: Literal["and", "or"] = "and"
    conditions: list[FilterCondition] = Field(default_factory=list)


class KnowledgeData(NodeData):
    """The data of a knowledge-retrieval node."""

    query_variable_selector: SelectorList = Field(min_length=2)
    dataset_ids: list[str] = Field(default_factory=list)
    retrieval_mode: Literal["single", "multiple"] = "multiple"
    multiple_retrieval_config: dict[str, Any] = Field(default_factory=dict)
    single_retrieval_config: SingleRetrieval = SingleRetrieval()
    metadata_filtering_mode: Literal["disabled", "automatic", "manual"] = "disabled"
    metadata_model_config: dict[str, Any] = Field(default_factory=dict)
    metadata_filtering_conditions: FilterConditions = FilterConditions()


async def run(context: NodeContext, data: KnowledgeData) -> NodeResult:
    """Searches for the query; an empty query finds nothing."""
    retriever = context.need(context.services.retriever, "knowledge bases")
    query = str(context.value(data.query_variable_selector) or "")
    context.inputs["query"] = query
    if not query.strip():
        return NodeResult({"result": []})
    conditions = tuple(
        MetadataCondition(entry.name, entry.comparison_operator, _rendered(context, entry.value))
        for entry in data.metadata_filtering_conditions.conditions
    )
    request = RetrievalRequest(
        query,
        tuple(data.dataset_ids),
        data.retrieval_mode,
        data.multiple_retrieval_config,
        data.single_retrieval_config.model,
        data.metadata_filtering_mode,
        data.metadata_model_config,
        data.metadata_filtering_conditions.logical_operator,
        conditions if data.metadata_filtering_mode == "manual" else (),
    )
    found = await retriever.retrieve(request)
    return NodeResult({"result": [_entry(resource) for resource in found]})


def resources_of(value: Value) -> list[dict[str, Any]]:
    """Returns the `retriever_resources` that the result of a retrieval rests on; none for any other value."""
    if not isinstance(value, list):
        return []
    resources = []
    for entry in value:
        metadata = entry.get("metadata") if isinstance(entry, Mapping) else None
        if isinstance(metadata, Mapping) and metadata.get("_source") == _SOURCE:
            known = {name: part for name, part in metadata.items() if not name.startswith("_")}
            resources.append({**known, "content": entry.get("content", ""), "document_name": entry.get("title", "")})
    return resources


def _entry(resource: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in resource.items() if name != "content"}
    metadata = {"_source": _SOURCE, "score": 0.0, **metadata, "retriever_from": "workflow"}
    return {
        "metadata": metadata,
        "title": resource.get("document_name", ""),
        "url": resource.get("url"),
        "icon": None,
        "files": [],
        "content": resource.get("content", ""),
    }


def _rendered(context: NodeContext, value: Value) -> Value:
    return context.render(value) if isinstance(value, str) else value


def _reads(data: KnowledgeData) -> Iterator[Read]:
    yield Read("query_variable_selector", tuple(data.query_variable_selector), ("string",))
    for place, entry in enumerate(data.metadata_filtering_conditions.conditions):
        if isinstance(entry.value, str):
            for selector in references(entry.value):
                yield Read(f"metadata_filtering_conditions.conditions.{place}.value", selector)


def _check(data: KnowledgeData) -> Iterator[Problem]:
    if not data.dataset_ids:
        yield Problem("dataset_ids", "No knowledge base is chosen.", "required")
    if data.metadata_filtering_mode == "manual" and not data.metadata_filtering_conditions.conditions:
        yield Problem("metadata_filtering_conditions.conditions", "There is no condition to filter by.", "required")


TYPE = NodeType(
    "knowledge-retrieval",
    KnowledgeData,
    run,
    outputs=lambda data: {"result": "array[object]"},
    reads=_reads,
    check=_check,
)
