"""Where this pipeline is meant to differ from stock connexion on a valid request; anything else is a fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers.pipeline.document import METHODS
from handlers.pipeline.parameters import argument_name
from tests.handlers.differential.exchanges import Example

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Deviation:
    """One intended difference, and how it is taken out of the comparison.

    Attributes:
        what: the difference.
        why: its reason.
        document: changes the document that stock connexion gets.
        ours: brings the arguments that our handler got into the common form.
        stocks: brings the arguments that stock connexion's handler got into the common form.
    """

    what: str
    why: str
    document: Callable[[dict[str, Any]], None] | None = None
    ours: Callable[[Example, Arguments], Arguments] | None = None
    stocks: Callable[[Example, Arguments], Arguments] | None = None


def _without_security(document: dict[str, Any]) -> None:
    document.pop("security", None)
    document["components"].pop("securitySchemes", None)
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            item[method].pop("security", None)


def _static_paths_first(document: dict[str, Any]) -> None:
    document["paths"] = dict(sorted(document["paths"].items(), key=lambda entry: "{" in entry[0]))


def _addresses_as_paths(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            for parameter in item[method].get("parameters", []):
                if parameter.get("in") == "path" and "://" in parameter["schema"].get("pattern", ""):
                    parameter["schema"] = parameter["schema"] | {"format": "path"}


def _json_parts_as_anything(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            content = item[method].get("requestBody", {}).get("content", {})
            form = content.get("multipart/form-data", {})
            if len(content) > 1 and (parts := form.get("encoding")):
                named = document["components"]["schemas"][form["schema"]["$ref"].rpartition("/")[2]]
                form["schema"] = named | {"properties": named["properties"] | {part: {} for part in parts}}


def _json_parts_read(example: Example, arguments: Arguments) -> Arguments:
    body = example.stated.operation.get("requestBody", {})
    if len(body.get("content", {})) < 2 or "data" not in example.body:
        return arguments
    read = {name: json.loads(texts[0]) for name, texts in arguments.items() if isinstance(texts, list)}
    return arguments | read


def _without_headers(example: Example, arguments: Arguments) -> Arguments:
    names = {argument_name(p["name"], "header") for p in example.stated.parameters() if p["in"] == "header"}
    return {name: value for name, value in arguments.items() if name not in names}


def _without_defaults(example: Example, arguments: Arguments) -> Arguments:
    sent = example.body.get("json")
    return {**arguments, "body": _as_sent(arguments["body"], sent)} if isinstance(sent, dict) else arguments


def _as_sent(value: Any, sent: Any) -> Any:
    if isinstance(value, dict) and isinstance(sent, dict):
        return {name: _as_sent(inner, sent[name]) for name, inner in value.items() if name in sent}
    if isinstance(value, list) and isinstance(sent, list):
        return [_as_sent(*pair) for pair in zip(value, sent, strict=True)]
    return value


def _fields_by_name(example: Example, arguments: Arguments) -> Arguments:
    if "files" not in example.body:
        return arguments
    fields = arguments.get("body") or {}
    return {name: value for name, value in arguments.items() if name != "body"} | fields


def _files_as_facts(example: Example, arguments: Arguments) -> Arguments:
    names = example.body.get("files", {})
    facts = {name: (arguments[name].filename, arguments[name].content_type, arguments[name].size) for name in names}
    return {**arguments, **facts}


DEVIATIONS = (
    Deviation(
        "Credentials are not compared.",
        "Stock connexion wants the names of Python functions in the document; here a scheme's name is enough.",
        document=_without_security,
    ),
    Deviation(
        "Where two paths fit, the one with more fixed segments is taken, wherever it stands in the document.",
        "Stock connexion takes the first that fits, so that the order of a document's files would matter.",
        document=_static_paths_first,
    ),
    Deviation(
        "Header parameters are arguments of the handler.",
        "Stock connexion checks them and leaves the handler to read them from the request.",
        ours=_without_headers,
    ),
    Deviation(
        "Fields of a JSON body that were left out get their defaults.",
        "A handler need not repeat what the contract says; stock connexion fills in parameters only.",
        ours=_without_defaults,
    ),
    Deviation(
        "Each field of a form is an argument of its own.",
        "A form's fields are declared one by one; stock connexion puts them into `body`.",
        stocks=_fields_by_name,
    ),
    Deviation(
        "A JSON part of a form is read where the operation takes JSON bodies too.",
        "Stock connexion looks at `encoding` only where an operation takes forms alone.",
        document=_json_parts_as_anything,
        stocks=_json_parts_read,
    ),
    Deviation(
        "A web address in a path is one segment, with its slashes encoded.",
        "The server hands stock connexion the decoded path, in which the address is many segments.",
        document=_addresses_as_paths,
    ),
    Deviation(
        "An uploaded file is an `UploadedFile`.",
        "Handlers see no class of the framework; stock connexion hands out Starlette's.",
        ours=_files_as_facts,
        stocks=_files_as_facts,
    ),
    Deviation(
        "A handler answers with an `EventStream` or a `FileReply`.",
        "Stock connexion has no such types; its stub makes the raw response. The bytes are compared.",
    ),
    Deviation(
        "The media type follows from what a handler returns.",
        "Stock connexion wants to be told where an operation may answer in several; its stub names it.",
    ),
    Deviation(
        "`Idempotency-Key` is sent to neither.",
        "It takes a Redis, and stock connexion does not know it; `tests/handlers/pipeline` has its tests.",
    ),
)
