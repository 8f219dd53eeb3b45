"""The documents' named schemas as Python types: TypedDicts, Literals and aliases."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

COMPONENTS = "#/components/schemas/"
SCALARS = {"integer": "int", "number": "float", "boolean": "bool", "string": "str", "null": "None"}
RESERVED = frozenset({"Any", "Literal", "NotRequired", "TypeAlias", "TypedDict"})


class TypedSchemas:
    """Writes one Python definition for each named schema of one or more documents."""

    def __init__(self) -> None:
        self._components: dict[str, Schema] = {}
        self._definitions: dict[str, str] = {}

    def add(self, document: Mapping[str, Any]) -> None:
        """Take in a document's named schemas.

        Raises:
            ValueError: when another document has a different schema of the same name.
        """
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            if self._components.setdefault(name, schema) != schema:
                raise ValueError(f"two documents have different schemas called {name}")

    @property
    def names(self) -> set[str]:
        """The names of all types so far."""
        return self._components.keys() | self._definitions.keys()

    def source(self) -> str:
        """Return the definitions of all schemas, by name."""
        for name, schema in sorted(self._components.items()):
            if name in RESERVED or not name.isidentifier() or keyword.iskeyword(name):
                raise ValueError(f"the schema name {name!r} cannot be a Python type")
            self._define(name, schema)
        return "\n\n".join(self._definitions[name] for name in sorted(self._definitions))

    def expression(self, schema: Schema, name: str) -> str:
        """Return the type expression of a schema.

        Args:
            schema: any schema object.
            name: what an inline object is called.
        """
        if "$ref" in schema:
            reference: str = schema["$ref"]
            return reference.removeprefix(COMPONENTS)
        found = self._plain(schema, name)
        if not schema.get("nullable") or found == "Any" or None in schema.get("enum", ()) or found.endswith("| None"):
            return found
        return f"{found} | None"

    def _plain(self, schema: Schema, name: str) -> str:
        if "enum" in schema:
            return _literal(schema["enum"])
        for keyword_ in ("oneOf", "anyOf"):
            if keyword_ in schema:
                parts = [self.expression(s, f"{name}{n}") for n, s in enumerate(schema[keyword_], 1)]
                return " | ".join(dict.fromkeys(parts))
        if "allOf" in schema and len(schema["allOf"]) == 1 and "properties" not in schema:
            return self.expression(schema["allOf"][0], name)
        if "allOf" in schema or schema.get("properties"):
            self._define(name, schema)
            return name
        kind = schema.get("type")
        if kind == "array":
            return f"list[{self.expression(schema.get('items', {}), name + 'Item')}]"
        if kind == "object":
            values = schema.get("additionalProperties")
            inner = self.expression(values, name + "Value") if isinstance(values, Mapping) and values else "Any"
            return f"dict[str, {inner}]"
        return SCALARS.get(str(kind), "Any")

    def _define(self, name: str, schema: Schema) -> None:
        if name in self._definitions:
            return
        self._definitions[name] = ""
        described = _docstring(schema)
        fields, required = self._fields(schema)
        is_object = bool(fields) and "enum" not in schema and "oneOf" not in schema and "anyOf" not in schema
        merges = len(schema.get("allOf", ())) > 1 or "properties" in schema
        if not is_object or not merges or schema.get("nullable"):
            inner = {k: v for k, v in schema.items() if k != "nullable"} if is_object and merges else schema
            expression = self.expression(inner, f"{name}Value" if inner is not schema else name + "Form")
            optional = " | None" if inner is not schema else ""
            self._definitions[name] = f'{name}: TypeAlias = "{expression}{optional}"'
            if schema.get("description"):
                self._definitions[name] += f"\n{described}"
            return
        lines = []
        for field, declared in fields.items():
            text = self.expression(declared, name + _camel(field))
            lines.append((field, text if field in required else f"NotRequired[{text}]"))
        if all(f.isidentifier() and not keyword.iskeyword(f) for f in fields):
            body = "\n".join(f"    {field}: {text}" for field, text in lines)
            head = f"    {described}\n\n" if described else ""
            self._definitions[name] = f"class {name}(TypedDict):\n{head}{body}\n"
        else:
            body = "\n".join(f'        "{field}": "{text}",' for field, text in lines)
            self._definitions[name] = f'{name} = TypedDict(\n    "{name}",\n    {{\n{body}\n    }},\n)'

    def _fields(self, schema: Schema) -> tuple[dict[str, Schema], set[str]]:
        if "$ref" in schema:
            schema = self._components[schema["$ref"].removeprefix(COMPONENTS)]
        fields: dict[str, Schema] = {}
        required: set[str] = set(schema.get("required", ()))
        for part in schema.get("allOf", ()):
            more, needed = self._fields(part)
            fields |= more
            required |= needed
        fields |= schema.get("properties", {})
        return fields, required


def _literal(values: list[Any]) -> str:
    shown = ", ".join("None" if value is None else repr(value) for value in values)
    return f"Literal[{shown}]"


def _docstring(schema: Schema) -> str:
    text = " ".join(str(schema.get("description", "")).split())
    sentence = re.split(r"(?<=[.!?]) ", text)[0] if text else ""
    sentence = sentence.replace("\\", "\\\\").replace('"""', "'''")
    if sentence.endswith('"'):
        sentence += " "
    return f'"""{sentence}"""' if sentence else ""


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+|_", name) if part)
