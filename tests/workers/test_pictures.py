"""Pictures behind links: fetched through the egress guard, told by their bytes."""

import base64
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from foundation.egress import EgressGuard
from foundation.errors import ApiError
from foundation.settings import Settings
from workers.pictures import pictures

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A site with a picture, a page that calls itself one, and a picture that is too large."""

    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=PNG, content_type="text/plain")

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=b"<html>", content_type="image/png")

    async def large(request: web.Request) -> web.Response:
        return web.Response(body=PNG + bytes(100_000))

    app = web.Application()
    app.add_routes([web.get("/picture", picture), web.get("/page", page), web.get("/large", large)])
    runner = web.AppRunner(app)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def fetched(url: str, *allowed: str) -> list[str]:
    """Return the addresses that a model gets for one link."""
    process: Any = SimpleNamespace(egress=EgressGuard(allowed), settings=Settings(image_max_bytes=1_000))
    try:
        file = {"type": "image", "url": url, "upload_file_id": None}
        return [picture.url for picture in await pictures(process, [file], {})]
    finally:
        await process.egress.close()


async def test_a_model_gets_the_bytes_and_not_the_link(site: str) -> None:
    [url] = await fetched(f"{site}/picture", "127.0.0.0/8")
    assert url == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@pytest.mark.parametrize("path", ["/page", "/large", "/missing"])
async def test_what_is_no_picture_is_refused(site: str, path: str) -> None:
    with pytest.raises(ApiError) as refused:
        await fetched(site + path, "127.0.0.0/8")
    assert refused.value.code == "remote_file_error"


async def test_a_private_address_is_not_asked(site: str) -> None:
    with pytest.raises(ApiError) as refused:
        await fetched(f"{site}/picture")
    assert refused.value.code == "egress_denied"
