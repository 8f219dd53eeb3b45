"""What holds when somebody dies: rows and queues agree again, and every run ends with a reason."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from redis import Redis
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy import update

from foundation.ids import new_id
from foundation.settings import Settings
from models import agent_thought, message_attempt, message_run
from models.database import Database
from models.message import Message
from models.table import now
from tests.workers.conftest import RedisServer
from tests.workers.rows import Asker, asker
from workers import recovery
from workers.event_log import Hub
from workers.queues import Queues
from workers.reconciler import Reconciler
from workers.settled import settled_events
from workers.tallies import RUNS, Tallies


@pytest.fixture
async def somebody(database: Database) -> Asker:
    return await asker(database)


@pytest.fixture
def tallies() -> Tallies:
    return Tallies()


@pytest.fixture
def reconciler(database: Database, queues: Queues, tallies: Tallies) -> Reconciler:
    return Reconciler(database, queues, lambda: False, tallies)


async def age(database: Database, message: Message, **columns: Any) -> None:
    """Change a row behind the program's back."""
    async with database.system() as scope:
        await scope.session.execute(update(Message).where(Message.id == message.id).values(**columns))


async def events(redis_server: RedisServer, task_id: str) -> list[dict[str, Any]]:
    hub = Hub(redis_server.url)
    await hub.start()
    read = [orjson.loads(payload) async for _, payload in hub.follow(task_id)]
    await hub.aclose()
    return read


async def test_a_queued_row_without_a_job_is_enqueued(
    somebody: Asker, database: Database, queues: Queues, reconciler: Reconciler
) -> None:
    message = await somebody.ask()
    await age(database, message, created_at=now() - timedelta(seconds=10))
    await reconciler.reconcile()
    assert message.task_id in queues.generation.get_job_ids()
    await reconciler.reconcile()
    assert queues.generation.get_job_ids().count(message.task_id) == 1


async def test_a_row_whose_api_had_another_clock_is_enqueued(
    somebody: Asker, database: Database, queues: Queues, reconciler: Reconciler
) -> None:
    message = await somebody.ask()
    await age(database, message, created_at=now() + timedelta(hours=1))
    await reconciler.reconcile()
    assert queues.generation.get_job_ids() == [message.task_id]


async def test_a_run_of_a_worker_with_another_clock_is_found_and_ended(
    somebody: Asker, database: Database, reconciler: Reconciler
) -> None:
    message = await somebody.ask()
    async with database.workspace(message.workspace_id) as scope:
        await message_attempt.begin(scope, message.id)
    await age(database, message, started_at=now() + timedelta(hours=1))
    await reconciler.reconcile()
    assert (await somebody.read(message)).status == "error"


async def test_a_job_that_stands_nowhere_is_put_back(
    somebody: Asker, database: Database, queues: Queues, reconciler: Reconciler, redis: Redis
) -> None:
    message = await somebody.ask()
    await queues.enqueue_generation(message.workspace_id, message.id, message.task_id)
    redis.delete(queues.generation.key)
    await age(database, message, created_at=now() - timedelta(seconds=10))
    await reconciler.reconcile()
    assert queues.generation.get_job_ids() == [message.task_id]


async def test_a_task_is_enqueued_once_and_an_ended_job_makes_room(somebody: Asker, queues: Queues) -> None:
    message = await somebody.ask()
    for _ in range(3):
        assert await queues.enqueue_generation(message.workspace_id, message.id, message.task_id)
    assert queues.generation.get_job_ids() == [message.task_id]
    job = queues.generation.fetch_job(message.task_id)
    assert isinstance(job, Job)
    queues.generation.remove(job)
    job.set_status(JobStatus.FAILED)
    await queues.enqueue_generation(message.workspace_id, message.id, message.task_id)
    assert queues.generation.get_job_ids() == [message.task_id]


async def test_documents_are_enqueued_together_in_their_order_and_each_once(
    somebody: Asker, queues: Queues, redis: Redis
) -> None:
    ids = [new_id() for _ in range(6)]
    waiting, ended, lost = ids[:3]
    assert await queues.enqueue_indexing(somebody.workspace_id, ended, lost, waiting)
    for job_id in (ended, lost):
        queues.indexing.remove(job_id)
    Job.fetch(ended, connection=redis, serializer=JSONSerializer).set_status(JobStatus.FAILED)
    redis.script_flush()
    for _ in range(2):
        assert await queues.enqueue_indexing(somebody.workspace_id, *ids)
        # New ones stand behind what waited, then what was put back, then what took an ended one's place.
        assert queues.indexing.get_job_ids() == [waiting, *ids[3:], lost, ended]
    for job_id in ids:
        job = Job.fetch(job_id, connection=redis, serializer=JSONSerializer)
        assert (job.get_status(), job.args, job.retries_left) == (
            JobStatus.QUEUED,
            [somebody.workspace_id, job_id],
            3,
        )


