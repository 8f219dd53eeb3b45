"""end: names what a workflow gives. Its variables are streamed one under the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field

from engine.workflow.context import NodeContext
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read, SelectorList
from engine.workflow.references import Reference, Segment


class Output(Part):
    """A named output and where it comes from."""

    variable: str = Field(min_length=1)
    value_selector: SelectorList = Field(min_length=2)
    value_type: str = "any"


class EndData(NodeData):
    """The data of an end node."""

    outputs: list[Output] = Field(default_factory=list)


async def run(context: NodeContext, data: EndData) -> NodeResult:
    """Reads the outputs; one whose variable was never given is null."""
    outputs = {output.variable: context.value(output.value_selector) for output in data.outputs}
    context.inputs.update(outputs)
    return NodeResult(outputs)


def _text(data: EndData) -> list[Segment]:
    text: list[Segment] = []
    for output in data.outputs:
        if text:
            text.append("\n")
        text.append(Reference(tuple(output.value_selector), ""))
    return text


def _reads(data: EndData) -> Iterator[Read]:
    for place, output in enumerate(data.outputs):
        yield Read(f"outputs.{place}.value_selector", tuple(output.value_selector), _types(output))


def _types(output: Output) -> tuple[str, ...]:
    return () if output.value_type in ("any", "") else (output.value_type,)


def _check(data: EndData) -> Iterator[Problem]:
    names = [output.variable for output in data.outputs]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Problem(f"outputs.{place}.variable", f'Two outputs are called "{name}".', "unique")


def _outputs(data: EndData) -> Mapping[str, str]:
    return {output.variable: output.value_type for output in data.outputs}


TYPE = NodeType("end", EndData, run, kind="response", outputs=_outputs, reads=_reads, check=_check, text=_text)
