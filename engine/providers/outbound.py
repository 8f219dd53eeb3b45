"""The HTTP session that all streaming models of one event loop share, and the way out of models behind an SDK.

Base URLs of providers are configured by administrators, so private addresses are allowed here, unless a guard is
given: where workspaces share a server, their administrators are not its own.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2

from foundation.egress import EgressGuard

_IDLE_SECONDS = 60.0
_READ_BUFFER = 256 * 1024
_KNOWN_URLS = 1_000


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, to the first byte of an answer, between two pieces of it, and after its end."""

    connect: float = 10.0
    first: float = 300.0
    stall: float = 120.0
    tail: float = 5.0


class ProviderHttp:
    """Owns one aiohttp session; made anew when it is used from another event loop."""

    def __init__(self, timeouts: Timeouts | None = None, guard: EgressGuard | None = None) -> None:
        """Takes how long to wait, and what refuses private addresses; with a guard no proxy is used."""
        self.timeouts = timeouts or Timeouts()
        self._guard = guard
        self.without_stream_options: set[str] = set()
        self._proxied = lru_cache(_KNOWN_URLS)(_proxied)
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def session(self) -> aiohttp.ClientSession:
        """Returns the session of the running loop."""
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    keepalive_timeout=_IDLE_SECONDS,
                    ttl_dns_cache=60,
                    socket_factory=self._socket if self._guard else None,
                ),
                timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=self.timeouts.connect),
                read_bufsize=_READ_BUFFER,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            self._loop = loop
        return self._session

    def way(self, url: str) -> dict[str, Any]:
        """Returns the options of a request to a URL that lead it over the proxy that the environment names, if any.

        aiohttp would ask the environment in a thread for every request, and a `.netrc` file, whose passwords are not
        what a provider's key is.
        """
        return self._proxied(url) if self._guard is None else {}

    def sdk_client(self) -> httpx2.AsyncClient | None:
        """Returns a client that passes the guard, for an SDK, which closes it; None where there is no guard."""
        return self._guard.client(read_seconds=self.timeouts.stall) if self._guard else None

    async def aclose(self) -> None:
        """Ends the session and its connections."""
        session, self._session = self._session, None
        if session is not None and self._loop is asyncio.get_running_loop():
            await session.close()
        if self._guard is not None:
            await self._guard.close()

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Returns a socket for an address that a name was resolved to, or that stood in the URL itself.

        Raises:
            PermissionError: it is not a public one.
        """
        family, kind, protocol, _, target = address
        if self._guard is not None and not self._guard.admits(str(target[0])):
            raise PermissionError(errno.EACCES, f"{target[0]} is not a public address")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


def _proxied(url: str) -> dict[str, Any]:
    target = urlsplit(url)
    named = getproxies().get(target.scheme)
    return {} if not named or proxy_bypass(target.hostname or "") else {"proxy": named}


class StallWatch:
    """Closes a response whose peer stays silent while we wait for it; costs two assignments for each read.

    Time in which nobody reads (a slow consumer) does not count.
    """

    __slots__ = ("_handle", "_loop", "_response", "limit", "stalled", "waiting_since")

    def __init__(self, response: aiohttp.ClientResponse, limit: float) -> None:
        self._response = response
        self._loop = asyncio.get_running_loop()
        self.limit = limit
        self.stalled = False
        self.waiting_since: float | None = None
        self._handle = self._loop.call_later(limit, self._look)

    def shorten(self, limit: float) -> None:
        """Waits at most `limit` seconds from now on."""
        self.limit = limit
        self._handle.cancel()
        self._handle = self._loop.call_later(limit, self._look)

    def stop(self) -> None:
        """Ends the watch."""
        self._handle.cancel()

    def _look(self) -> None:
        since = self.waiting_since
        left = self.limit if since is None else since + self.limit - self._loop.time()
        if left <= 0:
            self.stalled = True
            self._response.close()
        else:
            self._handle = self._loop.call_later(max(left, 0.01), self._look)
