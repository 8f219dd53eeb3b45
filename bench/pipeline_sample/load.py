"""Requests without end: straight into an ASGI application, or over sockets into a server process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

KEY = "Bearer app-measured"
CONNECTIONS = 16


@dataclass(frozen=True)
class Target:
    """One measured request."""

    name: str
    method: str
    path: str
    body: bytes = b""


class InProcess:
    """Calls an application in this process."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._status = 0
        self._sent = 0

    async def check(self, name: str, target: Target) -> None:
        """Make sure that the application answers at all."""
        await self.run(target, 20)
        if self._status != 200:
            raise RuntimeError(f"{name} answers {target.name} with {self._status}")

    async def run(self, target: Target, requests: int) -> float:
        """Return the microseconds that one request takes."""
        path, _, query = target.path.partition("?")
        headers = [(b"host", b"localhost"), (b"accept", b"*/*"), (b"authorization", KEY.encode())]
        if target.body:
            headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(target.body))]
        message = {"type": "http.request", "body": target.body, "more_body": False}

        async def receive() -> Any:
            return message

        async def send(sent: Any) -> None:
            if sent["type"] == "http.response.start":
                self._status = sent["status"]

        started = perf_counter()
        for _ in range(requests):
            scope = {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": target.method,
                "scheme": "http",
                "path": path,
                "raw_path": path.encode(),
                "root_path": "",
                "query_string": query.encode(),
                "headers": headers,
                "client": ("127.0.0.1", 1),
                "server": ("127.0.0.1", 80),
            }
            await self._app(scope, receive, send)
        return (perf_counter() - started) / requests * 1e6


class Served:
    """A server process of its own for one contestant."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Served:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        command = [sys.executable, "-m", "bench.pipeline_sample.serve", self._name, str(self._port)]
        self._process = subprocess.Popen(command, start_new_session=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise RuntimeError(f"{self._name} does not come up")

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(20)

    async def check(self, name: str, target: Target) -> None:
        """Make sure that the server answers at all."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(_request(target))
        line = await asyncio.wait_for(reader.readline(), 20)
        writer.close()
        if b" 200 " not in line:
            raise RuntimeError(f"{name} answers {target.name} with {line!r}")

    async def run(self, target: Target, requests: int) -> float:
        """Return the microseconds of CPU that one request takes in the server's processes."""
        each = max(requests * 4 // CONNECTIONS, 1)
        before = self._cpu()
        await asyncio.gather(*(self._connection(target, each) for _ in range(CONNECTIONS)))
        return (self._cpu() - before) / (each * CONNECTIONS) * 1e6

    async def _connection(self, target: Target, requests: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        request = _request(target)
        for _ in range(requests):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    def _cpu(self) -> float:
        """Return the seconds that the server's threads have run, by the scheduler's count: `stat` has ticks only."""
        assert self._process is not None
        spent = 0
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == self._process.pid:
                    spent += sum(int(task.read_text().split()[0]) for task in folder.glob("task/*/schedstat"))
            except OSError:
                continue
        return spent / 1e9


def _request(target: Target) -> bytes:
    body = b""
    if target.body:
        body = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(target.body)
    head = f"{target.method} {target.path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {KEY}\r\n"
    return head.encode() + body + b"\r\n" + target.body
