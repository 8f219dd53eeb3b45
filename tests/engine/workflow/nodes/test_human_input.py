"""Nodes that ask a person; and a node that is run by itself."""

from __future__ import annotations

from engine.workflow import HumanResponse
from engine.workflow.events import HumanInputFilled, HumanInputRequired
from tests.engine.workflow.graphs import Watched, answer, code, go_on, graph, node, run, services, start


class TestHumanInput:
    shape = node(
        "h",
        "human-input",
        form_content="For {{#start.q#}}: {{#$output.name#}}",
        inputs=[{"output_variable_name": "name", "default": {"type": "variable", "selector": ["start", "q"]}}],
        user_actions=[{"id": "ok", "title": "OK"}, {"id": "no", "title": "No"}],
        timeout=2,
        timeout_unit="hour",
    )
    value = graph(
        [start("q"), shape, answer("y", "yes {{#h.name#}}"), answer("n", "no")], ["start > h", "h:ok > y", "h:no > n"]
    )

    async def test_the_form_is_told_and_the_action_chooses(self) -> None:
        paused = await run(self.value, {"q": "Q"})
        (required,) = paused.of(HumanInputRequired)
        assert required.content == "For Q: {{#$output.name#}}"
        assert (required.timeout, required.default_values) == (7200, {"name": "Q"})
        told = await go_on(self.value, paused, {required.form_id: HumanResponse("ok", {"name": "N"})})
        assert told.text == "yes N"
        (filled,) = told.of(HumanInputFilled)
        assert (filled.action_id, filled.content) == ("ok", "For Q: N")
        told = await go_on(self.value, paused, {required.form_id: HumanResponse("no")})
        assert told.text == "no"


async def test_one_node_runs_alone() -> None:
    from engine.workflow import RunRequest, execute, parse_graph

    whole = parse_graph(
        graph([start("q"), code("c", "{'v': x}", reads={"x": "start.q"}), answer("a", "x")], ["start > c > a"])
    )
    told = Watched()
    outcome = await execute(RunRequest(whole.only("c"), variables={"start": {"q": 7}}), services(), told)
    assert outcome.status == "succeeded"
    assert told.started == ["c"]
    assert told.finished("c").outputs == {"v": 7}
