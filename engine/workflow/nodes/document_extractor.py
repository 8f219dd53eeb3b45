"""document-extractor: the text of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from engine.ingestion.extract import extract
from engine.workflow.context import NodeContext
from engine.workflow.failure import NodeFailure
from engine.workflow.node import NodeData, NodeResult, NodeType, Read, SelectorList
from engine.workflow.values import is_file


class ExtractorData(NodeData):
    """The data of a document-extractor node."""

    variable_selector: SelectorList = Field(min_length=2)
    is_array_file: bool = False


async def run(context: NodeContext, data: ExtractorData) -> NodeResult:
    """Reads a file, or each file of a list, in a child process with limits."""
    files = context.need(context.services.files, "file storage")
    value = context.value(data.variable_selector)
    name = ".".join(data.variable_selector)
    context.inputs["variable_selector"] = value

    async def text(file: Mapping[str, Any]) -> str:
        extracted = await extract(await files.path(file), str(file.get("filename") or "document"))
        return extracted.text

    if is_file(value):
        found = await text(value)
        context.process_data["documents"] = [found]
        return NodeResult({"text": found})
    if isinstance(value, list) and all(map(is_file, value)):
        texts = [await text(file) for file in value]
        context.process_data["documents"] = texts
        return NodeResult({"text": texts})
    raise NodeFailure(f"{name} is no file and no list of files.", "DocumentExtractorError")


def _reads(data: ExtractorData) -> Iterator[Read]:
    yield Read("variable_selector", tuple(data.variable_selector), ("file", "array[file]"))


TYPE = NodeType(
    "document-extractor",
    ExtractorData,
    run,
    outputs=lambda data: {"text": "array[string]" if data.is_array_file else "string"},
    reads=_reads,
)
