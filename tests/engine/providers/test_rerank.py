"""Reranking models behind `/rerank`, over real HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from engine.providers.endpoints import Endpoint
from engine.providers.outbound import ProviderHttp
from engine.providers.rerank import Reranker
from engine.providers.retry import RetryPolicy
from foundation.errors import ApiError

Answer = Callable[[web.Request], Awaitable[web.Response]]


class Peer:
    """A server that answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.reranker: Reranker

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.headers.get("authorization", ""), await request.json()))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.json_response(body, status=status)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    made = Peer()
    app = web.Application()
    app.router.add_post("/v1/rerank", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    http = ProviderHttp()
    where = Endpoint(f"http://127.0.0.1:{port}/v1", "key", {"Authorization": "Bearer key"})
    made.reranker = Reranker(http, where, "openai_api_compatible", "judge", RetryPolicy(first_wait=0.01))
    try:
        yield made
    finally:
        await http.aclose()
        await runner.cleanup()


async def test_scores_come_in_the_order_of_the_texts(peer: Peer) -> None:
    results = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.2}]
    peer.answers = [(200, {"results": results})]
    assert await peer.reranker.scores("leave?", ["oil", "leave", "left out"]) == [0.2, 0.9, 0.0]
    body = {"model": "judge", "query": "leave?", "documents": ["oil", "leave", "left out"], "top_n": 3}
    assert peer.asked == [("/v1/rerank", "Bearer key", body)]
    assert await peer.reranker.scores("leave?", []) == []


@pytest.mark.parametrize("wrap", ["data", "results", None])
async def test_other_servers_say_it_in_other_words(peer: Peer, wrap: str | None) -> None:
    listed = [{"index": 0, "score": 0.7}]
    peer.answers = [(200, {wrap: listed} if wrap else listed)]
    assert await peer.reranker.scores("q", ["a"]) == [0.7]


async def test_logits_become_shares(peer: Peer) -> None:
    peer.answers = [(200, {"results": [{"index": 0, "relevance_score": 4}, {"index": 1, "relevance_score": -900}]})]
    high, low = await peer.reranker.scores("q", ["a", "b"])
    assert 0.98 < high < 1
    assert 0 <= low < 1e-9


async def test_a_busy_server_is_asked_again(peer: Peer) -> None:
    peer.answers = [(503, {"error": "busy"}), (200, {"results": [{"index": 0, "relevance_score": 0.5}]})]
    assert await peer.reranker.scores("q", ["a"]) == [0.5]
    assert len(peer.asked) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "no"}),
        (200, {"results": "none"}),
        (200, {"results": [{"index": 7, "relevance_score": 0.5}]}),
        (200, {"results": [{"index": 0, "relevance_score": "high"}]}),
    ],
)
async def test_what_is_not_understood_is_told(peer: Peer, status: int, body: Any) -> None:
    peer.answers = [(status, body)]
    with pytest.raises(ApiError) as failed:
        await peer.reranker.scores("q", ["a"])
    assert failed.value.code == "completion_request_error"
    assert "judge" in failed.value.message
