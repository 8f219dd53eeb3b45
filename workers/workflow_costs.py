"""What the answer of a workflow cost: the model calls of all its nodes, added up for the message's row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.providers.pricing import CURRENCY, PRICE_UNIT, decimal_text
from engine.workflow import Outcome
from engine.workflow.values import files_in
from models import node_execution
from models.scope import Scope
from models.workflow_run import WorkflowRun

_ZERO = Decimal(0)


async def message_account(
    scope: Scope,
    run: WorkflowRun,
    outcome: Outcome,
    resources: Sequence[Mapping[str, Any]],
    model: tuple[str, str] | None,
) -> dict[str, Any]:
    """Return the columns of a run's message that say what was answered, what it rests on, and what it cost.

    Args:
        scope: the workspace.
        run: the run.
        outcome: how it ended.
        resources: the passages that the answer rests on.
        model: provider and name of the model that was asked last.
    """
    usages = [_usage(row.process_data, row.outputs) for row in await node_execution.of_run(scope, run.id)]
    usage = added([each for each in usages if each])
    usage["latency"] = round(outcome.elapsed, 3)
    metadata: dict[str, Any] = {"usage": usage, "retriever_resources": [dict(found) for found in resources]}
    if files := files_in(dict(outcome.outputs)):
        metadata["files"] = [dict(file) for file in files]
    return {
        "answer": outcome.answer,
        "metadata_": metadata,
        "model_provider": model[0] if model else None,
        "model_id": model[1] if model else None,
        "message_tokens": usage["prompt_tokens"],
        "answer_tokens": usage["completion_tokens"],
        "message_unit_price": Decimal(usage["prompt_unit_price"]),
        "answer_unit_price": Decimal(usage["completion_unit_price"]),
        "price_unit": PRICE_UNIT,
        "total_price": outcome.spent.price,
        "currency": CURRENCY,
        "provider_response_latency": outcome.elapsed,
    }


def run_account(outcome: Outcome) -> dict[str, Any]:
    """Return the columns of a run that say what it took."""
    return {
        "elapsed_time": outcome.elapsed,
        "total_tokens": outcome.spent.tokens,
        "total_price": outcome.spent.price,
        "currency": outcome.spent.currency,
        "total_steps": outcome.steps,
        "exceptions_count": outcome.exceptions,
    }


def added(usages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the `usage` object of several calls together. Unit prices are those of the last one."""
    last = usages[-1] if usages else {}
    return {
        "prompt_tokens": _tokens(usages, "prompt_tokens"),
        "prompt_unit_price": str(last.get("prompt_unit_price") or "0"),
        "prompt_price_unit": decimal_text(PRICE_UNIT),
        "prompt_price": _price(usages, "prompt_price"),
        "completion_tokens": _tokens(usages, "completion_tokens"),
        "completion_unit_price": str(last.get("completion_unit_price") or "0"),
        "completion_price_unit": decimal_text(PRICE_UNIT),
        "completion_price": _price(usages, "completion_price"),
        "total_tokens": _tokens(usages, "total_tokens"),
        "total_price": _price(usages, "total_price"),
        "currency": CURRENCY,
        "latency": 0.0,
    }


def _usage(process_data: Mapping[str, Any] | None, outputs: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    for told in (process_data, outputs):
        usage = (told or {}).get("usage")
        if isinstance(usage, Mapping) and isinstance(usage.get("total_tokens"), int):
            return usage
    return None


def _tokens(usages: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(int(usage.get(name) or 0) for usage in usages)


def _price(usages: Sequence[Mapping[str, Any]], name: str) -> str:
    return decimal_text(sum((Decimal(str(usage.get(name) or 0)) for usage in usages), _ZERO))
