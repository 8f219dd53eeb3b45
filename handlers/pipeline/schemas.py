"""OpenAPI 3.0 schemas as compiled validators.

A schema is translated to JSON Schema 2020-12 once for each direction (request, response) and content, references
stay references, so that recursion costs nothing and every component is compiled as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import jsonschema_rs
import orjson

from handlers.pipeline.document import Document

Direction = Literal["request", "response"]
Schema = Mapping[str, Any]

COMPONENTS = "#/components/schemas/"
ANNOTATIONS = frozenset(
    {
        "default",
        "deprecated",
        "description",
        "discriminator",
        "example",
        "examples",
        "externalDocs",
        "nullable",
        "readOnly",
        "title",
        "writeOnly",
        "xml",
    }
)
COMBINATIONS = ("allOf", "anyOf", "oneOf")


class Schemas:
    """The validators of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._validators: dict[tuple[Direction, bytes], jsonschema_rs.Draft202012Validator] = {}
        self._translations: dict[Direction, dict[str, tuple[dict[str, Any] | bool, frozenset[str]]]] = {
            "request": {},
            "response": {},
        }

    def follow(self, schema: Schema) -> Schema:
        """Return the schema itself, or what its `$ref` names."""
        return self._document.follow(schema)

    def validator(self, schema: Schema, direction: Direction) -> jsonschema_rs.Draft202012Validator:
        """Compile a schema, or return the validator that an equal one was compiled to.

        Args:
            schema: a schema object of the document, references allowed.
            direction: `request` frees read-only fields from being required; `response` forbids write-only ones.

        Returns:
            A validator that checks formats and reads nothing from outside.

        Raises:
            ValueError: when the schema cannot be compiled.
        """
        key = (direction, orjson.dumps(schema))
        known = self._validators.get(key)
        if known is None:
            known = self._validators[key] = jsonschema_rs.Draft202012Validator(
                self.json_schema(schema, direction), validate_formats=True, offline=True
            )
        return known

    def json_schema(self, schema: Schema, direction: Direction) -> dict[str, Any]:
        """Translate a schema to JSON Schema, with every component it reaches under `$defs`."""
        translation = _Translation(self._document, direction)
        root = translation.of(schema)
        definitions: dict[str, Any] = {}
        pending = set(translation.names)
        while pending:
            name = pending.pop()
            definitions[name], reached = self._component(name, direction)
            pending |= reached - definitions.keys()
        result: dict[str, Any] = dict(root) if isinstance(root, dict) else {"not": {}}
        if definitions:
            result["$defs"] = definitions
        return result

    def _component(self, name: str, direction: Direction) -> tuple[dict[str, Any] | bool, frozenset[str]]:
        known = self._translations[direction].get(name)
        if known is None:
            translation = _Translation(self._document, direction)
            body = translation.of(self._document.at(COMPONENTS + name))
            known = self._translations[direction][name] = (body, frozenset(translation.names))
        return known


class _Translation:
    """Translates one schema and remembers which components it names."""

    def __init__(self, document: Document, direction: Direction) -> None:
        self._document = document
        self._direction = direction
        self.names: set[str] = set()

    def of(self, schema: Schema | bool) -> dict[str, Any] | bool:
        if isinstance(schema, bool):
            return schema
        if "$ref" in schema:
            reference = schema["$ref"]
            if not reference.startswith(COMPONENTS) or "/" in reference[len(COMPONENTS) :]:
                return self.of(self._document.at(reference))
            name = reference[len(COMPONENTS) :]
            self.names.add(name)
            return {"$ref": f"#/$defs/{name}"}
        out: dict[str, Any] = {}
        for key, value in schema.items():
            if key not in ANNOTATIONS and not key.startswith("x-"):
                self._keyword(key, value, schema, out)
        alternatives = self._by_discriminator(schema)
        if alternatives is not None:
            out.pop("oneOf", None)
            out.pop("anyOf", None)
            out.setdefault("allOf", []).extend(alternatives)
        return self._nullable(schema, out)

    def _keyword(self, key: str, value: Any, schema: Schema, out: dict[str, Any]) -> None:
        match key:
            case "properties":
                out[key] = {name: self._property(sub) for name, sub in value.items()}
            case "items" | "additionalProperties" | "not":
                out[key] = self.of(value)
            case "allOf" | "anyOf" | "oneOf":
                out[key] = [self.of(sub) for sub in value]
            case "required":
                if needed := [name for name in value if not self._exempt(schema, name)]:
                    out[key] = needed
            case "exclusiveMinimum" | "exclusiveMaximum":
                if value is True:
                    out[key] = schema[key.replace("exclusiveM", "m")]
            case "minimum" | "maximum":
                if schema.get("exclusive" + key.capitalize()) is not True:
                    out[key] = value
            case _:
                out[key] = value

    def _property(self, schema: Schema) -> dict[str, Any] | bool:
        if self._direction == "response" and self._document.follow(schema).get("writeOnly"):
            return False
        return self.of(schema)

    def _exempt(self, schema: Schema, name: str) -> bool:
        declared = schema.get("properties", {}).get(name)
        if declared is None:
            return False
        flag = "readOnly" if self._direction == "request" else "writeOnly"
        return bool(self._document.follow(declared).get(flag))

    def _by_discriminator(self, schema: Schema) -> list[dict[str, Any]] | None:
        """Choose the alternative by the discriminator's value, so that errors speak of the one that was meant."""
        tag = schema.get("discriminator", {}).get("propertyName")
        options = schema.get("oneOf") or schema.get("anyOf")
        if not tag or not options or not all("$ref" in option for option in options):
            return None
        mapping: dict[str, str] = {}
        for value, target in schema["discriminator"].get("mapping", {}).items():
            mapping[value] = target if target.startswith("#/") else COMPONENTS + target
        for option in options:
            if option["$ref"] not in mapping.values():
                mapping[option["$ref"].rsplit("/", 1)[1]] = option["$ref"]
        chosen: list[dict[str, Any]] = [
            {"type": "object", "required": [tag], "properties": {tag: {"enum": list(mapping)}}}
        ]
        for value, target in mapping.items():
            has_tag = {"type": "object", "required": [tag], "properties": {tag: {"const": value}}}
            chosen.append({"if": has_tag, "then": self.of({"$ref": target})})
        return chosen

    @staticmethod
    def _nullable(schema: Schema, out: dict[str, Any]) -> dict[str, Any]:
        if not schema.get("nullable"):
            return out
        if any(key in out for key in COMBINATIONS):
            return {"if": {"type": "null"}, "else": out}
        if isinstance(out.get("type"), str):
            out["type"] = [out["type"], "null"]
        return out
