"""What a handler is given: the call, its caller, the head of the request and the services it may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from foundation.errors import ApiError
from handlers.callers import (
    AccountCaller,
    Anonymous,
    AppKeyCaller,
    Caller,
    EndUserCaller,
    KnowledgeKeyCaller,
    WorkspaceKeyCaller,
)

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from engine.embedding.embedder import Embedders
    from engine.providers.resolution import Models
    from foundation.egress import EgressGuard
    from foundation.secrets import Sealer
    from foundation.settings import Settings
    from foundation.storage import FileStorage
    from models.database import Database
    from workers.event_log import Hub
    from workers.queues import Queues

Tier = Literal["service", "console", "web"]


@dataclass(slots=True)
class Services:
    """What a process builds once and every call shares."""

    settings: Settings
    database: Database
    redis: Redis
    queues: Queues
    hub: Hub
    storage: FileStorage
    sealer: Sealer
    models: Models
    embedders: Embedders
    egress: EgressGuard


class RequestHead:
    """A request without its body: what authenticators and handlers may read of it.

    Header names are matched without regard to case. A query value is the first of its name.
    """

    def __init__(self, scope: Mapping[str, Any], tier: Tier) -> None:
        self._scope = scope
        self.tier: Tier = tier

    @property
    def method(self) -> str:
        """The method, in capitals."""
        return str(self._scope["method"])

    @property
    def path(self) -> str:
        """The decoded path, base path included."""
        return str(self._scope["path"])

    @property
    def scheme(self) -> str:
        """`http` or `https`, as the server knows it."""
        return str(self._scope.get("scheme", "http"))

    @property
    def address(self) -> str:
        """The client's network address, or an empty text where the server does not know it."""
        client = self._scope.get("client")
        return str(client[0]) if client else ""

    @cached_property
    def headers(self) -> Headers:
        """All headers."""
        return Headers(raw=self._scope["headers"])

    def header(self, name: str) -> str | None:
        """Return the first header of that name, or None."""
        wanted = name.lower().encode("latin-1")
        for key, value in self._scope["headers"]:
            if key == wanted:
                return str(value.decode("latin-1"))
        return None

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies; what cannot be read as a cookie is left out."""
        return cookie_parser(self.header("cookie") or "")

    def cookie(self, name: str) -> str | None:
        """Return the cookie of that name, or None."""
        return self.cookies.get(name)

    @cached_property
    def _query(self) -> dict[str, str]:
        pairs = parse_qsl(self._scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return dict(reversed(pairs))

    def query(self, name: str) -> str | None:
        """Return the first query value of that name, or None."""
        return self._query.get(name)

    def bearer(self) -> str | None:
        """Return the token of `Authorization: Bearer <token>`, or None where that form was not sent."""
        kind, _, token = (self.header("authorization") or "").partition(" ")
        token = token.strip()
        return token if kind.lower() == "bearer" and token else None


@dataclass(slots=True)
class Call:
    """One call of an operation."""

    services: Services
    caller: Caller
    tier: Tier
    trace_id: str
    operation: str
    head: RequestHead

    @property
    def headers(self) -> Headers:
        """The request's headers."""
        return self.head.headers

    @property
    def workspace_id(self) -> str:
        """The workspace the caller acts in.

        Raises:
            ApiError: `unauthorized` for an anonymous call.
        """
        if isinstance(self.caller, Anonymous):
            raise ApiError("unauthorized", "This needs a credential of a workspace.")
        return self.caller.workspace_id

    @property
    def app_id(self) -> str:
        """The app the caller acts for.

        Raises:
            ApiError: `invalid_param` for a workspace key that names no app, `forbidden` for other callers.
        """
        if isinstance(self.caller, AppKeyCaller | EndUserCaller):
            return self.caller.app_id
        if isinstance(self.caller, WorkspaceKeyCaller):
            raise ApiError("invalid_param", "A workspace key needs the header `X-App-Id` with the id of an app.")
        raise ApiError("forbidden", "This needs a credential that belongs to an app.")

    @property
    def account(self) -> AccountCaller:
        """The signed-in account.

        Raises:
            ApiError: `unauthorized` where the caller is not an account.
        """
        if isinstance(self.caller, AccountCaller):
            return self.caller
        raise ApiError("unauthorized", "This needs a signed-in account.")

    @property
    def end_user(self) -> EndUserCaller:
        """The visitor of a published app.

        Raises:
            ApiError: `unauthorized` where the caller is not an end user.
        """
        if isinstance(self.caller, EndUserCaller):
            return self.caller
        raise ApiError("unauthorized", "This needs an end user's token.")

    @property
    def dataset_ids(self) -> frozenset[str] | None:
        """The only datasets the caller may touch; None means all of the workspace's."""
        if isinstance(self.caller, KnowledgeKeyCaller | WorkspaceKeyCaller):
            return self.caller.dataset_ids
        return None
