"""What agents can use: built-in tools, APIs by their OpenAPI documents, and MCP servers."""

from __future__ import annotations

from typing import Any

from engine.tools import ToolContext, ToolFailure
from engine.tools.builtin import BuiltinProvider, builtin_provider, builtin_providers
from engine.tools.builtin.web_page import decoded
from engine.tools.labels import LABELS
from engine.tools.openapi import ApiTool, read_authorisation
from engine.tools.shelf import mcp_server
from foundation.egress import EgressFailed
from foundation.errors import ApiError
from handlers import api_tools, mcp_tools
from handlers.call import Call
from handlers.console.workflow_tools import list_workflow_tool_providers
from handlers.contract import schemas
from handlers.rendering.tools import (
    render_api,
    render_api_tools,
    render_builtin,
    render_mcp,
    render_operation,
    render_tools,
)
from handlers.rendering.trusted import trusted
from models import tool_provider as providers
from models.tool_provider import ApiToolProvider, McpToolProvider

SUCCESS: schemas.Result = {"result": "success"}
SCHEMA_MAX_BYTES = 1_000_000
SCHEMA_SECONDS = 20.0


async def list_tool_providers(call: Call, *, type: str | None = None) -> list[schemas.ToolProvider]:
    """List the providers of one kind, or of all."""
    found: list[schemas.ToolProvider] = []
    if type in (None, "builtin"):
        found += await list_builtin_tool_providers(call)
    if type in (None, "api"):
        found += await list_api_tool_providers(call)
    if type in (None, "mcp"):
        found += await list_mcp_tool_providers(call)
    if type in (None, "workflow"):
        found += await list_workflow_tool_providers(call)
    return found


async def list_tool_labels(call: Call) -> list[schemas.ToolLabel]:
    """List what providers can be about."""
    return [
        {"name": label.name, "label": {"en_US": label.english, "zh_Hans": label.chinese}, "icon": label.icon}
        for label in LABELS
    ]


async def list_builtin_tool_providers(call: Call) -> list[schemas.ToolProvider]:
    """List the providers that come with the server."""
    return [render_builtin(provider) for provider in builtin_providers().values()]


async def list_api_tool_providers(call: Call) -> list[schemas.ToolProvider]:
    """List the workspace's APIs."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        rows = await providers.list_all(scope, ApiToolProvider)
    return [render_api(row, _credentials(call, row)) for row in rows]


async def list_mcp_tool_providers(call: Call) -> list[schemas.ToolProvider]:
    """List the workspace's MCP servers."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        rows = await providers.list_all(scope, McpToolProvider)
    return [render_mcp(row, mcp_server(row, call.services.sealer)) for row in rows]


async def list_tools_of_builtin_provider(call: Call, *, provider: str) -> list[schemas.Tool]:
    """List the tools of a provider that comes with the server."""
    known = _builtin(provider)
    return render_tools(known.tools, "Parley", known.labels)


async def get_builtin_tool_provider(call: Call, *, provider: str) -> schemas.ToolProvider:
    """Show a provider that comes with the server."""
    return render_builtin(_builtin(provider))


async def add_api_tool_provider(call: Call, *, body: schemas.ApiToolProviderRequest) -> schemas.Result:
    """Read an API's document and keep it, with its credentials sealed."""
    document = await api_tools.read(body["schema"])
    credentials = api_tools.unmasked(body.get("credentials"), document, {})
    columns = api_tools.columns(body, document, credentials, call.services.sealer)
    async with call.services.database.workspace(call.workspace_id) as scope:
        await providers.add(scope, ApiToolProvider(**columns, created_by=call.account.account_id))
    return SUCCESS


async def update_api_tool_provider(call: Call, *, body: schemas.ApiToolProviderUpdate) -> schemas.Result:
    """Put new values in the place of an API's old ones."""
    document = await api_tools.read(body["schema"])
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.get_api(scope, body["original_provider"].strip())
        stored = call.services.sealer.open(row.sealed)
        credentials = api_tools.unmasked(body.get("credentials"), document, stored, row.operations)
        await providers.change(scope, row, api_tools.columns(body, document, credentials, call.services.sealer))
    return SUCCESS


