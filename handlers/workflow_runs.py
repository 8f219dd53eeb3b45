"""Runs of workflows, begun: rows and queue first. `start_workflow_run` is the one way in, whoever asks.

How a run is then shown, waited for and stopped stands in `handlers.workflow_answers`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.chat.prompt import introduction
from engine.workflow import Graph, parse_graph
from engine.workflow.nodes.start import StartData
from foundation.errors import ApiError
from foundation.ids import new_id
from handlers.app_inputs import check_files, linked, read_inputs
from handlers.attachments import attach, check_links, links_of
from handlers.authors import author_of
from handlers.call import Call
from handlers.callers import AppKeyCaller
from handlers.capacity import check_capacity
from handlers.questions import Question
from handlers.rendering.conversations import UNNAMED
from models import app as apps
from models import conversation as conversations
from models import conversation_variable as conversation_variables
from models import end_user as end_users
from models import message as messages
from models import workflow as workflows
from models import workflow_run as runs
from models.app import App, AskedApp
from models.author import Author
from models.conversation import Conversation
from models.message import InvokeFrom, Message
from models.scope import Scope
from models.table import now
from models.workflow import DRAFT, Workflow
from models.workflow_run import SYSTEM_PREFIX, RunMode, WorkflowRun
from workers.workflow_backgrounds import seal_state
from workers.workflow_files import file_value

MODES: dict[str, RunMode] = {"workflow": "workflow", "advanced-chat": "advanced-chat"}


@dataclass(frozen=True, slots=True)
class OnlyNode:
    """One node, to be run alone.

    Attributes:
        node_id: which; a container is run with what is inside of it.
        variables: what it reads of nodes that do not run, by node id and name.
        conversation: values of conversation variables that stand for those it would begin with.
    """

    node_id: str
    variables: Mapping[str, Mapping[str, Any]]
    conversation: Mapping[str, Any] | None = None


@dataclass(slots=True)
class _Beginning:
    """What a run is made from, as far as it is known."""

    app: App | AskedApp
    workflow: Workflow
    graph: Graph
    author: Author
    invoke_from: InvokeFrom
    question: Question


async def start_workflow_run(
    call: Call,
    app_id: str,
    question: Question,
    invoke_from: InvokeFrom,
    *,
    workflow_id: str | None = None,
    only: OnlyNode | None = None,
) -> WorkflowRun:
    """Write the rows of a run and enqueue it.

    Args:
        call: the call.
        app_id: an app of the mode `workflow` or `advanced-chat`.
        question: inputs, files and user; for an app that holds conversations the query and the conversation, too.
        invoke_from: by which way; `debugger` for runs of the editor.
        workflow_id: the version to be run, or `draft`; None means the one published last.
        only: the node that is run alone; inputs are not checked against the start node's form then.

    Returns:
        The run, queued. `message_id` and `conversation_id` are set where the app holds conversations.

    Raises:
        ApiError: `not_found`, `not_workflow_app`, `app_unavailable`, `draft_workflow_not_exist`, `invalid_param`,
            `conversation_completed`, `file_not_found`, `egress_denied` or `too_many_requests`; `service_unavailable`
            while Redis is away, before anything is written.
    """
    if not call.services.hub.connected:
        raise ApiError("service_unavailable", "No run can begin now, and none was begun. Please retry.")
    await check_links(call.services.egress, [*links_of(question.files), *linked(question.inputs)])
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        run = await write_workflow_run(call, scope, app, question, invoke_from, workflow_id=workflow_id, only=only)
    await call.services.queues.enqueue_workflow_run(run.workspace_id, run.id, run.task_id)
    return run


async def write_workflow_run(
    call: Call,
    scope: Scope,
    app: App | AskedApp,
    question: Question,
    invoke_from: InvokeFrom,
    *,
    workflow_id: str | None = None,
    only: OnlyNode | None = None,
) -> WorkflowRun:
    """Write the rows of a run in a transaction; the caller enqueues it after the commit. See `start_workflow_run`."""
    if app.mode not in MODES:
        raise ApiError("not_workflow_app", "Please check if your app mode matches the right API route.")
    workflow = await _workflow(scope, app.id, workflow_id or question.workflow_id)
    if workflow.is_draft and invoke_from != "debugger":
        raise ApiError("invalid_param", "workflow_id: the draft cannot be run here; name a published version.")
    graph = parse_graph(workflow.graph)
    if only is not None and only.node_id not in graph.nodes:
        raise ApiError("not_found", f"The workflow has no node {only.node_id}.")
    await check_capacity(call, scope, app)
    author = await author_of(call, scope, question.user)
    return await _write(call, scope, _Beginning(app, workflow, graph, author, invoke_from, question), only)


def form_of(graph: Graph) -> list[dict[str, Any]]:
    """Return the form that a workflow begins with, as a `user_input_form`."""
    start = start_of(graph)
    return start.form if start else []


def start_of(graph: Graph) -> StartData | None:
    """Return what the start node of a graph says; None for the graph of a node that runs alone."""
    data = graph.main.nodes[graph.main.root].data
    return data if isinstance(data, StartData) else None


async def _workflow(scope: Scope, app_id: str, workflow_id: str | None) -> Workflow:
    if workflow_id is None:
        return await workflows.published(scope, app_id)
    if workflow_id == DRAFT:
        return await workflows.draft(scope, app_id)
    return await workflows.version(scope, workflow_id, app_id=app_id)


async def _write(call: Call, scope: Scope, beginning: _Beginning, only: OnlyNode | None) -> WorkflowRun:
    app, workflow, question, author = beginning.app, beginning.workflow, beginning.question, beginning.author
    settings = call.services.settings
    conversation: Conversation | None = None
    given = dict(question.inputs)
    holds_conversations = app.mode == "advanced-chat" and only is None
    if holds_conversations and question.conversation_id:
        conversation = await conversations.get(scope, app.id, question.conversation_id, author)
        if conversation.status == "finished":
            raise ApiError("conversation_completed", "The conversation has ended. Please start a new conversation.")
        given = {**conversation.inputs, **given}
    read = read_inputs(form_of(beginning.graph) if only is None else [], given)
    entries = await attach(scope, app.id, author, [*question.files, *read.sent_files])
    files = entries[: len(question.files)]
    if holds_conversations:
        check_files(workflow.features, files)
    kept, named = read.attached(entries[len(files) :])
    inputs = given if only is not None else dict(kept)
    for name in read.files:
        several = kept[name] if isinstance(kept[name], list) else [kept[name]]
        values = [file_value(settings, file) for file in several]
        inputs[name] = values if name in read.lists else values[0]
    run_id = new_id()
    system = {
        "files": [file_value(settings, file) for file in files],
        "user_id": await _user_id(scope, author),
        "app_id": app.id,
        "workflow_id": workflow.id,
        "workflow_run_id": run_id,
        "timestamp": int(time.time()),
    }
    message: Message | None = None
    if holds_conversations:
        message = await _message(call, scope, beginning, conversation, kept, [*files, *named], run_id)
        system |= {
            "query": message.query,
            "conversation_id": message.conversation_id,
            "dialogue_count": await messages.count_of_conversation(scope, str(message.conversation_id)),
        }
    elif app.mode == "advanced-chat":
        system |= {"query": question.query, "conversation_id": question.conversation_id or "", "dialogue_count": 0}
    run = WorkflowRun(
        id=run_id,
        app_id=app.id,
        workflow_id=workflow.id,
        version=workflow.version,
        mode=MODES[app.mode],
        invoke_from=beginning.invoke_from,
        node_id=only.node_id if only else None,
        conversation_id=message.conversation_id if message else None,
        message_id=message.id if message else None,
        task_id=message.task_id if message else new_id(),
        graph=workflow.graph,
        features=workflow.features,
        inputs={**inputs, **{f"{SYSTEM_PREFIX}{name}": value for name, value in system.items()}},
        files=[*files, *named],
        sealed=seal_state(
            call.services.sealer,
            workflow,
            conversation=only.conversation if only else None,
            variables=only.variables if only else None,
        ),
        queued_at=now(),
        trace_id=call.trace_id,
        api_key_id=call.caller.key_id if isinstance(call.caller, AppKeyCaller) else None,
        **author.columns(),
    )
    return await runs.add(scope, run)


async def _message(
    call: Call,
    scope: Scope,
    beginning: _Beginning,
    conversation: Conversation | None,
    inputs: Mapping[str, Any],
    files: list[dict[str, Any]],
    run_id: str,
) -> Message:
    """Store the message that a run will write, and its conversation where that begins with it."""
    app, question, workflow = beginning.app, beginning.question, beginning.workflow
    config = {**workflow.features, "user_input_form": form_of(beginning.graph)}
    if conversation is None:
        begun = conversations.draft(
            scope,
            app_id=app.id,
            author=beginning.author,
            mode=app.mode,
            invoke_from=beginning.invoke_from,
            name="" if question.auto_generate_name else UNNAMED,
            inputs=dict(inputs),
            introduction=introduction(config, dict(inputs)),
            dialogue_count=1,
        )
        conversation = await conversations.add(scope, begun)
        for variable in workflow.conversation_variables:
            await conversation_variables.put(
                scope,
                conversation.id,
                str(variable["name"]),
                str(variable.get("value_type") or "any"),
                variable.get("value"),
                str(variable.get("description") or ""),
            )
    message = Message(
        app_id=app.id,
        conversation_id=conversation.id,
        parent_message_id=question.parent_message_id,
        task_id=new_id(),
        invoke_from=beginning.invoke_from,
        mode=app.mode,
        inputs=dict(inputs),
        query=question.query or str(question.inputs.get("query") or ""),
        files=files,
        model_config=config,
        trace_id=call.trace_id,
        api_key_id=call.caller.key_id if isinstance(call.caller, AppKeyCaller) else None,
        workflow_run_id=run_id,
        **beginning.author.columns(),
    )
    return await messages.add(scope, message, counted=not question.conversation_id)


async def _user_id(scope: Scope, author: Author) -> str:
    """Return whom the run's `sys.user_id` names: the caller's own id of the person, or the account's id."""
    if author.end_user_id is None:
        return str(author.account_id)
    return (await end_users.get(scope, author.end_user_id)).session_id
