"""The whole program, ended and killed while it works, and started again on its folder."""

import os
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.installation import wait_until
from tests.faults.model import HeldModel
from tests.faults.reader import LATER, QUESTION, Reader, rejoin
from tests.journeys.program import Program, running
from tests.journeys.resources import create_app, create_app_key
from tests.parley.embedded.test_redis import alive
from tests.parley.test_up import descendants
from tests.services import Services

END_SECONDS = 60.0


def end(program: Program) -> None:
    """Ask the program to end, as Ctrl-C and service managers do."""
    program.process.send(signal.SIGTERM)
    assert program.process.wait(END_SECONDS)


def lose_power(program: Program) -> None:
    """Kill every process of the program."""
    below = descendants(program.process.pid)
    for pid in (program.process.pid, *below):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not [pid for pid in below if alive(pid)])


@pytest.mark.timeout(400)
@pytest.mark.parametrize("stop", [end, lose_power])
def test_what_was_accepted_is_done_or_accounted_for_after_the_next_start(
    stop: Callable[[Program], None], held: HeldModel, shared_services: Services
) -> None:
    environment = {
        "DATABASE_URL": shared_services.migrated_database(),
        "LLM_URL": held.url,
        "LLM_MODEL": "slow",
        "PARLEY_GENERATION_CONCURRENCY": "1",
    }
    with tempfile.TemporaryDirectory(prefix="pf") as folder:
        with running(Path(folder), **environment) as program:
            with program.console() as console:
                key = create_app_key(console, create_app(console))
            with program.service(key) as client:
                stream = Reader(client, json=QUESTION)
                stream.await_text(held.begin())
                message = f"/messages/{stream.events[0]['message_id']}"
                asker = {"user": "ada"}
                wait_until(lambda: client.get(message, params=asker).json()["answer"] == held.begin())
                queued = client.post("/chat-messages", json=LATER).raise_for_status().json()["task_id"]
                stop(program)
                stream.end()
        with running(Path(folder), **environment) as program, program.service(key) as client:
            rest = rejoin(client, stream.task_id, stream.ids[-1])
            last = rest.end() or stream.events[-1]
            assert (last["event"], last["code"]) == ("error", "generation_interrupted")
            assert stream.text + rest.text == held.begin()
            kept = client.get(message, params=asker).raise_for_status().json()
            assert (kept["status"], kept["answer"]) == ("error", held.begin())
            held.release()
            wait_until(lambda: client.get(f"/tasks/{queued}", params=asker).json()["status"] == "succeeded")
            ended = client.get(f"/tasks/{queued}", params=asker).json()
            assert ended["result"]["answer"] == held.answer()
