"""A turn: what a person said to an app, with everything that its answer depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question of the conversation and its answer."""

    query: str
    answer: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture sent along: an https or `data:` URL."""

    url: str
    detail: str = "auto"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A document sent along, as text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked of a chat app, an agent or a completion app.

    `config` is the app's model configuration as it was when the question came; `inputs` are checked already;
    `history` is oldest first.
    """

    mode: Literal["chat", "agent-chat", "completion"]
    config: Mapping[str, Any]
    query: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Exchange] = ()
    pictures: Sequence[Picture] = ()
    enclosures: Sequence[Enclosure] = ()
    unseen: Sequence[str] = ()
    """The names of pictures that were sent to a model which cannot see."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The model's parameters, as the app sets them."""
        parameters = (self.config.get("model") or {}).get("completion_params")
        return parameters if isinstance(parameters, Mapping) else {}

    @property
    def dataset_ids(self) -> list[str]:
        """The knowledge bases that the app searches."""
        configs = self.config.get("dataset_configs") or {}
        listed = (configs.get("datasets") or {}).get("datasets") or []
        chosen = [entry.get("dataset") or {} for entry in listed if isinstance(entry, Mapping)]
        return [str(entry["id"]) for entry in chosen if entry.get("id") and entry.get("enabled") is not False]

    @property
    def shows_sources(self) -> bool:
        """Whether the answer names the passages it rests on; an app has to switch this off."""
        setting = self.config.get("retriever_resource")
        return not isinstance(setting, Mapping) or setting.get("enabled") is not False

    @property
    def search_query(self) -> str:
        """What the knowledge bases are searched for: the query, or what stands for it in the inputs."""
        variable = self.config.get("dataset_query_variable")
        if variable and self.inputs.get(variable):
            return str(self.inputs[variable])
        if self.query.strip():
            return self.query
        if self.inputs.get("query"):
            return str(self.inputs["query"])
        return " ".join(value for value in self.inputs.values() if isinstance(value, str))
