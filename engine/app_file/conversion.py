"""Graphs that do what an app with a prompt does."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

_INPUT = re.compile(r"\{\{([a-zA-Z_][a-zA-Z0-9_]{0,29})\}\}")
_CONTEXT = "{{#context#}}"
_QUERY = ["sys", "query"]
_STEP, _TOP = 304, 282
_WINDOW = 50
_FORM_TYPES = {"text-input", "paragraph", "select", "number", "checkbox", "file", "file-list"}


def graph_of_config(config: Mapping[str, Any], model: Mapping[str, Any], *, chat: bool) -> dict[str, Any]:
    """Returns the graph of a new workflow.

    Args:
        config: the completed configuration of the app with a prompt.
        model: the model that it uses: provider, name, mode and completion_params.
        chat: whether the app holds conversations.
    """
    form = _form(config.get("user_input_form") or [])
    datasets = _datasets(config)
    nodes = [_node("start", "start", "Start", variables=form)]
    query = _QUERY if chat else _query_of(config, form)
    context = bool(datasets and query)
    if context and query is not None:
        nodes.append(_retrieval(config, datasets, query))
    nodes.append(_llm(config, model, {entry["variable"] for entry in form}, chat=chat, context=context))
    if chat:
        nodes.append(_node("answer", "answer", "Answer", answer="{{#llm.text#}}"))
    else:
        outputs = [{"variable": "result", "value_selector": ["llm", "text"], "value_type": "string"}]
        nodes.append(_node("end", "end", "End", outputs=outputs))
    for place, node in enumerate(nodes):
        node["position"] = {"x": 80 + _STEP * place, "y": _TOP}
    edges = [_edge(left, right) for left, right in itertools.pairwise(nodes)]
    return {"nodes": nodes, "edges": edges, "viewport": {"x": 0, "y": 0, "zoom": 1}}


def _form(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the start node's variables for a `user_input_form`."""
    fields = []
    for entry in entries:
        for kind, field in entry.items():
            if kind in _FORM_TYPES and field.get("variable"):
                known = {key: value for key, value in field.items() if value is not None}
                label = known.get("label") or known["variable"]
                fields.append({"required": False, **known, "label": label, "type": kind})
    return fields


def _datasets(config: Mapping[str, Any]) -> list[str]:
    chosen = ((config.get("dataset_configs") or {}).get("datasets") or {}).get("datasets") or []
    return [str(entry["dataset"]["id"]) for entry in chosen if entry["dataset"].get("enabled") is not False]


def _query_of(config: Mapping[str, Any], form: Sequence[Mapping[str, Any]]) -> list[str] | None:
    """Returns the input that a completion app searches with."""
    named = config.get("dataset_query_variable") or "query"
    return ["start", named] if any(field["variable"] == named for field in form) else None


def _retrieval(config: Mapping[str, Any], datasets: list[str], query: list[str]) -> dict[str, Any]:
    how = config.get("dataset_configs") or {}
    kept = ("top_k", "score_threshold", "reranking_mode", "reranking_enable", "reranking_model", "weights")
    retrieval = {name: how[name] for name in kept if how.get(name) is not None}
    return _node(
        "knowledge",
        "knowledge-retrieval",
        "Knowledge",
        query_variable_selector=query,
        dataset_ids=datasets,
        retrieval_mode="multiple",
        multiple_retrieval_config={"top_k": 4, **retrieval},
    )


def _llm(
    config: Mapping[str, Any], model: Mapping[str, Any], inputs: set[str], *, chat: bool, context: bool
) -> dict[str, Any]:
    prompt = _INPUT.sub(
        lambda match: f"{{{{#start.{match.group(1)}#}}}}" if match.group(1) in inputs else match.group(0),
        str(config.get("pre_prompt") or ""),
    )
    if not chat and "query" in inputs and "{{#start.query#}}" not in prompt:
        prompt = f"{prompt}\n\n{{{{#start.query#}}}}".lstrip()
    if context and _CONTEXT not in prompt:
        prompt = f"{prompt}\n\n{_CONTEXT}".lstrip()
    data: dict[str, Any] = {
        "model": model,
        "prompt_template": [{"role": "system" if chat else "user", "text": prompt}],
        "context": {"enabled": context, "variable_selector": ["knowledge", "result"] if context else []},
        "vision": {"enabled": _sees_pictures(config)},
    }
    if chat:
        data["memory"] = {
            "window": {"enabled": False, "size": _WINDOW},
            "query_prompt_template": "{{#sys.query#}}",
        }
    return _node("llm", "llm", "LLM", **data)


def _sees_pictures(config: Mapping[str, Any]) -> bool:
    image = (config.get("file_upload") or {}).get("image") or {}
    return bool(image.get("enabled"))


def _node(node_id: str, kind: str, title: str, **data: Any) -> dict[str, Any]:
    return {"id": node_id, "type": "custom", "data": {"type": kind, "title": title, "desc": "", **data}}


def _edge(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{left['id']}-{right['id']}",
        "source": left["id"],
        "target": right["id"],
        "sourceHandle": "source",
        "targetHandle": "target",
        "type": "custom",
        "data": {"sourceType": left["data"]["type"], "targetType": right["data"]["type"]},
    }
