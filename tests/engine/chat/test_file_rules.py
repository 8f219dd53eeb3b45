"""Which files an app takes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.chat.file_rules import accepts_files, picture_detail, rules_of_app, rules_of_field


def file(kind: str = "document", method: str = "local_file", extension: str = "pdf") -> dict[str, Any]:
    return {"type": kind, "transfer_method": method, "filename": f"a.{extension}", "extension": extension}


def upload(**more: Any) -> dict[str, Any]:
    return {"file_upload": {"enabled": True, **more}}


@pytest.mark.parametrize(
    ("config", "files"),
    [
        ({}, [file()] * 9),
        ({"file_upload": None}, [file()]),
        ({"file_upload": {"image": {"enabled": False}, "number_limits": 1}}, [file()] * 2),
        (upload(number_limits=0), [file()] * 9),
        (upload(number_limits="many", allowed_file_types="all"), [file()] * 9),
        (upload(allowed_file_types=["document"]), [file()]),
        (upload(allowed_file_types=["custom"], allowed_file_extensions=[".PDF"]), [file("custom")]),
        (upload(allowed_file_types=["image"], allowed_file_extensions=["pdf"]), [file("custom")]),
        (upload(allowed_file_upload_methods=["local_file"]), [file()]),
        (
            upload(allowed_file_upload_methods=["local_file"], image={"transfer_methods": ["remote_url"]}),
            [file("image", "remote_url")],
        ),
    ],
)
def test_what_fits_is_taken(config: dict[str, Any], files: list[dict[str, Any]]) -> None:
    assert list(rules_of_app(config).problems("files", files)) == []


@pytest.mark.parametrize(
    ("config", "files", "place"),
    [
        (upload(number_limits=1), [file()] * 2, "files"),
        (upload(allowed_file_types=["image"]), [file("image"), file()], "files[1]"),
        (upload(allowed_file_types=["image"]), [file("custom")], "files[0]"),
        (upload(allowed_file_types=["custom"], allowed_file_extensions=["md"]), [file("custom")], "files[0]"),
        (upload(allowed_file_upload_methods=["local_file"]), [file(method="remote_url")], "files[0]"),
    ],
)
def test_what_does_not_fit_is_named(config: dict[str, Any], files: list[dict[str, Any]], place: str) -> None:
    assert [problem["field"] for problem in rules_of_app(config).problems("files", files)] == [place]


def test_a_field_of_one_file_takes_one() -> None:
    assert len(list(rules_of_field("file", {}).problems("inputs.a", [file(), file()]))) == 1
    assert list(rules_of_field("file-list", {"max_length": 2}).problems("inputs.a", [file(), file()])) == []


def test_files_are_taken_until_an_app_says_otherwise() -> None:
    assert accepts_files({})
    assert accepts_files({"file_upload": {"image": {"enabled": False}}})
    assert not accepts_files({"file_upload": {"enabled": False}})


def test_the_detail_of_pictures_is_the_apps() -> None:
    assert picture_detail({"file_upload": {"image": {"detail": "low"}}}) == "low"
    assert picture_detail({"file_upload": {"image": {"detail": "finest"}}}) == "auto"
    assert picture_detail({}) == "auto"
