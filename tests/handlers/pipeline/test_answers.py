"""What leaves: answers, streams, files, errors, headers."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx2
import pytest

from tests.handlers.pipeline.conftest import client_of, sample_app
from tests.handlers.pipeline.sample.service import streams
from tests.handlers.pipeline.sample.service.items import ID, MISSING
from tests.patience import until

Client = httpx2.AsyncClient


async def test_a_domain_error_has_the_status_of_its_code(client: Client) -> None:
    response = await client.get(f"/v1/items/{MISSING}")
    assert response.status_code == 404
    assert response.json() == {
        "code": "not_found",
        "message": "There is no such item.",
        "status": 404,
        "error": {"type": "not_found", "message": "There is no such item."},
    }


async def test_a_crash_tells_an_incident_id_and_nothing_else(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = await client.get("/v1/broken?how=crash")
    assert response.status_code == 500
    assert response.json()["code"] == "internal_server_error"
    assert response.json()["incident_id"] in caplog.text
    assert "inside" not in response.text


@pytest.mark.parametrize("service", ["database", "redis"])
async def test_a_service_that_is_away_is_503_with_the_time_to_wait(client: Client, service: str) -> None:
    response = await client.get(f"/v1/broken?how={service}")
    assert (response.status_code, response.json()["code"]) == (503, "service_unavailable")
    assert int(response.headers["retry-after"]) > 0
    assert "inside" not in response.text


@pytest.mark.parametrize("how", ["body", "status", "code"])
async def test_a_breach_fails_where_it_must_show(client: Client, how: str) -> None:
    assert (await client.get(f"/v1/broken?how={how}")).status_code == 500


async def test_a_breach_is_logged_and_sent_in_production(lenient: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = await lenient.get("/v1/broken?how=body")
    assert response.json() == {"id": 5}
    assert "incident" in caplog.text
    assert "getBroken breaks its contract" in caplog.text
    assert (await lenient.get("/v1/broken?how=status")).status_code == 202
    assert (await lenient.get("/v1/broken?how=undeclared")).status_code == 404
    assert "the status 404 (not_found) is not declared" in caplog.text


async def test_values_that_json_lacks_are_written_first(client: Client) -> None:
    assert (await client.get("/v1/broken?how=uuid")).json()["id"].startswith("0193")


async def test_headers_may_repeat_and_never_break_the_answer(client: Client) -> None:
    response = await client.get("/v1/broken?how=cookies")
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert response.headers["x-name"] == "?"


async def test_a_file_is_sent_under_any_name(client: Client) -> None:
    response = await client.get("/v1/files")
    assert response.content == b"onetwo"
    assert response.headers["content-disposition"] == (
        "attachment; filename=\"na_ve ___.csv\"; filename*=UTF-8''na%C3%AFve%20%22%E5%90%8D%22.csv"
    )


async def test_a_kept_answer_is_not_sent_twice(client: Client) -> None:
    first = await client.get("/v1/cached")
    assert first.headers["cache-control"] == "private, max-age=300"
    again = await client.get("/v1/cached", headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]


async def test_an_alias_says_that_it_is_deprecated(client: Client) -> None:
    response = await client.get(f"/v1/older/{ID}")
    assert response.json()["id"] == ID
    assert response.headers["deprecation"] == "true"


async def test_a_stream_is_frames_and_pings(client: Client) -> None:
    response = await client.get("/v1/stream")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    assert response.text == 'data: {"event":"message","n":1}\n\nevent: ping\n\ndata: {"event":"end"}\n\n'
    with_ids = await client.get("/v1/stream", headers={"Last-Event-ID": "0"})
    assert with_ids.text.startswith('id: 1-0\ndata: {"event":"message","n":1}\n\n')


async def test_a_stream_that_fails_ends_with_an_error_event(client: Client) -> None:
    gone = await client.get("/v1/stream?fail=error")
    assert gone.text.endswith(
        'data: {"event":"error","status":404,"code":"not_found","message":"The run is gone."}\n\n'
    )
    crashed = await client.get("/v1/stream?fail=crash")
    assert '"status":500' in crashed.text
    assert "inside" not in crashed.text


async def test_the_reader_who_leaves_ends_the_stream() -> None:
    app = sample_app()
    streams.closed.clear()
    sent: list[Any] = []
    received = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if received.is_set():
            return {"type": "http.disconnect"}
        received.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/stream",
        "raw_path": b"/v1/stream",
        "query_string": b"fail=endless",
        "headers": [(b"authorization", b"Bearer app-good")],
        "client": ("127.0.0.1", 1),
    }
    await asyncio.wait_for(app(scope, receive, send), 20)
    assert streams.closed == [True]
    assert sent[0]["status"] == 200


async def test_a_quiet_stream_is_pinged(monkeypatch: pytest.MonkeyPatch) -> None:
    from handlers.pipeline.sse import send_stream
    from handlers.replies import EventStream

    ping = b"event: ping\n\n"

    async def events() -> Any:
        await until(lambda: sent.count(ping) >= 2)
        yield b"{}"

    async def receive() -> Any:
        await asyncio.sleep(90)

    sent: list[bytes] = []

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    async with asyncio.timeout(20):
        await send_stream(EventStream(events()), [], receive, send, explain=lambda error: b"{}", ping_seconds=0.1)
    assert b"data: {}\n\n" in sent


async def test_the_trace_id_is_the_callers_own_or_new(client: Client) -> None:
    path = "/v1/items/latest"
    both = await client.get(f"{path}?trace_id=from-query", headers={"X-Trace-Id": "from_header"})
    assert both.headers["x-trace-id"] == both.json()["trace"] == "from_header"
    assert (await client.get(f"{path}?trace_id=from-query")).headers["x-trace-id"] == "from-query"
    assert len((await client.get(f"{path}?trace_id=a%20b")).headers["x-trace-id"]) >= 32
    body = {"name": "kettle", "secret": "s", "trace_id": "from-body"}
    assert (await client.post("/v1/items", json=body)).headers["x-trace-id"] == "from-body"
    assert (await client.get("/v1/nothing", headers={"X-Trace-Id": "t"})).headers["x-trace-id"] == "t"


async def test_the_access_log_hides_secrets(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "parley.access"):
        await client.get("/v1/items?api_key=app-secret&limit=5")
    assert "/v1/items?api_key=[hidden]&limit=5" in caplog.text
    assert "app-secret" not in caplog.text


async def test_browsers_of_other_origins(client: Client) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    preflight = await client.options("/v1/items", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "X-App-Code" in preflight.headers["access-control-allow-headers"]
    refused = await client.get("/v1/items?limit=0", headers={"Origin": "https://shop.example"})
    assert refused.headers["access-control-allow-origin"] == "*"
    console = await client.get("/console/api/items", headers={"Origin": "https://shop.example"})
    assert "access-control-allow-origin" not in console.headers


async def test_the_application_ends_with_its_lifespan() -> None:
    async with client_of(sample_app()) as client:
        assert (await client.get("/healthz")).status_code == 200
