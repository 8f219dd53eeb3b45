"""Events of streams, held against the schemas that the contract names for them."""

from typing import Any

from openapi_schema_validator import OAS30Validator

from tests.openapi.reading import DOCUMENTS

COMPONENTS = DOCUMENTS["service"]["components"]


def stated(event: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an event that follows its schema.

    Args:
        event: the event.
        name: a schema of the Service tier, such as `ChatEvent`.

    Raises:
        ValidationError: it does not follow the schema.
    """
    OAS30Validator({"$ref": f"#/components/schemas/{name}", "components": COMPONENTS}).validate(event)
    return event
