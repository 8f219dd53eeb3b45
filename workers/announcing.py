"""The end of a run, told to the webhooks of its app: rows first, in the transaction that ends the run."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from foundation.ids import new_id
from models import webhook as webhooks
from models.message import Message
from models.scope import Scope
from models.table import now
from models.workflow_run import WorkflowRun
from workers.outcomes import answer_body, failure, run_body, run_failure, run_status_word, status_word

FINISHED, TEST = "run.finished", "webhook.test"


async def announce(scope: Scope, message: Message, listening: Sequence[str] | None = None) -> list[str]:
    """Store the deliveries that a message's end causes; runs of the debugger cause none.

    Args:
        scope: the workspace, in the transaction that ends the run.
        message: the message, as it ended.
        listening: the webhooks that are to be told; None where they are not known yet.

    Returns:
        The ids of the deliveries, to be enqueued after the commit; the reconciler finds those that are not.
    """
    if message.invoke_from == "debugger":
        return []
    if listening is None:
        listening = await webhooks.listening(scope, message.app_id)
    if not listening:
        return []
    return await webhooks.add_deliveries(
        scope,
        listening,
        event=FINISHED,
        payload=payload(message),
        task_id=message.task_id,
        trace_id=message.trace_id,
    )


async def announce_run(scope: Scope, run: WorkflowRun, message: Message | None) -> list[str]:
    """Store the deliveries that a workflow run's end causes; runs of the editor cause none.

    Args:
        scope: the workspace, in the transaction that ends the run.
        run: the run.
        message: what it wrote, in an app that holds conversations.

    Returns:
        The ids of the deliveries; see `announce`.
    """
    if message is not None:
        return await announce(scope, message)
    if run.invoke_from == "debugger":
        return []
    listening = await webhooks.listening(scope, run.app_id)
    if not listening:
        return []
    body = {**run_body(run), "event": "workflow_finished", "mode": run.mode, "status": run_status_word(run)}
    return await webhooks.add_deliveries(
        scope,
        listening,
        event=FINISHED,
        payload=orjson.dumps({**body, "error": run_failure(run)}, default=str).decode(),
        task_id=run.task_id,
        trace_id=run.trace_id,
    )


def payload(message: Message) -> str:
    """Return the JSON that tells a message's end: what blocking mode answers, its status, and why it failed."""
    body = {**answer_body(message), "status": status_word(message), "error": failure(message)}
    return orjson.dumps(body, default=str).decode()


def test_payload(mode: str) -> str:
    """Return the JSON of a made-up run, for whoever tries a webhook; its `event` says that it is one."""
    message = Message(
        id=new_id(),
        task_id=new_id(),
        conversation_id=new_id() if mode != "completion" else None,
        mode=mode,
        answer="This message shows what the end of a run looks like.",
        status="normal",
        metadata_={"retriever_resources": []},
        created_at=now(),
    )
    body = {**answer_body(message), "event": TEST, "status": status_word(message), "error": None}
    return orjson.dumps(body).decode()
