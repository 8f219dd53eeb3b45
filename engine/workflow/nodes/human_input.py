"""human-input: shows a person a form, pauses the run, and goes the way of the action that the person chose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from engine.workflow.context import NodeContext
from engine.workflow.events import HumanInputRequired
from engine.workflow.failure import NodeFailure, NodePaused
from engine.workflow.node import NodeData, NodeResult, NodeType, Part, Problem, Read
from engine.workflow.references import references
from engine.workflow.values import Value, as_text

TIMED_OUT = "__timeout"
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_FIELD = re.compile(r"\{\{#\$output\.([a-zA-Z_][a-zA-Z0-9_]*)#\}\}")
_TYPES = {"select": "string", "file": "file", "file-list": "array[file]", "number": "number"}


class DefaultInput(Part):
    """What a field holds at first: a constant, or a variable."""

    type: Literal["constant", "variable"] = "constant"
    selector: list[str] = Field(default_factory=list)
    value: Any = ""


class FormInput(Part):
    """A field of the form."""

    type: str = "paragraph"
    output_variable_name: str = Field(min_length=1)
    default: DefaultInput = DefaultInput()


class UserAction(Part):
    """A button: its id is the handle that is taken."""

    id: str = Field(min_length=1)
    title: str = ""
    button_style: str = "default"


class HumanInputData(NodeData):
    """The data of a human-input node. `form_content` is Markdown with references and `{{#$output.field#}}`."""

    delivery_methods: list[dict[str, Any]] = Field(default_factory=list)
    form_content: str = ""
    inputs: list[FormInput] = Field(default_factory=list)
    user_actions: list[UserAction] = Field(default_factory=list)
    timeout: float = Field(default=36, gt=0)
    timeout_unit: Literal["minute", "hour", "day"] = "hour"


async def run(context: NodeContext, data: HumanInputData) -> NodeResult:
    """Pauses until there is a response, then gives its values and takes its action."""
    content = context.render(data.form_content)
    defaults = {entry.output_variable_name: _default(context, entry.default) for entry in data.inputs}
    context.inputs.update({"form_content": content, "default_values": defaults})
    response = context.response
    if response is None:
        raise NodePaused(
            HumanInputRequired(
                context.node,
                context.node.id,
                content,
                tuple(entry.model_dump() for entry in data.inputs),
                tuple(action.model_dump() for action in data.user_actions),
                defaults,
                tuple(data.delivery_methods),
                data.timeout * _SECONDS[data.timeout_unit],
            )
        )
    if response.timed_out:
        context.timed_out()
        rendered = _filled(content, defaults)
        return NodeResult({**defaults, "__action_id": TIMED_OUT, "__rendered_content": rendered}, handle=TIMED_OUT)
    action = next((action for action in data.user_actions if action.id == response.action_id), None)
    if action is None:
        raise NodeFailure(f'The form has no action "{response.action_id}".', "InvalidAction")
    values = {name: response.values.get(name, default) for name, default in defaults.items()}
    rendered = _filled(content, values)
    context.filled(action.id, action.title, rendered)
    return NodeResult({**values, "__action_id": action.id, "__rendered_content": rendered}, handle=action.id)


def _default(context: NodeContext, default: DefaultInput) -> Value:
    return context.value(default.selector) if default.type == "variable" else default.value


def _filled(content: str, values: Mapping[str, Value]) -> str:
    return _FIELD.sub(lambda match: as_text(values.get(match.group(1))), content)


def _reads(data: HumanInputData) -> Iterator[Read]:
    for selector in references(data.form_content):
        yield Read("form_content", selector)
    for place, entry in enumerate(data.inputs):
        if entry.default.type == "variable":
            yield Read(f"inputs.{place}.default.selector", tuple(entry.default.selector))


def _check(data: HumanInputData) -> Iterator[Problem]:
    if not data.user_actions:
        yield Problem("user_actions", "The form has no action, so nobody can submit it.", "required")
    for field, names in (
        ("user_actions", [action.id for action in data.user_actions]),
        ("inputs", [entry.output_variable_name for entry in data.inputs]),
    ):
        for place, name in enumerate(names):
            if name in names[:place]:
                yield Problem(f"{field}.{place}", f'The name "{name}" is used twice.', "unique")


def _outputs(data: HumanInputData) -> Mapping[str, str]:
    named = {entry.output_variable_name: _TYPES.get(entry.type, "string") for entry in data.inputs}
    return {**named, "__action_id": "string", "__rendered_content": "string"}


TYPE = NodeType(
    "human-input",
    HumanInputData,
    run,
    kind="branch",
    outputs=_outputs,
    handles=lambda data: [*(action.id for action in data.user_actions), TIMED_OUT],
    reads=_reads,
    check=_check,
)
