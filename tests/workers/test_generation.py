"""Runs from row to events, with a real worker process, Redis, PostgreSQL and a model over HTTP."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis import Redis

from models import conversation as conversations
from models.database import Database
from models.message import Message
from tests.patience import until
from tests.workers import peer as peers
from tests.workers.conftest import RedisServer
from tests.workers.peer import Peer
from tests.workers.rows import Asker, asker
from workers.event_log import Hub
from workers.outcomes import answer_body
from workers.pool import worker_name
from workers.queues import GENERATION, Queues

Spawn = Callable[..., subprocess.Popen[bytes]]
Worker = Callable[..., subprocess.Popen[bytes]]
Event = dict[str, Any]


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    made = Peer()
    runner = await peers.start(made)
    yield made
    await runner.cleanup()


@pytest.fixture
def worker(spawn: Spawn, database_url: str, redis_server: RedisServer, peer: Peer, tmp_path: Path) -> Worker:
    return lambda **more: spawn(
        "tests.workers.generation_process",
        DATABASE_URL=database_url,
        LLM_URL=peer.url,
        LLM_MODEL="slow",
        OLLAMA_HOST="http://127.0.0.1:9",
        PARLEY_HOME=str(tmp_path),
        PARLEY_SECRET_KEY="a key for tests that is long",
        **more,
    )


@pytest.fixture
async def hub(redis_server: RedisServer) -> AsyncIterator[Hub]:
    made = Hub(redis_server.url)
    await made.start()
    yield made
    await made.aclose()


@pytest.fixture
async def somebody(database: Database) -> Asker:
    return await asker(database)


class Listener:
    """Follows one task in the background."""

    def __init__(self, hub: Hub, task_id: str, after: str | None = None) -> None:
        self.events: list[tuple[str, Event]] = []
        self._task = asyncio.create_task(self._listen(hub, task_id, after))

    async def _listen(self, hub: Hub, task_id: str, after: str | None) -> None:
        async for event_id, payload in hub.follow(task_id, after):
            self.events.append((event_id, orjson.loads(payload)))

    async def end(self, seconds: float = 60.0) -> Event:
        async with asyncio.timeout(seconds):
            await self._task
        return self.events[-1][1]

    @property
    def answer(self) -> str:
        return "".join(event["answer"] for _, event in self.events if event["event"] == "message")


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)


async def run(queues: Queues, hub: Hub, message: Message) -> Listener:
    listener = Listener(hub, message.task_id)
    assert await queues.enqueue_generation(message.workspace_id, message.id, message.task_id)
    return listener


async def test_a_run_streams_its_answer_and_saves_it(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer, database: Database
) -> None:
    worker()
    message = await somebody.ask("How high is the highest mountain of all of them in the world?")
    listener = await run(queues, hub, message)
    end = await listener.end()
    assert listener.answer == peer.answer()
    first = listener.events[0][1]
    assert (
        first.items()
        >= {
            "event": "message",
            "answer": "",
            "task_id": message.task_id,
            "message_id": message.id,
            "conversation_id": message.conversation_id,
            "id": message.id,
        }.items()
    )
    assert isinstance(first["created_at"], int)
    assert end["event"] == "message_end"
    usage = end["metadata"]["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (7, 20, 27)
    assert isinstance(usage["total_price"], str)
    assert end["metadata"]["retriever_resources"] == []
    row = await somebody.read(message)
    assert (row.status, row.answer, row.attempt) == ("normal", peer.answer(), 1)
    assert (row.message_tokens, row.answer_tokens, row.model_id) == (7, 20, "slow")
    assert isinstance(row.total_price, Decimal)
    assert row.provider_response_latency > 0
    assert row.metadata_ == end["metadata"]
    async with database.workspace(somebody.workspace_id) as scope:
        conversation = await conversations.get(scope, somebody.app_id, message.conversation_id or "")
    assert conversation.name == "How high is the highest mountain of…"


async def test_the_next_question_knows_what_was_said(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer
) -> None:
    worker()
    first = await somebody.ask("One")
    await (await run(queues, hub, first)).end()
    second = await somebody.ask("Two", first.conversation_id)
    await (await run(queues, hub, second)).end()
    assert (await somebody.read(second)).status == "normal"
    told = [(message["role"], message["content"]) for message in peer.told[-1]]
    assert told == [("user", "One"), ("assistant", peer.answer()), ("user", "Two")]


async def test_a_stopped_run_keeps_its_partial_answer(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer
) -> None:
    peer.words, peer.pause = 10_000, 0.02
    worker()
    message = await somebody.ask()
    listener = await run(queues, hub, message)
    await until(lambda: len(listener.events) > 10, 60)
    await queues.stop(message.task_id)
    end = await listener.end()
    assert end["event"] == "message_end"
    assert (end["metadata"]["usage_estimated"], end["metadata"]["price_known"]) == (True, False)
    row = await somebody.read(message)
    assert row.status == "stopped"
    assert row.answer == listener.answer
    await until(lambda: peer.aborted == 1)


async def test_a_run_that_is_stopped_in_its_queue_has_cost_nothing(somebody: Asker, queues: Queues, hub: Hub) -> None:
    message = await somebody.ask()
    listener = await run(queues, hub, message)
    await queues.stop(message.task_id)
    end = await listener.end()
    assert (end["event"], listener.answer) == ("message_end", "")
    usage = end["metadata"]["usage"]
    assert (usage["total_tokens"], usage["total_price"], end["metadata"]["retriever_resources"]) == (0, "0", [])
    assert "usage_estimated" not in end["metadata"]
    row = await somebody.read(message)
    assert (row.status, answer_body(row)["metadata"]) == ("stopped", end["metadata"])


async def test_a_run_can_be_left_and_joined_again(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer
) -> None:
    peer.words, peer.pause = 200, 0.02
    worker()
    message = await somebody.ask()
    listener = await run(queues, hub, message)
    await until(lambda: len(listener.events) > 5, 60)
    place = listener.events[4]
    again = Listener(hub, message.task_id, place[0])
    await listener.end()
    await again.end()
    before = "".join(event["answer"] for _, event in listener.events[:5])
    assert before + again.answer == peer.answer()


async def test_a_killed_worker_leaves_an_error_and_what_it_had_written(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer, redis: Redis
) -> None:
    peer.words, peer.pause = 10_000, 0.02
    first = worker()
    message = await somebody.ask()
    listener = await run(queues, hub, message)

    async def saved() -> bool:
        return bool((await somebody.read(message)).answer)

    await eventually(saved)
    second = worker()
    await until(lambda: redis.exists(f"rq:worker:{worker_name(GENERATION, second.pid)}"), 60)
    first.kill()
    end = await listener.end()
    assert end.items() >= {"event": "error", "status": 500, "code": "generation_interrupted"}.items()
    row = await somebody.read(message)
    assert row.status == "error"
    assert row.answer
    assert listener.answer.startswith(row.answer)


async def test_a_restart_of_redis_costs_no_token(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer, redis_server: RedisServer
) -> None:
    peer.words, peer.pause = 200, 0.02
    worker()
    messages = [await somebody.ask() for _ in range(20)]
    listeners = [await run(queues, hub, message) for message in messages]
    await until(lambda: all(len(listener.events) > 3 for listener in listeners), 60)
    await asyncio.to_thread(redis_server.settle)
    await asyncio.to_thread(redis_server.kill)
    await asyncio.sleep(0.7)
    await asyncio.to_thread(redis_server.start)
    for listener, message in zip(listeners, messages, strict=True):
        assert (await listener.end())["event"] == "message_end"
        assert listener.answer == peer.answer()
        assert (await somebody.read(message)).status == "normal"


async def test_an_answer_is_saved_while_redis_is_away(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer, redis_server: RedisServer
) -> None:
    peer.words, peer.pause = 100, 0.02
    worker()
    message = await somebody.ask()
    listener = await run(queues, hub, message)
    await until(lambda: len(listener.events) > 3, 60)
    await asyncio.to_thread(redis_server.kill)

    async def saved() -> bool:
        return (await somebody.read(message)).status == "normal"

    await eventually(saved)
    await asyncio.to_thread(redis_server.start)
    await listener.end()
    assert listener.answer == peer.answer()


async def test_a_model_that_refuses_ends_the_stream_with_an_error(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer
) -> None:
    peer.failing = True
    worker()
    message = await somebody.ask()
    end = await (await run(queues, hub, message)).end()
    assert end["event"] == "error"
    assert 400 <= end["status"] < 600
    row = await somebody.read(message)
    assert (row.status, row.error_code) == ("error", end["code"])


async def test_a_model_that_never_begins_ends_the_stream_with_an_error(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer
) -> None:
    peer.falls_silent_after = 0
    worker(BEGIN_SECONDS="0.5")
    message = await somebody.ask()
    listener = await run(queues, hub, message)
    end = await listener.end()
    assert end.items() >= {"event": "error", "status": 400, "code": "completion_request_error"}.items()
    assert "no answer within 0.5 s" in end["message"]
    row = await somebody.read(message)
    assert (row.status, row.error_code, row.error_message) == ("error", end["code"], end["message"])
    assert (row.answer, listener.answer) == ("", "")


async def test_a_model_that_stalls_ends_the_stream_with_an_error_and_keeps_what_came(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer
) -> None:
    peer.pause, peer.falls_silent_after = 0, 5
    worker(STALL_SECONDS="1")
    message = await somebody.ask()
    listener = await run(queues, hub, message)
    end = await listener.end()
    assert end.items() >= {"event": "error", "status": 400, "code": "completion_request_error"}.items()
    assert "no data for 1 s" in end["message"]
    row = await somebody.read(message)
    assert (row.status, row.error_code, row.error_message) == ("error", end["code"], end["message"])
    assert row.answer == listener.answer
    assert row.answer
    assert peer.answer().startswith(row.answer)
    await until(lambda: peer.aborted == 1)


async def test_sigterm_lets_an_answer_finish(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer
) -> None:
    peer.words, peer.pause = 200, 0.02
    process = worker()
    message = await somebody.ask()
    listener = await run(queues, hub, message)
    await until(lambda: len(listener.events) > 3, 60)
    process.send_signal(signal.SIGTERM)
    assert (await listener.end())["event"] == "message_end"
    assert await asyncio.to_thread(process.wait, 40) == 0


async def test_a_hundred_runs_share_one_worker(
    somebody: Asker, queues: Queues, hub: Hub, worker: Worker, peer: Peer
) -> None:
    peer.words, peer.pause = 30, 0.02
    worker()
    listeners = [await run(queues, hub, await somebody.ask()) for _ in range(100)]
    for listener in listeners:
        assert (await listener.end(90))["event"] == "message_end"
        assert listener.answer == peer.answer()
