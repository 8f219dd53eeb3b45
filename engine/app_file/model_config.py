"""The configuration of an app with a prompt, as far as its parts have to be of a form (see `ModelConfig`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of the configuration; what is not known is kept."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())


class ModelChoice(Part):
    """The model that answers."""

    provider: str | None = Field(default=None, max_length=255)
    name: str | None = Field(default=None, max_length=255)
    mode: Literal["chat", "completion", ""] | None = None
    completion_params: dict[str, Any] | None = None


class Feature(Part):
    """A feature that is on or off."""

    enabled: bool | None = None


class AgentMode(Part):
    """How an agent reasons, and with which tools."""

    enabled: bool | None = None
    strategy: str | None = Field(default=None, max_length=40)
    max_iteration: int | None = Field(default=None, ge=1, le=99)
    tools: list[dict[str, Any]] | None = Field(default=None, max_length=100)


class DatasetReference(Part):
    """A knowledge base, and whether it is searched. Files of other installations name it in ways of their own."""

    id: str
    enabled: bool | None = None


class DatasetEntry(Part):
    """A knowledge base, wrapped as the app editor writes it."""

    dataset: DatasetReference


class DatasetChoice(Part):
    """The knowledge bases."""

    strategy: str | None = Field(default=None, max_length=40)
    datasets: list[DatasetEntry] | None = Field(default=None, max_length=100)


class DatasetConfigs(Part):
    """Which knowledge bases the app searches, and how."""

    retrieval_model: Literal["multiple", "single"] | None = None
    top_k: int | None = Field(default=None, ge=1, le=100)
    score_threshold_enabled: bool | None = None
    score_threshold: float | None = Field(default=None, ge=0, le=1)
    reranking_enable: bool | None = None
    datasets: DatasetChoice | None = None


class ModelConfigSection(Part):
    """What an app runs with."""

    model: ModelChoice | None = None
    prompt_type: Literal["simple", "advanced"] | None = None
    pre_prompt: str | None = Field(default=None, max_length=100000)
    chat_prompt_config: dict[str, Any] | None = None
    completion_prompt_config: dict[str, Any] | None = None
    user_input_form: list[dict[str, dict[str, Any]]] | None = Field(default=None, max_length=100)
    dataset_query_variable: str | None = Field(default=None, max_length=255)
    opening_statement: str | None = Field(default=None, max_length=20000)
    suggested_questions: list[str] | None = Field(default=None, max_length=100)
    suggested_questions_after_answer: Feature | None = None
    speech_to_text: Feature | None = None
    text_to_speech: Feature | None = None
    retriever_resource: Feature | None = None
    annotation_reply: Feature | None = None
    more_like_this: Feature | None = None
    sensitive_word_avoidance: Feature | None = None
    external_data_tools: list[dict[str, Any]] | None = Field(default=None, max_length=100)
    agent_mode: AgentMode | None = None
    dataset_configs: DatasetConfigs | None = None
    file_upload: dict[str, Any] | None = None

    def as_given(self) -> dict[str, Any]:
        """Returns the configuration as it was written, without nulls at its top."""
        given: Mapping[str, Any] = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None}


def is_dataset_id(text: str) -> bool:
    """Tells whether a text can be the id of a knowledge base here; other installations encrypt theirs."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
