"""Conversations and messages: cursors lose nothing, and history is in order."""

import asyncio
from datetime import UTC, datetime

import pytest

from foundation.errors import ApiError
from foundation.ids import new_id
from models import app, conversation, end_user, message, message_feedback
from models.app import App
from models.author import Author
from models.conversation import Conversation, SortBy
from models.database import Database
from models.message import Message
from models.scope import Scope

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def chat(scope: Scope) -> App:
    return await app.create(scope, name="Help", mode="chat", site_code="abc", created_by=None)


@pytest.fixture
async def author(scope: Scope, chat: App) -> Author:
    visitor = await end_user.get_or_create(scope, chat.id, "service_api", "ann")
    return Author(end_user_id=visitor.id)


async def _begin(scope: Scope, chat: App, author: Author) -> Conversation:
    drafted = conversation.draft(
        scope, app_id=chat.id, author=author, mode="chat", invoke_from="service-api", name="New", inputs={}
    )
    made = await conversation.add(scope, drafted)
    return await conversation.get(scope, chat.id, made.id)


async def _ask(scope: Scope, chat: App, author: Author, begun: Conversation, query: str) -> Message:
    asked = Message(
        app_id=chat.id,
        conversation_id=begun.id,
        task_id=new_id(),
        invoke_from="service-api",
        mode="chat",
        query=query,
        **author.columns(),
    )
    await message.add(scope, asked)
    return await message.get(scope, chat.id, asked.id)


@pytest.mark.parametrize("sort_by", ["created_at", "-created_at", "updated_at", "-updated_at"])
async def test_a_cursor_loses_no_conversation_at_equal_times(
    scope: Scope, chat: App, author: Author, sort_by: SortBy
) -> None:
    begun = [await _begin(scope, chat, author) for _ in range(7)]
    for one in begun:
        one.created_at = one.updated_at = MOMENT
    await scope.session.flush()
    seen: list[str] = []
    last_id = None
    while True:
        part = await conversation.page_after(scope, chat.id, author, limit=2, last_id=last_id, sort_by=sort_by)
        seen += [one.id for one in part.items]
        if not part.has_more:
            break
        last_id = seen[-1]
    assert sorted(seen) == sorted(one.id for one in begun)
    assert len(seen) == 7


async def test_a_conversation_is_its_authors(scope: Scope, chat: App, author: Author) -> None:
    begun = await _begin(scope, chat, author)
    other = await end_user.get_or_create(scope, chat.id, "service_api", "bob")
    stranger = Author(end_user_id=other.id)
    with pytest.raises(ApiError, match="Conversation Not Exists"):
        await conversation.get(scope, chat.id, begun.id, stranger)
    with pytest.raises(ApiError, match="Last Conversation Not Exists"):
        await conversation.page_after(scope, chat.id, stranger, last_id=begun.id)
    await conversation.remove(scope, chat.id, begun.id, author)
    assert (await conversation.page_after(scope, chat.id, author)).items == []


async def test_messages_are_paged_backwards_and_shown_forwards(scope: Scope, chat: App, author: Author) -> None:
    begun = await _begin(scope, chat, author)
    for query in "abcde":
        (await _ask(scope, chat, author, begun, query)).created_at = MOMENT
    await scope.session.flush()
    newest = await message.page_before(scope, begun.id, limit=2)
    older = await message.page_before(scope, begun.id, limit=9, first_id=newest.items[0].id)
    assert [item.query for item in newest.items] == ["d", "e"]
    assert newest.has_more
    assert [item.query for item in older.items] == ["a", "b", "c"]
    assert not older.has_more
    with pytest.raises(ApiError, match="First Message Not Exists"):
        await message.page_before(scope, begun.id, first_id="no id at all")


async def test_history_follows_the_branch_of_a_regenerated_answer(scope: Scope, chat: App, author: Author) -> None:
    begun = await _begin(scope, chat, author)
    first, again, last = [await _ask(scope, chat, author, begun, query) for query in ("a", "b", "c")]
    for turn in (first, again):
        turn.status, turn.answer = "normal", "answer"
    await scope.session.flush()
    assert [turn.query for turn in await message.history(scope, last)] == ["a", "b"]
    last.parent_message_id = first.id
    assert [turn.query for turn in await message.history(scope, last)] == ["a"]


async def test_a_new_message_is_counted_and_text_may_hold_a_nul(scope: Scope, chat: App, author: Author) -> None:
    begun = await _begin(scope, chat, author)
    asked = await _ask(scope, chat, author, begun, "a\x00b")
    asked.inputs = {"na\x00me": ["x\x00"]}
    await scope.session.flush()
    await scope.session.refresh(asked)
    await scope.session.refresh(begun)
    assert (asked.query, asked.inputs) == ("ab", {"name": ["x"]})
    assert begun.dialogue_count == 1
    assert await message.active_count(scope, chat.id) == 1


async def test_each_side_rates_a_message_once(scope: Scope, chat: App, author: Author) -> None:
    asked = await _ask(scope, chat, author, await _begin(scope, chat, author), "a")
    await message_feedback.give(scope, asked, author, "user", "like")
    await message_feedback.give(scope, asked, author, "user", "dislike", "wrong")
    await message_feedback.give(scope, asked, Author(account_id=new_id()), "admin", "like")
    assert (await message_feedback.page(scope, chat.id)).total == 2
    given = (await message_feedback.of_messages(scope, [asked.id], "user"))[asked.id]
    assert (given.rating, given.content) == ("dislike", "wrong")
    await message_feedback.withdraw(scope, asked.id, "user")
    assert await message_feedback.of_messages(scope, [asked.id], "user") == {}


async def test_one_end_user_is_made_for_two_calls_at_once(database: Database, workspace_id: str) -> None:
    async with database.workspace(workspace_id) as scope:
        made = await app.create(scope, name="Help", mode="chat", site_code="abc", created_by=None)

    async def first_use() -> str:
        async with database.workspace(workspace_id) as scope:
            return (await end_user.get_or_create(scope, made.id, "browser", "ann")).id

    assert len(set(await asyncio.gather(*(first_use() for _ in range(5))))) == 1
