"""A provider of our own for what no ready-made one does: the exact bytes of a stream, and when they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web

from engine.providers.openai_chat import ChatEndpoint, OpenAIChat
from engine.providers.outbound import ProviderHttp, Timeouts
from engine.providers.retry import RetryPolicy
from tests.patience import until

PATIENCE = Timeouts(connect=20, first=30, stall=30, tail=0.2)
HASTE = Timeouts(connect=20, first=0.4, stall=0.4, tail=0.2)
RETRIES = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=2)


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> bytes:
    """Returns one frame of a chat completion."""
    choices = [{"index": 0, "delta": delta or {}, "finish_reason": finish}]
    return b"data: " + orjson.dumps({"id": "c", "choices": choices, **more}) + b"\n\n"


def text(piece: str) -> bytes:
    """Returns a frame with a piece of the answer."""
    return chunk({"content": piece})


STOP = chunk(finish="stop")
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}\n\n'
DONE = b"data: [DONE]\n\n"


class Answer:
    """One scripted HTTP answer: bytes are sent as they are, numbers are pauses in seconds."""

    def __init__(
        self,
        *pieces: bytes | float,
        status: int = 200,
        headers: dict[str, str] | None = None,
        drop: bool = False,
    ) -> None:
        self.pieces = pieces
        self.status = status
        self.headers = {"Content-Type": "text/event-stream", **(headers or {})}
        self.drop = drop


def refusal(status: int, message: str, **headers: str) -> Answer:
    """Returns an error answer in OpenAI's shape."""
    body = orjson.dumps({"error": {"message": message, "type": "some_error"}})
    return Answer(body, status=status, headers={"Content-Type": "application/json", **headers})


class Peer:
    """Gives its answers in turn, the last one for ever; keeps what it was asked and who left early."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.connections: set[Any] = set()
        self.left = asyncio.Event()
        self.url = ""

    async def asked_once(self) -> None:
        """Wait until somebody has asked."""
        await until(lambda: self.asked)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(orjson.loads(await request.read()))
        self.headers.append(dict(request.headers))
        self.paths.append(request.path_qs)
        self.connections.add(id(request.transport))
        script = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        response = web.StreamResponse(status=script.status, headers=script.headers)
        try:
            await response.prepare(request)
            for piece in script.pieces:
                if isinstance(piece, bytes):
                    await response.write(piece)
                else:
                    await asyncio.sleep(piece)
        except (ConnectionError, asyncio.CancelledError):
            self.left.set()
            raise
        if script.drop and request.transport is not None:
            request.transport.abort()
        return response


@asynccontextmanager
async def peer(*answers: Answer) -> AsyncIterator[Peer]:
    """Runs a peer on a free port."""
    served = Peer(answers)
    app = web.Application()
    app.router.add_post("/{path:.*}", served.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    served.url = f"http://127.0.0.1:{port}"
    try:
        yield served
    finally:
        await runner.cleanup()


@asynccontextmanager
async def chat_model(
    base_url: str,
    *,
    timeouts: Timeouts = PATIENCE,
    retries: RetryPolicy = RETRIES,
    key: str = "sk-secret-123456",
) -> AsyncIterator[OpenAIChat]:
    """Gives a model at `base_url` and ends its session afterwards."""
    http = ProviderHttp(timeouts)
    endpoint = ChatEndpoint(f"{base_url}/chat/completions", {"Authorization": f"Bearer {key}"}, secret=key)
    try:
        yield OpenAIChat(http, endpoint, "openai", "gpt-4o-mini", retries=retries)
    finally:
        await http.aclose()
