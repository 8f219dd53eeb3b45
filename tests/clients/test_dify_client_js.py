"""The real system's JavaScript client works as it is: its address is an argument."""

import httpx2

from tests.clients.conftest import run
from tests.journeys.program import ROOT, Program
from tests.journeys.resources import create_app, create_app_key


def test_a_day_with_the_javascript_client(program: Program, console: httpx2.Client, app_id: str) -> None:
    printed = run(
        "node",
        "journey.js",
        folder=ROOT / "tests" / "clients" / "javascript",
        PARLEY_URL=program.url,
        PARLEY_CHAT_KEY=create_app_key(console, app_id),
        PARLEY_COMPLETION_KEY=create_app_key(console, create_app(console, mode="completion")),
    )
    assert printed.startswith("JavaScript: ")
