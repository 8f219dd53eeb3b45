"""A provider that writes, reads aloud, listens, and tells harmful texts: an OpenAI-compatible server in a thread.

It also plays the workspace's API extension. What it is asked is kept, so that tests can look at it.
"""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.patience import until

SOUND = b"ID3\x03fake sound"
HARMFUL = "poison"
LIKED = "biscuit"
KNOWLEDGE_KEY = "knowledge-key-1"
EXTENSION_KEY = "extension-key-1"
NAME_TOKENS = 60
HELD_SECONDS = 90.0
NAME = "Warranty of kettles"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@dataclass
class Studio:
    """The server.

    Attributes:
        url: the base URL of its OpenAI-compatible API.
        extension_url: where the API extension answers.
        asked: the bodies of all chat completions.
        spoken: the bodies of all requests for speech.
        picture_url: where a picture is.
        named: the bodies of all requests for a conversation's name.
        extension_asked: the bodies that the extension got.
        say: makes the answer to a chat completion from its body.
        silent: whether speech fails.
        speech_held: whether speech waits until this is false again.
        reranked: the bodies of all requests to put texts in order; a text that holds `LIKED` comes first.
        knowledge_url: the base URL of the knowledge that it keeps for others.
        knowledge_asked: the bodies that this knowledge was asked.
        vector_length: how many numbers its vectors have.
        vectors_made: how many texts were embedded, by the model's name.
        embedding_fault: why embeddings are refused; empty where they are not.
        embedding_held: the model whose embeddings wait until another is named here.
    """

    url: str = ""
    extension_url: str = ""
    picture_url: str = ""
    named: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    spoken: list[dict[str, Any]] = field(default_factory=list)
    extension_asked: list[dict[str, Any]] = field(default_factory=list)
    say: Callable[[dict[str, Any]], str] = lambda body: "Thirty months."
    silent: bool = False
    speech_held: bool = False
    reranked: list[dict[str, Any]] = field(default_factory=list)
    knowledge_url: str = ""
    knowledge_asked: list[dict[str, Any]] = field(default_factory=list)
    vector_length: int = 8
    vectors_made: Counter[str] = field(default_factory=Counter)
    embedding_fault: str = ""
    embedding_held: str = ""

    async def completions(self, request: web.Request) -> web.StreamResponse:
        """Stream an answer word by word."""
        body = await request.json()
        naming = body.get("max_tokens") == NAME_TOKENS
        (self.named if naming else self.asked).append(body)
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for word in (NAME if naming else self.say(body)).split(" "):
            await self._send(response, {"content": f"{word} "}, None)
        await self._send(response, {}, "stop")
        await response.write(b"data: [DONE]\n\n")
        return response

    async def models(self, request: web.Request) -> web.Response:
        """List the one model."""
        return web.json_response({"object": "list", "data": [{"id": "writer", "object": "model"}]})

    async def speech(self, request: web.Request) -> web.Response:
        """Read a text aloud."""
        self.spoken.append(await request.json())
        await until(lambda: not self.speech_held, HELD_SECONDS)
        if self.silent:
            return web.json_response({"error": {"message": "hoarse", "type": "server_error"}}, status=400)
        return web.Response(body=SOUND, content_type="audio/mpeg")

    async def transcriptions(self, request: web.Request) -> web.Response:
        """Write down speech."""
        form = await request.post()
        part = form["file"]
        assert isinstance(part, web.FileField)
        return web.json_response({"text": f"heard {part.filename}"})

    async def moderations(self, request: web.Request) -> web.Response:
        """Tell whether texts are harmful."""
        texts = (await request.json())["input"]
        results = [{"flagged": HARMFUL in text, "categories": {}, "category_scores": {}} for text in texts]
        return web.json_response({"id": "m", "model": "omni-moderation-latest", "results": results})

    async def extension(self, request: web.Request) -> web.Response:
        """Play an API extension."""
        body = await request.json()
        if request.headers["authorization"] != f"Bearer {EXTENSION_KEY}":
            return web.json_response({"error": "who?"}, status=401)
        self.extension_asked.append(body)
        params = body["params"]
        match body["point"]:
            case "ping":
                return web.json_response({"result": "pong"})
            case "app.external_data_tool.query":
                return web.json_response({"result": f"weather for {params['query']}"})
            case "app.moderation.input":
                if HARMFUL in params["query"]:
                    return web.json_response({"flagged": True, "action": "overridden", "query": "Hello"})
                return web.json_response({"flagged": False})
            case "app.moderation.output":
                if HARMFUL not in params["text"]:
                    return web.json_response({"flagged": False})
                said = {"flagged": True, "action": "direct_output", "preset_response": "Not from me."}
                return web.json_response(said)
            case _:
                return web.json_response({"flagged": False})

    async def embeddings(self, request: web.Request) -> web.Response:
        """Make vectors that tell texts apart by the letters in them."""
        body = await request.json()
        await until(lambda: self.embedding_held != body["model"], HELD_SECONDS)
        if self.embedding_fault:
            return web.json_response({"error": {"message": self.embedding_fault, "type": "bad"}}, status=400)
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        self.vectors_made[body["model"]] += len(texts)
        letters = "etaoinshrdlucmfwypvbgkjqxz"[: self.vector_length]
        data = [
            {"object": "embedding", "index": place, "embedding": [1.0 + text.lower().count(one) for one in letters]}
            for place, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})

    async def rerank(self, request: web.Request) -> web.Response:
        """Put texts in order."""
        body = await request.json()
        self.reranked.append(body)
        scores = [0.95 if LIKED in text else 0.05 for text in body["documents"]]
        results = [{"index": place, "relevance_score": score} for place, score in enumerate(scores)]
        return web.json_response({"results": sorted(results, key=lambda one: -one["relevance_score"])})

    async def knowledge(self, request: web.Request) -> web.Response:
        """Answer a search in knowledge that is kept here."""
        if request.headers.get("authorization") != f"Bearer {KNOWLEDGE_KEY}":
            return web.json_response({"error_code": 1002, "error_msg": "Authorization failed"}, status=403)
        body = await request.json()
        self.knowledge_asked.append(body)
        if body["knowledge_id"] == "broken":
            return web.json_response({"error_code": 2001, "error_msg": "The knowledge does not exist"}, status=404)
        records = [
            {"content": "Tea is drunk at five.", "score": 0.98, "title": "Customs", "metadata": {"path": "s3://tea"}},
            {"content": "Coffee is drunk at ten.", "score": 0.42, "title": "Customs", "metadata": None},
        ]
        return web.json_response({"records": records})

    async def picture(self, request: web.Request) -> web.Response:
        """Serve a picture."""
        return web.Response(body=PICTURE, content_type="image/png")

    async def _send(self, response: web.StreamResponse, delta: dict[str, str], finish: str | None) -> None:
        chunk = {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "writer",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12} if finish else None,
        }
        await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")


@contextmanager
def open_studio() -> Iterator[Studio]:
    """Serve on a free port of the loopback address until the block ends."""
    studio, ready, loop = Studio(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", studio.completions)
        app.router.add_get("/v1/models", studio.models)
        app.router.add_post("/v1/audio/speech", studio.speech)
        app.router.add_post("/v1/audio/transcriptions", studio.transcriptions)
        app.router.add_post("/v1/moderations", studio.moderations)
        app.router.add_post("/extension", studio.extension)
        app.router.add_post("/v1/rerank", studio.rerank)
        app.router.add_post("/v1/embeddings", studio.embeddings)
        app.router.add_post("/knowledge/retrieval", studio.knowledge)
        app.router.add_get("/picture.png", studio.picture)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        root = f"http://127.0.0.1:{runner.addresses[0][1]}"
        studio.url, studio.extension_url = f"{root}/v1", f"{root}/extension"
        studio.knowledge_url = f"{root}/knowledge"
        studio.picture_url = f"{root}/picture.png"
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(serve())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield studio
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
