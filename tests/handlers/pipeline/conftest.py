"""The sample application, in process and with a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from redis.asyncio import Redis as AsyncRedis
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from foundation.error_table import error_table
from handlers.credentials.service import missing_key
from handlers.pipeline import build_app
from parley.embedded.redis import EmbeddedRedis
from tests.handlers.pipeline.sample.documents import documents
from tests.handlers.pipeline.sample.keys import APP, AUTHENTICATORS

PACKAGE = "tests.handlers.pipeline.sample"


async def _health(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True})


def sample_app(redis: Any = None, *, strict: bool = True, **options: Any) -> Any:
    """Build the sample application."""
    services: Any = SimpleNamespace(redis=redis or AsyncRedis.from_url("redis://127.0.0.1:1"))
    routes = [Route("/healthz", _health), Route("/v1/openapi.json", _health)]
    return build_app(
        documents(),  # type: ignore[arg-type]
        services,
        AUTHENTICATORS,
        error_table(),
        strict=strict,
        refusals={"service": missing_key},
        extra_routes=routes,
        package=PACKAGE,
        **options,
    )


def client_of(app: Any, **options: Any) -> httpx2.AsyncClient:
    """Return a client that speaks to an application in this process."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://test", headers=APP, **options)


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(sample_app()) as found:
        yield found


@pytest.fixture
async def lenient() -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(sample_app(strict=False)) as found:
        yield found


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("redis")
    server = EmbeddedRedis(folder / "data", folder / "redis.log")
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[AsyncRedis]:
    async with AsyncRedis.from_url(redis_url) as connection:
        await connection.flushdb()
        yield connection


@pytest.fixture
async def limited(redis: AsyncRedis) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(sample_app(redis)) as found:
        yield found
