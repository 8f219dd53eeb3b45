"""The JSON Schema of app files, made from the models that read them."""

from __future__ import annotations

from typing import Any

from engine.app_file.document import AppFile
from engine.workflow.schema import data_schema, nullable

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_GRAPH = "GraphSection"


def app_file_schema() -> dict[str, Any]:
    """Returns the JSON Schema of an app file; the data of each type of node is described in `$defs`.

    Unknown fields may be there. A graph that follows the schema can still be refused when it is published.
    """
    schema = AppFile.model_json_schema(by_alias=True)
    graph = data_schema()
    definitions = {name: nullable(definition) for name, definition in schema.pop("$defs").items()}
    definitions |= graph.pop("$defs")
    del graph["$schema"]
    definitions[_GRAPH] = graph
    schema.pop("description", None)
    return {"$schema": _DIALECT, **nullable(schema), "title": "App file", "$defs": definitions}
