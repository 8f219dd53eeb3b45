"""A check of our own: the JSON of each server-sent event follows the schema named in `x-event-data`."""

import json
from typing import Any

import jsonschema_rs
import schemathesis


@schemathesis.check
def sse_data_conformance(ctx: Any, response: Any, case: Any) -> None:
    """Fail where a `data:` line does not follow the operation's event schema, or a stream names none."""
    if not response.headers.get("content-type", [""])[0].startswith("text/event-stream"):
        return
    document = case.operation.schema.raw_schema
    operation = document["paths"][case.operation.path][case.method.lower()]
    media = operation["responses"][str(response.status_code)]["content"]["text/event-stream"]
    name = media.get("x-event-data")
    assert name, "a text/event-stream response must name its x-event-data schema"
    validator = jsonschema_rs.Draft4Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    )
    for block in response.text.split("\n\n"):
        data = "\n".join(line[5:].lstrip() for line in block.splitlines() if line.startswith("data:"))
        if data:
            errors = [str(error.message) for error in validator.iter_errors(json.loads(data))]
            assert not errors, f"{name}: {errors[0]}: {data[:200]}"