async def delete_api_tool_provider(call: Call, *, body: schemas.ApiToolProviderDeletion) -> schemas.Result:
    """Forget an API."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.get_api(scope, body["provider"].strip())
        await providers.remove(scope, ApiToolProvider, row.id)
    return SUCCESS


async def get_api_tool_provider(call: Call, *, provider: str) -> schemas.ApiToolProviderDetail:
    """Show an API with its document."""
    row = await _api(call, provider)
    document = await api_tools.read(row.schema)
    return {
        "schema_type": row.schema_type,
        "schema": row.schema,
        "tools": [render_operation(operation) for operation in document.operations],
        "icon": trusted(row.icon),
        "description": row.description,
        "credentials": _credentials(call, row),
        "privacy_policy": row.privacy_policy,
        "custom_disclaimer": row.custom_disclaimer,
        "labels": row.labels,
    }


async def list_tools_of_api_provider(call: Call, *, provider: str) -> list[schemas.Tool]:
    """List the operations of an API as tools."""
    return render_api_tools(await _api(call, provider))


async def fetch_api_tool_schema(call: Call, *, url: str) -> schemas.RemoteSchema:
    """Fetch a document from a public address."""
    answer = await call.services.egress.fetch(url, SCHEMA_MAX_BYTES, SCHEMA_SECONDS)
    if answer.status >= 400:
        raise EgressFailed(f"The address answered with status {answer.status}.")
    return {"schema": decoded(answer.body, answer.headers.get("content-type", ""))}


async def parse_api_tool_schema(call: Call, *, body: schemas.ApiToolSchemaRequest) -> schemas.ApiToolSchema:
    """Tell which tools a document makes."""
    document = await api_tools.read(body["schema"])
    return {
        "schema_type": "openapi",
        "parameters_schema": [render_operation(operation) for operation in document.operations],
        "credentials_schema": trusted(api_tools.CREDENTIAL_FORM),
        "warning": dict(document.warnings),
    }


async def test_api_tool(call: Call, *, body: schemas.ApiToolTestRequest) -> schemas.ApiToolTestResult:
    """Call one operation for real, and tell what came of it."""
    row = await _api(call, name) if (name := (body.get("provider_name") or "").strip()) else None
    stored, operations = (call.services.sealer.open(row.sealed), row.operations) if row else ({}, [])
    document = await api_tools.read(body["schema"])
    operation = next((known for known in document.operations if known.name == body["tool_name"]), None)
    if operation is None:
        raise ApiError("not_found", f"The document has no operation {body['tool_name']!r}.")
    credentials = api_tools.unmasked(body.get("credentials"), document, stored, operations)
    tool = ApiTool(operation, read_authorisation(credentials))
    context = ToolContext(call.services.egress, timeout=call.services.settings.tool_seconds)
    try:
        result = await tool.invoke(body.get("parameters") or {}, context)
    except ToolFailure as failure:
        return {"error": str(failure)}
    except EgressFailed as failure:
        return {"error": failure.message}
    return {"result": result.text}


async def create_mcp_tool_provider(call: Call, *, body: schemas.McpProviderRequest) -> schemas.ToolProvider:
    """Keep an MCP server and what it says of its tools."""
    server = mcp_tools.read(body)
    columns = {**mcp_tools.columns(call, body, server), **await mcp_tools.asked(call, server)}
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.add(scope, McpToolProvider(**columns, created_by=call.account.account_id))
    return render_mcp(row, server)


async def update_mcp_tool_provider(call: Call, *, body: schemas.McpProviderUpdate) -> schemas.Result:
    """Put new values in the place of an MCP server's old ones, and ask it for its tools."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.get(scope, McpToolProvider, body["provider_id"])
    server = mcp_tools.read(body, mcp_server(row, call.services.sealer))
    columns = {**mcp_tools.columns(call, body, server), **await mcp_tools.asked(call, server)}
    async with call.services.database.workspace(call.workspace_id) as scope:
        await providers.change(scope, await providers.get(scope, McpToolProvider, body["provider_id"]), columns)
    return SUCCESS


async def delete_mcp_tool_provider(call: Call, *, body: schemas.McpProviderReference) -> schemas.Result:
    """Forget an MCP server."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await providers.remove(scope, McpToolProvider, body["provider_id"])
    return SUCCESS


async def authorise_mcp_tool_provider(call: Call, *, body: schemas.McpProviderReference) -> schemas.Result:
    """Try the credentials of an MCP server."""
    await mcp_tools.refresh(call, body["provider_id"])
    return SUCCESS


async def get_mcp_tool_provider(call: Call, *, provider_id: str) -> schemas.ToolProvider:
    """Show an MCP server."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.get(scope, McpToolProvider, provider_id)
    return render_mcp(row, mcp_server(row, call.services.sealer))


async def refresh_mcp_tool_provider(call: Call, *, provider_id: str) -> schemas.ToolProvider:
    """Ask an MCP server for its tools again."""
    row = await mcp_tools.refresh(call, provider_id)
    return render_mcp(row, mcp_server(row, call.services.sealer))


def _builtin(name: str) -> BuiltinProvider:
    known = builtin_provider(name)
    if known is None:
        raise ApiError("not_found", f"There is no built-in tool provider {name!r}.")
    return known


async def _api(call: Call, name: str) -> ApiToolProvider:
    async with call.services.database.workspace(call.workspace_id) as scope:
        return await providers.get_api(scope, name.strip())


def _credentials(call: Call, row: ApiToolProvider) -> dict[str, Any]:
    return api_tools.shown(call.services.sealer.open(row.sealed))
