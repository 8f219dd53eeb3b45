"""Workflow runs that end outside of their job, and what stands for those whose events are gone."""

from __future__ import annotations

from typing import Any

from models import account as accounts
from models import human_input, node_execution
from models import message as messages
from models.message import Message
from models.scope import Scope, SystemScope
from models.workflow_run import WorkflowRun
from workers.announcing import announce_run
from workers.workflow_event_data import Creator
from workers.workflow_events import RunEvents


async def ending(scope: SystemScope, run: WorkflowRun) -> list[dict[str, Any]]:
    """Return the last events of a run that was just ended from outside, and tell its end to webhooks.

    Args:
        scope: the transaction that ended it.
        run: the run, over.
    """
    within = scope.within(run.workspace_id)
    message = await _message(within, run)
    await announce_run(within, run, message)
    return RunEvents(run).ended(run, message, await creator_of(within, run))


async def replay(scope: Scope, run: WorkflowRun, *, continued: bool = False) -> list[dict[str, Any]]:
    """Return the events that stand for a run as far as it has come, from its rows.

    Args:
        scope: the workspace.
        run: the run.
        continued: whether the reader has seen part of the answer, which is then replaced by the whole.
    """
    events = RunEvents(run)
    message = await _message(scope, run)
    told = [events.started()]
    for row in await node_execution.of_run(scope, run.id):
        told += events.node_of_row(row)
    if message is not None and message.answer:
        told.append(events.replaced(message.answer, "replay") if continued else events.text(message.answer, None))
    if run.finished:
        return told + events.ended(run, message, await creator_of(scope, run))
    waiting = [form for form in await human_input.of_run(scope, run.id) if form.status == "waiting"]
    told += [events.form_required(form) for form in waiting]
    return [*told, events.still_paused(waiting)] if run.status == "paused" else told


async def creator_of(scope: Scope, run: WorkflowRun) -> Creator:
    """Return who began a run, as `workflow_finished` names them."""
    if run.end_user_id is not None:
        return Creator(run.end_user_id, user=str(run.system.get("user_id") or ""))
    people = await accounts.people(scope, {run.account_id}) if run.account_id else {}
    person = people.get(str(run.account_id))
    return Creator(str(run.account_id), person.name if person else "", email=person.email if person else "")


async def _message(scope: Scope, run: WorkflowRun) -> Message | None:
    return await messages.load(scope, run.message_id) if run.message_id else None
