"""Parameters of path, query, header and cookie: read, coerced and validated in one pass."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import cookie_parser

from foundation.errors import ErrorDetail
from handlers.pipeline.coercion import Coerce, coercer, json_value, types_of
from handlers.pipeline.messages import PLACES, detail, parameter_details
from handlers.pipeline.schemas import Schema, Schemas

NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|", "form": ",", "simple": ","}
MOST_PAIRS = 1_000


@dataclass(slots=True)
class Parameter:
    """One parameter, compiled."""

    name: str
    argument: str
    place: str
    schema: Schema
    required: bool
    coerce: Coerce | None
    is_array: bool
    repeats: bool
    delimiter: str
    blank_is_absent: bool
    default: Any = None

    def value(self, text: str) -> Any:
        """Return the value that one text stands for."""
        if self.is_array:
            return [self.coerce(t) if self.coerce else t for t in text.split(self.delimiter)] if text else []
        return self.coerce(text) if self.coerce else text


def argument_name(name: str, place: str = "query") -> str:
    """Return the Python argument that carries a parameter: `X-App-Code` (header) is `x_app_code`."""
    text = re.sub(r"\W", "_", name)
    if place == "header":
        text = text.lower()
    return text + "_" if keyword.iskeyword(text) else text


class Parameters:
    """All parameters of one operation."""

    def __init__(self, schemas: Schemas, declared: Iterable[Mapping[str, Any]], path: str) -> None:
        compiled = [_compile(schemas, p) for p in declared]
        self.all = [p for p in compiled if p.place != "header" or p.name.lower() not in NOT_PARAMETERS]
        by_name = {p.name: p for p in self.all if p.place == "path"}
        in_template = re.findall(r"\{([^}]+)\}", path)
        if missing := [name for name in in_template if name not in by_name]:
            raise ValueError(f"{path} declares no path parameter {', '.join(missing)}")
        self._path = [by_name[name] for name in in_template]
        self._query = {p.name: p for p in self.all if p.place == "query"}
        self._headers = [(p.name.lower().encode("latin-1"), p) for p in self.all if p.place == "header"]
        self._cookies = [p for p in self.all if p.place == "cookie"]
        self._defaults = [(p.argument, p.default) for p in self.all if p.default is not None]
        self._required_query = any(p.required for p in self._query.values())
        self._validator = schemas.validator(_combined(self.all), "request") if self.all else None

    def read(
        self,
        path_values: Sequence[str],
        query_string: bytes,
        headers: Mapping[bytes, bytes],
        arguments: dict[str, Any],
    ) -> list[ErrorDetail]:
        """Read the parameters of one request into arguments.

        Args:
            path_values: the values of the template's parameters, in their order.
            query_string: the query as sent.
            headers: the headers by lower-case name.
            arguments: where the values go, under their argument names.

        Returns:
            What is wrong with them; an empty list where nothing is.
        """
        if self._validator is None:
            return []
        instance: dict[str, dict[str, Any]] = {}
        errors: list[ErrorDetail] = []
        if self._path:
            path = instance["path"] = {}
            for parameter, text in zip(self._path, path_values, strict=True):
                path[parameter.name] = arguments[parameter.argument] = parameter.value(text)
        if self._query and (query_string or self._required_query):
            instance["query"] = self._read_query(query_string, arguments, errors)
        if self._headers:
            instance["header"] = self._read_headers(headers, arguments)
        if self._cookies:
            instance["cookie"] = self._read_cookies(headers, arguments)
        for argument, default in self._defaults:
            if argument not in arguments:
                arguments[argument] = default
        if instance and not self._is_valid(instance):
            errors += parameter_details(self._validator, instance)
        return errors

    def _is_valid(self, instance: Any) -> bool:
        try:
            return self._validator is None or self._validator.is_valid(instance)
        except UnicodeEncodeError:
            return False

    def _read_query(self, query_string: bytes, arguments: dict[str, Any], errors: list[ErrorDetail]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if query_string.count(b"&") >= MOST_PAIRS:
            errors.append(detail("query", "too_many", f"The query string has more than {MOST_PAIRS} parameters."))
            return values
        try:
            pairs = _pairs(query_string)
        except UnicodeDecodeError:
            errors.append(detail("query", "encoding", "The query string is not valid UTF-8 in percent encoding."))
            return values
        known = self._query
        for name, text in pairs:
            parameter = known.get(name)
            if parameter is None:
                if not name.endswith("[]") or name[:-2] not in known:
                    continue
                parameter = known[name[:-2]]
            if "\0" in text:
                errors.append(_no_nul("query", parameter.name))
                continue
            if text == "" and parameter.blank_is_absent:
                continue
            value = parameter.value(text)
            if parameter.name not in values:
                values[parameter.name] = arguments[parameter.argument] = value
            elif parameter.repeats:
                values[parameter.name] += value
            else:
                message = f"Query parameter `{parameter.name}` is given more than once; give it once."
                errors.append(detail(parameter.name, "duplicate", message))
        return values

    def _read_headers(self, headers: Mapping[bytes, bytes], arguments: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, parameter in self._headers:
            raw = headers.get(key)
            if raw is None or (raw == b"" and parameter.blank_is_absent):
                continue
            text = raw.decode("latin-1")
            values[parameter.name] = arguments[parameter.argument] = parameter.value(text)
        return values

    def _read_cookies(self, headers: Mapping[bytes, bytes], arguments: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        raw = headers.get(b"cookie")
        cookies = cookie_parser(raw.decode("latin-1")) if raw else {}
        for parameter in self._cookies:
            if parameter.name in cookies:
                value = parameter.value(cookies[parameter.name])
                values[parameter.name] = arguments[parameter.argument] = value
        return values


def _no_nul(place: str, name: str) -> ErrorDetail:
    return detail(name, "nul", f"{PLACES[place]} `{name}` holds a NUL character; it must not.")


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    if not query_string:
        return []
    if b"%" not in query_string and b"+" not in query_string:
        found = []
        for piece in query_string.decode("ascii").split("&"):
            if piece:
                name, _, text = piece.partition("=")
                found.append((name, text))
        return found
    return parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict")


def _compile(schemas: Schemas, declared: Mapping[str, Any]) -> Parameter:
    name, place = declared["name"], declared["in"]
    content = declared.get("content")
    schema: Schema = next(iter(content.values())).get("schema", {}) if content else declared.get("schema", {})
    types = types_of(schemas, schema)
    is_array = not content and types == {"array"}
    style = declared.get("style", "form" if place in ("query", "cookie") else "simple")
    if style not in DELIMITERS or (types == {"object"} and not content):
        raise ValueError(f"{place} parameter {name}: the style {style} for {types} is not read by this server")
    repeats = is_array and place == "query" and bool(declared.get("explode", style == "form"))
    plain = schemas.follow(schema)
    inner = plain.get("items", {}) if is_array else schema
    return Parameter(
        name=name,
        argument=argument_name(name, place),
        place=place,
        schema=schema,
        required=bool(declared.get("required")),
        coerce=json_value if content else coercer(schemas, inner),
        is_array=is_array,
        repeats=repeats,
        delimiter="\0" if repeats else DELIMITERS[style],
        blank_is_absent=bool(declared.get("allowEmptyValue")) and not declared.get("required"),
        default=plain.get("default"),
    )


def _combined(parameters: Iterable[Parameter]) -> Schema:
    places: dict[str, dict[str, Any]] = {}
    for parameter in parameters:
        group = places.setdefault(parameter.place, {"type": "object", "properties": {}})
        group["properties"][parameter.name] = parameter.schema
        if parameter.required:
            group.setdefault("required", []).append(parameter.name)
    return {"type": "object", "properties": places}
