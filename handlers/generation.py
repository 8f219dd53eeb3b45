"""A run from its request to its answer: rows and queue first, then a stream or one object.

The rows are written in one short transaction; the job that the queue starts owns the run from then on. A stream is a
view of it, and blocking mode waits for the same events.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import orjson

from engine.chat.prompt import introduction
from foundation.errors import ApiError
from foundation.ids import new_id
from handlers.app_inputs import check_files, linked, read_inputs
from handlers.attachments import attach, check_links, links_of
from handlers.authors import app_and_author
from handlers.call import Call
from handlers.callers import AppKeyCaller
from handlers.capacity import check_capacity, has_capacity_limit
from handlers.contract import schemas
from handlers.event_views import simplified, until_pause
from handlers.questions import Question
from handlers.rendering.conversations import UNNAMED
from handlers.rendering.messages import render_answer
from handlers.replies import EventStream, Reply
from handlers.runs import accepted
from handlers.workflow_runs import write_workflow_run
from models import app as apps
from models import conversation as conversations
from models import message as messages
from models.app import App, AskedApp
from models.author import Author
from models.conversation import Conversation
from models.message import InvokeFrom, Message
from models.message_asking import ask
from models.scope import Scope

CHAT_MODES = frozenset({"chat", "agent-chat", "advanced-chat"})
COMPLETION_MODES = frozenset({"completion"})
GRACE_SECONDS = 30


async def start(call: Call, app_id: str, question: Question, invoke_from: InvokeFrom, streaming: bool) -> Message:
    """Write the rows of a run and enqueue it.

    Args:
        call: the call.
        app_id: the app that is asked.
        question: what is asked.
        invoke_from: by which way.
        streaming: whether the caller does not wait for the whole answer; agents allow no waiting.

    Returns:
        The message, queued.

    Raises:
        ApiError: `not_found`, `invalid_param`, `app_unavailable`, `file_not_found`, `egress_denied` or
            `too_many_requests`; `service_unavailable` while Redis is away, before anything is written.
    """
    if not call.services.hub.connected:
        raise ApiError("service_unavailable", "No run can begin now, and none was begun. Please retry.")
    await check_links(call.services.egress, [*links_of(question.files), *linked(question.inputs)])
    message = await _write_rows(call, app_id, question, invoke_from, streaming)
    if message.workflow_run_id is not None:
        await call.services.queues.enqueue_workflow_run(message.workspace_id, message.workflow_run_id, message.task_id)
    else:
        await call.services.queues.enqueue_generation(message.workspace_id, message.id, message.task_id)
    return message


def stream(call: Call, message: Message, *, simple: bool = False) -> EventStream:
    """Answer with the events of a run.

    Args:
        call: the call; with a `Last-Event-ID` header the events carry their ids.
        message: whose run.
        simple: whether it is shown to an end user, who does not see `usage`.
    """
    events = call.services.hub.follow(message.task_id)
    shown = simplified(events) if simple else events
    ids = call.head.header("last-event-id") is not None
    seen = until_pause(call, message.task_id, shown) if message.workflow_run_id else shown
    return EventStream(seen, ids=ids, task_id=message.task_id)


async def wait(call: Call, message: Message, *, simple: bool = False) -> schemas.ChatAnswer:
    """Wait for the end of a run and answer with the whole of it.

    Args:
        call: the call.
        message: whose run.
        simple: whether it is shown to an end user, who does not see `usage`.

    Returns:
        A `ChatAnswer` or a `CompletionAnswer`; of a run that was stopped or waits for a person, as much as there is.

    Raises:
        ApiError: the run failed, with the run's own code; or `generation_timed_out`.
    """
    limit = call.services.settings.answer_seconds + GRACE_SECONDS
    try:
        followed = until_pause(call, message.task_id, call.services.hub.follow(message.task_id))
        async with asyncio.timeout(limit), contextlib.aclosing(followed) as events:
            async for _, payload in events:
                if b'"message_end"' in payload and orjson.loads(payload).get("event") == "message_end":
                    break
    except TimeoutError:
        raise ApiError("generation_timed_out", f"The answer took longer than {limit} seconds.") from None
    async with call.services.database.reading(call.workspace_id) as scope:
        ended = await messages.get(scope, message.app_id, message.id)
    if ended.status == "error":
        raise ApiError(ended.error_code or "internal_server_error", ended.error_message or "The run failed.")
    return render_answer(ended, simple=simple)


async def answer(
    call: Call, app_id: str, body: Mapping[str, Any], invoke_from: InvokeFrom, *, simple: bool = False
) -> EventStream | schemas.ChatAnswer:
    """Ask an app and answer in the manner that the request names; nothing said means blocking.

    Args:
        call: the call.
        app_id: the app, whose mode has been checked.
        body: a `ChatRequest` or a `CompletionRequest`.
        invoke_from: by which way.
        simple: whether the answer is shown to an end user.
    """
    streaming = body.get("response_mode") == "streaming"
    message = await start(call, app_id, Question.read(body), invoke_from, streaming)
    return stream(call, message, simple=simple) if streaming else await wait(call, message, simple=simple)


async def answer_program(
    call: Call, app_id: str, body: Mapping[str, Any]
) -> EventStream | Reply[schemas.Task] | schemas.ChatAnswer:
    """Ask an app for a program, which may also ask not to wait; see `answer`."""
    if body.get("response_mode") != "async":
        return await answer(call, app_id, body, "service-api")
    return accepted(await start(call, app_id, Question.read(body), "service-api", streaming=True))


async def check_chat_app(call: Call, app_id: str) -> None:
    """Make sure that an app holds conversations.

    Raises:
        ApiError: `not_chat_app`.
    """
    if await _mode(call, app_id) not in CHAT_MODES:
        message = "Please check if your app mode matches the right API route."
        raise ApiError("not_chat_app", message)


async def check_completion_app(call: Call, app_id: str) -> None:
    """Make sure that an app answers once.

    Raises:
        ApiError: `not_completion_app`.
    """
    if await _mode(call, app_id) not in COMPLETION_MODES:
        message = "Please check if your Completion app mode matches the right API route."
        raise ApiError("not_completion_app", message)


async def _mode(call: Call, app_id: str) -> str:
    """Return an app's mode, which never changes: where the key has told it, nobody is asked."""
    if isinstance(call.caller, AppKeyCaller) and call.caller.app_id == app_id and call.caller.mode:
        return call.caller.mode
    async with call.services.database.reading(call.workspace_id) as scope:
        return (await apps.get(scope, app_id)).mode


