"""Generated types say what the documents say."""

from __future__ import annotations

from typing import Any

import pytest

from parley.codegen import FOLDER, generate
from parley.typed_handlers import TypedHandlers
from parley.typed_schemas import TypedSchemas


def source(**schemas: object) -> str:
    typed = TypedSchemas()
    typed.add({"components": {"schemas": schemas}})
    return typed.source()


def test_an_object_is_a_typed_dict_with_its_optional_fields_marked() -> None:
    text = source(
        Item={
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "size": {"type": "integer", "nullable": True},
                "parent": {"$ref": "#/components/schemas/Item"},
                "labels": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
            },
        }
    )
    assert "class Item(TypedDict):" in text
    assert "    id: str\n" in text
    assert "    size: NotRequired[int | None]\n" in text
    assert "    parent: NotRequired[Item]\n" in text
    assert "    labels: NotRequired[list[Literal['a', 'b']]]\n" in text


def test_parts_are_merged_and_names_that_python_keeps_are_written_out() -> None:
    text = source(
        Base={"type": "object", "required": ["class"], "properties": {"class": {"type": "string"}}},
        Both={"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"n": {"type": "number"}}}]},
    )
    assert '"class": "str"' in text
    assert '"n": "NotRequired[float]"' in text


def test_two_schemas_of_one_name_are_refused() -> None:
    typed = TypedSchemas()
    typed.add({"components": {"schemas": {"A": {"type": "string"}}}})
    with pytest.raises(ValueError, match="called A"):
        typed.add({"components": {"schemas": {"A": {"type": "integer"}}}})


def test_the_generated_modules_are_current() -> None:
    for name, text in generate().items():
        assert (FOLDER / name).read_text() == text, f"run `python -m parley.codegen`: {name} is not current"


def protocols(**operation: object) -> str:
    stated: dict[str, Any] = {"operationId": "makeThing", "tags": ["Things"], "responses": {}, **operation}
    document: dict[str, Any] = {
        "paths": {"/things": {"post": stated}},
        "components": {"schemas": {"Thing": {"type": "object", "properties": {"id": {"type": "string"}}}}},
    }
    typed = TypedSchemas()
    typed.add(document)
    return TypedHandlers("service", document, typed).source()


def content(schema: object, media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


THING = {"$ref": "#/components/schemas/Thing"}


def test_a_handler_takes_the_body_and_gives_the_answer_that_are_stated() -> None:
    text = protocols(requestBody={"required": True, **content(THING)}, responses={"201": content(THING)})
    assert "body: schemas.Thing)" in text
    assert "-> schemas.Thing | Reply[schemas.Thing]: ..." in text


def test_a_plain_answer_is_that_of_the_first_success() -> None:
    listed = {"type": "array", "items": THING}
    text = protocols(responses={"200": content(THING), "202": content(listed), "204": {}})
    assert "-> schemas.Thing | Reply[schemas.Thing | list[schemas.Thing] | None]: ..." in text


def test_streams_and_files_have_types_of_their_own() -> None:
    both = {"200": {"content": {"text/event-stream": {}, **content(THING)["content"]}}}
    assert "-> schemas.Thing | EventStream | Reply[schemas.Thing]: ..." in protocols(responses=both)
    assert "-> FileReply: ..." in protocols(responses={"200": content({}, "audio/mpeg")})


def test_an_object_without_a_name_is_called_after_its_operation() -> None:
    typed = TypedSchemas()
    stated = {
        "operationId": "makeThing",
        "tags": ["Things"],
        "requestBody": content({"type": "object", "properties": {"size": {"type": "integer"}}}),
        "responses": {"204": {}},
    }
    text = TypedHandlers("web", {"paths": {"/things": {"post": stated}}}, typed).source()
    assert "body: schemas.WebMakeThingBody = ...)" in text
    assert "class WebMakeThingBody(TypedDict):" in typed.source()
