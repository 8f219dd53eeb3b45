"""Graphs of workflows as an editor saves them, and apps that were published with them."""

from typing import Any

import httpx2

from tests.journeys.resources import create_app

Json = dict[str, Any]


def node(node_id: str, kind: str, *, inside: str | None = None, container: str = "iteration", **data: Any) -> Json:
    """Return a node; `inside` names the container that it is in."""
    made: Json = {"id": node_id, "type": "custom", "position": {"x": 0, "y": 0}}
    said: Json = {"type": kind, "title": node_id.title(), **data}
    if inside:
        made["parentId"] = inside
        said |= {f"{container}_id": inside, "isInIteration": container == "iteration", "isInLoop": container == "loop"}
    return {**made, "data": said}


def graph(nodes: list[Json], *edges: str) -> Json:
    """Return a graph; an edge is written `a>b`, or `a:handle>b`."""
    drawn = []
    for number, edge in enumerate(edges):
        source, _, target = edge.partition(">")
        source, _, handle = source.partition(":")
        drawn.append(
            {
                "id": f"e{number}",
                "source": source,
                "target": target,
                "sourceHandle": handle or "source",
                "type": "custom",
            }
        )
    return {"nodes": nodes, "edges": drawn, "viewport": {"x": 0, "y": 0, "zoom": 1}}


def start(*variables: str | Json) -> Json:
    """Return a start node that asks for texts by these names, or for fields as they are given."""
    form = [
        {"variable": each, "label": each, "type": "paragraph", "required": False} if isinstance(each, str) else each
        for each in variables
    ]
    return node("start", "start", variables=form)


def end(**selectors: list[str]) -> Json:
    """Return an end node with these outputs."""
    return node("end", "end", outputs=[{"variable": name, "value_selector": way} for name, way in selectors.items()])


def template(node_id: str, text: str, *, inside: str | None = None, container: str = "iteration", **reads: Any) -> Json:
    """Return a node that renders a template of what it reads."""
    variables = [{"variable": name, "value_selector": way} for name, way in reads.items()]
    return node(node_id, "template-transform", inside=inside, container=container, template=text, variables=variables)


def code(node_id: str, text: str, outputs: dict[str, str], *, inside: str | None = None, **reads: Any) -> Json:
    """Return a node that runs Python."""
    variables = [{"variable": name, "value_selector": way} for name, way in reads.items()]
    declared = {name: {"type": kind, "children": None} for name, kind in outputs.items()}
    return node(
        node_id, "code", inside=inside, code_language="python3", code=text, variables=variables, outputs=declared
    )


def llm(node_id: str, model: Json, prompt: str, *, memory: bool = False, **more: Any) -> Json:
    """Return a node that asks a language model."""
    said: Json = {"model": model, "prompt_template": [{"role": "user", "text": prompt}], **more}
    if memory:
        said["memory"] = {"window": {"enabled": False, "size": 10}, "query_prompt_template": "{{#sys.query#}}"}
    return node(node_id, "llm", **said)


def answer(text: str, node_id: str = "answer") -> Json:
    """Return a node that answers."""
    return node(node_id, "answer", answer=text)


def human(content: str, fields: list[str], actions: dict[str, str], **more: Any) -> Json:
    """Return a node that asks a person."""
    return node(
        "ask",
        "human-input",
        form_content=content,
        inputs=[{"type": "paragraph", "output_variable_name": name} for name in fields],
        user_actions=[{"id": key, "title": title} for key, title in actions.items()],
        **{"timeout": 1, "timeout_unit": "hour", **more},
    )


def rounds() -> Json:
    """Return a graph with an iteration over two letters and a loop of two rounds."""
    each = node(
        "each",
        "iteration",
        iterator_selector=["make", "list"],
        output_selector=["shout", "output"],
        start_node_id="each-start",
        is_parallel=False,
        error_handle_mode="terminated",
    )
    again = node(
        "rounds",
        "loop",
        loop_count=2,
        start_node_id="rounds-start",
        loop_variables=[{"label": "n", "var_type": "number", "value_type": "constant", "value": 0}],
        break_conditions=[],
        logical_operator="and",
    )
    return graph(
        [
            start(),
            code("make", "def main():\n    return {'list': ['a', 'b']}", {"list": "array[string]"}),
            each,
            node("each-start", "iteration-start", inside="each"),
            template("shout", "{{ item | upper }}", inside="each", item=["each", "item"]),
            again,
            node("rounds-start", "loop-start", inside="rounds", container="loop"),
            template("count", "{{ n }}", inside="rounds", container="loop", n=["rounds", "n"]),
            end(letters=["each", "output"], rounds=["rounds", "loop_round"]),
        ],
        "start>make",
        "make>each",
        "each-start>shout",
        "each>rounds",
        "rounds-start>count",
        "rounds>end",
    )


def save_draft(console: httpx2.Client, app_id: str, drawn: Json, **more: Any) -> None:
    """Save a draft of an app."""
    body = {"graph": drawn, "features": {}, **more}
    saved = console.post(f"/apps/{app_id}/workflows/draft", json=body)
    assert saved.status_code == 200, saved.text


def publish(console: httpx2.Client, app_id: str, drawn: Json, **more: Any) -> None:
    """Save a draft of an app and publish it."""
    save_draft(console, app_id, drawn, **more)
    published = console.post(f"/apps/{app_id}/workflows/publish", json={})
    assert published.status_code == 200, published.text


def published_app(console: httpx2.Client, mode: str, drawn: Json, **more: Any) -> str:
    """Make an app with a published workflow and return its id."""
    app_id = create_app(console, mode=mode, name="Workflow")
    publish(console, app_id, drawn, **more)
    return app_id
