"""An attempt's beginning tells its message as it is stored; its end is one statement where nobody is to be told."""

from decimal import Decimal

import pytest

from foundation.ids import new_id
from models import app, conversation, end_user, message, message_attempt, webhook
from models.author import Author
from models.database import Database
from models.message import Message
from models.message_asking import ask

WRITTEN = [attribute.key for attribute in Message.__mapper__.column_attrs]


@pytest.fixture
async def asked(database: Database, workspace_id: str) -> Message:
    async with database.workspace(workspace_id) as scope:
        chat = await app.create(scope, name="Help", mode="chat", site_code=new_id()[:8], created_by=None)
        visitor = await end_user.get_or_create(scope, chat.id, "service_api", "ann")
        author = Author(end_user_id=visitor.id)
        facts = {"app_id": chat.id, "mode": "chat", "invoke_from": "service-api"}
        begun = conversation.draft(scope, author=author, name="", inputs={}, dialogue_count=1, **facts)
        new = Message(
            task_id=new_id(), query="Why?", model_config={"model": {"name": "m"}}, **facts, **author.columns()
        )
        return await ask(scope, new, begun)


async def _begin(database: Database, asked: Message) -> Message:
    async with database.statements(asked.workspace_id) as scope:
        begun = await message_attempt.begin(scope, asked.id)
    assert begun is not None
    return begun.message


async def _read(database: Database, asked: Message) -> Message:
    async with database.reading(asked.workspace_id) as scope:
        return await message.get(scope, asked.app_id, asked.id)


def _held(row: Message) -> dict[str, object]:
    return {key: getattr(row, key) for key in WRITTEN}


async def _end_unheard(database: Database, running: Message, name: str = "Why") -> message_attempt.Ended | None:
    running.answer, running.total_price, running.answer_tokens = "Be\x00cause", Decimal("0.25"), 70_000
    running.metadata_, running.model_provider = {"usage": {"x": 1}}, "openai"
    async with database.statements(running.workspace_id) as scope:
        return await message_attempt.end_unheard(scope, running, "normal", name)


async def _listen(database: Database, asked: Message, *, enabled: bool) -> str:
    async with database.workspace(asked.workspace_id) as scope:
        made = await webhook.create(
            scope,
            app_id=asked.app_id,
            url="https://a.example",
            description="",
            enabled=enabled,
            sealed="s",
            created_by=None,
        )
        return made.id


async def test_a_message_is_told_as_it_is_stored(database: Database, asked: Message) -> None:
    running = await _begin(database, asked)
    assert (running.status, running.attempt) == ("running", 1)
    assert _held(running) == _held(await _read(database, asked))


async def test_an_end_that_nobody_is_to_be_told(database: Database, asked: Message) -> None:
    await _listen(database, asked, enabled=False)
    running = await _begin(database, asked)
    ended = await _end_unheard(database, running)
    assert ended == message_attempt.Ended(named=True, webhooks=[])
    stored = await _read(database, asked)
    assert (stored.status, stored.answer, stored.total_price) == ("normal", "Because", Decimal("0.25"))
    assert (stored.answer_tokens, stored.metadata_, stored.error_code) == (70_000, {"usage": {"x": 1}}, None)
    assert stored.finished_at == running.finished_at
    async with database.reading(asked.workspace_id) as scope:
        assert (await conversation.get(scope, asked.app_id, str(asked.conversation_id))).name == "Why"


async def test_nothing_is_written_where_a_webhook_listens(database: Database, asked: Message) -> None:
    listening = await _listen(database, asked, enabled=True)
    running = await _begin(database, asked)
    assert await _end_unheard(database, running) is None
    assert (await _read(database, asked)).status == "running"
    assert running.status == "running"
    async with database.workspace(asked.workspace_id) as scope:
        ended = await message_attempt.end(scope, running, "normal", "")
    assert ended == message_attempt.Ended(named=False, webhooks=[listening])


async def test_another_attempts_end_is_not_written(database: Database, asked: Message) -> None:
    running = await _begin(database, asked)
    running.attempt = 0
    assert await _end_unheard(database, running) is None
    assert (await _read(database, asked)).status == "running"
