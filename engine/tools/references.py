"""How apps and workflows name the tools they use: entries of `agent_mode.tools`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from engine.tools.tool import ProviderType


@dataclass(frozen=True, slots=True)
class ToolReference:
    """A tool by its provider and name. `place` says where it stood, for messages about it.

    A knowledge base has the provider type `dataset`, its id as the provider, and no tool name.
    """

    provider_type: ProviderType
    provider_id: str
    tool_name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""


def read_references(agent_mode: Mapping[str, Any] | None) -> list[ToolReference]:
    """Returns the tools that an agent may use; entries that are switched off, or are none, are left out.

    Both forms are read: `{provider_type, provider_id, tool_name, tool_parameters, enabled}`, and the older
    `{"dataset": {"id", "enabled"}}` and `{"<tool of ours>": {…}}`.
    """
    said = agent_mode or {}
    if said.get("enabled") is False:
        return []
    found: list[ToolReference] = []
    for index, entry in enumerate(said.get("tools") or ()):
        reference = _reference(entry, f"agent_mode.tools[{index}]") if isinstance(entry, Mapping) else None
        if reference is not None:
            found.append(reference)
    return found


def _reference(entry: Mapping[str, Any], place: str) -> ToolReference | None:
    if isinstance(dataset := entry.get("dataset"), Mapping):
        if dataset.get("enabled") is False or not dataset.get("id"):
            return None
        return ToolReference("dataset", str(dataset["id"]).lower(), "", place=place)
    if entry.get("enabled") is False:
        return None
    kind = entry.get("provider_type")
    if kind is None or kind not in get_args(ProviderType):
        return None
    provider = str(entry.get("provider_id") or entry.get("provider_name") or "")
    settings = entry.get("tool_parameters")
    return ToolReference(
        kind,
        provider if kind == "builtin" else provider.lower(),
        str(entry.get("tool_name") or ""),
        settings if isinstance(settings, Mapping) else {},
        place,
    )
