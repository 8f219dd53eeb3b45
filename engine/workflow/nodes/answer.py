"""answer: a text with references, streamed to the person as early as its parts are known."""

from __future__ import annotations

from collections.abc import Iterator

from engine.workflow.context import NodeContext
from engine.workflow.node import NodeData, NodeResult, NodeType, Problem, Read
from engine.workflow.references import references, segments
from engine.workflow.values import files_in


class AnswerData(NodeData):
    """The data of an answer node."""

    answer: str = ""


async def run(context: NodeContext, data: AnswerData) -> NodeResult:
    """Renders the whole text; its pieces were streamed before."""
    read = {selector: context.value(selector) for selector in references(data.answer)}
    context.inputs.update({".".join(selector): value for selector, value in read.items()})
    files = [dict(file) for value in read.values() for file in files_in(value)]
    return NodeResult({"answer": context.render(data.answer), "files": files})


def _reads(data: AnswerData) -> Iterator[Read]:
    for selector in references(data.answer):
        yield Read("answer", selector)


def _check(data: AnswerData) -> Iterator[Problem]:
    if not data.answer.strip():
        yield Problem("answer", "The answer is empty.", "required")


TYPE = NodeType(
    "answer",
    AnswerData,
    run,
    kind="response",
    outputs=lambda data: {"answer": "string", "files": "array[file]"},
    reads=_reads,
    check=_check,
    text=lambda data: segments(data.answer),
)
