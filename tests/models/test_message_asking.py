"""A question is stored with its conversation, or counted in it, by a statement that stands alone."""

from collections.abc import AsyncIterator

import pytest

from foundation.errors import ApiError
from foundation.ids import new_id
from models import app, conversation, end_user, message
from models.author import Author
from models.conversation import Conversation
from models.database import Database
from models.message import Message
from models.message_asking import ask
from models.scope import Scope


@pytest.fixture
async def alone(database: Database, workspace_id: str) -> AsyncIterator[Scope]:
    async with database.statements(workspace_id) as scope:
        yield scope


@pytest.fixture
async def asker(database: Database, workspace_id: str) -> tuple[str, Author]:
    async with database.workspace(workspace_id) as scope:
        chat = await app.create(scope, name="Help", mode="chat", site_code=new_id()[:8], created_by=None)
        visitor = await end_user.get_or_create(scope, chat.id, "service_api", "ann")
    return chat.id, Author(end_user_id=visitor.id)


def _message(app_id: str, author: Author, conversation_id: str | None = None) -> Message:
    return Message(
        app_id=app_id,
        conversation_id=conversation_id,
        task_id=new_id(),
        invoke_from="service-api",
        mode="chat",
        query="Why?",
        inputs={"name": "An\x00n"},
        **author.columns(),
    )


def _conversation(scope: Scope, app_id: str, author: Author) -> Conversation:
    return conversation.draft(
        scope,
        app_id=app_id,
        author=author,
        mode="chat",
        invoke_from="service-api",
        name="",
        inputs={},
        dialogue_count=1,
    )


async def test_a_conversation_begins_with_its_message(alone: Scope, asker: tuple[str, Author]) -> None:
    app_id, author = asker
    begun = _conversation(alone, app_id, author)
    asked = await ask(alone, _message(app_id, author), begun)
    stored = await message.get(alone, app_id, asked.id, author)
    assert (stored.status, stored.query, stored.inputs) == ("queued", "Why?", {"name": "Ann"})
    assert stored.conversation_id == begun.id
    assert (await conversation.get(alone, app_id, begun.id, author)).dialogue_count == 1


async def test_a_message_that_continues_is_counted_in_its_conversation(alone: Scope, asker: tuple[str, Author]) -> None:
    app_id, author = asker
    begun = _conversation(alone, app_id, author)
    await ask(alone, _message(app_id, author), begun)
    await ask(alone, _message(app_id, author, begun.id))
    found = await conversation.get(alone, app_id, begun.id, author)
    assert found.dialogue_count == 2
    assert found.updated_at > found.created_at


async def test_a_completion_has_no_conversation(alone: Scope, asker: tuple[str, Author]) -> None:
    app_id, author = asker
    asked = await ask(alone, _message(app_id, author))
    assert (await message.get(alone, app_id, asked.id)).conversation_id is None


async def test_a_message_of_an_app_that_has_gone_leaves_no_conversation(
    database: Database, workspace_id: str, asker: tuple[str, Author]
) -> None:
    _, author = asker
    gone, kept = new_id(), new_id()

    async def begin() -> None:
        async with database.statements(workspace_id) as scope:
            begun = _conversation(scope, gone, author)
            begun.id = kept
            await ask(scope, _message(gone, author), begun)

    with pytest.raises(ApiError) as refusal:
        await begin()
    assert refusal.value.code == "not_found"
    async with database.reading(workspace_id) as scope:
        with pytest.raises(ApiError):
            await conversation.get(scope, gone, kept)


async def test_an_app_is_found_with_its_end_user(alone: Scope, asker: tuple[str, Author]) -> None:
    app_id, author = asker
    found, person = await end_user.find_with_app(alone, app_id, "service_api", "ann")
    assert (found.id, person) == (app_id, author.end_user_id)
    assert (await end_user.find_with_app(alone, app_id, "service_api", "bob"))[1] is None
    assert (await end_user.find_with_app(alone, app_id, "browser", "ann"))[1] is None
    with pytest.raises(ApiError):
        await end_user.find_with_app(alone, new_id(), "service_api", "ann")
