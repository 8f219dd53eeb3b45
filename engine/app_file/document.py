"""What an app file says: the app, and either its workflow or the configuration of its prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from engine.app_file.model_config import ModelConfigSection
from engine.app_file.text import read_yaml
from engine.app_file.versions import FIRST_VERSION, judge_version
from engine.workflow.parse import read_graph
from foundation.errors import ApiError, ErrorDetail

NAME = r"^[a-zA-Z_][a-zA-Z0-9_]*$"
MAX_DETAILS = 100

Mode = Literal["chat", "agent-chat", "advanced-chat", "completion", "workflow"]
WORKFLOW_MODES = frozenset({"advanced-chat", "workflow"})


def _text(value: Any) -> Any:
    """Versions are numbers to YAML where nobody quoted them."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Section(BaseModel):
    """A part of an app file; what is not known is kept, and null is the same as leaving out."""

    model_config = ConfigDict(extra="allow", protected_namespaces=(), populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: inner for key, inner in value.items() if inner is not None}
        return value


class AppSection(Section):
    """What the app is called."""

    name: str = Field(min_length=1, max_length=255)
    mode: Mode
    description: str = Field(default="", max_length=4000)
    icon: str = Field(default="", max_length=255)
    icon_type: Literal["emoji", "image", "link"] | None = None
    icon_background: str | None = Field(default=None, max_length=255)
    use_icon_as_answer_icon: bool = False


class EnvironmentVariable(Section):
    """A value that nodes read as `env.NAME`; a secret's is empty unless it was asked for."""

    id: str = ""
    name: str = Field(min_length=1, max_length=255, pattern=NAME)
    value_type: Literal["string", "number", "secret"] = "string"
    value: str | int | float = ""
    description: str = Field(default="", max_length=4000)


class ConversationVariable(Section):
    """A variable that lives as long as a conversation."""

    id: str = ""
    name: str = Field(min_length=1, max_length=255, pattern=NAME)
    value_type: Literal[
        "string",
        "number",
        "boolean",
        "object",
        "file",
        "array[string]",
        "array[number]",
        "array[boolean]",
        "array[object]",
        "array[file]",
        "array[any]",
    ]
    value: Any = None
    description: str = Field(default="", max_length=4000)


class GraphSection(Section):
    """What the editor draws."""

    nodes: list[dict[str, Any]] = Field(default_factory=list, max_length=2000)
    edges: list[dict[str, Any]] = Field(default_factory=list, max_length=10000)
    viewport: dict[str, Any] = Field(default_factory=dict)


class WorkflowSection(Section):
    """The workflow of an app of mode workflow or advanced-chat."""

    graph: GraphSection
    features: dict[str, Any] = Field(default_factory=dict)
    environment_variables: list[EnvironmentVariable] = Field(default_factory=list, max_length=1000)
    conversation_variables: list[ConversationVariable] = Field(default_factory=list, max_length=1000)


class AppFile(Section):
    """An app file."""

    version: Annotated[str, BeforeValidator(_text)] = FIRST_VERSION
    kind: Literal["app"] = "app"
    app: AppSection
    workflow: WorkflowSection | None = None
    configuration: ModelConfigSection | None = Field(default=None, alias="model_config")
    dependencies: list[dict[str, Any]] = Field(default_factory=list)

    @property
    def graph(self) -> dict[str, Any]:
        """The workflow's graph as it was written; empty for apps with a prompt."""
        return self.workflow.graph.model_dump(exclude_unset=True) if self.workflow is not None else {}


def read_app_file(text: str) -> AppFile:
    """Returns what a file says. It takes seconds for megabytes: call it in a thread.

    Raises:
        ApiError: `invalid_app_file`, with an entry of `details` for each cause: what is no YAML, what is missing or of
            another type, a version that is none, a type of node that is not known here.
    """
    value = read_yaml(text)
    try:
        read = AppFile.model_validate(value)
    except ValidationError as error:
        raise _refused(list(_details(error))) from error
    problems: list[ErrorDetail] = []
    if judge_version(read.version) is None:
        problems.append({"field": "version", "type": "pattern", "message": f'"{read.version[:40]}" is no version.'})
    if read.app.mode in WORKFLOW_MODES:
        problems += _unknown_nodes(read)
    if problems:
        raise _refused(problems)
    return read


def _unknown_nodes(read: AppFile) -> list[ErrorDetail]:
    if read.workflow is None:
        message = f"An app of mode {read.app.mode} needs a workflow."
        return [{"field": "workflow", "type": "required", "message": message}]
    found: list[ErrorDetail] = []
    for violation in read_graph(read.graph).violations:
        if violation.kind == "enum" and violation.field == "type":
            detail = violation.detail()
            found.append({**detail, "field": f"workflow.graph.{detail['field']}"})
    return found


def _details(error: ValidationError) -> Iterator[ErrorDetail]:
    for entry in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(str(part) for part in entry["loc"]) or "file"
        kind = "required" if entry["type"] == "missing" else entry["type"]
        yield {"field": place[:512], "type": kind, "message": f"{entry['msg']}."}


def _refused(details: list[ErrorDetail]) -> ApiError:
    first = details[0]
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    message = f"The app file cannot be used: {first['field']}: {first['message']}{more}"
    return ApiError("invalid_app_file", message, details=details[:MAX_DETAILS])
