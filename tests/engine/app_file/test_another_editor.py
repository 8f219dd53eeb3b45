"""A file with the habits of another editor: leftovers, empty texts for numbers, defaults written as text, old forms."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.app_file import read_app_file
from engine.workflow import make_file, validate_graph
from tests.engine.workflow.graphs import FakeModel, FakeModels, run, services

FILE = Path(__file__).resolve().parents[2] / "app_files" / "another_editor" / "router.yml"
KIND, CITY = '{"category_id": "1"}', '{"city": "Rome", "ks": ["a"]}'


class Archive:
    """A peer that nobody reaches."""

    async def fetch(self, *_: Any, **__: Any) -> Any:
        raise ConnectionError("The archive is closed.")


class Counting:
    """Runs the one function of the file, and renders its one template."""

    async def run(self, language: str, code: str, inputs: Mapping[str, Any]) -> Any:
        return {"result": str(len(inputs["arg1"]))}

    async def render(self, template: str, values: Mapping[str, Any]) -> str:
        return str(values["arg1"])


def drawn() -> dict[str, Any]:
    """The graph, whose retries do not wait."""
    graph = read_app_file(FILE.read_text()).graph
    for node in graph["nodes"]:
        if "retry_config" in node["data"]:
            node["data"]["retry_config"]["retry_interval"] = 0
    return graph


def test_it_has_no_violation() -> None:
    assert validate_graph(drawn(), environment={"API_KEY": "secret"}, conversation={"topics": "array[string]"}) == []


@pytest.mark.parametrize(
    ("inputs", "said", "text", "status"),
    [
        ({"topic": "http"}, [], "  3", "partial-succeeded"),
        ({"topic": "", "docs": [make_file(id="1", extension=".pdf")]}, [], "1  3", "succeeded"),
        ({"topic": ""}, ["hi"], "hi  3", "succeeded"),
    ],
)
async def test_each_of_its_ways_runs(inputs: dict[str, Any], said: list[str], text: str, status: str) -> None:
    serving = services(
        models=FakeModels(FakeModel([*said, KIND, CITY])), http=Archive(), code=Counting(), templates=Counting()
    )
    told = await run(
        drawn(),
        inputs,
        system={"query": "Where?", "files": []},
        conversation={"topics": ["a", "b"]},
        environment={"API_KEY": "k"},
        serving=serving,
    )
    assert (told.text, told.result.status, told.result.error) == (text, status, None)
    assert told.finished("loop").outputs == {"n": 3, "o": {"a": 1}, "l": ["a"], "loop_round": 3}
    assert told.finished("asgc").process_data["updated_variables"][0]["new_value"] == ["a", "b", "Rome"]
    if "http" in told.started:
        given = told.finished("http").outputs
        assert (given["body"], given["status_code"], given["headers"]) == ("", 0, {})
