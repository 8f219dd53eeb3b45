"""What only a real server shows: raw requests on a socket."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

BODY = b'{"name": "kettle", "secret": "s"}'
AUTHORIZATION = b"Authorization: Bearer app-good\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "tests.handlers.pipeline.served", str(number)])
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", number), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield number
    server.terminate()
    server.wait(15)


def exchange(port: int, request: bytes, wait: float = 30.0) -> bytes:
    with socket.create_connection(("127.0.0.1", port), wait) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_the_body_of_a_request_that_offers_http_2_is_read(port: int) -> None:
    request = (
        b"POST /v1/items HTTP/1.1\r\nHost: localhost\r\n" + AUTHORIZATION + b"Connection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
    )
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(request)
        answer = connection.recv(65_536)
    assert status(answer) == 201


def test_a_chunked_body_is_read(port: int) -> None:
    request = (
        b"POST /v1/items HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + AUTHORIZATION
        + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    )
    assert status(exchange(port, request)) == 201


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/v1/providers/a%2Fb/models", 200),
        (b"/v1/items/%ff%fe", 400),
        (b"/v1/%ff", 404),
        (b"/v1/items?limit=%ff", 400),
        (b"/v1/items?limit=5", 200),
        (b"//v1/items", 404),
    ],
)
def test_paths_arrive_as_they_were_sent(port: int, path: bytes, expected: int) -> None:
    request = b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n" % (path, AUTHORIZATION)
    answer = exchange(port, request)
    assert status(answer) == expected, answer


def test_a_stream_arrives_frame_by_frame(port: int) -> None:
    request = b"GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n" % AUTHORIZATION
    answer = exchange(port, request)
    assert status(answer) == 200
    assert b'data: {"event":"message","n":1}\n\n' in answer


def test_head_and_204_have_no_content(port: int) -> None:
    item = b"/v1/items/0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"
    for method, expected in ((b"HEAD", 200), (b"DELETE", 204)):
        request = b"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n" % (method, item, AUTHORIZATION)
        answer = exchange(port, request)
        assert status(answer) == expected
        assert answer.endswith(b"\r\n\r\n")