async def test_a_document_is_enqueued_again_whose_ended_job_goes_while_it_is_looked_at(
    somebody: Asker, queues: Queues, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id, fetch = new_id(), Job.fetch
    assert await queues.enqueue_indexing(somebody.workspace_id, document_id)
    ended = fetch(document_id, connection=redis, serializer=JSONSerializer)
    queues.indexing.remove(ended)
    ended.set_status(JobStatus.FINISHED)
    looked: list[str] = []

    def look(job_id: str, *given: Any, **named: Any) -> Job:
        found = fetch(job_id, *given, **named)
        if not looked:
            redis.delete(found.key)  # its time is over
        looked.append(job_id)
        return found

    monkeypatch.setattr(Job, "fetch", look)
    assert await queues.enqueue_indexing(somebody.workspace_id, document_id)
    monkeypatch.undo()
    assert looked[0] == document_id
    assert queues.indexing.get_job_ids() == [document_id]
    again = fetch(document_id, connection=redis, serializer=JSONSerializer)
    assert again.get_status() == JobStatus.QUEUED


async def test_a_running_row_without_a_worker_ends_as_an_error_with_its_answer(
    somebody: Asker, database: Database, reconciler: Reconciler, tallies: Tallies, redis_server: RedisServer
) -> None:
    message = await somebody.ask()
    async with database.workspace(message.workspace_id) as scope:
        await message_attempt.begin(scope, message.id)
    await age(database, message, answer="It is", started_at=now() - timedelta(seconds=60))
    for _ in range(2):
        await reconciler.reconcile()
    counted = Tallies()
    counted.add(RUNS, "chat", "error")
    assert tallies == counted
    row = await somebody.read(message)
    assert (row.status, row.answer, row.error_code) == ("error", "It is", "generation_interrupted")
    (event,) = await events(redis_server, message.task_id)
    assert event["event"] == "error"
    assert (event["status"], event["code"]) == (500, "generation_interrupted")
    assert event["message_id"] == message.id


async def test_a_fresh_run_is_left_alone(somebody: Asker, database: Database, reconciler: Reconciler) -> None:
    message = await somebody.ask()
    async with database.workspace(message.workspace_id) as scope:
        await message_attempt.begin(scope, message.id)
    await reconciler.reconcile()
    assert (await somebody.read(message)).status == "running"


async def test_a_queued_run_that_is_stopped_ends_at_once(
    somebody: Asker, queues: Queues, redis_server: RedisServer
) -> None:
    message = await somebody.ask()
    await queues.enqueue_generation(message.workspace_id, message.id, message.task_id)
    await queues.stop(message.task_id)
    assert (await somebody.read(message)).status == "stopped"
    assert queues.generation.get_job_ids() == []
    assert [event["event"] for event in await events(redis_server, message.task_id)] == ["message_end"]


async def test_stopping_an_unknown_or_ended_task_does_nothing(somebody: Asker, queues: Queues) -> None:
    message = await somebody.ask()
    await queues.stop(message.task_id)
    await queues.stop(message.task_id)
    await queues.stop(message.id)
    assert (await somebody.read(message)).status == "stopped"


async def test_an_attempt_that_was_given_up_changes_nothing(somebody: Asker, database: Database, redis: Redis) -> None:
    message = await somebody.ask()
    async with database.workspace(message.workspace_id) as scope:
        begun = await message_attempt.begin(scope, message.id)
        assert begun
        assert await message_attempt.begin(scope, message.id) is None
    partial = message_run.Partial(message.id, 1, "so far")
    async with database.system() as scope:
        assert await message_run.save_partials(scope, [partial]) == {message.id: False}
    assert await recovery.end_run(database, redis, message.task_id, "gone", Tallies())
    async with database.system() as system:
        assert await message_run.save_partials(system, [message_run.Partial(message.id, 1, "late")]) == {}
        assert await message_run.save_partials(system, [message_run.Partial(message.id, 1, None)]) == {}
    async with database.workspace(message.workspace_id) as scope:
        begun.message.answer = "late"
        assert await message_attempt.end(scope, begun.message, "normal", "") is None
    row = await somebody.read(message)
    assert (row.status, row.answer) == ("error", "so far")


async def test_a_silent_task_whose_row_has_ended_is_told_from_the_row(
    somebody: Asker, database: Database, queues: Queues
) -> None:
    message = await somebody.ask()
    settled = settled_events(database, Settings(secret_key="signs and seals here"))
    assert await settled(message.task_id, False) is None
    await age(database, message, status="normal", answer="8848 m", metadata_={"usage": {}})
    told = [orjson.loads(event) for event in await settled(message.task_id, False) or []]
    assert [event["event"] for event in told] == ["message", "message_end"]
    assert told[0]["answer"] == "8848 m"
    again = [orjson.loads(event) for event in await settled(message.task_id, True) or []]
    assert [event["event"] for event in again] == ["message_replace", "message_end"]


async def test_an_agents_run_whose_worker_died_is_told_with_its_thoughts_and_files(
    somebody: Asker, database: Database, redis: Redis
) -> None:
    message = await somebody.ask()
    await age(database, message, mode="agent-chat")
    file = {"id": "map", "type": "image", "transfer_method": "local_file", "belongs_to": "assistant"}
    file["upload_file_id"] = message.id
    async with database.workspace(message.workspace_id) as scope:
        await message_attempt.begin(scope, message.id)
        thought = await agent_thought.begin(scope, message.id, 1, 1)
        assert thought is not None
        await agent_thought.fill(scope, thought.id, {"tool": "getMap", "observation": "{}", "files": ["map"]})
        await message_run.keep_files(scope, message.id, 1, [file])
        await message_run.keep_files(scope, message.id, 0, [])
    await recovery.end_run(database, redis, message.task_id, "gone", Tallies())
    settled = settled_events(database, Settings(secret_key="signs and seals here"))
    told = [orjson.loads(event) for event in await settled(message.task_id, True) or []]
    assert [event["event"] for event in told] == ["message_file", "agent_thought", "error"]
    assert f"/files/{message.id}/file-preview?" in told[0]["url"]
    assert (told[1]["tool"], told[1]["message_files"]) == ("getMap", ["map"])


async def test_without_redis_enqueueing_says_so(database: Database, somebody: Asker) -> None:
    message = await somebody.ask()
    queues = Queues("unix:///nonexistent/redis.sock", database)
    assert not await queues.enqueue_generation(message.workspace_id, message.id, message.task_id)
    queues.close()
