"""The contestants: each builds one ASGI application."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, Literal
from uuid import UUID

import connexion
import orjson
from fastapi import FastAPI
from pydantic import BaseModel, Field
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.pipeline_sample.data import ANSWER, CONVERSATION, PAGE, document
from bench.pipeline_sample.service import measured
from foundation.error_table import error_table
from handlers.call import RequestHead, Services
from handlers.callers import Allowance, AppKeyCaller, Caller
from handlers.pipeline import build_app
from handlers.pipeline.document import Document
from handlers.pipeline.resolver import HandlerResolver, resolve_tier

PACKAGE = "bench.pipeline_sample"
KEYS = {"app-measured": AppKeyCaller("w", "a", "measured", allowances=(Allowance("key:measured", 10**9, 60),))}


def starlette_orjson() -> Any:
    """Only the measured routes, nothing validated: what there is to reach."""

    def answer(value: Any) -> Response:
        return Response(orjson.dumps(value), media_type="application/json")

    async def listed(request: Request) -> Response:
        return answer(PAGE)

    async def got(request: Request) -> Response:
        return answer(CONVERSATION)

    async def posted(request: Request) -> Response:
        orjson.loads(await request.body())
        return answer(ANSWER)

    return Starlette(
        routes=[
            Route("/v1/conversations", listed),
            Route("/v1/conversations/{conversation_id}", got),
            Route("/v1/conversations/{conversation_id}/messages", posted, methods=["POST"]),
        ]
    )


class _File(BaseModel):
    type: Literal["image", "document", "audio", "video", "custom"]
    transfer_method: Literal["remote_url", "local_file"]
    url: str | None = None
    upload_file_id: UUID | None = None


class _Question(BaseModel):
    query: str = Field(min_length=1, max_length=10_000)
    inputs: dict[str, Any]
    response_mode: Literal["streaming", "blocking"] = "streaming"
    user: str = Field("", max_length=255)
    conversation_id: UUID | None = None
    auto_generate_name: bool = True
    files: list[_File] | None = None


class _Conversation(BaseModel):
    id: UUID
    name: str = Field(max_length=255)
    inputs: dict[str, str]
    status: Literal["normal", "archived"]
    introduction: str
    created_at: int = Field(ge=0)
    updated_at: int = Field(ge=0)


class _Page(BaseModel):
    limit: int = Field(ge=1, le=100)
    has_more: bool
    data: list[_Conversation]


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_price: str
    currency: Literal["USD"]


class _Answer(BaseModel):
    id: UUID
    answer: str
    conversation_id: UUID
    created_at: int = Field(ge=0)
    usage: _Usage


def fastapi() -> Any:
    """The same operations with pydantic models for requests and responses."""
    app = FastAPI(openapi_url=None)

    async def listed(limit: int = 20) -> Any:
        return PAGE

    async def got(conversation_id: UUID) -> Any:
        return CONVERSATION

    async def posted(conversation_id: UUID, body: _Question) -> Any:
        return ANSWER

    posted.__annotations__["body"] = _Question
    posted.__annotations__["conversation_id"] = got.__annotations__["conversation_id"] = UUID
    listed.__annotations__["limit"] = int
    app.get("/v1/conversations", response_model=_Page)(listed)
    app.get("/v1/conversations/{conversation_id}", response_model=_Conversation)(got)
    app.post("/v1/conversations/{conversation_id}/messages", response_model=_Answer)(posted)
    return app


def stock_connexion() -> Any:
    """connexion as it comes, responses validated."""

    def plain(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def answer(**arguments: Any) -> Any:
            return await function(None, **arguments), 200

        return answer

    raw = document(secured=False)
    resolved = resolve_tier("service", Document(raw), PACKAGE)
    for key, function in resolved.functions.items():
        resolved.functions[key] = plain(function)
    app = connexion.AsyncApp("measured", validate_responses=True)
    app.add_api(raw, base_path="/v1", resolver=HandlerResolver(Document(raw), resolved))
    return app


def parley() -> Any:
    """This pipeline: requests and responses validated, no credential asked for, no access log."""
    return _with_access_log(_parley(secured=False, redis=Redis.from_url("redis://127.0.0.1:1")), logging.WARNING)


def parley_full() -> Any:
    """This pipeline with its whole chain: key look-up, limit and idempotency in Redis, access log to a file."""
    access = logging.getLogger("parley.access")
    access.propagate = False
    access.handlers = [logging.FileHandler(os.environ.get("BENCH_LOG", os.devnull))]
    return _with_access_log(_parley(secured=True, redis=Redis.from_url(os.environ["BENCH_REDIS"])), logging.INFO)


def _with_access_log(app: Any, level: int) -> Any:
    """Wrap an application so that its access log has its own level beside others in the same process."""
    access = logging.getLogger("parley.access")

    async def leveled(scope: Any, receive: Any, send: Any) -> None:
        if access.level != level:
            access.setLevel(level)
        await app(scope, receive, send)

    return leveled


def _parley(*, secured: bool, redis: Any) -> Any:
    async def app_key(head: RequestHead, services: Services) -> Caller | None:
        return KEYS.get(head.bearer() or "")

    services: Any = SimpleNamespace(redis=redis)
    documents: Any = {"service": document(secured=secured)}
    return build_app(
        documents, services, {"service": {"AppKey": app_key}}, error_table(), strict=False, package=PACKAGE
    )


assert measured.__name__.startswith(PACKAGE)

CONTESTANTS: dict[str, Callable[[], Any]] = {
    "starlette+orjson": starlette_orjson,
    "parley": parley,
    "parley, full chain": parley_full,
    "fastapi": fastapi,
    "connexion, stock": stock_connexion,
}
