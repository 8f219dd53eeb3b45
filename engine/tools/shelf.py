"""Finds the tools that an app or a workflow names: rows are read in one short transaction, tools made without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.tools.builtin import builtin_provider
from engine.tools.knowledge import KnowledgeTool, Search
from engine.tools.mcp_server import McpServer, tools_of
from engine.tools.openapi import ApiOperation, ApiTool, read_authorisation
from engine.tools.references import ToolReference
from engine.tools.tool import Provided, Tool
from engine.tools.workflow_tool import WorkflowCall, WorkflowTool
from foundation.errors import ApiError, ErrorDetail
from foundation.secrets import Sealer
from models import dataset as datasets
from models import tool_provider as providers
from models.dataset import Dataset
from models.scope import Scope
from models.tool_provider import ApiToolProvider, McpToolProvider, WorkflowToolProvider

WORKFLOW_SECONDS = 1_200.0
"""How long a workflow that is called may take; nodes and runs that call it have limits of their own."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the database knows of the providers that are named."""

    apis: Mapping[str, ApiToolProvider] = field(default_factory=dict)
    servers: Mapping[str, McpToolProvider] = field(default_factory=dict)
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    workflows: Mapping[str, WorkflowToolProvider] = field(default_factory=dict)

    def tools(
        self, references: Sequence[ToolReference], sealer: Sealer, search: Search, call: WorkflowCall | None = None
    ) -> tuple[list[Provided], list[ToolReference]]:
        """Returns the tools that are named, in order, and the references that name nothing any more.

        Args:
            references: what is named.
            sealer: opens stored credentials.
            search: searches knowledge bases.
            call: runs workflows; without it there are none.
        """
        found: list[Provided] = []
        missing: list[ToolReference] = []
        for reference in references:
            tool = self._tool(reference, sealer, search, call)
            if tool is None:
                missing.append(reference)
                continue
            own = (reference.provider_type, reference.provider_id, tool, reference.settings)
            if isinstance(tool, WorkflowTool):
                found.append(Provided(*own, tool.for_authors, WORKFLOW_SECONDS))
            else:
                found.append(Provided(*own))
        return found, missing

    def icon(self, reference: ToolReference) -> dict[str, str] | None:
        """Returns the picture of a tool's provider; None for a knowledge base, or where there is none."""
        match reference.provider_type:
            case "builtin":
                provider = builtin_provider(reference.provider_id)
                return provider.icon if provider else None
            case "api":
                api = self.apis.get(reference.provider_id)
                return dict(api.icon) if api else None
            case "mcp":
                server = self._server(reference.provider_id)
                return dict(server.icon) if server else None
            case "workflow":
                workflow = self.workflows.get(reference.provider_id)
                return dict(workflow.icon) if workflow else None
        return None

    def missing(self, references: Sequence[ToolReference]) -> list[ErrorDetail]:
        """Returns a detail for each reference that names nothing."""
        return [
            {"field": reference.place, "type": "not_found", "message": complaint}
            for reference in references
            if (complaint := self._complaint(reference))
        ]

    def _tool(self, reference: ToolReference, sealer: Sealer, search: Search, call: WorkflowCall | None) -> Tool | None:
        if self._complaint(reference):
            return None
        name = reference.tool_name
        match reference.provider_type:
            case "builtin":
                provider = builtin_provider(reference.provider_id)
                return provider.tool(name) if provider else None
            case "api":
                return api_tool(self.apis[reference.provider_id], name, sealer)
            case "mcp":
                row = self._server(reference.provider_id)
                return (
                    next((tool for tool in tools_of(mcp_server(row, sealer), row.tools) if tool.name == name), None)
                    if row
                    else None
                )
            case "dataset":
                dataset = self.datasets[reference.provider_id]
                return KnowledgeTool(dataset.id, dataset.name, dataset.description or "", search)
            case "workflow":
                return WorkflowTool(self.workflows[reference.provider_id], call) if call else None

    def _server(self, named: str) -> McpToolProvider | None:
        """Returns a server by its id or by its identifier: apps name it either way."""
        by_identifier = (row for row in self.servers.values() if row.server_identifier.lower() == named)
        return self.servers.get(named) or next(by_identifier, None)

    def _complaint(self, reference: ToolReference) -> str:
        """Returns what is wrong with a reference; it is empty if nothing."""
        kind, provider, name = reference.provider_type, reference.provider_id, reference.tool_name
        known: Sequence[str]
        match kind:
            case "builtin":
                built = builtin_provider(provider)
                known = [tool.name for tool in built.tools] if built else []
            case "api":
                api = self.apis.get(provider)
                known = [str(operation["name"]) for operation in api.operations] if api else []
            case "mcp":
                server = self._server(provider)
                known = [str(tool["name"]) for tool in server.tools] if server else []
            case "dataset":
                return "" if provider in self.datasets else f"Dataset {provider} not found."
            case "workflow":
                workflow = self.workflows.get(provider)
                known = [workflow.name] if workflow else []
        if name in known:
            return ""
        if not known:
            return f"There is no {kind} tool provider {provider!r}."
        return f"The tool provider {provider!r} has no tool {name!r}; it has: {', '.join(known[:20])}."


async def read_shelf(scope: Scope, references: Sequence[ToolReference]) -> Shelf:
    """Reads the rows of the providers that are named."""
    ids: dict[str, list[str]] = {}
    for reference in references:
        ids.setdefault(reference.provider_type, []).append(reference.provider_id)
    servers = await providers.list_all(scope, McpToolProvider) if "mcp" in ids else []
    named = await datasets.get_many(scope, ids["dataset"]) if "dataset" in ids else []
    return Shelf(
        await providers.get_many(scope, ApiToolProvider, ids.get("api", [])),
        {row.id: row for row in servers},
        {row.id: row for row in named},
        await providers.get_many(scope, WorkflowToolProvider, ids.get("workflow", [])),
    )


def api_tool(row: ApiToolProvider, name: str, sealer: Sealer) -> ApiTool | None:
    """Returns an operation of an API as a tool, or None where the API has none of that name."""
    kept = next((operation for operation in row.operations if operation["name"] == name), None)
    if kept is None:
        return None
    return ApiTool(ApiOperation.from_dict(kept), read_authorisation(sealer.open(row.sealed)))


def mcp_server(row: McpToolProvider, sealer: Sealer) -> McpServer:
    """Returns how a server is reached."""
    opened = sealer.open(row.sealed)
    return McpServer(str(opened["url"]), dict(opened.get("headers") or {}), row.timeout, row.sse_read_timeout)


async def check_references(scope: Scope, references: Sequence[ToolReference]) -> None:
    """Makes sure that every reference names a tool.

    Raises:
        ApiError: `invalid_param`, with one detail for each that does not.
    """
    details = (await read_shelf(scope, references)).missing(references) if references else []
    if details:
        raise ApiError("invalid_param", details[0]["message"], details=details)
