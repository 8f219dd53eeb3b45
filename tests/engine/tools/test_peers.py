"""Tools against peers that nobody here wrote, through the egress guard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from engine.tools import ToolContext, ToolFailure
from engine.tools.mcp_server import McpServer, McpUnauthorised, list_tools, tools_of
from engine.tools.openapi import ApiTool, Authorisation, read_authorisation, read_document
from foundation.egress import EgressGuard, EgressRefused
from tests.tool_peers import KEY, PNG, Peer, api_peer, mcp_peer

BEARER = read_authorisation({"auth_type": "api_key", "api_key_header_prefix": "bearer", "api_key_value": KEY})


@pytest.fixture(scope="module")
def api() -> Iterator[Peer]:
    with api_peer() as peer:
        yield peer


@pytest.fixture(scope="module")
def mcp() -> Iterator[Peer]:
    with mcp_peer() as peer:
        yield peer


@pytest.fixture
async def context() -> AsyncIterator[ToolContext]:
    guard = EgressGuard(["127.0.0.0/8"])
    yield ToolContext(guard, timeout=10)
    await guard.close()


async def operations(peer: Peer, authorisation: Authorisation = BEARER) -> dict[str, ApiTool]:
    async with httpx2.AsyncClient() as client:
        text = (await client.get(f"{peer.url}/openapi.json")).text
    return {made.name: ApiTool(made, authorisation) for made in read_document(text).operations}


async def test_every_argument_goes_to_its_place(api: Peer, context: ToolContext) -> None:
    tool = (await operations(api))["getWeather"]
    assert set(tool.parameters["properties"]) == {"city", "days", "fields", "x-unit"}
    assert tool.parameters["required"] == ["city"]
    said = await tool.invoke({"city": "São Paulo & Co?", "days": 3, "fields": ["a", "b"], "x-unit": "kelvin"}, context)
    expected = {"city": "São Paulo & Co?", "days": 3, "fields": ["a", "b"], "unit": "kelvin", "weather": "rain"}
    assert said.json == (expected,)


async def test_a_body_is_sent_by_its_fields(api: Peer, context: ToolContext) -> None:
    tool = (await operations(api))["sendReport"]
    assert (await tool.invoke({"city": "Oslo", "temperature": 3}, context)).text == '{"kept":"Oslo: 3"}'


async def test_a_picture_is_a_file(api: Peer, context: ToolContext) -> None:
    said = await (await operations(api))["getMap"].invoke({}, context)
    assert (said.files[0].content, said.files[0].mime_type, said.files[0].name) == (PNG, "image/png", "getMap.png")


async def test_a_refusal_is_told_without_the_secret(api: Peer, context: ToolContext) -> None:
    wrong = read_authorisation({"auth_type": "api_key_header", "api_key_value": "another-secret"})
    with pytest.raises(ToolFailure, match="status 401") as raised:
        await (await operations(api, wrong))["getWeather"].invoke({"city": "Oslo"}, context)
    assert "another-secret" not in str(raised.value)


@pytest.mark.parametrize("city", ["..", ".", ""])
async def test_a_path_cannot_be_left(api: Peer, context: ToolContext, city: str) -> None:
    with pytest.raises(ToolFailure, match="part of a path"):
        await (await operations(api))["getWeather"].invoke({"city": city}, context)


async def test_a_private_address_is_not_called(api: Peer) -> None:
    with pytest.raises(EgressRefused):
        await (await operations(api))["getMap"].invoke({}, ToolContext(EgressGuard()))


async def test_an_mcp_server_lists_and_calls_its_tools(mcp: Peer, context: ToolContext) -> None:
    server = McpServer(mcp.url, {"Authorization": f"Bearer {KEY}"})
    tools = {tool.name: tool for tool in tools_of(server, await list_tools(server, context.egress))}
    assert tools["forecast"].label["en_US"] == "Forecast"
    assert tools["forecast"].parameters["required"] == ["city"]
    assert (await tools["forecast"].invoke({"city": "Oslo", "days": 2}, context)).text == "2 days of rain in Oslo"
    drawn = await tools["draw"].invoke({}, context)
    assert drawn.files[0].content == PNG
    with pytest.raises(ToolFailure, match="the barometer is broken"):
        await tools["broken"].invoke({}, context)


async def test_an_mcp_server_that_refuses_us_says_so(mcp: Peer, context: ToolContext) -> None:
    with pytest.raises(McpUnauthorised, match="status 401"):
        await list_tools(McpServer(mcp.url, {"Authorization": "Bearer wrong"}), context.egress)


async def test_an_mcp_server_that_is_away_is_a_failure(context: ToolContext) -> None:
    with pytest.raises(ToolFailure, match="The MCP server failed"):
        await list_tools(McpServer("http://127.0.0.1:9/mcp"), context.egress)


async def test_an_mcp_server_in_the_private_network_is_not_called(mcp: Peer) -> None:
    with pytest.raises((EgressRefused, ToolFailure)):
        await list_tools(McpServer(mcp.url), EgressGuard())


async def test_a_call_that_is_cancelled_ends_at_once(mcp: Peer, context: ToolContext) -> None:
    server = McpServer(mcp.url, {"Authorization": f"Bearer {KEY}"})
    slow = next(tool for tool in tools_of(server, await list_tools(server, context.egress)) if tool.name == "slow")
    running = asyncio.create_task(slow.invoke({}, context))
    await asyncio.sleep(1)
    running.cancel("stop")
    async with asyncio.timeout(15):  # half of what the tool takes
        with pytest.raises(asyncio.CancelledError):
            await running
