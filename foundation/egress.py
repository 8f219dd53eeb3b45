"""The way out to addresses that a caller chose: an HTTP client that cannot be led into the private network.

A name is looked up once, every answer must be a public address, and the connection goes to the literal address that was
checked; redirects pass the same gate. Proxies, unix sockets, user info and other schemes are refused.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass

import httpcore2
import httpx2

from foundation.errors import ApiError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_REDIRECTS = 5
_ADDRESSES_TRIED = 4
_CONNECT_TIMEOUT = 10.0
_CHUNK = 64 * 1024
_CREDENTIAL_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
# NAT64, 6to4 and Teredo addresses are global, and carry an IPv4 address that may not be.
_TUNNELS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class EgressRefused(ApiError):
    """The address must not be asked, whatever would answer there."""

    def __init__(self, message: str) -> None:
        super().__init__("egress_denied", message)


class EgressFailed(ApiError):
    """The address may be asked, but gave no complete answer."""

    def __init__(self, message: str) -> None:
        super().__init__("remote_file_error", message)


class EgressTooLarge(ApiError):
    """The answer is larger than the caller takes."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__("file_too_large", f"The remote answer is larger than {max_bytes} bytes.")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete answer from outside: where it came from after redirects, and what it was."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty when the peer named none."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


class EgressGuard:
    """Fetches what callers point at. Make one for each event loop and close it at the end."""

    def __init__(self, allow_cidrs: Iterable[str] = ()) -> None:
        """Opens the way out.

        Args:
            allow_cidrs: private networks that may be asked nevertheless (the setting SSRF_ALLOW_CIDRS).
        """
        self._backend = _PublicNetwork([ipaddress.ip_network(cidr, strict=False) for cidr in allow_cidrs])
        self._client = httpx2.AsyncClient(
            transport=_GuardedTransport(self._backend),
            trust_env=False,
            follow_redirects=False,
            headers={"accept-encoding": "gzip, identity", "user-agent": "Parley"},
            timeout=httpx2.Timeout(600.0, connect=_CONNECT_TIMEOUT),
        )

    async def fetch(
        self,
        url: str,
        max_bytes: int = 10 * 1024 * 1024,
        timeout: float = 15.0,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        secrets: Iterable[str] = (),
    ) -> Fetched:
        """Sends one request and reads its answer whole.

        Args:
            url: an http or https address without user info.
            max_bytes: the most decoded bytes that are taken.
            timeout: seconds for everything, redirects and slow bodies included.
            method: the HTTP method; a 303 (and a 301 or 302 of a POST) is followed with GET.
            headers: sent to the first origin; credentials do not follow a redirect to another one.
            content: the request body.
            secrets: names of further headers that are credentials.

        Returns:
            The last answer, whatever its status.

        Raises:
            EgressRefused: the address, or one that it redirects to, is not public.
            EgressFailed: nobody answers there, in time, in HTTP.
            EgressTooLarge: the answer exceeds `max_bytes`.
        """
        private = _CREDENTIAL_HEADERS | {name.lower() for name in secrets}
        try:
            async with asyncio.timeout(timeout):
                return await self._follow(url, max_bytes, method, dict(headers or {}), content, private)
        except TimeoutError as error:
            raise EgressFailed(f"The remote server took longer than {timeout:g} seconds.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise EgressFailed(f"The remote server could not be read: {_reason(error)}.") from error

    def client(self, headers: Mapping[str, str] | None = None, *, read_seconds: float = 300.0) -> httpx2.AsyncClient:
        """Returns a client of its own that passes the same gate, for peers that are spoken with and not just fetched.

        It has its own connections and follows no redirect; the caller closes it.

        Args:
            headers: sent with every request.
            read_seconds: how long it waits for the next bytes.
        """
        return httpx2.AsyncClient(
            transport=_GuardedTransport(self._backend),
            trust_env=False,
            follow_redirects=False,
            headers={"user-agent": "Parley", **(headers or {})},
            timeout=httpx2.Timeout(30.0, connect=_CONNECT_TIMEOUT, read=read_seconds),
        )

    def admits(self, address: str) -> bool:
        """Tells whether a literal IP address may be asked, for clients that make their own connections."""
        return address_is_public(address, self._backend.allowed)

    async def check(self, url: str) -> None:
        """Refuses an address that will not be asked, before anything is done with it.

        A name that cannot be looked up now may have an address later, so it passes; fetching checks again.

        Raises:
            EgressRefused: it is no http or https address, or leads into the private network.
        """
        target = _checked(url)
        await self._backend.public_addresses(target.host, target.port or 0, unknown_passes=True)

    async def close(self) -> None:
        """Closes pooled connections."""
        await self._client.aclose()

    async def _follow(
        self,
        url: str,
        max_bytes: int,
        method: str,
        headers: dict[str, str],
        content: bytes | None,
        private: frozenset[str],
    ) -> Fetched:
        target = _checked(url)
        for _ in range(_REDIRECTS + 1):
            async with self._client.stream(method, target, headers=headers, content=content) as answer:
                location = answer.headers.get("location")
                if answer.status_code not in _REDIRECT_STATUSES or not location:
                    body = await _read(answer, max_bytes)
                    return Fetched(str(answer.url), answer.status_code, dict(answer.headers), body)
                status = answer.status_code
            following = _checked(str(target.join(location)))
            if _origin(following) != _origin(target):
                headers = {k: v for k, v in headers.items() if k.lower() not in private}
            if status == 303 or (status in (301, 302) and method == "POST"):
                method, content = "GET", None
            target = following
        raise EgressFailed(f"The address redirects more than {_REDIRECTS} times.")


def check_address(url: str) -> None:
    """Makes sure that a text is an http or https address without user info; who answers there is not asked.

    Raises:
        EgressRefused: it is not.
    """
    _checked(url)


def address_is_public(text: str, allowed: Sequence[Network] = ()) -> bool:
    """Tells whether the literal IP address may be asked: globally routable, or in an `allowed` network."""
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in allowed if network.version == address.version):
        return True
    tunnelled = any(address in network for network in _TUNNELS if network.version == address.version)
    return address.is_global and not address.is_multicast and not tunnelled


