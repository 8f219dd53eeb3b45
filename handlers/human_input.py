"""Forms that runs wait for, shown to whoever has their token and taken back filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.chat.file_rules import rules_of_field
from foundation.errors import ApiError
from handlers.app_inputs import AppInputs, linked, read_inputs
from handlers.attachments import attach, check_links
from handlers.call import Call
from handlers.callers import FormCaller
from handlers.contract import schemas
from handlers.credentials.form import issue_upload_token
from handlers.rendering.files import render_upload
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from handlers.replies import UploadedFile
from handlers.uploads import keep
from models import human_input as forms
from models import workflow_run as runs
from models import workflow_run_state as state
from models.human_input import HumanInputForm
from models.scope import Scope
from models.table import now
from models.workflow_run import WorkflowRun
from workers.workflow_files import file_value

MOST_UPLOADS = 50
"""The most files that are stored for one form, whatever its fields take."""
FILE_TYPES = ("file", "file-list")


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
        values: the fields by name; those that the form does not have are left out, and each has to be of its type.

    Raises:
        ApiError: `not_found`, `invalid_param`, `file_not_found`, `egress_denied`, `human_input_form_submitted` or
            `human_input_form_expired`.
    """
    form = await _open(call, token, app_id)
    actions = [str(each["id"]) for each in form.actions]
    if action not in actions:
        message = f"action: the form has no action {action!r}; it has: {', '.join(actions)}."
        raise ApiError("invalid_param", message, details=[{"field": "action", "type": "enum", "message": message}])
    names = {str(each["output_variable_name"]) for each in form.inputs}
    given = {name: value for name, value in (values or {}).items() if name in names}
    read = read_inputs(_fields(form, given), given)
    given |= read.values
    await check_links(call.services.egress, linked(read.values))
    async with call.services.database.workspace(form.workspace_id) as scope:
        await state.lock(scope, form.workflow_run_id)
        given |= await _attached(call, scope, form, read)
        await forms.submit(scope, form.id, action, given)
        run = await state.wake(scope, form.workflow_run_id)
    if run is not None:
        await call.services.queues.enqueue_workflow_run(run.workspace_id, run.id, run.task_id)
    return {"result": "success"}


async def upload(call: Call, token: str, app_id: str | None, file: UploadedFile) -> schemas.UploadedFile:
    """Keep a file for a form that still takes an answer; it belongs to whoever began the form's run.

    A form takes twice as many files as its fields do, so that each may be taken back once, and never more than
    `MOST_UPLOADS`.

    Raises:
        ApiError: `not_found`, `human_input_form_submitted`, `human_input_form_expired`, `too_many_files`,
            `filename_not_exists_error`, `unsupported_file_type` or `file_too_large`.
    """
    return await _keep(call, await _open(call, token, app_id), file)


async def grant_upload(call: Call, token: str) -> schemas.HumanInputUploadToken:
    """Let whoever has a form's token have one that admits to uploads alone.

    Raises:
        ApiError: `not_found`, `human_input_form_submitted` or `human_input_form_expired`.
    """
    granted, expires_at = issue_upload_token(call.services, await _open(call, token, None))
    return {"upload_token": granted, "expires_at": expires_at}


async def upload_granted(call: Call, file: UploadedFile) -> schemas.UploadedFile:
    """Keep a file for the form whose upload token the caller sent; see `upload`.

    Raises:
        ApiError: what `upload` raises, and `unauthorized`.
    """
    caller = call.caller
    if not isinstance(caller, FormCaller):
        raise ApiError("unauthorized", "This takes the upload token of a form.")
    return await _keep(call, await _reopened(call, caller.workspace_id, caller.form_id), file)


async def _keep(call: Call, form: HumanInputForm, file: UploadedFile) -> schemas.UploadedFile:
    most = _most_uploads(form)
    if form.uploads >= most:
        raise _too_many(most)
    checked = await keep(call.services, file)
    async with call.services.database.workspace(form.workspace_id) as scope:
        run = await _run_of(scope, form)
        counted = await forms.count_upload(scope, form.id, most)
        if counted:
            recorded = render_upload(await checked.record(scope, run.author, form.app_id))
    if not counted:
        await _reopened(call, form.workspace_id, form.id)
        raise _too_many(most)
    return recorded


def _most_uploads(form: HumanInputForm) -> int:
    """Return how many files may be uploaded for a form."""
    taking = [each for each in form.inputs if each["type"] in FILE_TYPES]
    wanted = sum(rules_of_field(each["type"], each).most or MOST_UPLOADS for each in taking)
    return min(2 * wanted, MOST_UPLOADS)


def _too_many(most: int) -> ApiError:
    message = f"No more files can be uploaded for this form; it takes {most}." if most else "This form takes no files."
    return ApiError("too_many_files", message)


def _fields(form: HumanInputForm, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a form that were filled in, as those of a `user_input_form`."""
    return [
        {
            _type(each): {
                **each,
                "variable": each["output_variable_name"],
                "options": _options(each),
                "required": False,
                "default": None,
            }
        }
        for each in form.inputs
        if str(each["output_variable_name"]) in given
    ]


def _type(field: Mapping[str, Any]) -> str:
    """Return a field's type; a choice whose options are in a variable is any text."""
    return "text-input" if field["type"] == "select" and not _options(field) else str(field["type"])


def _options(field: Mapping[str, Any]) -> list[str]:
    """Return what may be chosen in a field: its `options`, or those of an `option_source` that is constant."""
    source = field.get("option_source")
    listed = source.get("value") if isinstance(source, Mapping) and source.get("type") == "constant" else None
    options = field.get("options") or listed
    return [str(option) for option in options] if isinstance(options, list) else []


async def _attached(call: Call, scope: Scope, form: HumanInputForm, read: AppInputs) -> dict[str, Any]:
    """Return the files of a submission as values, by field."""
    if not read.files:
        return {}
    run = await _run_of(scope, form)
    entries = await attach(scope, form.app_id, run.author, read.sent_files)
    _, named = read.attached(entries)
    values: dict[str, Any] = {name: [] for name in read.files}
    for entry in named:
        values[entry["variable"]].append(file_value(call.services.settings, entry))
    return {name: value if name in read.lists else value[0] for name, value in values.items()}


async def _run_of(scope: Scope, form: HumanInputForm) -> WorkflowRun:
    run = await runs.load(scope, form.workflow_run_id)
    if run is None:
        raise ApiError("not_found", "Form not found.")
    return run


async def _open(call: Call, token: str, app_id: str | None) -> HumanInputForm:
    async with call.services.database.system() as scope:
        form = await forms.by_token(scope, token)
    if form is None or (app_id is not None and form.app_id != app_id):
        raise ApiError("not_found", "Form not found.")
    return _answerable(form)


async def _reopened(call: Call, workspace_id: str, form_id: str) -> HumanInputForm:
    async with call.services.database.workspace(workspace_id) as scope:
        form = await forms.load(scope, form_id)
    if form is None:
        raise ApiError("not_found", "Form not found.")
    return _answerable(form)


def _answerable(form: HumanInputForm) -> HumanInputForm:
    if form.status != "waiting" or form.expires_at <= now():
        raise form.refusal
    return form
