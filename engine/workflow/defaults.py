"""What a new node of each type begins with, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PYTHON = 'def main(arg1: str, arg2: str) -> dict:\n    return {\n        "result": arg1 + arg2,\n    }\n'
_JAVASCRIPT = "function main({arg1, arg2}) {\n    return {\n        result: arg1 + arg2\n    }\n}\n"
_CODE = {"python3": _PYTHON, "javascript": _JAVASCRIPT}

_PROMPT = {
    "chat_model": {"prompts": [{"role": "system", "text": "You are a helpful assistant.", "edition_type": "basic"}]},
    "completion_model": {
        "prompt": {
            "text": "{{#histories#}}\n\nHuman: {{#sys.query#}}\n\nAssistant:",
            "edition_type": "basic",
        },
        "conversation_histories_role": {"user_prefix": "Human", "assistant_prefix": "Assistant"},
        "stop": ["Human:"],
    },
}

_DEFAULTS: Mapping[str, dict[str, Any]] = {
    "start": {"variables": []},
    "end": {"outputs": []},
    "answer": {"answer": "", "variables": []},
    "llm": {
        "prompt_templates": _PROMPT,
        "context": {"enabled": False, "variable_selector": []},
        "vision": {"enabled": False},
    },
    "knowledge-retrieval": {
        "query_variable_selector": [],
        "dataset_ids": [],
        "retrieval_mode": "multiple",
        "multiple_retrieval_config": {"top_k": 4, "reranking_enable": False},
    },
    "question-classifier": {
        "query_variable_selector": [],
        "classes": [{"id": "1", "name": ""}, {"id": "2", "name": ""}],
    },
    "if-else": {"cases": [{"case_id": "true", "logical_operator": "and", "conditions": []}]},
    "template-transform": {
        "template": "{{ arg1 }}",
        "variables": [{"variable": "arg1", "value_selector": []}],
    },
    "http-request": {
        "method": "get",
        "url": "",
        "authorization": {"type": "no-auth"},
        "headers": "",
        "params": "",
        "body": {"type": "none", "data": []},
        "timeout": {"connect": 10, "read": 60, "write": 20},
        "ssl_verify": True,
        "retry_config": {"retry_enabled": True, "max_retries": 3, "retry_interval": 100},
    },
    "tool": {"provider_type": "builtin", "tool_parameters": {}, "tool_configurations": {}},
    "variable-aggregator": {"output_type": "any", "variables": []},
    "assigner": {"version": "2", "items": []},
    "iteration": {
        "iterator_selector": [],
        "output_selector": [],
        "is_parallel": False,
        "parallel_nums": 10,
        "error_handle_mode": "terminated",
        "flatten_output": True,
    },
    "loop": {"loop_count": 10, "break_conditions": [], "logical_operator": "and", "loop_variables": []},
    "loop-end": {},
    "parameter-extractor": {"query": [], "parameters": [], "instruction": "", "reasoning_mode": "function_call"},
    "document-extractor": {"variable_selector": [], "is_array_file": False},
    "list-operator": {
        "variable": [],
        "filter_by": {"enabled": False, "conditions": []},
        "extract_by": {"enabled": False, "serial": "1"},
        "order_by": {"enabled": False, "key": "", "value": "asc"},
        "limit": {"enabled": False, "size": 10},
    },
    "agent": {"agent_strategy_name": "function_calling", "agent_parameters": {}},
    "human-input": {
        "form_content": "",
        "inputs": [],
        "user_actions": [{"id": "approve", "title": "Approve"}, {"id": "reject", "title": "Reject"}],
        "timeout": 36,
        "timeout_unit": "hour",
    },
}


def default_types() -> list[str]:
    """Returns the types of nodes that an editor can put into a graph, in alphabetical order."""
    return sorted([*_DEFAULTS, "code"])


def default_config(node_type: str, code_language: str | None = None) -> dict[str, Any]:
    """Returns what a new node begins with.

    Args:
        node_type: one of `default_types()`.
        code_language: of code nodes: `python3` or `javascript`; python3 where nothing is said.
    """
    if node_type != "code":
        return _DEFAULTS[node_type]
    language = code_language if code_language in _CODE else "python3"
    return {
        "code_language": language,
        "code": _CODE[language],
        "variables": [{"variable": "arg1", "value_selector": []}, {"variable": "arg2", "value_selector": []}],
        "outputs": {"result": {"type": "string", "children": None}},
    }
