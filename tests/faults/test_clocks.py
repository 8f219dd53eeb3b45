"""Machines whose clocks differ by an hour."""

import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.faults.installation import Installation, wait_until
from tests.faults.model import HeldModel
from tests.faults.reader import QUESTION, Reader
from tests.journeys.people import new_owner
from tests.journeys.receiver import receiving
from tests.journeys.resources import create_app, create_app_key
from workers.reconciler import EVERY_SECONDS
from workers.rq.leases import HEARTBEAT_SECONDS

SKEWED = "tests.faults.skewed"
HOUR = 3_600


@pytest.fixture(scope="module")
def console(installed: Installation) -> Iterator[httpx2.Client]:
    """A Console client; one worker's clock is right, one is ahead, and one is behind."""
    for skew in (0, HOUR, -HOUR):
        installed.worker(module=SKEWED, SKEW_SECONDS=str(skew), PARLEY_GENERATION_CONCURRENCY="1")
    installed.worker("deliveries", module=SKEWED, SKEW_SECONDS=str(-HOUR))
    api = installed.api()
    with new_owner(api).console(api) as client:
        yield client


def test_workers_with_other_clocks_do_not_declare_each_other_dead(
    installed: Installation, console: httpx2.Client, held: HeldModel
) -> None:
    with (
        httpx2.Client(base_url=console.base_url.join("/v1"), timeout=60, trust_env=False) as client,
        receiving() as told,
    ):
        app_id = create_app(console)
        console.post(f"/apps/{app_id}/webhooks", json={"url": told.url}).raise_for_status()
        client.headers["Authorization"] = f"Bearer {create_app_key(console, app_id)}"
        readers = [Reader(client, json=QUESTION) for _ in range(3)]
        for reader in readers:
            reader.await_text(held.begin())
        passed = time.monotonic() + 2 * EVERY_SECONDS + HEARTBEAT_SECONDS
        wait_until(lambda: time.monotonic() > passed or any(reader.ended for reader in readers))
        held.release()
        for reader in readers:
            assert reader.end()["event"] == "message_end"
            assert installed.message(reader.task_id)["attempt"] == 1
            assert installed.message(reader.task_id)["status"] == "normal"
        assert len(told.await_messages(3)) == 3
