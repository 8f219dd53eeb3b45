"""The built-in tools and the reading of documents, without a network."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.tools import ToolContext, ToolFailure
from engine.tools.builtin import builtin_provider, builtin_providers
from engine.tools.builtin.calculator import calculate
from engine.tools.openapi import ApiOperation, read_authorisation, read_document
from engine.tools.references import read_references
from foundation.egress import EgressGuard, EgressRefused
from foundation.errors import ApiError

CONTEXT = ToolContext(EgressGuard())
OPERATION = {"operationId": "ask", "responses": {"200": {"description": "ok"}}}


def document(**changes: Any) -> str:
    """Return a document of one operation, with parts of it changed."""
    made = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com/v1"}],
        "paths": {"/orders": {"get": OPERATION}},
    }
    return json.dumps({**made, **changes})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2^10", 1024),
        ("7 // 2 + 7 % 2", 4),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("sqrt(16) + abs(-2)", 6),
        ("round(2.345, 1)", 2.3),
        ("mean(1, 2, 3)", 2),
        ("2 * pi", 6.283185307179586),
        ("10 / 4", 2.5),
        ("factorial(5)", 120),
    ],
)
def test_the_calculator_calculates(expression: str, value: float) -> None:
    assert calculate(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "", "1 +", "1 / 0", "__import__('os')", "().__class__", "'a' * 9", "x + 1", "9**9**9", "factorial(10**6)",
        "(-8) ** 0.5", "True + 1", "[1]", "lambda: 1", "abs(x=1)", "1e308 * 10", "(" * 400 + "1" + ")" * 400, "max()",
    ],
)  # fmt: skip
def test_the_calculator_refuses_in_words(expression: str) -> None:
    with pytest.raises(ToolFailure):
        calculate(expression)


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("weekday", {"year": 2026, "month": 3, "day": 1}, "2026-03-01 is a Sunday."),
        ("localtime_to_timestamp", {"localtime": "2026-03-01 12:00:00", "timezone": "Asia/Shanghai"}, "1772337600"),
        ("timestamp_to_localtime", {"timestamp": 1772337600, "timezone": "UTC"}, "2026-03-01 04:00:00 UTC"),
        (
            "timezone_conversion",
            {"current_time": "2026-07-01 12:00:00", "current_timezone": "UTC", "target_timezone": "Europe/Berlin"},
            "2026-07-01 14:00:00 CEST",
        ),
    ],
)
async def test_the_clock_tells_times(name: str, arguments: dict[str, Any], text: str) -> None:
    clock = builtin_provider("time")
    tool = clock.tool(name) if clock else None
    assert tool is not None
    assert (await tool.invoke(arguments, CONTEXT)).text == text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("current_time", {"timezone": "Mars/Olympus"}),
        ("current_time", {"timezone": "../../etc/passwd"}),
        ("weekday", {"year": 2026, "month": 2, "day": 30}),
        ("localtime_to_timestamp", {"localtime": "soon"}),
        ("timestamp_to_localtime", {"timestamp": 1e20}),
    ],
)
async def test_the_clock_says_what_is_wrong(name: str, arguments: dict[str, Any]) -> None:
    clock = builtin_provider("time")
    tool = clock.tool(name) if clock else None
    assert tool is not None
    with pytest.raises(ToolFailure):
        await tool.invoke(arguments, CONTEXT)


async def test_a_web_page_of_the_private_network_is_not_read() -> None:
    provider = builtin_provider("langgenius/webscraper/webscraper")
    tool = provider.tool("webscraper") if provider else None
    assert tool is not None
    with pytest.raises(EgressRefused):
        await tool.invoke({"url": "http://127.0.0.1:9/"}, CONTEXT)


def test_every_built_in_tool_describes_itself() -> None:
    for provider in builtin_providers().values():
        for tool in provider.tools:
            assert tool.description
            assert tool.label["en_US"]
            assert set(tool.parameters.get("required", [])) <= set(tool.parameters["properties"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "neither JSON nor YAML"),
        ("[]", "not an object"),
        (document(openapi="2.0", swagger="2.0"), "Swagger 2.0"),
        (document(paths={}), "no paths"),
        (document(servers=[]), "no server"),
        (document(servers=[{"url": "/v1"}]), "no server"),
        (document(servers=[{"url": "file:///etc"}]), "Only http and https"),
        (document(paths={"/a": {"get": {"parameters": [{"$ref": "other.yaml#/a"}]}}}), "leads out of the document"),
        (document(paths={"/a": {"get": {"parameters": [{"$ref": "#/nowhere"}]}}}), "names nothing"),
    ],
)
def test_a_document_that_cannot_be_used_says_why(text: str, complaint: str) -> None:
    with pytest.raises(ApiError, match=complaint) as raised:
        read_document(text)
    assert raised.value.code == ("egress_denied" if complaint.startswith("Only http") else "invalid_tool_schema")


def test_schemas_are_made_whole_and_recursion_ends() -> None:
    node = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Node"}, "age": {"type": "integer", "nullable": True}},
    }
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}
    text = document(
        paths={"/nodes": {"post": {**OPERATION, "requestBody": body}}}, components={"schemas": {"Node": node}}
    )
    (operation,) = read_document(text).operations
    assert operation.parameters["properties"] == {"next": {}, "age": {"type": ["integer", "null"]}}
    assert ApiOperation.from_dict(json.loads(json.dumps(operation.as_dict()))) == operation


def test_yaml_is_read_and_missing_names_are_made() -> None:
    servers = "servers: [{url: 'https://{region}.example.com', variables: {region: {default: eu}}}]"
    text = f"openapi: 3.1.0\n{servers}\npaths: {{'/a/{{id}}': {{get: {{}}}}}}"
    made = read_document(text)
    assert (made.operations[0].name, made.operations[0].server_url) == ("get_a_id", "https://eu.example.com")
    assert made.warnings


def test_a_document_of_many_aliases_ends() -> None:
    levels = "\n".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    body = "{requestBody: {content: {application/json: {schema: {enum: *l11}}}}}"
    head = "openapi: 3.0.0\nservers: [{url: 'https://a.example.com'}]\nx:\n  l0: &l0 [a]"
    text = f"{head}\n{levels}\npaths: {{/a: {{post: {body}}}}}"
    with pytest.raises(ApiError, match="too large"):
        read_document(text)


@pytest.mark.parametrize(
    ("credentials", "headers", "query"),
    [
        ({"auth_type": "none"}, {}, {}),
        ({"auth_type": "api_key_header", "api_key_value": "k"}, {"Authorization": "k"}, {}),
        (
            {"auth_type": "api_key", "api_key_value": "k", "api_key_header_prefix": "bearer"},
            {"Authorization": "Bearer k"},
            {},
        ),
        (
            {"auth_type": "api_key_header", "api_key_value": "a:b", "api_key_header_prefix": "basic"},
            {"Authorization": "Basic YTpi"},
            {},
        ),
        ({"auth_type": "api_key_header", "api_key_value": "k", "api_key_header": "X-Key"}, {"X-Key": "k"}, {}),
        ({"auth_type": "api_key_query", "api_key_value": "k", "api_key_query_param": "token"}, {}, {"token": "k"}),
    ],
)
def test_credentials_go_where_the_api_wants_them(
    credentials: dict[str, str], headers: dict[str, str], query: dict[str, str]
) -> None:
    made = read_authorisation(credentials)
    assert (made.headers, made.query) == (headers, query)
    assert "k" not in repr(made).replace("Authorisation", "")


@pytest.mark.parametrize(
    "credentials",
    [
        {"auth_type": "magic"},
        {"auth_type": "api_key_header"},
        {"auth_type": "api_key_header", "api_key_value": "a\nb"},
        {"auth_type": "api_key_header", "api_key_value": "k", "api_key_header": "X: y"},
    ],
)
def test_credentials_that_make_no_sense_are_refused(credentials: dict[str, str]) -> None:
    with pytest.raises(ApiError):
        read_authorisation(credentials)


def test_tools_are_named_in_both_forms() -> None:
    mode = {
        "tools": [
            {"provider_type": "builtin", "provider_id": "time", "tool_name": "weekday", "tool_parameters": {"a": 1}},
            {"provider_type": "builtin", "provider_id": "time", "tool_name": "current_time", "enabled": False},
            {"dataset": {"id": "D1", "enabled": True}},
            {"dataset": {"id": "d2", "enabled": False}},
            {"current_datetime": {"enabled": True}},
        ]
    }
    found = read_references(mode)
    assert [(one.provider_type, one.provider_id, one.tool_name) for one in found] == [
        ("builtin", "time", "weekday"),
        ("dataset", "d1", ""),
    ]
    assert found[0].settings == {"a": 1}
    assert read_references({"enabled": False, **mode}) == []
