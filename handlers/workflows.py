"""The workflow of an app: its draft, checked and saved, wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.workflow import Violation, validate_graph
from engine.workflow.parse import read_graph
from foundation.errors import ApiError
from handlers.call import Call
from handlers.workflow_variables import read_conversation, read_environment
from models import account
from models import app as apps
from models import draft_variable as draft_variables
from models import workflow as workflows
from models.account import Account
from models.app import App
from models.scope import Scope
from models.workflow import Workflow, WorkflowType

WORKFLOW_MODES = frozenset({"workflow", "advanced-chat"})
MAX_DETAILS = 100
_TYPES: Mapping[str, WorkflowType] = {"workflow": "workflow", "advanced-chat": "chat"}


async def app_of(scope: Scope, app_id: str) -> App:
    """Return an app that a workflow drives.

    Raises:
        ApiError: `app_not_found`, or `not_workflow_app` for one with a prompt.
    """
    found = await apps.get(scope, app_id)
    if found.mode not in WORKFLOW_MODES:
        raise ApiError("not_workflow_app", f"The app's mode is {found.mode}; no workflow drives it.")
    return found


async def write_draft(
    call: Call,
    scope: Scope,
    app: App,
    *,
    graph: Mapping[str, Any],
    features: Mapping[str, Any] | None = None,
    environment: Sequence[Mapping[str, Any]] | None = None,
    conversation: Sequence[Mapping[str, Any]] | None = None,
    expected_hash: str | None = None,
) -> Workflow:
    """Save an app's draft as a whole; its conversation variables become draft variables.

    Args:
        call: the call.
        scope: the workspace.
        app: the app.
        graph: what the editor drew.
        features: None keeps those of the draft.
        environment: None keeps those of the draft.
        conversation: None keeps those of the draft.
        expected_hash: the hash of the draft that was changed, if that matters.

    Raises:
        ApiError: `draft_workflow_not_sync` or `invalid_variable`.
    """
    await workflows.lock(scope, app.id)
    before = await workflows.find_draft(scope, app.id)
    sealed = before.environment_variables if before else []
    if environment is not None:
        sealed = read_environment(environment, sealed, call.services.sealer)
    declared = before.conversation_variables if before else []
    if conversation is not None:
        declared = read_conversation(conversation)
    saved = await workflows.save_draft(
        scope,
        app.id,
        type_=_TYPES[app.mode],
        graph=dict(graph),
        features=dict(features) if features is not None else (before.features if before else {}),
        environment_variables=sealed,
        conversation_variables=declared,
        expected_hash=expected_hash,
        account_id=call.account.account_id,
    )
    await draft_variables.declare_conversation(scope, app.id, declared)
    return saved


async def change_draft(call: Call, app_id: str, **changes: Any) -> Workflow:
    """Save a part of an app's draft; see `write_draft`.

    Raises:
        ApiError: `draft_workflow_not_exist`, `invalid_variable`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await app_of(scope, app_id)
        found = await workflows.draft(scope, app_id)
        return await write_draft(call, scope, app, graph=found.graph, **changes)


def violations_of(workflow: Workflow) -> list[Violation]:
    """Return everything that keeps a workflow from being published."""
    environment = {each["name"]: _plain_type(each["value_type"]) for each in workflow.environment_variables}
    conversation = {each["name"]: each["value_type"] for each in workflow.conversation_variables}
    return validate_graph(workflow.graph, environment=environment, conversation=conversation)


def check(workflow: Workflow) -> None:
    """Make sure that a workflow can be published.

    Raises:
        ApiError: `invalid_workflow`, with an entry of `details` for each violation, up to a hundred.
    """
    _refuse(violations_of(workflow))


def check_structure(workflow: Workflow) -> None:
    """Make sure that a workflow hangs together; what its nodes lack is not looked at.

    Raises:
        ApiError: `invalid_workflow`, with an entry of `details` for each violation, up to a hundred.
    """
    _refuse(read_graph(workflow.graph).violations)


def _refuse(violations: Sequence[Violation]) -> None:
    if not violations:
        return
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    message = f"The workflow cannot run: {violations[0].message}{more}"
    raise ApiError("invalid_workflow", message, details=[each.detail() for each in violations[:MAX_DETAILS]])


async def people_of(scope: Scope, found: Sequence[Workflow]) -> dict[str, Account]:
    """Return those who made or changed some versions, by id."""
    return await account.people(scope, {who for each in found for who in (each.created_by, each.updated_by) if who})


def _plain_type(kind: str) -> str:
    return "string" if kind == "secret" else kind
