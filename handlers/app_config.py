"""What an app runs with: completed where a request leaves something out, and checked against the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.moderation import keywords_fault
from engine.providers.catalogue import canonical, provider
from engine.tools.references import read_references
from engine.tools.shelf import check_references
from foundation.errors import ApiError
from models import dataset as datasets
from models.app import Mode
from models.scope import Scope

CONFIGURED_MODES: frozenset[Mode] = frozenset({"chat", "agent-chat", "completion"})
OFF: dict[str, Any] = {"enabled": False}


def complete(given: Mapping[str, Any] | None, mode: Mode) -> dict[str, Any]:
    """Return a configuration with a value for everything that `given` leaves out or says is null.

    Args:
        given: a `ModelConfig`, or None.
        mode: the app's mode.
    """
    said = {key: value for key, value in (given or {}).items() if value is not None and key not in _SHOWN_ONLY}
    return {**_defaults(mode), **said}


def dataset_ids(config: Mapping[str, Any]) -> list[str]:
    """Return the knowledge bases that a configuration names, those that are switched off among them."""
    choice = (config.get("dataset_configs") or {}).get("datasets") or {}
    entries = choice.get("datasets") or []
    return list(dict.fromkeys(str(entry["dataset"]["id"]).lower() for entry in entries))


async def check(scope: Scope, config: Mapping[str, Any]) -> None:
    """Make sure that a configuration names nothing that does not exist, and moderates by words that are there.

    Args:
        scope: the workspace.
        config: a completed configuration.

    Raises:
        ApiError: `provider_not_found`, `not_found` for a knowledge base of another or no workspace, or `invalid_param`
            for a tool that does not exist and for a list of sensitive words that is empty or too long.
    """
    if fault := keywords_fault(config):
        field = "sensitive_word_avoidance.config.keywords"
        raise ApiError("invalid_param", fault, details=[{"field": field, "type": "value", "message": fault}])
    name = (config.get("model") or {}).get("provider")
    if name:
        provider(canonical(name))
    wanted = dataset_ids(config)
    known = {found.id for found in await datasets.get_many(scope, wanted)}
    missing = [dataset_id for dataset_id in wanted if dataset_id not in known]
    if missing:
        raise _missing(missing)
    await check_references(scope, read_references(config.get("agent_mode")))


def _missing(ids: Sequence[str]) -> ApiError:
    field = "dataset_configs.datasets.datasets"
    return ApiError(
        "not_found",
        f"Dataset {ids[0]} not found.",
        details=[{"field": field, "type": "not_found", "message": f"Dataset {one} not found."} for one in ids],
    )


_SHOWN_ONLY = frozenset({"provider", "model_id", "configs", "created_by", "created_at", "updated_by", "updated_at"})


def _defaults(mode: Mode) -> dict[str, Any]:
    return {
        "model": None,
        "prompt_type": "simple",
        "pre_prompt": "",
        "chat_prompt_config": {},
        "completion_prompt_config": {},
        "user_input_form": [],
        "dataset_query_variable": "",
        "opening_statement": "",
        "suggested_questions": [],
        "suggested_questions_after_answer": OFF,
        "speech_to_text": OFF,
        "text_to_speech": OFF,
        "retriever_resource": {"enabled": True},
        "annotation_reply": OFF,
        "more_like_this": OFF,
        "sensitive_word_avoidance": OFF,
        "external_data_tools": [],
        "agent_mode": {"enabled": mode == "agent-chat", "strategy": None, "tools": []},
        "dataset_configs": {"retrieval_model": "multiple", "datasets": {"datasets": []}},
        "file_upload": {"image": OFF},
    }
