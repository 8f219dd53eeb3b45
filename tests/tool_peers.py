"""Peers that nobody here wrote: an API by FastAPI with its own document, an MCP server by the official SDK."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI, Header, HTTPException, Query, Request, Response
from mcp.server.mcpserver import Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.journeys.program import free_port

KEY = "a-key-of-the-weather-service"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e5"
    "27d4a20000000049454e44ae426082"
)


@dataclass
class Peer:
    """Where a peer is, and the headers of what it was asked."""

    url: str
    asked: list[dict[str, str]] = field(default_factory=list)


def weather_api(peer: Peer) -> FastAPI:
    """Return an API with every place an argument can stand in."""
    app = FastAPI(title="Weather", description="The weather, made up.", servers=[{"url": peer.url}])

    @app.middleware("http")
    async def note(request: Request, follow: Any) -> Response:
        peer.asked.append({**request.headers, "path": str(request.url.path), "query": request.url.query})
        return await follow(request)  # type: ignore[no-any-return]

    def check(authorization: str | None) -> None:
        if authorization != f"Bearer {KEY}":
            raise HTTPException(401, f"Not the key: {authorization}")

    @app.get("/weather/{city}", operation_id="getWeather", summary="The weather of a city.")
    async def weather(
        city: str,
        days: Annotated[int, Query(ge=1, le=7)] = 1,
        fields: Annotated[list[str] | None, Query()] = None,
        x_unit: Annotated[str, Header()] = "celsius",
        authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> dict[str, Any]:
        check(authorization)
        return {"city": city, "days": days, "fields": fields or [], "unit": x_unit, "weather": "rain"}

    @app.post("/reports", operation_id="sendReport", summary="Report the weather.")
    async def report(city: Annotated[str, Body()], temperature: Annotated[float, Body()]) -> dict[str, Any]:
        return {"kept": f"{city}: {temperature:g}"}

    @app.get("/map", operation_id="getMap", summary="A map of the weather.", response_class=Response)
    async def map_() -> Response:
        return Response(PNG, media_type="image/png")

    return app


def weather_mcp() -> MCPServer:
    """Return an MCP server with a tool that works, one that fails, one that is slow and one that draws."""
    server = MCPServer("weather")

    @server.tool(title="Forecast", description="Forecasts the weather of a city.")
    async def forecast(city: str, days: int = 1) -> str:
        return f"{days} days of rain in {city}"

    @server.tool(description="Always fails.")
    async def broken() -> str:
        raise ToolError("the barometer is broken")

    @server.tool(description="Takes its time.")
    async def slow() -> str:
        await asyncio.sleep(30)
        return "late"

    @server.tool(description="Draws the weather.")
    async def draw() -> Image:
        return Image(data=PNG, format="png")

    return server


@contextmanager
def api_peer() -> Iterator[Peer]:
    """Serve the API."""
    port = free_port()
    peer = Peer(f"http://127.0.0.1:{port}")
    with _served(weather_api(peer), port):
        yield peer


@contextmanager
def mcp_peer() -> Iterator[Peer]:
    """Serve the MCP server to whoever sends the key."""
    port = free_port()
    peer = Peer(f"http://127.0.0.1:{port}/mcp")
    with _served(_Guarded(weather_mcp().streamable_http_app(), peer), port):
        yield peer


class _Guarded:
    """Answers 401 to whoever does not send the key."""

    def __init__(self, app: ASGIApp, peer: Peer) -> None:
        self._app = app
        self._peer = peer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self._peer.asked.append({**headers, "method": scope["method"]})
            if headers.get("authorization") != f"Bearer {KEY}":
                await Response("no", 401)(scope, receive, send)
                return
        await self._app(scope, receive, send)


@contextmanager
def _served(app: ASGIApp, port: int) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(5)
