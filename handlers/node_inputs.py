"""What a node that runs alone reads: values that the editor gives it, and what other nodes left when they ran last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.graph import Node
from models.draft_variable import CONVERSATION, ENVIRONMENT, SYSTEM

_QUERIES = ("query_variable_selector", "query")


def read_node_inputs(
    node: Node, given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return variables by node and name.

    Args:
        node: the node that runs.
        given: values by the names that the node gives them, or by their places: `node.variable`, `#node.variable#`.
        known: the draft variables by node and name; those of the system are made anew by each run.
    """
    variables = {owner: dict(named) for owner, named in known.items() if owner not in (SYSTEM, CONVERSATION)}
    names = _own_names(node)
    for key, value in given.items():
        selector = names.get(key) or _selector(key)
        if len(selector) > 1 and selector[0] not in (SYSTEM, ENVIRONMENT, CONVERSATION):
            _put(variables, selector, value)
    return variables


def conversation_values(given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the conversation variables that a node sees: what test runs left in them, and what is given instead."""
    values = dict(known.get(CONVERSATION) or {})
    for key, value in given.items():
        selector = _selector(key)
        if len(selector) == 2 and selector[0] == CONVERSATION:
            values[selector[1]] = value
    return values


def _selector(key: str) -> list[str]:
    return key.strip("#").split(".")


def _own_names(node: Node) -> dict[str, list[str]]:
    """Return the names that a node itself gives to what it reads."""
    data = node.data
    names: dict[str, list[str]] = {}
    prompt = getattr(data, "prompt_config", None)
    for entry in [*(getattr(data, "variables", None) or ()), *(getattr(prompt, "jinja2_variables", None) or ())]:
        selector = getattr(entry, "value_selector", None)
        if selector:
            names[entry.variable] = list(selector)
    if data is not None:
        for read in node.type.reads(data):
            names.setdefault(read.field, list(read.selector))
            if read.field in _QUERIES:
                names.setdefault("query", list(read.selector))
    return names


def _put(variables: dict[str, dict[str, Any]], selector: list[str], value: Any) -> None:
    """Put a value where a selector leads; objects on the way are copied, never changed."""
    named = variables.setdefault(selector[0], {})
    for part in selector[1:-1]:
        inner = named.get(part)
        named[part] = dict(inner) if isinstance(inner, Mapping) else {}
        named = named[part]
    named[selector[-1]] = value
