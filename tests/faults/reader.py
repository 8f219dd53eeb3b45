"""A client that reads a stream in the background, and keeps what it got even if the stream breaks off."""

import json
import threading
import time
from typing import Any

import httpx2

from tests.faults.installation import PATIENCE_SECONDS, wait_until

QUESTION = {"query": "Tell me a story", "user": "ada", "response_mode": "streaming", "inputs": {}}
LATER = {**QUESTION, "response_mode": "async"}


class Reader:
    """Reads one stream from its beginning to its end."""

    def __init__(self, client: httpx2.Client, path: str = "/chat-messages", **request: Any) -> None:
        """Ask, with `json` and further arguments of a request, or join with `after`, the last id that was read."""
        self.ids: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.broken: httpx2.HTTPError | None = None
        self.status = 0
        self.ended = 0.0
        self._thread = threading.Thread(target=self._read, args=(client, path, request), daemon=True)
        self._thread.start()

    @property
    def task_id(self) -> str:
        """The run's task, as soon as the first event is there."""
        self.await_events(1)
        return str(self.events[0]["task_id"])

    @property
    def text(self) -> str:
        """What the reader has of the answer."""
        return "".join(event["answer"] for event in list(self.events) if event["event"] == "message")

    def await_events(self, number: int, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until so many events have come."""
        wait_until(lambda: len(self.events) >= number, seconds)

    def await_text(self, text: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the answer begins with a text."""
        wait_until(lambda: self.text.startswith(text), seconds)

    def end(self, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Wait until the stream has ended, and return its last event."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"the stream goes on after {seconds} s: {self.events[-1:]}"
        return self.events[-1] if self.events else {}

    def _read(self, client: httpx2.Client, path: str, request: dict[str, Any]) -> None:
        headers = {"Last-Event-ID": request.pop("after", ""), **request.pop("headers", {})}
        method = "POST" if "json" in request else "GET"
        try:
            with client.stream(method, path, headers=headers, **request) as response:
                self.status = response.status_code
                for line in response.iter_lines():
                    if line.startswith("id:"):
                        self.ids.append(line[3:].strip())
                    elif line.startswith("data:"):
                        self.events.append(json.loads(line[5:]))
        except httpx2.HTTPError as error:
            self.broken = error
        self.ended = time.monotonic()


def rejoin(client: httpx2.Client, task_id: str, after: str = "") -> Reader:
    """Join a run's stream after an event."""
    return Reader(client, f"/chat-messages/{task_id}/events", params={"user": "ada"}, after=after)
