"""What people said to an app and what it answered."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.conversations import file_link
from handlers.periods import read_period, zone_of
from handlers.rendering import logs as shown
from handlers.rendering.agent_logs import render_agent_log
from handlers.tool_icons import tool_icons
from models import account, agent_thought
from models import app as apps
from models import conversation as conversations
from models import conversation_log as log
from models import message as messages
from models.conversation import SortBy
from models.conversation_log import AnnotationStatus, LogFilter
from models.message import Message
from models.scope import Scope


async def list_chat_conversations(
    call: Call,
    *,
    app_id: str,
    keyword: str | None = None,
    start: str | None = None,
    end: str | None = None,
    annotation_status: AnnotationStatus = "all",
    message_count_gte: int | None = None,
    sort_by: SortBy = "-updated_at",
    page: int = 1,
    limit: int = 20,
) -> schemas.LoggedConversationList:
    """List an app's conversations with anybody."""
    wanted = await _wanted(call, keyword, start, end, annotation_status, message_count_gte)
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        found = await log.conversations(scope, app.id, wanted, sort_by=sort_by, page=page, limit=limit)
        summaries = await log.summaries(scope, [each.id for each in found.items])
        people = await _people(scope, found.items)
    return shown.render_conversations(found, summaries, people)


async def get_chat_conversation(call: Call, *, app_id: str, conversation_id: str) -> schemas.LoggedConversationDetail:
    """Get a conversation with what it ran with."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        found = await conversations.get(scope, app.id, conversation_id)
        summaries = await log.summaries(scope, [found.id])
    return shown.render_conversation_detail(found, summaries[found.id])


async def delete_chat_conversation(call: Call, *, app_id: str, conversation_id: str) -> None:
    """Take a conversation out of everybody's sight."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        await conversations.remove(scope, app.id, conversation_id)


async def get_agent_log(call: Call, *, app_id: str, conversation_id: str, message_id: str) -> schemas.AgentLog:
    """Show how an agent came to an answer."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        found = await messages.get(scope, app.id, message_id)
        if found.conversation_id != conversation_id:
            raise ApiError("not_found", "Message Not Exists.")
        thoughts = (await agent_thought.of_messages(scope, [found.id])).get(found.id, [])
        people, icons = await _people(scope, [found]), await tool_icons(scope, app)
    executor = people.name(found.account_id) or people.sessions.get(found.end_user_id or "")
    return render_agent_log(found, thoughts, executor, icons)


async def list_completion_conversations(
    call: Call,
    *,
    app_id: str,
    keyword: str | None = None,
    start: str | None = None,
    end: str | None = None,
    annotation_status: AnnotationStatus = "all",
    page: int = 1,
    limit: int = 20,
) -> schemas.LoggedCompletionList:
    """List the messages of an app that answers once, each as a conversation of its own."""
    wanted = await _wanted(call, keyword, start, end, annotation_status)
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        found = await log.answers(scope, app.id, wanted, page=page, limit=limit)
        ids = [each.id for each in found.items]
        feedbacks, annotations = await log.feedbacks(scope, ids), await log.annotations(scope, ids)
        people = await _people(scope, found.items, {each.account_id for each in annotations.values()})
    return shown.render_answers(found, feedbacks, annotations, people, file_link(call))


async def get_completion_conversation(
    call: Call, *, app_id: str, conversation_id: str
) -> schemas.LoggedCompletionDetail:
    """Get a message of an app that answers once."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await _answer(scope, app_id, conversation_id)
        feedbacks, annotations = await log.feedbacks(scope, [found.id]), await log.annotations(scope, [found.id])
        hit = await log.hit_of(scope, found.id)
        thoughts = await agent_thought.of_messages(scope, [found.id])
        named = {each.account_id for each in annotations.values()} | {each.account_id for each in feedbacks[found.id]}
        people = await _people(scope, [found], named | ({hit[1].account_id} if hit else set()))
    details = shown.Details(feedbacks[found.id], annotations.get(found.id), hit, thoughts.get(found.id, []), people)
    return shown.render_answer_detail(found, details, file_link(call))


async def delete_completion_conversation(call: Call, *, app_id: str, conversation_id: str) -> None:
    """Delete a message of an app that answers once."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await messages.remove(scope, await _answer(scope, app_id, conversation_id))


async def _answer(scope: Scope, app_id: str, message_id: str) -> Message:
    app = await apps.get(scope, app_id)
    found = await log.answer(scope, app.id, message_id)
    if found is None:
        raise ApiError("not_found", "Conversation Not Exists.")
    return found


async def _wanted(
    call: Call,
    keyword: str | None,
    start: str | None,
    end: str | None,
    annotation_status: AnnotationStatus,
    message_count_gte: int | None = None,
) -> LogFilter:
    zone = await zone_of(call) if start or end else "UTC"
    return LogFilter(read_period(start, end, zone), keyword, annotation_status, message_count_gte)


async def _people(
    scope: Scope, asked: list[conversations.Conversation] | list[Message], accounts: set[str | None] | None = None
) -> shown.People:
    wanted = {each.account_id for each in asked} | (accounts or set())
    sessions = await log.sessions(scope, {each.end_user_id for each in asked if each.end_user_id})
    return shown.People(sessions, await account.people(scope, {each for each in wanted if each}))
