"""Reads an OpenAPI document (3.0 or 3.1, JSON or YAML) into operations that can be called as tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import yaml

from engine.tools.openapi.operation import ApiArgument, ApiDocument, ApiOperation, Place
from engine.tools.openapi.references import References
from foundation.egress import check_address
from foundation.errors import ApiError

MOST_OPERATIONS = 200
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_MEDIA = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
_ODD = re.compile(r"[^a-zA-Z0-9_-]+")
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_PLACES: Mapping[str, Place] = {"path": "path", "query": "query", "header": "header", "cookie": "cookie"}


def read_document(text: str) -> ApiDocument:
    """Returns what a document offers.

    Args:
        text: the document; at most a megabyte, which the caller's contract sees to.

    Raises:
        ApiError: `invalid_tool_schema`: it is no OpenAPI 3 document, names no absolute server, or has no operation.
    """
    document = _parsed(text)
    version = str(document.get("openapi") or "")
    if not version.startswith("3."):
        found = f"Swagger {document['swagger']}" if document.get("swagger") else "no `openapi` version"
        raise ApiError("invalid_tool_schema", f"The schema must be an OpenAPI 3 document; it has {found}.")
    paths = document.get("paths")
    if not isinstance(paths, Mapping) or not paths:
        raise ApiError("invalid_tool_schema", "The document has no paths.")
    info = document.get("info") if isinstance(document.get("info"), Mapping) else {}
    warnings: dict[str, str] = {}
    operations = list(_operations(document, paths, warnings))
    if not operations:
        raise ApiError("invalid_tool_schema", "The document has no operation that can be called.")
    if len(operations) > MOST_OPERATIONS:
        raise ApiError("invalid_tool_schema", f"The document has more than {MOST_OPERATIONS} operations.")
    return ApiDocument(
        str((info or {}).get("title") or ""), str((info or {}).get("description") or ""), tuple(operations), warnings
    )


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            where = getattr(error, "problem_mark", None)
            line = f" (line {where.line + 1})" if where else ""
            raise ApiError("invalid_tool_schema", f"The schema is neither JSON nor YAML{line}.") from error
    if not isinstance(document, Mapping):
        raise ApiError("invalid_tool_schema", "The schema is not an object.")
    return document


def _operations(
    document: Mapping[str, Any], paths: Mapping[str, Any], warnings: dict[str, str]
) -> Iterator[ApiOperation]:
    references = References(document)
    taken: set[str] = set()
    for path, item in paths.items():
        item = references.follow(item)
        if not isinstance(item, Mapping):
            continue
        for method in _METHODS:
            operation = item.get(method)
            if not isinstance(operation, Mapping):
                continue
            name = _free(_name(operation, method, str(path)), taken)
            if not operation.get("operationId"):
                warnings[name] = f"{method.upper()} {path} has no operationId; it is called {name}."
            server = _server(operation, item, document)
            yield _operation(references, name, method, server, str(path), item, operation)


def _operation(
    references: References,
    name: str,
    method: str,
    server: str,
    path: str,
    item: Mapping[str, Any],
    operation: Mapping[str, Any],
) -> ApiOperation:
    declared: dict[tuple[str, str], Mapping[str, Any]] = {}
    for entry in [*_list(item.get("parameters")), *_list(operation.get("parameters"))]:
        parameter = references.follow(entry)
        if isinstance(parameter, Mapping) and parameter.get("name") and parameter.get("in") in _PLACES:
            declared[(str(parameter["in"]), str(parameter["name"]))] = parameter
    taken: set[str] = set()
    arguments = [
        _argument(references, parameter, taken)
        for (place, wire), parameter in declared.items()
        if place != "header" or wire.lower() not in _IGNORED_HEADERS
    ]
    media, body = _body(references, operation, taken)
    summary = operation.get("description") or operation.get("summary") or f"{method.upper()} {path}"
    return ApiOperation(name, method.upper(), server, path, str(summary), (*arguments, *body), media)


def _argument(references: References, parameter: Mapping[str, Any], taken: set[str]) -> ApiArgument:
    wire, place = str(parameter["name"]), _PLACES[str(parameter["in"])]
    content = parameter.get("content")
    schema = parameter.get("schema")
    if schema is None and isinstance(content, Mapping) and content:
        first = next(iter(content.values()))
        schema = first.get("schema") if isinstance(first, Mapping) else None
    made = _described(references.schema(schema or {}), parameter.get("description"))
    explode = parameter.get("explode")
    style = str(parameter.get("style") or "form")
    return ApiArgument(
        name=_free(_ODD.sub("_", wire).strip("_") or place, taken),
        wire=wire,
        place=place,
        required=place == "path" or parameter.get("required") is True,
        schema=made,
        explode=explode is not False if place in ("query", "cookie") else explode is True,
        deep=style == "deepObject",
    )


def _body(references: References, operation: Mapping[str, Any], taken: set[str]) -> tuple[str, tuple[ApiArgument, ...]]:
    request = references.follow(operation.get("requestBody"))
    content = request.get("content") if isinstance(request, Mapping) else None
    if not isinstance(request, Mapping) or not isinstance(content, Mapping) or not content:
        return "", ()
    media = next((kind for kind in _MEDIA if kind in content), str(next(iter(content))))
    offered = references.follow(content[media])
    schema = references.schema(offered.get("schema") if isinstance(offered, Mapping) else {})
    required = request.get("required") is True
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        whole = _described(schema, request.get("description") or "The body of the request.")
        return media, (ApiArgument(_free("body", taken), "", "whole_body", required, whole),)
    needed = set(_list(schema.get("required"))) if required else set()
    return media, tuple(
        ApiArgument(
            name=_free(_ODD.sub("_", wire).strip("_") or "body", taken),
            wire=wire,
            place="body",
            required=wire in needed,
            schema=part if isinstance(part, dict) else {},
        )
        for wire, part in properties.items()
    )


def _server(operation: Mapping[str, Any], item: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    servers = _list(operation.get("servers")) or _list(item.get("servers")) or _list(document.get("servers"))
    for server in servers:
        if not isinstance(server, Mapping) or not isinstance(server.get("url"), str):
            continue
        variables = server.get("variables") if isinstance(server.get("variables"), Mapping) else {}
        url = _VARIABLE.sub(lambda match, known=variables: _default(known, match), server["url"]).rstrip("/")  # type: ignore[misc]
        if urlsplit(url).scheme:
            check_address(url)
            return url
    message = "The document names no server with an absolute address (`servers: [{url: …}]`)."
    raise ApiError("invalid_tool_schema", message)


def _default(variables: Any, match: re.Match[str]) -> str:
    variable = (variables or {}).get(match.group(1))
    return str(variable.get("default", match.group(0))) if isinstance(variable, Mapping) else match.group(0)


def _name(operation: Mapping[str, Any], method: str, path: str) -> str:
    given = str(operation.get("operationId") or f"{method}_{path.strip('/')}")
    return _ODD.sub("_", given).strip("_")[:60] or method


def _free(name: str, taken: set[str]) -> str:
    """Returns a name that nothing else has, and takes it."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    taken.add(free)
    return free


def _described(schema: dict[str, Any], description: Any) -> dict[str, Any]:
    return {**schema, "description": str(description)} if description else schema


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
