"""The JSON Schema of a workflow's graph, made from the models that read it."""

from __future__ import annotations

from typing import Any

from engine.workflow.nodes import NODE_TYPES

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def data_schema() -> dict[str, Any]:
    """Returns the schema of `{"nodes": [...], "edges": [...], "viewport": {...}}`.

    The data of each node is described by its type; fields that are not described may be there.
    """
    definitions: dict[str, Any] = {}
    kinds = []
    for name, node_type in sorted(NODE_TYPES.items()):
        schema = node_type.data.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
        for inner, definition in schema.pop("$defs", {}).items():
            definitions[f"{name}.{inner}"] = definition
        schema["properties"]["type"] = {"const": name}
        definitions[name] = schema
        kinds.append({"$ref": f"#/$defs/{name}"})
    definitions["node"] = {
        "type": "object",
        "required": ["id", "data"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "type": {"type": "string"},
            "parentId": {"type": ["string", "null"]},
            "position": {"type": "object"},
            "data": {"anyOf": kinds},
        },
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
