"""Every example is one that the server would accept or give."""

import json
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from tests.openapi.reading import DOCUMENTS, Stated, each_operation, examples


def problems(stated: Stated, schema: dict[str, Any], value: Any) -> list[str]:
    """Say what is wrong with a value."""
    validator = OAS30Validator({**schema, "components": stated.document["components"]})
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("stated", each_operation())
def test_request_examples_validate(stated: Stated) -> None:
    if "requestBody" not in stated.operation:
        return
    for media in stated.follow(stated.operation["requestBody"])["content"].values():
        found = list(examples(media))
        assert found, "a request body needs an example"
        for example in found:
            assert problems(stated, media["schema"], example) == []


@pytest.mark.parametrize("stated", each_operation())
def test_parameter_examples_validate(stated: Stated) -> None:
    for parameter in stated.parameters():
        for example in examples(parameter):
            assert problems(stated, parameter["schema"], example) == []


@pytest.mark.parametrize("stated", each_operation())
def test_response_examples_validate(stated: Stated) -> None:
    for status, response in stated.responses().items():
        for media_type, media in response.get("content", {}).items():
            found = list(examples(media))
            binary = stated.follow(media["schema"]).get("format") == "binary"
            assert found or binary, f"{status} {media_type} needs an example"
            for example in found:
                assert problems(stated, media["schema"], example) == []
                _check_event(stated, media, example)


def _check_event(stated: Stated, media: dict[str, Any], example: Any) -> None:
    """A frame's data follow the schema that the media type names for them."""
    if "x-event-data" not in media:
        return
    schema = {"$ref": f"#/components/schemas/{media['x-event-data']}"}
    assert problems(stated, schema, json.loads(example["data"])) == []


@pytest.mark.parametrize("stated", each_operation())
def test_json_examples_hold_no_undeclared_field(stated: Stated) -> None:
    for response in stated.responses().values():
        for media in response.get("content", {}).values():
            schema = stated.follow(media["schema"])
            declared = schema.get("properties")
            if not declared or schema.get("additionalProperties"):
                continue
            for example in examples(media):
                assert set(example) <= set(declared)


@pytest.mark.parametrize("tier", DOCUMENTS)
def test_every_event_of_a_stream_has_a_named_schema(tier: str) -> None:
    schemas = DOCUMENTS[tier]["components"]["schemas"]
    for name in ("ChatEvent", "CompletionEvent"):
        if name in schemas:
            mapped = schemas[name]["discriminator"]["mapping"].values()
            assert set(mapped) == {branch["$ref"] for branch in schemas[name]["oneOf"]}
