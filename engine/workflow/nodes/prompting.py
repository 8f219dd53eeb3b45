"""What several node types say to a model beside their own instructions: history and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from engine.chat.memory import remember, room_for_history, spoken
from engine.chat.turn import Exchange
from engine.providers.messages import ChatMessage, ImagePart, TextPart, UserMessage
from engine.providers.model import ChatModel
from engine.providers.tokens import estimate_message
from engine.workflow.context import NodeContext
from engine.workflow.node import Part, SelectorList
from engine.workflow.values import files_in

_REMEMBERED = 50


def _size(value: Any) -> Any:
    """Editors leave an empty text where the window is off."""
    return _REMEMBERED if value == "" else value


class Window(Part):
    """How many exchanges are remembered."""

    enabled: bool = False
    size: Annotated[int, Field(ge=1), BeforeValidator(_size, json_schema_input_type=int | Literal[""])] = _REMEMBERED


class RolePrefix(Part):
    """How the two sides are called in a prompt of one text."""

    user: str = "Human"
    assistant: str = "Assistant"


class Memory(Part):
    """What of the conversation is remembered, and how the question is put."""

    window: Window = Window()
    query_prompt_template: str = ""
    role_prefix: RolePrefix = RolePrefix()


class VisionConfigs(Part):
    """Where pictures come from."""

    variable_selector: SelectorList = Field(default_factory=lambda: ["sys", "files"])
    detail: Literal["low", "high", "auto"] = "high"


class Vision(Part):
    """Whether the model sees pictures."""

    enabled: bool = False
    configs: VisionConfigs = VisionConfigs()


def remembered(
    context: NodeContext, memory: Memory | None, model: ChatModel, parameters: Mapping[str, Any], fixed: int
) -> list[Exchange]:
    """Returns the exchanges that fit into the window and into the model, oldest first.

    Args:
        context: the node.
        memory: None where the node remembers nothing.
        model: who reads them.
        parameters: the model's parameters, with the length of the answer.
        fixed: how many tokens the rest of the prompt takes.
    """
    if memory is None:
        return []
    history: Sequence[Exchange] = context.services.history
    if memory.window.enabled:
        history = history[-memory.window.size :]
    return remember(history, room_for_history(model.context_size, parameters, fixed))


def history_messages(
    context: NodeContext,
    memory: Memory | None,
    model: ChatModel,
    parameters: Mapping[str, Any],
    others: Sequence[ChatMessage],
) -> list[ChatMessage]:
    """Returns the remembered exchanges as messages; `others` are what has to fit beside them."""
    return spoken(remembered(context, memory, model, parameters, sum(map(estimate_message, others))))


async def with_pictures(context: NodeContext, vision: Vision, message: UserMessage) -> UserMessage:
    """Returns a question with the pictures that the node's author wants shown."""
    if not vision.enabled or not isinstance(message.content, str):
        return message
    files = context.services.files
    shown = [
        file
        for file in files_in(context.value(vision.configs.variable_selector))
        if file.get("type") == "image" and files is not None
    ]
    if not shown or files is None:
        return message
    parts = [ImagePart(await files.picture(file), vision.configs.detail) for file in shown]
    context.inputs["#files#"] = [dict(file) for file in shown]
    return UserMessage((TextPart(message.content), *parts))
