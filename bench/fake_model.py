"""An OpenAI-compatible model that streams the time: each token's text is the moment it left.

The model's name is `fake-<tokens>-<milliseconds between two>`. Run it as `python -m bench.fake_model PORT`.
"""

from __future__ import annotations

import asyncio
import sys
import time

import orjson
import uvloop
from aiohttp import web

HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}


def _chunk(delta: dict[str, str], finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + orjson.dumps({**HEAD, "choices": [choice], **more}) + b"\n\n"


async def completions(request: web.Request) -> web.StreamResponse:
    """Stream as many tokens as the model's name says, at its pace."""
    body = orjson.loads(await request.read())
    _, tokens, pause = body["model"].split("-")
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    loop = asyncio.get_running_loop()
    due = loop.time()
    for _ in range(int(tokens)):
        await response.write(_chunk({"content": f" {time.time_ns()}"}))
        due += float(pause) / 1000
        await asyncio.sleep(due - loop.time())
    usage = {"prompt_tokens": 10, "completion_tokens": int(tokens), "total_tokens": 10 + int(tokens)}
    await response.write(_chunk({}, "stop", usage=usage) + b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def models(request: web.Request) -> web.Response:
    """List no models: the benchmark names its own."""
    return web.json_response({"object": "list", "data": []})


def main(port: int) -> None:
    """Serve until killed."""
    uvloop.install()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", completions)
    app.router.add_get("/v1/models", models)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, backlog=1024)


if __name__ == "__main__":
    main(int(sys.argv[1]))
