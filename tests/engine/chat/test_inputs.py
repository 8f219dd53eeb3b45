"""Inputs against the app's form."""

from __future__ import annotations

from typing import Any

import pytest

from engine.chat.inputs import check_inputs
from foundation.errors import ApiError


def field(kind: str, **more: Any) -> list[dict[str, Any]]:
    return [{kind: {"variable": "x", "label": "X", **more}}]


@pytest.mark.parametrize(
    ("kind", "more", "sent", "taken"),
    [
        ("text-input", {"max_length": 5}, "hello", "hello"),
        ("text-input", {}, None, ""),
        ("text-input", {"required": True, "default": "d"}, "", "d"),
        ("paragraph", {"max_length": 0}, "long text", "long text"),
        ("select", {"options": ["a", "b"]}, "b", "b"),
        ("number", {}, "12", 12),
        ("number", {}, "1.5", 1.5),
        ("number", {"required": True}, 0, 0),
        ("number", {}, None, None),
        ("checkbox", {"required": True}, False, False),
        ("checkbox", {}, "true", True),
        ("checkbox", {}, 1, True),
        ("json_object", {}, '{"a": 1}', {"a": 1}),
        ("file", {}, {"type": "image"}, {"type": "image"}),
        ("file-list", {}, None, []),
    ],
)
def test_what_fits_is_taken(kind: str, more: dict[str, Any], sent: Any, taken: Any) -> None:
    assert check_inputs(field(kind, **more), {"x": sent})["x"] == taken


@pytest.mark.parametrize(
    ("kind", "more", "sent", "problem"),
    [
        ("text-input", {"required": True}, None, "required"),
        ("text-input", {"required": True}, "", "required"),
        ("text-input", {"max_length": 4}, "hello", "max_length"),
        ("paragraph", {}, 5, "type"),
        ("select", {"options": ["a"]}, "c", "enum"),
        ("number", {}, "twelve", "type"),
        ("number", {}, "nan", "type"),
        ("number", {}, True, "type"),
        ("checkbox", {}, "perhaps", "type"),
        ("json_object", {}, "[]", "type"),
        ("file", {}, "file.png", "type"),
        ("file-list", {"max_length": 1}, [{}, {}], "max_length"),
    ],
)
def test_what_does_not_fit_is_refused(kind: str, more: dict[str, Any], sent: Any, problem: str) -> None:
    with pytest.raises(ApiError) as caught:
        check_inputs(field(kind, **more), {"x": sent})
    assert caught.value.code == "invalid_param"
    assert [(detail["field"], detail["type"]) for detail in caught.value.details] == [("inputs.x", problem)]


def test_every_wrong_field_is_told_at_once() -> None:
    form = [
        {"text-input": {"variable": "name", "label": "N", "required": True}},
        {"number": {"variable": "age", "label": "A"}},
    ]
    with pytest.raises(ApiError) as caught:
        check_inputs(form, {"age": "old"})
    assert [detail["field"] for detail in caught.value.details] == ["inputs.name", "inputs.age"]


def test_no_form_and_no_inputs_are_fine() -> None:
    assert check_inputs(None, None) == {}
    assert check_inputs([], {"query": "kept"}) == {"query": "kept"}
