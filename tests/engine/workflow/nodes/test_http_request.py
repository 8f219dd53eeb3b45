"""Requests to peers: what is sent, what is read of the answer, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from foundation.egress import EgressFailed, EgressGuard, Fetched
from tests.engine.workflow.graphs import Watched, graph, node, run, services, start
from tests.engine.workflow.nodes.given import TEXT_FILE, FakeFiles


class Peer:
    """Answers like the egress guard, and remembers what was asked."""

    def __init__(self, status: int = 200, body: bytes = b"ok", kind: str = "text/plain", **headers: str) -> None:
        self.answer = Fetched("http://x.test/f.bin", status, {"content-type": kind, **headers}, body)
        self.asked: Any = None

    async def fetch(self, url: str, max_bytes: int = 0, timeout: float = 0, **rest: Any) -> Fetched:
        self.asked = SimpleNamespace(url=url, timeout=timeout, **rest)
        return self.answer


class TestHttp:
    async def ask(self, peer: Any, files: FakeFiles | None = None, inputs: Any = None, **data: Any) -> Watched:
        shape = node("h", "http-request", **{"method": "get", "url": "http://x.test/{{#start.q#}}", **data})
        serving = services(http=peer, files=files)
        value = graph([start("q"), shape], ["start > h"])
        return await run(
            value,
            inputs or {"q": "a b"},
            serving=serving,
            system={"files": [TEXT_FILE]},
            environment={"key": "top-secret"},
            secrets=frozenset({"top-secret"}),
        )

    async def test_an_answer_of_text(self) -> None:
        peer = Peer(body=b'{"a": 1}', kind="application/json")
        told = await self.ask(peer, params="p: {{#start.q#}}\nr:2", headers="X-A: 1\nbad")
        outputs = told.finished("h").outputs
        assert (outputs["status_code"], outputs["body"], outputs["files"]) == (200, '{"a": 1}', [])
        assert peer.asked.url == "http://x.test/a b?p=a+b&r=2"
        assert peer.asked.headers["X-A"] == "1"

    @pytest.mark.parametrize(
        ("config", "header", "value"),
        [
            ({"type": "bearer", "api_key": "{{#env.key#}}"}, "Authorization", "Bearer top-secret"),
            ({"type": "basic", "api_key": "u:p"}, "Authorization", "Basic dTpw"),
            ({"type": "custom", "api_key": "{{#env.key#}}", "header": "X-Key"}, "X-Key", "top-secret"),
        ],
    )
    async def test_keys_are_sent_and_not_shown(self, config: Any, header: str, value: str) -> None:
        peer = Peer()
        told = await self.ask(
            peer, authorization={"type": "api-key", "config": config}, headers="X-Copy: {{#env.key#}}"
        )
        assert peer.asked.headers[header] == value
        assert peer.asked.secrets == [header]
        assert "top-secret" not in told.finished("h").process_data["request"]

    async def test_an_empty_key_is_not_sent(self) -> None:
        config = {"type": "bearer", "api_key": "{{#start.nothing#}}"}
        told = await self.ask(Peer(), authorization={"type": "api-key", "config": config})
        assert "API key is empty" in str(told.result.error)

    @pytest.mark.parametrize(
        ("body", "sent", "kind"),
        [
            ({"type": "json", "data": [{"value": '{"q": "{{#start.q#}}"}'}]}, b'{"q": "a \\"b"}', "application/json"),
            ({"type": "json", "data": '{"x": 1}'}, b'{"x": 1}', "application/json"),
            ({"type": "raw-text", "data": [{"value": "{{#start.q#}}"}]}, b'a "b', "text/plain; charset=utf-8"),
            (
                {"type": "x-www-form-urlencoded", "data": [{"key": "k", "value": "{{#start.q#}}"}]},
                b"k=a+%22b",
                "application/x-www-form-urlencoded",
            ),
            (
                {"type": "binary", "data": [{"type": "file", "file": ["sys", "files"]}]},
                b"hello file",
                "application/octet-stream",
            ),
        ],
    )
    async def test_bodies(self, files: FakeFiles, body: Any, sent: bytes, kind: str) -> None:
        peer = Peer()
        told = await self.ask(peer, files, {"q": 'a "b'}, method="POST", body=body, url="http://x.test")
        assert told.result.status == "succeeded"
        assert peer.asked.content == sent
        assert peer.asked.headers["Content-Type"] == kind

    async def test_forms_with_files(self, files: FakeFiles) -> None:
        peer = Peer()
        parts = [{"key": "k", "value": "v"}, {"key": "f", "type": "file", "file": ["sys", "files"]}]
        await self.ask(peer, files, method="POST", body={"type": "form-data", "data": parts})
        assert b'name="k"\r\n\r\nv\r\n' in peer.asked.content
        assert b'filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello file\r\n' in peer.asked.content

    async def test_an_answer_that_is_a_file(self, files: FakeFiles) -> None:
        told = await self.ask(Peer(body=b"\x89PNG", kind="image/png"), files)
        assert told.finished("h").outputs["body"] == ""
        assert told.finished("h").files[0]["filename"] == "f.bin"
        assert files.kept == [(b"\x89PNG", "f.bin", "image/png")]

    async def test_a_bad_status_fails_only_where_somebody_handles_it(self) -> None:
        told = await self.ask(Peer(status=500))
        assert told.finished("h").outputs["status_code"] == 500
        told = await self.ask(
            Peer(status=500), error_strategy="default-value", default_value=[{"key": "body", "value": "D"}]
        )
        assert told.finished("h").outputs["error_type"] == "HTTPResponseCodeError"

    async def test_too_much_text(self) -> None:
        told = await self.ask(Peer(body=b"x" * (1024 * 1024 + 1)))
        assert told.finished("h").error_type == "ResponseSizeError"

    async def test_broken_json_is_not_sent(self) -> None:
        told = await self.ask(Peer(), method="POST", body={"type": "json", "data": "{nope"})
        assert told.finished("h").error_type == "InvalidBodyError"

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:9/", "http://169.254.169.254/latest", "http://[::1]/", "http://0x7f000001/"]
    )
    async def test_private_addresses_are_refused_by_the_real_guard(self, url: str) -> None:
        guard = EgressGuard()
        told = await self.ask(guard, url=url)
        await guard.close()
        assert told.result.status == "failed"
        assert "not a public one" in str(told.result.error)

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x", "{{#start.q#}}"])
    async def test_other_schemes_are_refused(self, url: str) -> None:
        assert (await self.ask(Peer(), url=url)).result.status == "failed"

    async def test_a_silent_peer_is_a_failure(self) -> None:
        class Silent:
            async def fetch(self, *given: Any, **more: Any) -> Fetched:
                raise EgressFailed("nobody there")

        assert (await self.ask(Silent())).result.error == "nobody there"
