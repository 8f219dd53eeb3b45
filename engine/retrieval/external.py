"""Asks knowledge that others keep: `POST <endpoint>/retrieval` with a bearer token, through the egress guard."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from foundation.egress import EgressGuard
from foundation.errors import ApiError
from foundation.secrets import Sealer
from models.external_knowledge import Source
from models.metadata_filter import MetadataFilter

MOST_RECORDS = 100
_SECONDS = 15.0
_LONGEST_ANSWER = 8 * 1024 * 1024
_LONGEST_CONTENT = 1_000_000
_LONGEST_TITLE = 255
_LONGEST_REASON = 300
_DEFAULT_TOP_K = 4


@dataclass(frozen=True, slots=True)
class ExternalSettings:
    """How many records are wanted, and from which score on; None leaves out none."""

    top_k: int = _DEFAULT_TOP_K
    score_threshold: float | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any] | None) -> ExternalSettings:
        """Reads an `external_retrieval_model`; what it leaves out is as in the default."""
        value = value or {}
        threshold = value.get("score_threshold") if value.get("score_threshold_enabled") is not False else None
        return cls(int(value.get("top_k") or _DEFAULT_TOP_K), None if threshold is None else float(threshold))


@dataclass(frozen=True, slots=True)
class ExternalRecord:
    """A passage of external knowledge with its score from 0 to 1; `metadata` is what the other side says of it."""

    content: str
    title: str
    score: float
    metadata: Mapping[str, Any]


async def ask(
    egress: EgressGuard,
    sealer: Sealer,
    source: Source,
    query: str,
    settings: ExternalSettings,
    wanted: MetadataFilter | None = None,
) -> list[ExternalRecord]:
    """Returns what an external knowledge API finds, best first.

    Args:
        egress: the way out.
        sealer: opens the API's key.
        source: the API, and which knowledge of it.
        query: the question.
        settings: how much is wanted.
        wanted: conditions on metadata, which the other side applies.

    Raises:
        ApiError: `completion_request_error`: it cannot be reached, refused, or was not understood.
    """
    body: dict[str, Any] = {
        "knowledge_id": source.dataset.external_knowledge_id,
        "query": query,
        "retrieval_setting": {"top_k": settings.top_k, "score_threshold": settings.score_threshold or 0.0},
    }
    if wanted is not None:
        body["metadata_condition"] = {
            "logical_operator": wanted.logical_operator,
            "conditions": [
                {"name": [one.name], "comparison_operator": one.operator, "value": one.value}
                for one in wanted.conditions
            ],
        }
    key = str(sealer.open(source.api.sealed)["api_key"])
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    try:
        answer = await egress.fetch(
            f"{source.api.endpoint.rstrip('/')}/retrieval",
            _LONGEST_ANSWER,
            _SECONDS,
            method="POST",
            headers=headers,
            content=orjson.dumps(body),
        )
    except ApiError as error:
        raise _failure(source, error.message) from error
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        said = None
    if not 200 <= answer.status < 300:
        reason = said.get("error_msg") if isinstance(said, dict) else None
        raise _failure(source, str(reason or f"it answered {answer.status}")[:_LONGEST_REASON])
    listed = said.get("records") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise _failure(source, "its answer has no list of records")
    records = [_record(source, entry) for entry in listed[:MOST_RECORDS]]
    least = settings.score_threshold or 0.0
    ordered = sorted((one for one in records if one.score >= least), key=lambda one: -one.score)
    return ordered[: settings.top_k]


def _record(source: Source, entry: Any) -> ExternalRecord:
    content = entry.get("content") if isinstance(entry, dict) else None
    if not isinstance(content, str):
        raise _failure(source, "one of its records has no content")
    score, metadata = entry.get("score"), entry.get("metadata")
    known = isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score)
    return ExternalRecord(
        content[:_LONGEST_CONTENT],
        str(entry.get("title") or "")[:_LONGEST_TITLE],
        min(1.0, max(0.0, float(score))) if known else 0.0,
        metadata if isinstance(metadata, dict) else {},
    )


def _failure(source: Source, reason: str) -> ApiError:
    text = f"The external knowledge API {source.api.name} failed: {reason.rstrip('.')}."
    return ApiError("completion_request_error", text)
