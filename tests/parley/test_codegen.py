"""Generated types say what the documents say."""

from __future__ import annotations

import pytest

from parley.codegen import FOLDER, generate
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
