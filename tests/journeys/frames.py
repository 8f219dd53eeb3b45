"""Streams whose frames have ids, read and joined again."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx2


@dataclass
class Frames:
    """The frames of a stream: the id of each and its event."""

    ids: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def text(self) -> str:
        """Return the text that a reader of these frames has."""
        return "".join(event["answer"] for event in self.events if event["event"] == "message")


def frames(response: httpx2.Response, most: int | None = None) -> Frames:
    """Read a stream to its end, or so many frames of it."""
    read = Frames()
    for line in response.iter_lines():
        if line.startswith("id:"):
            read.ids.append(line[3:].strip())
        elif line.startswith("data:"):
            read.events.append(json.loads(line[5:]))
            if len(read.events) == most:
                break
    return read


def follow(
    client: httpx2.Client, task_id: str, after: str | None = None, user: str = "ada", path: str = "/chat-messages"
) -> Frames:
    """Join a run's stream."""
    headers = {} if after is None else {"Last-Event-ID": after}
    path = f"{path}/{task_id}/events"
    with client.stream("GET", path, params={"user": user}, headers=headers) as response:
        assert response.status_code == 200, response.read()
        return frames(response)
