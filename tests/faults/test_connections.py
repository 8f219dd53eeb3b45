"""The database while hundreds of answers wait for a model."""

import asyncio
import json
import time
from collections.abc import Iterator

import aiohttp
import psycopg
import pytest
from sqlalchemy import make_url

from tests.faults.installation import Installation, wait_until
from tests.faults.model import HeldModel
from tests.faults.reader import QUESTION
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import create_app, create_app_key
from tests.patience import slowness

STREAMS = 200
MOST_AT_WORK = 5
SAMPLES, EVERY_SECONDS = 60, 0.05
_OLDEST = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_AT_WORK = """
    SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - xact_start))
                              FILTER (WHERE state = 'idle in transaction'), 0)
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


@pytest.fixture(scope="module")
def api(installed: Installation) -> Program:
    """One API process and one worker."""
    installed.worker()
    return installed.api()


@pytest.fixture(scope="module")
def key(api: Program) -> Iterator[str]:
    """A key to a chat app."""
    with new_owner(api).console(api) as console:
        yield create_app_key(console, create_app(console))


class Sampler:
    """Counts the connections that are at work, and the longest time that one of them held a transaction idly."""

    def __init__(self, database_url: str) -> None:
        self._address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.most = 0
        self.longest = 0.0

    async def sample(self, times: int) -> None:
        """Look so many times."""
        async with await psycopg.AsyncConnection.connect(self._address, autocommit=True) as connection:
            for _ in range(times):
                row = await (await connection.execute(_AT_WORK)).fetchone()
                assert row is not None
                self.most = max(self.most, row[0])
                self.longest = max(self.longest, float(row[1]))
                await asyncio.sleep(EVERY_SECONDS)


async def test_no_connection_is_held_while_a_model_is_waited_for(
    installed: Installation, api: Program, key: str, held: HeldModel
) -> None:
    begun = asyncio.Semaphore(0)

    async def read(session: aiohttp.ClientSession) -> str:
        text = ""
        async with session.post(f"{api.url}/v1/chat-messages", json=QUESTION) as response:
            async for line in response.content:
                event = json.loads(line[5:]) if line.startswith(b"data:") else {}
                if event.get("event") == "message" and event["answer"]:
                    if not text:
                        begun.release()
                    text += event["answer"]
        return text

    headers = {"Authorization": f"Bearer {key}"}
    connector = aiohttp.TCPConnector(limit=STREAMS)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        beginning = Sampler(api.database_url)
        watched = asyncio.create_task(beginning.sample(10_000))
        began = time.monotonic()
        readers = [asyncio.create_task(read(session)) for _ in range(STREAMS)]
        for _ in range(STREAMS):
            await asyncio.wait_for(begun.acquire(), 120)
        took = time.monotonic() - began
        watched.cancel()
        since = time.monotonic()
        await asyncio.to_thread(wait_until, lambda: installed.rows(_OLDEST)[0][0] < time.monotonic() - since)
        waiting = Sampler(api.database_url)
        await waiting.sample(SAMPLES)
        held.release()
        assert set(await asyncio.gather(*readers)) == {held.answer()}
    assert waiting.most <= MOST_AT_WORK
    assert waiting.longest < slowness()
    assert beginning.longest < max(1, took / 2)
