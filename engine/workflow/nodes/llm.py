"""llm: asks a language model, with memory, knowledge, pictures, structured output and reasoning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import jsonschema_rs
from pydantic import Field

from engine.providers.messages import (
    AssistantMessage,
    ChatMessage,
    Grounding,
    Passage,
    SystemMessage,
    UserMessage,
    plain_text,
)
from engine.providers.model import ChatModel
from engine.providers.tokens import estimate_tokens
from engine.workflow.context import NodeContext
from engine.workflow.failure import NodeFailure
from engine.workflow.node import (
    ModelChoice,
    NodeData,
    NodeResult,
    NodeType,
    Part,
    Problem,
    Read,
    SelectorList,
    VariableInput,
)
from engine.workflow.nodes.knowledge import resources_of
from engine.workflow.nodes.model_call import Answered, account, ask, language_model, read_json, told
from engine.workflow.nodes.prompting import Memory, Vision, history_messages, remembered, with_pictures
from engine.workflow.nodes.template import variable_reads
from engine.workflow.nodes.thinking import ThinkSplitter
from engine.workflow.references import references
from engine.workflow.values import passages_text, to_json

CONTEXT, HISTORIES = "{{#context#}}", "{{#histories#}}"


class PromptMessage(Part):
    """One message of the prompt, or its only text. `edition_type` tells which of the two texts counts."""

    role: Literal["system", "user", "assistant"] = "user"
    text: str = ""
    jinja2_text: str = ""
    edition_type: str = "basic"

    @property
    def is_template(self) -> bool:
        """Whether the text is a Jinja template."""
        return self.edition_type == "jinja2"

    @property
    def written(self) -> str:
        """The text that counts."""
        return (self.jinja2_text or self.text) if self.is_template else self.text


class PromptConfig(Part):
    """The variables that Jinja templates see."""

    jinja2_variables: list[VariableInput] = Field(default_factory=list)


class ContextConfig(Part):
    """Whether there is knowledge, and which variable holds it."""

    enabled: bool = False
    variable_selector: SelectorList = Field(default_factory=list)


class StructuredOutput(Part):
    """The JSON Schema of the answer."""

    schema_: dict[str, Any] = Field(default_factory=dict, alias="schema")


class LlmData(NodeData):
    """The data of an llm node."""

    model: ModelChoice
    prompt_template: list[PromptMessage] | PromptMessage = Field(default_factory=list)
    prompt_config: PromptConfig = PromptConfig()
    memory: Memory | None = None
    context: ContextConfig = ContextConfig()
    vision: Vision = Vision()
    structured_output: StructuredOutput = StructuredOutput()
    structured_output_enabled: bool = False
    reasoning_format: Literal["tagged", "separated"] = "tagged"

    @property
    def messages(self) -> list[PromptMessage]:
        """The prompt as messages; a prompt of one text is one question."""
        prompt = self.prompt_template
        return [prompt] if isinstance(prompt, PromptMessage) else prompt

    @property
    def schema_wanted(self) -> Mapping[str, Any]:
        """The JSON Schema of the answer; empty where it is free."""
        return self.structured_output.schema_ if self.structured_output_enabled else {}


async def run(context: NodeContext, data: LlmData) -> NodeResult:
    """Composes the prompt, asks, and streams the answer as it comes."""
    model = await language_model(context, data.model)
    messages = await _compose(context, data, model)
    context.process_data["prompts"] = told(messages)
    grounding = _grounding(context, data, messages)
    answered, text, reasoning = await _stream(context, data, model, messages, grounding)
    if answered.finish_reason == "content_filter" and not text:
        raise NodeFailure("The provider's content filter left nothing of the answer.", "content_filter")
    metadata = account(context, model, data.model, answered)
    outputs = {
        "text": text,
        "reasoning_content": reasoning,
        "usage": dict(answered.usage),
        "finish_reason": answered.finish_reason,
        "files": [],
    }
    if data.schema_wanted:
        outputs["structured_output"] = _structured(text, data.schema_wanted)
    return NodeResult(outputs, spent=answered.spent, metadata=metadata)


async def _stream(
    context: NodeContext,
    data: LlmData,
    model: ChatModel,
    messages: Sequence[ChatMessage],
    grounding: Grounding | None,
) -> tuple[Answered, str, str]:
    """Asks, and returns the answer with its text and its reasoning as the author wants them told apart."""
    separated = data.reasoning_format == "separated"
    splitter = ThinkSplitter()
    shown: list[str] = []
    thoughts: list[str] = []
    thinking = False

    def show(text: str) -> None:
        if text:
            shown.append(text)
            context.chunk("text", text)

    def think(text: str) -> None:
        if text:
            thoughts.append(text)
            context.reasoning(text)

    def on_reasoning(piece: str) -> None:
        nonlocal thinking
        think(piece)
        if not separated:
            show(piece if thinking else f"<think>\n{piece}")
        thinking = True

    def on_text(piece: str) -> None:
        nonlocal thinking
        if thinking and not separated:
            show("\n</think>\n")
        thinking = False
        if not separated:
            show(piece)
            return
        answer, thought = splitter.split(piece)
        think(thought)
        show(answer)

    answered = await ask(
        model,
        messages,
        data.model.completion_params,
        grounding=grounding,
        on_text=on_text,
        on_reasoning=on_reasoning,
    )
    answer, thought = splitter.end()
    think(thought)
    show(answer)
    if thinking and not separated:
        show("\n</think>\n")
    if thoughts:
        context.reasoning("", final=True)
    return answered, "".join(shown), "".join(thoughts).strip() if separated else ""


async def _compose(context: NodeContext, data: LlmData, model: ChatModel) -> list[ChatMessage]:
    knowledge = _knowledge(context, data)
    filled = [(entry.role, await _fill(context, data, entry, knowledge)) for entry in data.messages]
    if isinstance(data.prompt_template, PromptMessage) or data.model.mode == "completion":
        return [await with_pictures(context, data.vision, UserMessage(_histories(context, data, model, filled)))]
    messages: list[ChatMessage] = []
    for role, text in filled:
        if text.strip():
            messages.append(_MESSAGES[role](text))
    question = _question(context, data)
    if data.memory is not None:
        asked = [UserMessage(question)] if question.strip() else []
        others = [*messages, *asked]
        parameters = data.model.completion_params
        messages = [*messages, *history_messages(context, data.memory, model, parameters, others), *asked]
    if data.schema_wanted:
        messages.insert(0, SystemMessage(_SCHEMA.format(schema=to_json(dict(data.schema_wanted), indent=True))))
    if not messages:
        raise NodeFailure("The prompt is empty.", "NoPromptFoundError")
    last = next((place for place in reversed(range(len(messages))) if isinstance(messages[place], UserMessage)), None)
    if last is not None:
        message = messages[last]
        assert isinstance(message, UserMessage)
        messages[last] = await with_pictures(context, data.vision, message)
    elif data.vision.enabled:
        seen = await with_pictures(context, data.vision, UserMessage(""))
        if seen.content:
            messages.append(seen)
    return messages


async def _fill(context: NodeContext, data: LlmData, entry: PromptMessage, knowledge: str) -> str:
    if entry.is_template:
        renderer = context.need(context.services.templates, "template renderer")
        variables = data.prompt_config.jinja2_variables
        values = {variable.variable: context.value(variable.value_selector) for variable in variables}
        context.inputs.update(values)
        template = entry.written.replace(CONTEXT, "{{ parley_context }}")
        return await renderer.render(template, {**values, "parley_context": knowledge})
    for selector in references(entry.written):
        context.inputs[f"#{'.'.join(selector)}#"] = context.value(selector)
    pieces = [context.render(piece, passages_text) for piece in entry.written.split(CONTEXT)]
    return knowledge.join(pieces)


def _histories(context: NodeContext, data: LlmData, model: ChatModel, filled: Sequence[tuple[str, str]]) -> str:
    text = "\n".join(piece for _, piece in filled)
    memory = data.memory
    kept = remembered(context, memory, model, data.model.completion_params, estimate_tokens(text))
    prefix = memory.role_prefix if memory is not None else Memory().role_prefix
    lines = [f"{prefix.user}: {entry.query}\n{prefix.assistant}: {entry.answer}" for entry in kept]
    question = context.value(("sys", "query"))
    return text.replace(HISTORIES, "\n".join(lines)).replace("{{#query#}}", str(question or ""))


def _knowledge(context: NodeContext, data: LlmData) -> str:
    if not data.context.enabled or not data.context.variable_selector:
        return ""
    value = context.value(data.context.variable_selector)
    context.inputs["#context#"] = value
    resources = resources_of(value)
    if resources:
        context.retrieved(resources)
    return passages_text(value)


def _grounding(context: NodeContext, data: LlmData, messages: Sequence[ChatMessage]) -> Grounding | None:
    """Returns the question and the passages, for a model that reads nothing else."""
    if not data.context.enabled or not data.context.variable_selector:
        return None
    asked = context.value(("sys", "query"))
    if not asked:
        asked = next((plain_text(entry) for entry in reversed(messages) if isinstance(entry, UserMessage)), "")
    value = context.value(data.context.variable_selector)
    found = resources_of(value)
    passages = [Passage(str(entry["document_name"]), str(entry["content"]), entry["score"]) for entry in found]
    if not found and isinstance(value, str) and value:
        passages = [Passage("", value)]
    return Grounding(str(asked), tuple(passages))


def _question(context: NodeContext, data: LlmData) -> str:
    if data.memory is None:
        return ""
    if data.memory.query_prompt_template:
        return context.render(data.memory.query_prompt_template)
    return str(context.value(("sys", "query")) or "")


def _structured(text: str, schema: Mapping[str, Any]) -> Any:
    value = read_json(text)
    try:
        jsonschema_rs.validate(dict(schema), value)
    except jsonschema_rs.ValidationError as error:
        message = f"The model's answer does not fit the schema: {error.message}."
        raise NodeFailure(message, "OutputParserError") from error
    except ValueError as error:
        raise NodeFailure(f"The schema of the structured output cannot be used: {error}.", "InvalidSchema") from error
    return value


_MESSAGES: Mapping[str, Any] = {"system": SystemMessage, "user": UserMessage, "assistant": AssistantMessage}
_SCHEMA = (
    "Answer with one JSON value and nothing else: no explanation, no code fence. It has to fit this JSON Schema:\n"
    "{schema}"
)


def _reads(data: LlmData) -> Iterator[Read]:
    for place, entry in enumerate(data.messages):
        if not entry.is_template:
            for selector in references(entry.written):
                yield Read(f"prompt_template.{place}.text", selector)
    yield from variable_reads(data.prompt_config.jinja2_variables, "prompt_config.jinja2_variables")
    if data.context.enabled and len(data.context.variable_selector) > 1:
        yield Read("context.variable_selector", tuple(data.context.variable_selector))
    if data.vision.enabled:
        selector = tuple(data.vision.configs.variable_selector)
        yield Read("vision.configs.variable_selector", selector, ("file", "array[file]"))


def _check(data: LlmData) -> Iterator[Problem]:
    if not any(entry.written.strip() for entry in data.messages) and data.memory is None:
        yield Problem("prompt_template", "The prompt is empty.", "required")
    if data.context.enabled and len(data.context.variable_selector) < 2:
        yield Problem("context.variable_selector", "The knowledge names no variable.", "required")
    if data.structured_output_enabled and not data.structured_output.schema_:
        yield Problem("structured_output.schema", "The structured output has no schema.", "required")


def _outputs(data: LlmData) -> Mapping[str, str]:
    known = {
        "text": "string",
        "reasoning_content": "string",
        "usage": "object",
        "finish_reason": "string",
        "files": "array[file]",
    }
    return {**known, "structured_output": "object"} if data.schema_wanted else known


TYPE = NodeType("llm", LlmData, run, outputs=_outputs, reads=_reads, check=_check)
