"""The operations of a tier as Protocols, one for each tag, that its handler modules are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.pipeline.document import Document
from handlers.pipeline.parameters import argument_name
from handlers.pipeline.resolver import function_name, module_name
from parley.typed_schemas import COMPONENTS, TypedSchemas

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
REPLIES = "Reply"


class TypedHandlers:
    """Writes the Protocols of one tier."""

    def __init__(self, document: Mapping[str, Any], schemas: TypedSchemas) -> None:
        self._document = Document(document)
        self._schemas = schemas
        self.names: set[str] = set()
        self.modules: dict[str, str] = {}

    def source(self) -> str:
        """Return one Protocol for each tag; `modules` then maps handler modules to their Protocols."""
        methods: dict[str, list[str]] = {}
        for path, method, operation in self._document.operations():
            if "x-alias-of" not in operation:
                tag = (operation.get("tags") or ["untagged"])[0]
                methods.setdefault(tag, []).append(self._method(path, method, operation))
        protocols = []
        for tag, bodies in sorted(methods.items()):
            name = "".join(part.capitalize() for part in module_name(tag).split("_")) + "Handlers"
            self.modules[module_name(tag)] = name
            head = f'class {name}(Protocol):\n    """The operations of the tag {tag}."""\n\n'
            protocols.append(head + "\n\n".join(bodies))
        return "\n\n\n".join(protocols) + "\n"

    def _method(self, path: str, method: str, operation: Mapping[str, Any]) -> str:
        arguments = ["call: Call", *self._arguments(path, method, operation)]
        if len(arguments) > 1:
            arguments.insert(1, "*")
        name = function_name(operation["operationId"])
        signature = ", ".join(["self", *arguments])
        line = f"    async def {name}({signature}) -> {self._result(operation)}: ..."
        if len(line) <= 120:
            return line
        listed = "".join(f"        {argument},\n" for argument in ["self", *arguments])
        return f"    async def {name}(\n{listed}    ) -> {self._result(operation)}: ..."

    def _arguments(self, path: str, method: str, operation: Mapping[str, Any]) -> Iterable[str]:
        for parameter in self._document.parameters(path, method):
            if parameter["in"] not in ("path", "query") or parameter["name"] == "trace_id":
                continue
            schema = parameter.get("schema", {})
            text = self._schemas.expression(schema, "Any")
            self._note(text)
            is_given = parameter.get("required") or "default" in self._document.follow(schema)
            yield f"{argument_name(parameter['name'])}: {text}" + ("" if is_given else " = ...")
        if "requestBody" in operation:
            yield from self._body(self._document.follow(operation["requestBody"]))

    def _body(self, body: Mapping[str, Any]) -> Iterable[str]:
        content = body["content"]
        several = len(content) > 1 or not body.get("required")
        if any(media_type not in FORMS for media_type in content):
            yield "body: Any = ..." if several else "body: Any"
        for media_type in FORMS:
            if media_type not in content:
                continue
            schema = self._document.follow(content[media_type]["schema"])
            for name, declared in schema.get("properties", {}).items():
                followed = self._document.follow(declared)
                is_given = not several and (name in schema.get("required", ()) or "default" in followed)
                yield f"{argument_name(name)}: {self._part(declared)}" + ("" if is_given else " = ...")

    def _part(self, declared: Mapping[str, Any]) -> str:
        schema = self._document.follow(declared)
        if schema.get("format") == "binary":
            return "UploadedFile"
        item = self._document.follow(schema.get("items", {}))
        if schema.get("type") == "array" and item.get("format") == "binary":
            return "list[UploadedFile]"
        if schema.get("type") == "object" or "properties" in schema or "allOf" in schema:
            return "Any"
        text = self._schemas.expression(declared, "Any")
        self._note(text)
        return text

    def _result(self, operation: Mapping[str, Any]) -> str:
        found: list[str] = []
        for status, response in operation["responses"].items():
            if not str(status).startswith("2"):
                continue
            content = self._document.follow(response).get("content", {})
            if not content:
                found.append("None")
            for media_type, described in content.items():
                found += self._media(media_type, described.get("schema", {}))
        return " | ".join(dict.fromkeys([*found, REPLIES]))

    def _media(self, media_type: str, schema: Mapping[str, Any]) -> list[str]:
        if media_type == "text/event-stream":
            return ["EventStream"]
        if not media_type.startswith("application/json"):
            return ["FileReply"]
        text = schema["$ref"].removeprefix(COMPONENTS) if "$ref" in schema else "Any"
        self._note(text)
        return [text, "Mapping[str, Any]"]

    def _note(self, text: str) -> None:
        cut = text
        for mark in "[]|,":
            cut = cut.replace(mark, " ")
        self.names |= {word for word in cut.split() if word[:1].isupper() and "'" not in word and '"' not in word}
