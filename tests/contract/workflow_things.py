"""What a workflow brings: an app with a node of every manner, its runs, what they left, and forms that wait."""

from typing import Any

import httpx2

from tests.journeys.graphs import answer, end, graph, human, node, published_app, rounds, start
from tests.journeys.resources import events

Ids = dict[str, str]

WORKFLOW_MODES = ("workflow", "advanced-chat")
REFUND = {"order": "refund"}
VARIABLES = {
    "environment_variables": [{"name": "region", "value_type": "string", "value": "eu"}],
    "conversation_variables": [
        {"name": "count", "value_type": "number", "value": 0},
        {"name": "language", "value_type": "string", "value": "en"},
    ],
}


def workflow_app(console: httpx2.Client, mode: str) -> str:
    """Make an app with a published workflow, whose runs wait for a person where the order is a refund.

    Args:
        console: who makes it.
        mode: `workflow` or `advanced-chat`.
    """
    drawn = rounds()
    nodes = [each for each in drawn["nodes"] if each["id"] not in ("start", "end")]
    edges = [f"{edge['source']}>{edge['target']}" for edge in drawn["edges"] if edge["target"] != "end"]
    is_refund = {"id": "c", "comparison_operator": "is", "value": "refund", "variable_selector": ["start", "order"]}
    choose = node(
        "choose", "if-else", cases=[{"case_id": "true", "logical_operator": "and", "conditions": [is_refund]}]
    )
    ask = human("Refund {{#start.order#}}? {{#$output.note#}}", ["note"], {"yes": "Approve", "no": "Refuse"})
    ask["data"]["inputs"].append({"type": "file-list", "output_variable_name": "receipts", "max_length": 5})
    declared = {name: entries for name, entries in VARIABLES.items() if mode == "advanced-chat" or "env" in name}
    if mode == "advanced-chat":
        count = {
            "variable_selector": ["conversation", "count"],
            "input_type": "constant",
            "operation": "+=",
            "value": 1,
        }
        nodes += [node("more", "assigner", version="2", items=[count])]
        ends = [answer("{{#conversation.count#}}", "done"), answer("{{#ask.note#}}", "refunded")]
        edges += ["rounds>more", "more>choose"]
    else:
        shout = node("shout-end", "end", outputs=[{"variable": "note", "value_selector": ["ask", "note"]}])
        ends = [{**end(letters=["each", "output"]), "id": "done"}, {**shout, "id": "refunded"}]
        edges += ["rounds>choose"]
    edges += ["choose:true>ask", "choose:false>done", "ask:yes>refunded", "ask:no>done"]
    return published_app(console, mode, graph([start("order"), *nodes, choose, ask, *ends], *edges), **declared)


def workflow_things(
    console: httpx2.Client, app_id: str, mode: str, service: httpx2.Client, visitor: httpx2.Client, user: str
) -> tuple[Ids, Ids]:
    """Run an app, and return the ids of what there is then, by the name of the parameter that stands for each.

    Args:
        console: who made the app.
        app_id: the app.
        mode: its mode.
        service: holds a key to the app.
        visitor: an end user of it on the Web tier.
        user: whom the runs of the key are for.

    Returns:
        What the Console and a program reach, and what the visitor has.
    """
    draft = f"/apps/{app_id}/workflows/draft"
    tried = f"/apps/{app_id}/{'advanced-chat/' if mode == 'advanced-chat' else ''}workflows/draft/run"
    run_id = _streamed(console, tried, query="Hello?", inputs={})[0]["workflow_run_id"]
    variables = console.get(f"{draft}/nodes/make/variables").raise_for_status().json()["items"]
    version = console.get(f"/apps/{app_id}/workflows/publish").raise_for_status().json()
    place = "/chat-messages" if mode == "advanced-chat" else "/workflows/run"

    def begun(client: httpx2.Client, **inputs: str) -> Ids:
        return _ids(_streamed(client, place, query="Hello?", inputs=inputs, user=user, response_mode="streaming"))

    ended, shown, waiting = begun(service), begun(service, **REFUND), begun(service, **REFUND)
    ids = {
        **ended,
        "run_id": run_id,
        "workflow_id": version["id"],
        "variable_id": variables[0]["id"],
        "node_id": "make",
        "iteration_node_id": "each",
        "loop_node_id": "rounds",
        "changing_app_id": _small_app(console, mode, **VARIABLES),
        "task_id": waiting["task_id"],
        "form_token": shown["form_token"],
        "answerable_form_token": begun(service, **REFUND)["form_token"],
        **(_tools(console) if mode == "workflow" else _conversation_variable(service, ended, user=user)),
    }
    own = begun(visitor)
    return ids, own | {"task_id": begun(visitor, **REFUND)["task_id"]}


def _streamed(client: httpx2.Client, place: str, **body: Any) -> list[dict[str, Any]]:
    with client.stream("POST", place, json=body) as response:
        assert response.status_code == 200, response.read()
        return list(events(response))


def _ids(told: list[dict[str, Any]]) -> Ids:
    """Return what the events of a run tell the ids of."""
    names = ("workflow_run_id", "task_id", "conversation_id", "message_id")
    found = {name: str(told[0][name]) for name in names if told[0].get(name)}
    forms = [event["data"]["form_token"] for event in told if event["event"] == "human_input_required"]
    return found | ({"form_token": forms[0]} if forms else {})


def _small_app(console: httpx2.Client, mode: str = "workflow", **declared: Any) -> str:
    last = answer("Done.", "end") if mode == "advanced-chat" else end()
    return published_app(console, mode, graph([start(), last], "start>end"), **declared)


def _tools(console: httpx2.Client) -> Ids:
    """Make two workflows tools, the second of which may be deleted, and leave a third that can become one."""
    place, said = "/workspaces/current/tool-provider/workflow/create", {"label": "Kettles", "description": "Finds one."}
    made = {}
    for name in ("workflow_tool_id", "expendable_workflow_tool_id"):
        body = {"workflow_app_id": _small_app(console), "name": name, **said}
        made[name] = str(console.post(place, json=body).raise_for_status().json()["workflow_tool_id"])
    return {**made, "workflow_app_id": _small_app(console)}


def _conversation_variable(service: httpx2.Client, ids: Ids, **whose: str) -> Ids:
    listed = service.get(f"/conversations/{ids['conversation_id']}/variables", params=whose).raise_for_status().json()
    return {"variable_id": next(str(each["id"]) for each in listed["data"] if each["value_type"] == "string")}
