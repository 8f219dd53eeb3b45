"""One request on its way through the pipeline, and how its answer leaves."""

from __future__ import annotations

from collections.abc import Awaitable
from time import perf_counter_ns
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from foundation.telemetry import trace_id
from handlers.call import Tier
from handlers.callers import Caller
from handlers.pipeline.operation import Operation
from handlers.pipeline.sending import Header
from handlers.pipeline.trace import HEADER, trace_id_of

DEPRECATED: Header = (b"deprecation", b"true")


class Exchange:
    """The state of one request: its channel, what is known of it, and the headers its answer gets."""

    __slots__ = (
        "began",
        "caller",
        "cors",
        "headers",
        "is_head",
        "operation",
        "receive",
        "scope",
        "send_raw",
        "started",
        "status",
        "tier",
        "trace",
        "trace_named",
        "window",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.started = perf_counter_ns()
        self.began = 0
        self.scope = scope
        self.receive = receive
        self.send_raw = send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.is_head = scope["method"] == "HEAD"
        self.status = 0
        self.tier: Tier | None = None
        self.operation: Operation | None = None
        self.caller: Caller | None = None
        self.cors: list[Header] = []
        self.window: list[Header] = []
        self.trace, self.trace_named = trace_id_of(self.headers, scope["query_string"])
        trace_id.set(self.trace)

    def rename_trace(self, text: str) -> None:
        """Take over the trace id that the body named."""
        self.trace = text
        trace_id.set(text)

    def send(self, message: Message) -> Awaitable[None]:
        """Send on the ASGI channel and remember the status."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        return self.send_raw(message)

    async def send_with_headers(self, message: Message) -> None:
        """Send for an application outside the documents, with this request's headers added."""
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *self.answer_headers()]}
        await self.send(message)

    def answer_headers(self) -> list[Header]:
        """Return the headers that every answer to this request carries."""
        found: list[Header] = [(HEADER, self.trace.encode("ascii"))]
        if self.window:
            found += self.window
        if self.cors:
            found += self.cors
        if self.operation is not None and self.operation.is_deprecated:
            found.append(DEPRECATED)
        return found

    @property
    def query_string(self) -> bytes:
        """The query as sent."""
        query: bytes = self.scope["query_string"]
        return query

    @property
    def path(self) -> str:
        """The decoded path."""
        path: str = self.scope["path"]
        return path

    def nanoseconds(self) -> int:
        """Return how long the answer took by now; of a stream, until it began."""
        return (self.began or perf_counter_ns()) - self.started

    def stream_begins(self) -> None:
        """Note that what follows is a stream, which lasts as long as it likes."""
        self.began = perf_counter_ns()

    def facts(self) -> dict[str, Any]:
        """Return what a log line about this request should hold."""
        return {"operation": self.operation.name if self.operation else None, "method": self.scope["method"]}
