import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from foundation.egress import EgressFailed, EgressGuard, EgressRefused, EgressTooLarge, address_is_public

LOCAL = "127.0.0.1/32"

HOSTILE = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://169.254.169.254/latest/meta-data",
    "http://[fd00:ec2::254]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "http://[ff02::1]/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://10.0.0.1/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://224.0.0.1/",
    "http://user:secret@127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
]


class Peer:
    """A small HTTP server that behaves as badly as its path says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            method, path, _ = lines[0].split()
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            self.requests.append((method, path, headers))
            await self._answer(path, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        if path == "/drip":
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(100):
                writer.write(b"1\r\nx\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
        elif path == "/bomb":
            writer.write(answer(gzip.compress(bytes(50_000_000)), "Content-Encoding: gzip"))
        elif path == "/large":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        elif path.startswith("/to?"):
            writer.write(answer(b"", f"Location: {path[4:]}", "302 Found"))
        elif path == "/garbage":
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        else:
            writer.write(answer(b"ok", "Content-Type: text/plain; charset=utf-8"))
        await writer.drain()


def answer(body: bytes, header: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    made = Peer()
    listener = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listener.sockets[0].getsockname()[1]
    yield made
    listener.close()


@pytest.fixture
async def strict() -> AsyncIterator[EgressGuard]:
    guard = EgressGuard()
    yield guard
    await guard.close()


@pytest.fixture
async def lenient() -> AsyncIterator[EgressGuard]:
    """A guard that may ask the loopback address."""
    guard = EgressGuard([LOCAL])
    yield guard
    await guard.close()


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_address_is_never_asked(strict: EgressGuard, peer: Peer, url: str) -> None:
    with pytest.raises((EgressRefused, EgressFailed)):
        await strict.fetch(url.format(port=peer.port), timeout=20)
    assert peer.requests == []


async def test_an_allowed_network_is_asked(lenient: EgressGuard, peer: Peer) -> None:
    fetched = await lenient.fetch(f"http://127.0.0.1:{peer.port}/x?y=1")
    assert (fetched.status, fetched.body, fetched.content_type) == (200, b"ok", "text/plain")
    assert peer.requests[0][:2] == ("GET", "/x?y=1")


@pytest.mark.parametrize("target", ["http://169.254.169.254/", "file:///etc/passwd", "http://10.0.0.1/"])
async def test_a_redirect_passes_the_same_gate(lenient: EgressGuard, peer: Peer, target: str) -> None:
    with pytest.raises(EgressRefused):
        await lenient.fetch(f"http://127.0.0.1:{peer.port}/to?{target}")


async def test_redirects_come_to_an_end(lenient: EgressGuard, peer: Peer) -> None:
    with pytest.raises(EgressFailed, match="redirects more than 5 times"):
        await lenient.fetch(f"http://127.0.0.1:{peer.port}/to?/to?/to?/to?/to?/to?/to?/to?/x")


async def test_credentials_do_not_follow_to_another_origin(lenient: EgressGuard, peer: Peer) -> None:
    other = Peer()
    listener = await asyncio.start_server(other.serve, "127.0.0.1", 0)
    other.port = listener.sockets[0].getsockname()[1]
    target = f"http://127.0.0.1:{other.port}/"
    await lenient.fetch(f"http://127.0.0.1:{peer.port}/to?{target}", headers={"Authorization": "Bearer x", "X-A": "1"})
    listener.close()
    assert peer.requests[0][2]["authorization"] == "bearer x"
    assert "authorization" not in other.requests[0][2]
    assert other.requests[0][2]["x-a"] == "1"


@pytest.mark.parametrize("path", ["/bomb", "/large"])
async def test_no_more_is_taken_than_asked_for(lenient: EgressGuard, peer: Peer, path: str) -> None:
    with pytest.raises(EgressTooLarge):
        await lenient.fetch(f"http://127.0.0.1:{peer.port}{path}", max_bytes=1_000_000, timeout=20)


async def test_a_slow_body_runs_into_the_limit_for_the_whole(lenient: EgressGuard, peer: Peer) -> None:
    with pytest.raises(EgressFailed, match="longer than"):
        await lenient.fetch(f"http://127.0.0.1:{peer.port}/drip", timeout=0.4)


async def test_what_is_not_http_is_a_failure_of_the_peer(lenient: EgressGuard, peer: Peer) -> None:
    with pytest.raises(EgressFailed, match="could not be read"):
        await lenient.fetch(f"http://127.0.0.1:{peer.port}/garbage", timeout=20)


async def test_a_name_is_looked_up_once(lenient: EgressGuard, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    async def flip(host: str, port: int, **options: Any) -> list[Any]:
        looked_up.append(host)
        address = "127.0.0.1" if len(looked_up) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    replace_look_up(monkeypatch, flip)
    assert (await lenient.fetch(f"http://rebinding.test:{peer.port}/")).status == 200
    assert looked_up == ["rebinding.test"]


async def test_one_private_answer_among_public_ones_is_enough_to_refuse(
    strict: EgressGuard, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mixed(host: str, port: int, **options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("127.0.0.1", "93.184.215.14")]

    replace_look_up(monkeypatch, mixed)
    with pytest.raises(EgressRefused):
        await strict.fetch(f"http://mixed.test:{peer.port}/")
    assert peer.requests == []


async def test_a_proxy_of_the_environment_is_not_used(
    strict: EgressGuard, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{peer.port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{peer.port}")
    with pytest.raises(EgressRefused):
        await strict.fetch("http://10.0.0.1/")
    assert peer.requests == []


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_public(address: str) -> None:
    assert address_is_public(address)


def replace_look_up(monkeypatch: pytest.MonkeyPatch, by: Callable[..., Awaitable[list[Any]]]) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", by)
