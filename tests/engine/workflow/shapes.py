"""Graphs that several tests run: an iteration, a loop, and a form that a person fills in."""

from __future__ import annotations

from typing import Any

from engine.workflow.events import HumanInputRequired
from tests.engine.workflow.graphs import Watched, answer, code, graph, node, start


def iteration(**data: Any) -> dict[str, Any]:
    work = code(
        "w", "fail('bad') if x == 2 else wait(0.02, {'o': x * 10})", {"o": "any"}, reads={"x": "it.item"}, inside="it"
    )
    shape = {"iterator_selector": ["c", "v"], "output_selector": ["w", "o"], "start_node_id": "is", **data}
    nodes = [
        start(),
        code("c", "{'v': [1, 2, 3, 4]}"),
        node("it", "iteration", **shape),
        node("is", "iteration-start", "it"),
        work,
        answer("a", "{{#it.output#}}"),
    ]
    return graph(nodes, ["start > c > it > a", "is > w"])


def loop(**data: Any) -> dict[str, Any]:
    items = [{"variable_selector": ["lp", "n"], "operation": "+=", "value": 1}]
    shape: dict[str, Any] = {
        "loop_count": 10,
        "loop_variables": [{"label": "n", "var_type": "number", "value_type": "constant", "value": 0}],
        "break_conditions": [{"variable_selector": ["lp", "n"], "comparison_operator": "≥", "value": "3"}],
        **data,
    }
    nodes = [
        start(),
        node("lp", "loop", **shape),
        node("ls", "loop-start", "lp"),
        node("inc", "assigner", "lp", items=items),
        answer("in", "{{#lp.n#}},", "lp"),
        answer("a", "={{#lp.n#}}/{{#lp.loop_round#}}"),
    ]
    return graph(nodes, ["start > lp > a", "ls > inc > in"])


def form(node_id: str = "h", inside: str | None = None) -> dict[str, Any]:
    return node(
        node_id,
        "human-input",
        inside,
        form_content="Hello {{#sys.query#}}: {{#$output.name#}}",
        inputs=[{"type": "paragraph", "output_variable_name": "name"}],
        user_actions=[{"id": "ok", "title": "OK"}, {"id": "no", "title": "No"}],
    )


def forms(told: Watched) -> list[str]:
    return [event.form_id for event in told.of(HumanInputRequired)]
