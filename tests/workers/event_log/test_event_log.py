"""The log from its writer to its readers, over a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from redis import Redis

from foundation.ids import new_id
from tests.patience import until
from tests.workers.conftest import RedisServer
from workers.event_log import Envelope, Hub, Publisher
from workers.event_log import hub as following
from workers.event_log.closing import close_log
from workers.event_log.entries import EntryId

pytestmark = pytest.mark.usefixtures("redis")
Event = dict[str, Any]


@pytest.fixture
async def hub(redis_server: RedisServer) -> AsyncIterator[Hub]:
    made = Hub(redis_server.url)
    await made.start()
    yield made
    await made.aclose()


@pytest.fixture
async def publisher(redis_server: RedisServer) -> AsyncIterator[Publisher]:
    made = Publisher(redis_server.url)
    yield made
    await made.aclose()


def envelope(task_id: str) -> Envelope:
    return Envelope({"task_id": task_id, "message_id": "m"}, {"event": "message", "id": "m"})


async def read(hub: Hub, task_id: str, after: str | None = None) -> list[tuple[str, Event]]:
    async with asyncio.timeout(60):
        return [(event_id, orjson.loads(payload)) async for event_id, payload in hub.follow(task_id, after)]


def answer(events: list[tuple[str, Event]]) -> str:
    return "".join(event["answer"] for _, event in events if event["event"] == "message")


async def write(publisher: Publisher, task_id: str, pieces: int, pause: float = 0.002) -> None:
    publisher.open(task_id, 1, envelope(task_id))
    for number in range(pieces):
        publisher.text(task_id, f"{number} ")
        await asyncio.sleep(pause)
    publisher.event(task_id, {"event": "message_end"}, last=True)


def whole(pieces: int) -> str:
    return "".join(f"{number} " for number in range(pieces))


async def test_a_follower_gets_everything_live_in_order(hub: Hub, publisher: Publisher) -> None:
    task_id = new_id()
    publisher.open(task_id, 1, envelope(task_id))
    stream = hub.follow(task_id)
    events: list[Event] = []
    async with asyncio.timeout(60):
        for number in range(200):
            publisher.text(task_id, f"{number} ")
            events.append(orjson.loads((await anext(stream))[1]))  # the next is not written before this one is here
        publisher.event(task_id, {"event": "message_end"}, last=True)
        rest = [orjson.loads(payload) async for _, payload in stream]
    assert [event["answer"] for event in events] == [f"{number} " for number in range(200)]
    assert events[0].keys() == {"event", "id", "task_id", "message_id", "answer"}
    assert rest == [{"event": "message_end"}]


async def test_a_finished_log_is_replayed_in_few_events(hub: Hub, publisher: Publisher) -> None:
    task_id = new_id()
    await write(publisher, task_id, 50)
    assert await publisher.drain(task_id, 30)
    events = await read(hub, task_id)
    assert answer(events) == whole(50)
    assert len(events) == 2


async def test_every_event_is_a_place_to_continue_from(hub: Hub, publisher: Publisher) -> None:
    task_id = new_id()
    following = asyncio.create_task(read(hub, task_id))
    await asyncio.sleep(0.05)
    await write(publisher, task_id, 60)
    events = await following
    for place in range(0, len(events) - 1, 7):
        rest = await read(hub, task_id, events[place][0])
        assert answer(events[: place + 1]) + answer(rest) == whole(60)


async def test_followers_who_join_in_the_middle_miss_nothing(hub: Hub, publisher: Publisher) -> None:
    task_id = new_id()
    writing = asyncio.create_task(write(publisher, task_id, 200, 0.005))
    readers = []
    for _ in range(10):
        await asyncio.sleep(0.05)
        readers.append(asyncio.create_task(read(hub, task_id)))
    await writing
    assert {answer(await reader) for reader in readers} == {whole(200)}


async def test_a_slow_follower_is_bounded_and_catches_up(hub: Hub, publisher: Publisher) -> None:
    task_id = new_id()
    stream = hub.follow(task_id)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.05)
    writing = asyncio.create_task(write(publisher, task_id, 1500, 0.0005))
    events = [await waiting]
    await writing
    assert await publisher.drain(task_id, 30)
    events += [event async for event in stream]
    assert answer([(event_id, orjson.loads(payload)) for event_id, payload in events]) == whole(1500)
    assert len(events) < 1000


async def test_a_restart_of_redis_loses_and_repeats_nothing(
    hub: Hub, publisher: Publisher, redis_server: RedisServer
) -> None:
    task_ids = [new_id() for _ in range(20)]
    readers = [asyncio.create_task(read(hub, task_id)) for task_id in task_ids]
    await asyncio.sleep(0.05)
    writing = [asyncio.create_task(write(publisher, task_id, 300, 0.01)) for task_id in task_ids]
    await asyncio.sleep(1.2)
    await asyncio.to_thread(redis_server.kill)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(redis_server.start)
    await asyncio.gather(*writing)
    for reader in readers:
        assert answer(await reader) == whole(300)


async def test_a_dead_attempt_is_fenced_off(hub: Hub, redis_server: RedisServer, redis: Redis) -> None:
    fenced: list[str] = []
    publisher = Publisher(redis_server.url, fenced.append)
    task_id = new_id()
    publisher.open(task_id, 1, envelope(task_id))
    publisher.text(task_id, "kept")
    assert await publisher.drain(task_id, 30)
    closed = await asyncio.to_thread(close_log, redis, task_id, 1, {"event": "error"})
    publisher.text(task_id, "refused")
    assert await publisher.drain(task_id, 30)
    events = await read(hub, task_id)
    assert closed
    assert answer(events) == "kept"
    assert events[-1][1] == {"event": "error"}
    assert fenced == [task_id]
    assert not await asyncio.to_thread(close_log, redis, task_id, 1, {"event": "error"})
    await publisher.aclose()


async def test_a_lost_log_is_answered_by_its_row(
    redis_server: RedisServer, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert following.IDLE_SECONDS * following.SETTLED_AFTER_POLLS <= 10
    monkeypatch.setattr(following, "IDLE_SECONDS", 0.2)

    async def settled(task_id: str, seen: bool) -> list[bytes] | None:
        return [b'{"event":"message","answer":"from the row"}', b'{"event":"message_end"}']

    hub = Hub(redis_server.url, settled)
    await hub.start()
    events = await read(hub, new_id())
    await hub.aclose()
    assert answer(events) == "from the row"


async def test_finished_channels_are_unsubscribed(hub: Hub, publisher: Publisher, redis: Redis) -> None:
    task_id = new_id()
    await write(publisher, task_id, 3)
    await read(hub, task_id)
    await until(lambda: redis.pubsub_channels("gen:*") == [])


@pytest.mark.parametrize("text", [None, "", "nonsense", "1", "-", "1-2-3", "99999999999999-1"])
def test_what_is_no_id_means_the_beginning(text: str | None) -> None:
    assert EntryId.parse(text) == (0, 0)
