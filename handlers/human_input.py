"""Forms that runs wait for, shown to whoever has their token and taken back filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models import human_input as forms
from models import workflow_run_state as state
from models.human_input import HumanInputForm
from models.table import now


async def show(call: Call, token: str, app_id: str | None) -> schemas.HumanInputForm:
    """Show a form that still takes an answer.

    Args:
        call: the call.
        token: the form's.
        app_id: the app that it has to belong to; None admits every app's.

    Raises:
        ApiError: `not_found`, `human_input_form_submitted` or `human_input_form_expired`.
    """
    form = await _open(call, token, app_id)
    return {
        "form_content": form.content,
        "inputs": trusted(form.inputs),
        "resolved_default_values": form.default_values,
        "user_actions": trusted(form.actions),
        "expiration_time": unix(form.expires_at),
    }


async def submit(
    call: Call, token: str, app_id: str | None, action: str, values: Mapping[str, Any] | None
) -> schemas.Result:
    """Keep a form's answer, and let its run go on.

    Args:
        call: the call.
        token: the form's.
        app_id: the app that it has to belong to; None admits every app's.
        action: the id of the action that was chosen.
        values: the fields by name; those that the form does not have are left out.

    Raises:
        ApiError: `not_found`, `invalid_param`, `human_input_form_submitted` or `human_input_form_expired`.
    """
    form = await _open(call, token, app_id)
    actions = [str(each["id"]) for each in form.actions]
    if action not in actions:
        message = f"action: the form has no action {action!r}; it has: {', '.join(actions)}."
        raise ApiError("invalid_param", message, details=[{"field": "action", "type": "enum", "message": message}])
    names = {str(each["output_variable_name"]) for each in form.inputs}
    given = {name: value for name, value in (values or {}).items() if name in names}
    async with call.services.database.workspace(form.workspace_id) as scope:
        await state.lock(scope, form.workflow_run_id)
        await forms.submit(scope, form.id, action, given)
        run = await state.wake(scope, form.workflow_run_id)
    if run is not None:
        await call.services.queues.enqueue_workflow_run(run.workspace_id, run.id, run.task_id)
    return {"result": "success"}


async def _open(call: Call, token: str, app_id: str | None) -> HumanInputForm:
    async with call.services.database.system() as scope:
        form = await forms.by_token(scope, token)
    if form is None or (app_id is not None and form.app_id != app_id):
        raise ApiError("not_found", "Form not found.")
    if form.status != "waiting" or form.expires_at <= now():
        raise form.refusal
    return form
