"""The JSON Schema of a workflow's graph, made from the models that read it."""

from __future__ import annotations

from typing import Any

from engine.workflow.nodes import NODE_TYPES
from engine.workflow.parse import NOTE

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOTHING = {"type": "null"}


def data_schema() -> dict[str, Any]:
    """Returns the schema of `{"nodes": [...], "edges": [...], "viewport": {...}}`.

    The data of each node is described by its type; fields that are not described may be there. Notes of the editor are
    no nodes of the workflow, and may hold anything.
    """
    definitions: dict[str, Any] = {}
    for name, node_type in sorted(NODE_TYPES.items()):
        schema = node_type.data.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
        for inner, definition in schema.pop("$defs", {}).items():
            definitions[f"{name}.{inner}"] = nullable(definition)
        schema["properties"]["type"] = {"const": name}
        definitions[name] = nullable(schema)
    definitions["data"] = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": sorted(NODE_TYPES)}},
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in sorted(NODE_TYPES)
        ],
    }
    definitions["node"] = {
        "type": "object",
        "required": ["id", "data"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "type": {"type": "string"},
            "parentId": {"type": ["string", "null"]},
            "position": {"type": "object"},
            "data": {"type": "object"},
        },
        "if": {"required": ["type"], "properties": {"type": {"const": NOTE}}},
        "else": {"properties": {"data": {"$ref": "#/$defs/data"}}},
    }
    definitions["edge"] = {
        "type": "object",
        "required": ["source", "target"],
        "properties": {
            "id": {"type": "string"},
            "source": {"type": "string"},
            "target": {"type": "string"},
            "sourceHandle": {"type": ["string", "null"]},
            "targetHandle": {"type": ["string", "null"]},
            "data": {"type": "object"},
        },
    }
    return {
        "$schema": _DIALECT,
        "title": "Workflow graph",
        "type": "object",
        "required": ["nodes", "edges"],
        "properties": {
            "nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            "edges": {"type": "array", "items": {"$ref": "#/$defs/edge"}},
            "viewport": {"type": "object"},
        },
        "$defs": definitions,
    }


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema of an object in which null is the same as leaving a field out."""
    required = schema.get("required", ())
    fields = schema.get("properties", {})
    properties = {name: field if name in required else _or_null(field) for name, field in fields.items()}
    return {**schema, "properties": properties} if properties else schema


def _or_null(field: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema of a field that may be null; what is wrong within it is told where it is, not for it all."""
    if "const" in field or field.get("type") == "null":
        return field
    kinds = [kind for kind in field.get("anyOf", [field]) if kind != _NOTHING]
    told = {key: part for key, part in field.items() if key in ("default", "description", "title")}
    if len(kinds) == 1 and ("$ref" in kinds[0] or kinds[0].get("type") in ("array", "object")):
        return {**told, "if": _NOTHING, "else": kinds[0]}
    return {**told, "anyOf": [*kinds, _NOTHING]}
