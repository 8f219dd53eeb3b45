"""The catalogue of plugins: what it reads out of files, and what it leaves out."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.plugins import Plugin, catalogue

SERVER = {"url": "https://mcp.example.com/mcp"}
MANIFEST = {"author": "acme", "name": "forecasts", "version": "1.2.0", "label": "Forecasts", "server": SERVER}


def described(folder: Path, file: str = "forecasts.json", **changes: Any) -> None:
    (folder / file).write_text(json.dumps({**MANIFEST, **changes}))


def of_files(folder: Path) -> list[Plugin]:
    return [plugin for plugin in catalogue("1.0.0", folder) if not plugin.built_in]


def test_what_comes_with_the_server_needs_no_folder() -> None:
    found = {plugin.plugin_id: plugin for plugin in catalogue("1.0.0", None)}
    assert list(found) == sorted(found)
    assert found["parley/time"].category == "tool"
    assert found["parley/openai"].category == "model"
    assert all(plugin.built_in and plugin.version == "1.0.0" for plugin in found.values())


def test_a_folder_that_is_not_there_offers_nothing(tmp_path: Path) -> None:
    assert of_files(tmp_path / "none") == []


def test_an_identifier_changes_with_all_that_a_file_says(tmp_path: Path) -> None:
    described(tmp_path)
    [first] = of_files(tmp_path)
    assert first.unique_identifier.startswith("acme/forecasts:1.2.0@")
    assert len(first.digest) == 64
    described(tmp_path, server={"url": "https://elsewhere.example.com/mcp"})
    [second] = of_files(tmp_path)
    assert second.unique_identifier != first.unique_identifier
    described(tmp_path, icon="🧩")
    assert of_files(tmp_path) == [first]


def test_the_newest_version_is_the_one_that_is_offered(tmp_path: Path) -> None:
    for version in ("1.10.0", "1.9.3", "1.2.0"):
        described(tmp_path, f"{version}.json", version=version)
    assert [plugin.version for plugin in of_files(tmp_path)] == ["1.10.0"]


@pytest.mark.parametrize(
    "change",
    [
        {"author": "parley"},
        {"name": "Fore casts"},
        {"version": "one"},
        {"label": " "},
        {"server": {"url": "file:///etc/passwd"}},
        {"server": {**SERVER, "headers": {"Authorization": 12}}},
        {"command": ["rm"]},
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, change: dict[str, Any]
) -> None:
    described(tmp_path, "bad.json", **change)
    described(tmp_path, "good.json")
    assert [plugin.plugin_id for plugin in of_files(tmp_path)] == ["acme/forecasts"]
    assert "bad.json" in caplog.text


def test_a_secret_of_a_wrong_file_is_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    described(tmp_path, server={**SERVER, "headers": {"Authorization": "hush-hush"}, "timeout": "hush-hush"})
    assert of_files(tmp_path) == []
    assert "timeout" in caplog.text
    assert "hush-hush" not in caplog.text
