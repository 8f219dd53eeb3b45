"""A model to talk to: an OpenAI-compatible server that speaks slowly, and knows who has hung up."""

import asyncio
import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

AnyPeer = TypeVar("AnyPeer", bound="Peer")


@dataclass
class Peer:
    """The server's address, and what it has seen.

    After `falls_silent_after` words it says nothing more, nor does it hang up.
    """

    url: str = ""
    pause: float = 0.01
    words: int = 20
    open: int = 0
    aborted: int = 0
    failing: bool = False
    falls_silent_after: float = math.inf
    traces: list[str] = field(default_factory=list)
    told: list[list[dict[str, Any]]] = field(default_factory=list)

    def answer(self) -> str:
        """Return the whole of what it says."""
        return "".join(f"w{number} " for number in range(self.words))

    async def completions(self, request: web.Request) -> web.StreamResponse:
        """Stream words, then the usage."""
        self.traces.append(request.headers.get("x-trace-id", ""))
        self.told.append((await request.json())["messages"])
        if self.failing:
            return web.json_response({"error": {"message": "out of order", "type": "server_error"}}, status=400)
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        self.open += 1
        try:
            await self._speak_or_be_silent(0)
            await response.prepare(request)
            for number in range(self.words):
                await self._speak_or_be_silent(number)
                await self._send(response, {"content": f"w{number} "})
                await self.rest(number)
            await self._send(response, {}, "stop")
            await response.write(b"data: [DONE]\n\n")
        except (ConnectionResetError, asyncio.CancelledError):
            self.aborted += 1
            raise
        finally:
            self.open -= 1
        return response

    async def rest(self, number: int) -> None:
        """Wait after the word of that number."""
        await asyncio.sleep(self.pause)

    async def _speak_or_be_silent(self, said: int) -> None:
        if said >= self.falls_silent_after:
            await asyncio.Event().wait()

    async def models(self, request: web.Request) -> web.Response:
        """List the one model."""
        return web.json_response({"object": "list", "data": [{"id": "slow", "object": "model"}]})

    async def _send(self, response: web.StreamResponse, delta: dict[str, str], finish: str | None = None) -> None:
        chunk = {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "slow",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            "usage": {"prompt_tokens": 7, "completion_tokens": self.words, "total_tokens": 7 + self.words}
            if finish
            else None,
        }
        await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")


async def start(peer: Peer) -> web.AppRunner:
    """Serve on a free port, whose address the peer then knows."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", peer.completions)
    app.router.add_get("/v1/models", peer.models)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    return runner


@contextmanager
def served(peer: AnyPeer) -> Iterator[AnyPeer]:
    """Serve a model on an event loop of its own."""
    loop = asyncio.new_event_loop()
    runner = loop.run_until_complete(start(peer))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
