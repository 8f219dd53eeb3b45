"""Runs of a draft: as a whole, of one node, or of a container with what is inside of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow import parse_graph
from foundation.errors import ApiError
from handlers import workflows as drafts
from handlers.call import Call
from handlers.contract import schemas
from handlers.node_inputs import conversation_values, read_node_inputs
from handlers.questions import Question
from handlers.rendering.run_logs import render_node_execution
from handlers.replies import EventStream
from handlers.run_authors import authors_of
from handlers.workflow_answers import wait
from handlers.workflow_runs import OnlyNode, start_workflow_run
from handlers.workflow_views import stream
from models import draft_variable as draft_variables
from models import node_execution as node_executions
from models import workflow as workflows
from models import workflow_run as runs
from models.app import Mode
from models.workflow import DRAFT
from models.workflow_run import WorkflowRun


async def run_draft_workflow(call: Call, *, app_id: str, body: schemas.DraftRunRequest) -> EventStream:
    """Run the draft."""
    await _check_draft(call, app_id, "workflow")
    run = await start_workflow_run(call, app_id, Question.read(body), "debugger", workflow_id=DRAFT)
    return stream(call, run)


async def run_advanced_chat_draft(call: Call, *, app_id: str, body: schemas.ChatDraftRunRequest) -> EventStream:
    """Ask the draft of an app that holds conversations."""
    await _check_draft(call, app_id, "advanced-chat")
    run = await start_workflow_run(call, app_id, Question.read(body), "debugger", workflow_id=DRAFT)
    return stream(call, run)


async def run_draft_node(
    call: Call, *, app_id: str, node_id: str, body: schemas.NodeRunRequest | None = None
) -> schemas.NodeExecution:
    """Run one node and answer how it ended."""
    await _check_draft(call, app_id, None)
    run = await wait(call, await _run_only(call, app_id, node_id, body or {}))
    async with call.services.database.workspace(call.workspace_id) as scope:
        nodes = await node_executions.of_run(scope, run.id)
        authors = await authors_of(scope, [run])
    ran = next((node for node in nodes if node.node_id == node_id), None)
    if ran is None:
        raise ApiError(run.error_code or "internal_server_error", run.error or "The node did not run.")
    return render_node_execution(ran, run, authors, call.services.settings)


async def get_node_last_run(call: Call, *, app_id: str, node_id: str) -> schemas.NodeExecution:
    """Show how a node ran last."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        found = await node_executions.last_of_node(scope, app_id, node_id)
        if found is None:
            raise ApiError("not_found", "The node has not run yet.")
        run = await runs.get(scope, app_id, found.workflow_run_id)
        return render_node_execution(found, run, await authors_of(scope, [run]), call.services.settings)


async def run_draft_iteration(
    call: Call, *, app_id: str, node_id: str, body: schemas.NodeRunRequest | None = None
) -> EventStream:
    """Run an iteration alone."""
    return await _run_container(call, app_id, node_id, body or {}, "workflow", "iteration")


async def run_draft_loop(
    call: Call, *, app_id: str, node_id: str, body: schemas.NodeRunRequest | None = None
) -> EventStream:
    """Run a loop alone."""
    return await _run_container(call, app_id, node_id, body or {}, "workflow", "loop")


async def run_advanced_chat_draft_iteration(
    call: Call, *, app_id: str, node_id: str, body: schemas.NodeRunRequest | None = None
) -> EventStream:
    """Run an iteration alone, in an app that holds conversations."""
    return await _run_container(call, app_id, node_id, body or {}, "advanced-chat", "iteration")


async def run_advanced_chat_draft_loop(
    call: Call, *, app_id: str, node_id: str, body: schemas.NodeRunRequest | None = None
) -> EventStream:
    """Run a loop alone, in an app that holds conversations."""
    return await _run_container(call, app_id, node_id, body or {}, "advanced-chat", "loop")


async def _run_container(
    call: Call, app_id: str, node_id: str, body: Mapping[str, Any], mode: Mode, kind: str
) -> EventStream:
    await _check_draft(call, app_id, mode)
    return stream(call, await _run_only(call, app_id, node_id, body, kind))


async def _check_draft(call: Call, app_id: str, mode: Mode | None) -> None:
    """Make sure that an app has a draft whose graph hangs together.

    Raises:
        ApiError: `app_not_found`, `not_workflow_app`, `not_chat_app`, `draft_workflow_not_exist` or `invalid_workflow`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await drafts.app_of(scope, app_id)
        if mode is not None and app.mode != mode:
            code = "not_workflow_app" if mode == "workflow" else "not_chat_app"
            raise ApiError(code, f"The app's mode is {app.mode}; this is for apps of mode {mode}.")
        drafts.check_structure(await workflows.draft(scope, app_id))


async def _run_only(
    call: Call, app_id: str, node_id: str, body: Mapping[str, Any], kind: str | None = None
) -> WorkflowRun:
    given: Mapping[str, Any] = body.get("inputs") or {}
    async with call.services.database.workspace(call.workspace_id) as scope:
        graph = parse_graph((await workflows.draft(scope, app_id)).graph)
        known = await draft_variables.values(scope, app_id)
    node = graph.nodes.get(node_id)
    if node is None or (kind is not None and node.type.name != kind):
        raise ApiError("not_found", f"The draft has no {kind or 'node'} {node_id}.")
    question = Question.read({**body, "inputs": given if node.type.name == "start" else {}})
    variables = read_node_inputs(node, given, known)
    only = OnlyNode(node_id, variables, conversation_values(given, known) or None)
    return await start_workflow_run(call, app_id, question, "debugger", workflow_id=DRAFT, only=only)
