"""Tools of a server that speaks the Model Context Protocol over streamable HTTP, through the egress guard.

A session lives within one call: it is opened and closed in the task that makes the call. The list of tools is
asked for when a server is connected or refreshed, and kept by whoever asked.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib
import mimetypes
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from engine.tools.tool import NO_PARAMETERS, ToolContext, ToolFailure, ToolFile, ToolResult, Words, words
from foundation.egress import EgressGuard, check_address
from foundation.errors import ApiError

MOST_TOOLS = 500
_MOST_PAGES = 20
_SESSION_HEADER = "mcp-session-id"
_FAREWELL_SECONDS = 2.0


class McpUnauthorised(ToolFailure):
    """The server wants other credentials."""


@dataclass(frozen=True, slots=True)
class McpServer:
    """Where a server is and how it is asked; times are in seconds."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 30.0
    read_timeout: float = 300.0


@dataclass(frozen=True, slots=True)
class McpTool:
    """One tool of a server, as its list describes it."""

    server: McpServer
    name: str
    title: str
    description: str
    parameters: Mapping[str, Any] = field(default_factory=lambda: NO_PARAMETERS)

    @property
    def label(self) -> Words:
        """The title, or the name where there is none."""
        return words(self.title or self.name)

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Calls it in a session of its own."""
        async with session(self.server, context.egress) as client:
            answer = await client.call_tool(self.name, dict(arguments), read_timeout_seconds=self.server.read_timeout)
        result = _result(answer)
        if answer.is_error:
            raise ToolFailure(result.text or "The tool reported an error without saying which.")
        return result


async def list_tools(server: McpServer, egress: EgressGuard) -> list[dict[str, Any]]:
    """Asks a server for its tools.

    Returns:
        `{name, title, description, parameters}` of each, in the server's order.

    Raises:
        ToolFailure: it cannot be reached or does not speak the protocol; McpUnauthorised: it refused us.
        ApiError: the egress guard refused the address.
    """
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    async with session(server, egress) as client:
        for _ in range(_MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += [
                {
                    "name": tool.name,
                    "title": tool.title or "",
                    "description": tool.description or "",
                    "parameters": tool.input_schema or dict(NO_PARAMETERS),
                }
                for tool in page.tools
            ]
            cursor = page.next_cursor
            if not cursor:
                break
    return found[:MOST_TOOLS]


def tools_of(server: McpServer, listed: Sequence[Mapping[str, Any]]) -> list[McpTool]:
    """Returns the tools of a list that `list_tools` made."""
    return [
        McpTool(server, entry["name"], entry["title"], entry["description"], entry["parameters"]) for entry in listed
    ]


@asynccontextmanager
async def session(server: McpServer, egress: EgressGuard) -> AsyncIterator[Any]:
    """Holds an initialised session with a server open.

    Raises:
        ToolFailure, ApiError: see `list_tools`.
    """
    check_address(server.url)
    client_module = importlib.import_module("mcp")
    transport_module = importlib.import_module("mcp.client.streamable_http")
    refused: list[int] = []
    session_id: list[str] = []

    async def note(response: httpx2.Response) -> None:
        if response.status_code in (401, 403):
            refused.append(response.status_code)
        if given := response.headers.get(_SESSION_HEADER):
            session_id[:] = [given]

    try:
        async with egress.client(server.headers, read_seconds=server.read_timeout) as http:
            http.event_hooks = {"response": [note]}
            # The SDK would end the session even while it is cancelled, and so hold up a stop; it is ended below.
            transport = transport_module.streamable_http_client(server.url, http_client=http, terminate_on_close=False)
            async with client_module.Client(
                transport, read_timeout_seconds=server.timeout, cache=None, mode="legacy"
            ) as client:
                yield client
            if session_id:
                with contextlib.suppress(TimeoutError, httpx2.HTTPError):
                    async with asyncio.timeout(_FAREWELL_SECONDS):
                        await http.delete(server.url, headers={_SESSION_HEADER: session_id[0]})
    except (ToolFailure, ApiError):
        raise
    except Exception as error:
        raise _failure(error, refused) from error


def _failure(error: BaseException, refused: Sequence[int]) -> Exception:
    """Returns the one cause that matters of what the SDK's task group raised."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        known = [inner for inner in error.exceptions if isinstance(inner, ToolFailure | ApiError)]
        error = known[0] if known else error.exceptions[0]
    if isinstance(error, ToolFailure | ApiError):
        return error
    if refused:
        return McpUnauthorised(f"The MCP server refused the credentials (status {refused[0]}).")
    said = " ".join(str(error).split())[:300] or type(error).__name__
    return ToolFailure(f"The MCP server failed: {said}.")


def _result(answer: Any) -> ToolResult:
    texts: list[str] = []
    files: list[ToolFile] = []
    for place, block in enumerate(answer.content, 1):
        match block.type:
            case "text":
                texts.append(block.text)
            case "image" | "audio":
                name = f"{block.type}-{place}{mimetypes.guess_extension(block.mime_type) or ''}"
                files.append(ToolFile(base64.b64decode(block.data), block.mime_type, name))
                texts.append(f"[{block.type} of {block.mime_type}, which the user can see]")
            case "resource":
                texts.append(getattr(block.resource, "text", None) or f"[resource {block.resource.uri}]")
            case "resource_link":
                texts.append(f"[{block.name}]({block.uri})")
    structured = answer.structured_content
    if structured is not None and not texts:
        texts.append(orjson.dumps(structured).decode())
    return ToolResult("\n".join(texts), () if structured is None else (structured,), tuple(files))
