"""The operations of a tier as Protocols, one for each tag, that its handler modules are held against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from handlers.pipeline.document import Document
from handlers.pipeline.parameters import argument_name
from handlers.pipeline.resolver import function_name, module_name
from parley.typed_schemas import TypedSchemas

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")

_WORD = re.compile(r"""'[^']*'|"[^"]*"|\b[A-Za-z_]\w*""")


class TypedHandlers:
    """Writes the Protocols of one tier."""

    def __init__(self, tier: str, document: Mapping[str, Any], schemas: TypedSchemas) -> None:
        self._tier = tier
        self._document = Document(document)
        self._schemas = schemas
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
            text = self._type(schema, operation, parameter["name"])
            is_given = parameter.get("required") or "default" in self._document.follow(schema)
            yield f"{argument_name(parameter['name'])}: {text}" + ("" if is_given else " = ...")
        if "requestBody" in operation:
            yield from self._body(operation)

    def _body(self, operation: Mapping[str, Any]) -> Iterable[str]:
        body = self._document.follow(operation["requestBody"])
        content = body["content"]
        several = len(content) > 1 or not body.get("required")
        described = [content[media_type].get("schema", {}) for media_type in content if media_type not in FORMS]
        if described:
            text = " | ".join(dict.fromkeys(self._type(schema, operation, "body") for schema in described))
            yield f"body: {text}" + (" = ..." if several else "")
        for media_type in FORMS:
            if media_type not in content:
                continue
            schema = self._document.follow(content[media_type]["schema"])
            for name, declared in schema.get("properties", {}).items():
                followed = self._document.follow(declared)
                is_given = not several and (name in schema.get("required", ()) or "default" in followed)
                yield f"{argument_name(name)}: {self._part(declared, operation, name)}" + ("" if is_given else " = ...")

    def _part(self, declared: Mapping[str, Any], operation: Mapping[str, Any], name: str) -> str:
        schema = self._document.follow(declared)
        if schema.get("format") == "binary":
            return "UploadedFile"
        item = self._document.follow(schema.get("items", {}))
        if item.get("format") == "binary":
            return "list[UploadedFile]"
        return self._type(declared, operation, name)

    def _result(self, operation: Mapping[str, Any]) -> str:
        """Return what a handler may answer: a plain body is sent with the first success, a `Reply` with any."""
        plain: list[str] = []
        bodies: list[str] = []
        others: list[str] = []
        successes = [found for status, found in operation["responses"].items() if str(status).startswith("2")]
        for response in successes:
            content = self._document.follow(response).get("content", {})
            if not content:
                bodies.append("None")
            for media_type, described in content.items():
                if media_type == "text/event-stream":
                    others.append("EventStream")
                elif not media_type.startswith("application/json"):
                    others.append("FileReply")
                else:
                    bodies.append(self._type(described.get("schema", {}), operation, "answer"))
            plain = plain or [*bodies]
        if bodies:
            others.append(f"Reply[{' | '.join(dict.fromkeys(bodies))}]")
        return " | ".join(dict.fromkeys([*plain, *others]))

    def _type(self, schema: Mapping[str, Any], operation: Mapping[str, Any], role: str) -> str:
        """Return the type of a schema; one without a name is called after its operation and its role there."""
        words = (self._tier, *function_name(operation["operationId"]).split("_"), *argument_name(role).split("_"))
        text = self._schemas.expression(schema, "".join(word.capitalize() for word in words))
        return _WORD.sub(self._qualified, text)

    def _qualified(self, word: re.Match[str]) -> str:
        return f"schemas.{word[0]}" if word[0] in self._schemas.names else word[0]
