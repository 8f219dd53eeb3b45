"""The delivery job: one attempt to tell a webhook something, and what becomes of it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import func

from foundation.egress import EgressGuard
from foundation.errors import ApiError
from foundation.secrets import Sealer, SealError
from foundation.telemetry import trace_id, traced
from models import webhook as webhooks
from models.database import Database
from models.table import now
from models.webhook import Attempt, WebhookDelivery
from workers.webhook_signing import SigningSecrets, signed_headers

WAITS = (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 72_000)
"""Seconds from each failed attempt to the next; after the last one the delivery has failed."""
ANSWER_SECONDS = 15.0
ANSWER_KEPT = 1_024
GONE = 410


@dataclass(frozen=True, slots=True)
class DeliveryProcess:
    """What a delivery worker builds once and all its jobs share."""

    database: Database
    sealer: Sealer
    client: httpx2.AsyncClient
    guard: EgressGuard


_installed: list[DeliveryProcess] = []


def install(process: DeliveryProcess) -> None:
    """Make a process's parts known to its jobs."""
    _installed[:] = [process]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the receiver said, or why it said nothing; `final` where another attempt would be no use."""

    status: int | None = None
    body: str | None = None
    error: str | None = None
    final: bool = False

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def message_id_of(delivery: WebhookDelivery) -> str:
    """Return the `webhook-id` of a delivery, the same in every attempt at it."""
    return f"msg_{delivery.id}"


async def deliver(workspace_id: str, delivery_id: str) -> str:
    """Try a delivery that is due; the RQ job.

    Returns:
        `delivered`, `failed`, `pending` (it will be tried again), or `not due`.
    """
    process = _installed[0]
    async with process.database.workspace(workspace_id) as scope:
        attempt = await webhooks.begin_attempt(scope, delivery_id)
    if attempt is None:
        return "not due"
    trace_id.set(attempt.delivery.trace_id or "")
    answer = await _send(process, attempt)
    values = _outcome(answer, attempt.delivery.attempts)
    async with process.database.workspace(workspace_id) as scope:
        await webhooks.end_attempt(scope, delivery_id, attempt.delivery.attempts, values)
        if answer.status == GONE:
            await webhooks.switch_off(scope, attempt.webhook.id)
    return str(values["status"])


async def _send(process: DeliveryProcess, attempt: Attempt) -> _Answer:
    if not attempt.webhook.enabled:
        return _Answer(error="The webhook is switched off.", final=True)
    try:
        secrets = SigningSecrets.open(process.sealer, attempt.webhook.sealed)
    except SealError as error:
        return _Answer(error=str(error), final=True)
    body = attempt.delivery.payload.encode()
    headers = {
        "content-type": "application/json",
        **signed_headers(secrets.valid(), message_id_of(attempt.delivery), int(time.time()), body),
        **traced(),
    }
    try:
        await process.guard.check(attempt.webhook.url)
    except ApiError as error:
        return _Answer(error=error.message, final=True)
    try:
        async with process.client.stream("POST", attempt.webhook.url, content=body, headers=headers) as response:
            said = b""
            async for piece in response.aiter_bytes():
                said += piece
                if len(said) >= ANSWER_KEPT:
                    break
        return _Answer(response.status_code, said[:ANSWER_KEPT].decode("utf-8", "replace"))
    except ApiError as error:
        return _Answer(error=error.message)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return _Answer(error=str(error) or type(error).__name__)


def _outcome(answer: _Answer, attempts: int) -> dict[str, Any]:
    moment = now()
    values: dict[str, Any] = {
        "response_status": answer.status,
        "response_body": answer.body,
        "error": answer.error,
        "updated_at": moment,
    }
    if answer.delivered:
        return {**values, "status": "delivered", "finished_at": moment}
    if answer.error is None:
        values["error"] = f"The receiver answered {answer.status}."
    if answer.final or answer.status == GONE or attempts > len(WAITS):
        return {**values, "status": "failed", "finished_at": moment}
    wait = WAITS[attempts - 1] * random.uniform(1.0, 1.2)  # noqa: S311 - jitter
    return {**values, "status": "pending", "due_at": func.now() + timedelta(seconds=wait)}