def _check_mode(app: App | AskedApp, streaming: bool) -> None:
    if app.mode == "workflow":
        raise ApiError("not_chat_app", "Please check if your app mode matches the right API route.")
    if app.mode == "agent-chat" and not streaming:
        raise ApiError("invalid_param", "Agent Chat App does not support blocking mode.")


async def _write_rows(call: Call, app_id: str, question: Question, invoke_from: InvokeFrom, streaming: bool) -> Message:
    """Write the rows of a run: by single statements where no other row must stay as it is meanwhile."""
    database = call.services.database
    async with database.statements(call.workspace_id) as scope:
        app, author = await app_and_author(call, scope, app_id, question.user)
        if app.mode != "advanced-chat":
            _check_mode(app, streaming)
            if not has_capacity_limit(call, app) and not _names_files(question):
                return await _write(call, scope, app, author, question, invoke_from)
    async with database.workspace(call.workspace_id) as scope:
        if app.mode == "advanced-chat":
            run = await write_workflow_run(call, scope, app, question, invoke_from)
            return await messages.get(scope, app.id, str(run.message_id))
        await check_capacity(call, scope, app)
        return await _write(call, scope, app, author, question, invoke_from)


def _names_files(question: Question) -> bool:
    """Tell whether a question may bring files, which are kept only if its message is."""
    return bool(question.files) or any(isinstance(value, dict | list) for value in question.inputs.values())


async def _write(
    call: Call, scope: Scope, app: App | AskedApp, author: Author, question: Question, invoke_from: InvokeFrom
) -> Message:
    config = dict(question.model_config or app.model_config or {})
    form = config.get("user_input_form") or []
    conversation: Conversation | None = None
    begun: Conversation | None = None
    given = dict(question.inputs)
    if question.conversation_id:
        conversation = await conversations.get(scope, app.id, question.conversation_id, author)
        if conversation.status == "finished":
            raise ApiError("conversation_completed", "The conversation has ended. Please start a new conversation.")
        given = {**conversation.inputs, **given}
    read = read_inputs(form, given)
    entries = await attach(scope, app.id, author, [*question.files, *read.sent_files])
    files = entries[: len(question.files)]
    check_files(config, files)
    inputs, named = read.attached(entries[len(files) :])
    if conversation is None and app.mode in CHAT_MODES:
        begun = conversations.draft(
            scope,
            app_id=app.id,
            author=author,
            mode=app.mode,
            invoke_from=invoke_from,
            name="" if question.auto_generate_name else UNNAMED,
            inputs=inputs,
            introduction=introduction(config, inputs),
            dialogue_count=1,
        )
    message = Message(
        app_id=app.id,
        conversation_id=conversation.id if conversation else None,
        parent_message_id=question.parent_message_id,
        task_id=new_id(),
        invoke_from=invoke_from,
        mode=app.mode,
        inputs=inputs,
        query=question.query or str(question.inputs.get("query") or ""),
        files=[*files, *named],
        model_config=config,
        trace_id=call.trace_id,
        api_key_id=call.caller.key_id if isinstance(call.caller, AppKeyCaller) else None,
        **author.columns(),
    )
    return await ask(scope, message, begun)
