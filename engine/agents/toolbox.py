"""The tools of one run: under names that a model can call, with arguments checked and failures told in words."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import jsonschema_rs
import orjson

from engine.providers import messages
from engine.tools.tool import Provided, ToolContext, ToolFailure, ToolFile, ToolResult, Words
from foundation.errors import ApiError

log = logging.getLogger(__name__)

LONGEST_OBSERVATION = 50_000
_MOST_AT_ONCE = 10
_LONGEST_NAME = 64
_MOST_COMPLAINTS = 5
_ODD = re.compile(r"[^a-zA-Z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Request:
    """A call that the model asked for: `arguments` is an object, or the text that should have been one."""

    name: str
    arguments: Mapping[str, Any] | str

    @property
    def key(self) -> bytes:
        """What two equal requests have in common."""
        return orjson.dumps([self.name, self.arguments], option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request. `failed` outcomes hold the reason as text: the model reads it like any other.

    `kept`, `tokens` and `price` are those of `ToolResult`.
    """

    name: str
    text: str
    failed: bool = False
    files: tuple[ToolFile, ...] = ()
    resources: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    kept: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    tokens: int = 0
    price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Entry:
    provided: Provided
    offer: messages.Tool
    validator: Any


class Toolbox:
    """Tools that a model may call, many at a time."""

    def __init__(self, provided: Sequence[Provided], context: ToolContext, longest: int = LONGEST_OBSERVATION) -> None:
        """Names the tools as a model will know them.

        Args:
            provided: the tools, with what the app's author set for them.
            context: what calls may use.
            longest: the most characters of an answer that the model gets to read.
        """
        self._context = context
        self._longest = longest
        self._entries: dict[str, _Entry] = {}
        for tool in provided:
            self._add(tool)

    @property
    def offers(self) -> list[messages.Tool]:
        """The tools as they are offered to a model."""
        return [entry.offer for entry in self._entries.values()]

    @property
    def names(self) -> list[str]:
        """The names that a model may call."""
        return list(self._entries)

    def labels(self, requests: Sequence[Request]) -> dict[str, Words]:
        """Returns the names for people of the tools that are asked for."""
        return {
            request.name: entry.provided.tool.label
            for request in requests
            if (entry := self._entries.get(request.name)) is not None
        }

    def sole_parameter(self, name: str) -> str | None:
        """Returns the one thing that must be told to a tool, if there is just one."""
        entry = self._entries.get(name)
        required = (entry.offer.parameters.get("required") or []) if entry else []
        return str(required[0]) if len(required) == 1 else None

    async def call_all(self, requests: Sequence[Request]) -> list[Outcome]:
        """Calls tools at the same time; cancelling the caller cancels them all."""
        gate = asyncio.Semaphore(_MOST_AT_ONCE)

        async def one(request: Request) -> Outcome:
            async with gate:
                return await self._call(request)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(request)) for request in requests]
        return [task.result() for task in tasks]

    async def _call(self, request: Request) -> Outcome:
        entry = self._entries.get(request.name)
        if entry is None:
            known = ", ".join(self._entries) or "none"
            return _failed(request, f"There is no tool named {request.name!r}. Available tools: {known}.")
        arguments = read_arguments(request.arguments)
        if isinstance(arguments, str):
            return _failed(request, arguments)
        preset = {key: value for key, value in entry.provided.settings.items() if value not in (None, "")}
        given = {key: value for key, value in arguments.items() if value is not None}
        if complaint := _complaint(entry, given):
            return _failed(request, complaint)
        seconds = entry.provided.seconds or self._context.timeout
        try:
            async with asyncio.timeout(seconds):
                result = await entry.provided.tool.invoke({**given, **preset}, self._context)
        except TimeoutError:
            return _failed(request, f"The tool did not answer within {seconds:g} seconds.")
        except ToolFailure as failure:
            return _failed(request, str(failure))
        except ApiError as error:
            return _failed(request, error.message)
        except Exception:
            log.exception("the tool %s failed", request.name)
            return _failed(request, "The tool failed for a reason of its own; other arguments will not help.")
        return self._outcome(request, result)

    def _outcome(self, request: Request, result: ToolResult) -> Outcome:
        text = result.text
        if not text and result.json:
            text = "\n".join(orjson.dumps(value).decode() for value in result.json)
        if len(text) > self._longest:
            text = f"{text[: self._longest]}\n[… cut after {self._longest} characters]"
        return Outcome(
            request.name,
            text or "The tool answered nothing.",
            files=result.files,
            resources=result.resources,
            kept=result.kept,
            tokens=result.tokens,
            price=result.price,
        )

    def _add(self, provided: Provided) -> None:
        tool = provided.tool
        name = self._free_name(provided)
        preset = {key for key, value in provided.settings.items() if value not in (None, "")} | provided.for_authors
        schema = dict(tool.parameters)
        schema["properties"] = {
            key: value for key, value in (schema.get("properties") or {}).items() if key not in preset
        }
        schema["required"] = [key for key in schema.get("required") or [] if key not in preset]
        offer = messages.Tool(name, tool.description, schema)
        try:
            validator = jsonschema_rs.validator_for(schema, offline=True)
        except (ValueError, TypeError, jsonschema_rs.ValidationError):
            validator = None
        self._entries[name] = _Entry(provided, offer, validator)

    def _free_name(self, provided: Provided) -> str:
        name = _ODD.sub("_", provided.tool.name).strip("_")[:_LONGEST_NAME] or "tool"
        if name in self._entries:
            name = _ODD.sub("_", f"{provided.provider_id[:24]}__{name}")[:_LONGEST_NAME]
        free, number = name, 2
        while free in self._entries:
            free, number = f"{name[: _LONGEST_NAME - 4]}_{number}", number + 1
        return free


def read_arguments(arguments: Mapping[str, Any] | str) -> Mapping[str, Any] | str:
    """Returns arguments as an object, or the sentence that tells a model what is wrong with them.

    Nothing, `null` and an empty text are an empty object: models write them for tools that need no arguments.
    """
    if not isinstance(arguments, str):
        return arguments
    if not arguments.strip():
        return {}
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError as error:
        return f"The arguments are not valid JSON ({error}). Call the tool again with one JSON object."
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        return "The arguments must be one JSON object. Call the tool again with such an object."
    return value


def _complaint(entry: _Entry, arguments: Mapping[str, Any]) -> str:
    """Returns what the tool's schema has against arguments; it is empty if nothing."""
    if entry.validator is None:
        return ""
    found: list[str] = []
    for error in entry.validator.iter_errors(dict(arguments)):
        where = ".".join(map(str, error.instance_path))
        found.append(f"{where}: {error.message}" if where else error.message)
        if len(found) == _MOST_COMPLAINTS:
            break
    return f"The arguments are wrong: {'; '.join(found)}. Call the tool again with correct ones." if found else ""


def _failed(request: Request, reason: str) -> Outcome:
    return Outcome(request.name, reason, failed=True)