class _PublicNetwork(httpcore2.AsyncNetworkBackend):
    """Opens connections to public addresses only."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self.allowed = allowed
        self._sockets = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self.public_addresses(host, port)
        failure: Exception | None = None
        for address in addresses[:_ADDRESSES_TRIED]:
            try:
                return await self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError(f"{host} has no address")

    async def public_addresses(self, host: str, port: int, *, unknown_passes: bool = False) -> list[str]:
        """Looks a name up.

        Raises:
            EgressRefused: one of its addresses is not public.
            ConnectError: it has none, unless `unknown_passes`.
        """
        try:
            addresses = await self._look_up(host, port)
        except httpcore2.ConnectError:
            if unknown_passes:
                return []
            raise
        if not all(address_is_public(address, self.allowed) for address in addresses):
            raise EgressRefused(f"The address {host} is not a public one.")
        return addresses

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise EgressRefused("Unix sockets cannot be asked.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _look_up(self, host: str, port: int) -> list[str]:
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} cannot be looked up") from error
        return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class _GuardedTransport(httpx2.AsyncBaseTransport):
    """Lets httpx2 speak over a pool whose connections all come from `_PublicNetwork`."""

    def __init__(self, backend: _PublicNetwork) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            network_backend=backend,
            max_connections=100,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        outgoing = httpcore2.Request(
            method=request.method,
            url=url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(outgoing)
        except _CORE_FAILURES as error:
            raise httpx2.TransportError(_reason(error)) from error
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.aiter_stream():
                yield chunk
        except _CORE_FAILURES as error:
            raise httpx2.TransportError(_reason(error)) from error

    async def aclose(self) -> None:
        await self._answer.aclose()


_CORE_FAILURES = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError)


def _checked(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise EgressRefused(f"This is not an address: {error}.") from error
    if parsed.scheme not in ("http", "https"):
        raise EgressRefused("Only http and https addresses can be asked.")
    if parsed.userinfo:
        raise EgressRefused("An address must not carry a user name or password.")
    if not parsed.host:
        raise EgressRefused("The address names no host.")
    return parsed


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return (url.scheme, url.host, url.port)


async def _read(answer: httpx2.Response, max_bytes: int) -> bytes:
    declared = answer.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise EgressTooLarge(max_bytes)
    body = bytearray()
    async for chunk in answer.aiter_bytes(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise EgressTooLarge(max_bytes)
    return bytes(body)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
