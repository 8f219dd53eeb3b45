"""The way out: over the proxy that the environment names, and never with the password of a `.netrc` file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.providers.messages import UserMessage
from engine.providers.outbound import ProviderHttp
from foundation.egress import EgressGuard
from tests.engine.providers.peer import DONE, STOP, Answer, Peer, chat_model, peer, text

ANSWER = Answer(text("hi"), STOP, DONE)


async def ask(base_url: str) -> None:
    async with chat_model(base_url) as model:
        assert [event async for event in model.stream([UserMessage("hello")], {}, ())]


def name_proxy(monkeypatch: pytest.MonkeyPatch, proxy: Peer, exempt: str = "") -> None:
    for name in ("HTTP_PROXY", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://ann:secret@"))
    if exempt:
        monkeypatch.setenv("no_proxy", exempt)


async def test_a_provider_is_asked_over_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with peer(ANSWER) as proxy:
        name_proxy(monkeypatch, proxy)
        await ask("http://provider.invalid/v1")
        assert proxy.headers[0]["Host"] == "provider.invalid"
        assert proxy.headers[0]["Proxy-Authorization"] == "Basic YW5uOnNlY3JldA=="
        assert proxy.headers[0]["Authorization"] == "Bearer sk-secret-123456"


async def test_what_needs_no_proxy_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    async with peer(ANSWER) as proxy, peer(ANSWER) as provider:
        name_proxy(monkeypatch, proxy, exempt="127.0.0.1")
        await ask(provider.url)
        assert (len(provider.asked), len(proxy.asked)) == (1, 0)


async def test_no_proxy_is_used_where_addresses_are_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    async with peer(ANSWER) as proxy:
        name_proxy(monkeypatch, proxy)
        guarded = ProviderHttp(guard=EgressGuard([]))
        assert guarded.way("http://provider.invalid/v1") == {}
        await guarded.aclose()


async def test_passwords_of_a_netrc_file_are_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login ann password secret\n")
    monkeypatch.setenv("NETRC", str(file))
    async with peer(ANSWER) as provider:
        await ask(provider.url)
        assert provider.headers[0]["Authorization"] == "Bearer sk-secret-123456"
