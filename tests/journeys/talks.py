"""Asking apps that run a workflow, and reading what they tell."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2

from tests.journeys.graphs import published_app
from tests.journeys.program import Program
from tests.journeys.resources import create_app_key, events
from tests.journeys.stated_events import stated

USER = {"user": "ada"}


def clients(program: Program, console: httpx2.Client) -> Callable[..., AbstractContextManager[httpx2.Client]]:
    """Return what publishes a graph as an app, and gives a client with a key to it."""

    def client(
        drawn: dict[str, Any], mode: str = "advanced-chat", **more: Any
    ) -> AbstractContextManager[httpx2.Client]:
        return program.service(create_app_key(console, published_app(console, mode, drawn, **more)))

    return client


def ask(client: httpx2.Client, query: str, **body: Any) -> list[dict[str, Any]]:
    """Ask, and return all events, each of which follows its schema."""
    asked = {"query": query, "inputs": {}, "response_mode": "streaming", **USER, **body}
    with client.stream("POST", "/chat-messages", json=asked) as response:
        assert response.status_code == 200, response.read()
        return [stated(event, "ChatEvent") for event in events(response)]


def text(told: list[dict[str, Any]]) -> str:
    return "".join(event["answer"] for event in told if event["event"] == "message")


def names(told: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in told]
