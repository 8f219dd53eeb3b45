"""The catalogue of plugins: what comes with the server, and MCP servers that its operator describes in files.

A plugin is an entry of this catalogue and never code that is uploaded. What comes with the server is in every
workspace; an MCP server becomes a tool provider of the workspace that installs it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.providers.catalogue import Provider, providers
from engine.tools.builtin import BuiltinProvider, builtin_providers

Category = Literal["tool", "model"]
AUTHOR = "parley"
"""The author of what comes with the server; no file may speak in its name."""

log = logging.getLogger(__name__)


class ServerManifest(BaseModel):
    """Where an MCP server is, and how it is spoken to. Times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=2048)
    headers: dict[str, str] = Field({}, max_length=50)
    timeout: float | None = Field(None, ge=1, le=600)
    sse_read_timeout: float | None = Field(None, ge=1, le=1_200)


class Manifest(BaseModel):
    """What a file of the catalogue says of an MCP server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    author: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    name: str = Field(pattern=r"^[a-z0-9_-]{1,64}$")
    version: str = Field(pattern=r"^\d{1,9}(\.\d{1,9}){2}$")
    label: str = Field(pattern=r"^\S(.*\S)?$", max_length=40)
    description: str = Field("", max_length=2_000)
    icon: str = Field("🧩", min_length=1, max_length=2_048)
    icon_background: str = Field("#EDE9FE", max_length=255)
    tags: tuple[Annotated[str, Field(min_length=1, max_length=50)], ...] = Field((), max_length=20)
    server: ServerManifest


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry of the catalogue.

    Attributes:
        icon: an emoji, or the address of a picture.
        digest: the SHA-256 of everything that the entry says, in hexadecimal digits.
        manifest: what its file says; None for what comes with the server.
    """

    author: str
    name: str
    version: str
    label: str
    description: str
    icon: str
    category: Category
    tags: Sequence[str] = ()
    digest: str = field(default="", repr=False)
    manifest: Manifest | None = None

    @property
    def plugin_id(self) -> str:
        """The author and the name, as clients join them."""
        return f"{self.author}/{self.name}"

    @property
    def unique_identifier(self) -> str:
        """The identifier of this very version, with these very contents."""
        return f"{self.plugin_id}:{self.version}@{self.digest}"

    @property
    def built_in(self) -> bool:
        """Whether it comes with the server."""
        return self.manifest is None


def catalogue(version: str, folder: Path | None) -> list[Plugin]:
    """Returns every plugin by its id, the newest version of each; it reads files, so it belongs into a thread.

    Args:
        version: the version of the server, which what comes with it shares.
        folder: where the files are, `*.json`; one that is not as it should be is left out, and the log says why.
    """
    found = {plugin.plugin_id: plugin for plugin in _built_in(version)}
    for file in sorted(folder.glob("*.json")) if folder else ():
        plugin = _described(file)
        if plugin is not None and _is_newer(plugin, found.get(plugin.plugin_id)):
            found[plugin.plugin_id] = plugin
    return [found[plugin_id] for plugin_id in sorted(found)]


def _described(file: Path) -> Plugin | None:
    try:
        manifest = Manifest.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        # What pydantic says of a value would show the value, and headers can be secrets.
        told = error.errors(include_input=False, include_url=False) if isinstance(error, ValidationError) else error
        log.warning("The plugin that %s describes is left out: %s", file, told)
        return None
    if manifest.author == AUTHOR:
        log.warning("The plugin that %s describes is left out: the author %s is the server itself.", file, AUTHOR)
        return None
    return Plugin(
        author=manifest.author,
        name=manifest.name,
        version=manifest.version,
        label=manifest.label,
        description=manifest.description,
        icon=manifest.icon,
        category="tool",
        tags=manifest.tags,
        digest=_digest(manifest.model_dump(mode="json")),
        manifest=manifest,
    )


def _built_in(version: str) -> list[Plugin]:
    tools = [
        _carried(provider, version, "tool", provider.emoji, provider.labels, [tool.name for tool in provider.tools])
        for provider in builtin_providers().values()
    ]
    models = [
        _carried(
            provider,
            version,
            "model",
            str(provider.summary()["icon_small"]["en_US"]),
            provider.types,
            [model.name for model in provider.models],
        )
        for provider in providers().values()
    ]
    return tools + models


def _carried(
    provider: Provider | BuiltinProvider,
    version: str,
    category: Category,
    icon: str,
    tags: Sequence[str],
    contents: Sequence[str],
) -> Plugin:
    """Return the entry of a provider that comes with the server; `contents` names its tools or models."""
    said = {"name": provider.name, "version": version, "category": category, f"{category}s": contents}
    return Plugin(
        author=AUTHOR,
        name=provider.name,
        version=version,
        label=provider.label["en_US"],
        description=provider.description["en_US"],
        icon=icon,
        category=category,
        tags=tags,
        digest=_digest(said),
    )


def _is_newer(plugin: Plugin, other: Plugin | None) -> bool:
    return other is None or _numbers(plugin.version) > _numbers(other.version)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _digest(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
