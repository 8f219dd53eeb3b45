"""Credentials and rights: who calls an operation, and whether they may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from foundation.errors import ApiError
from handlers.call import RequestHead, Services
from handlers.callers import (
    AccountCaller,
    Anonymous,
    AppKeyCaller,
    Caller,
    KnowledgeKeyCaller,
    WorkspaceKeyCaller,
)
from handlers.pipeline.document import Document

Authenticator = Callable[[RequestHead, Services], Awaitable[Caller | None]]
Refusal = Callable[[RequestHead, Services], Awaitable[ApiError]]

ANONYMOUS = Anonymous()
READ_METHODS = frozenset({"get", "head", "options"})
RANK = {"read": 1, "write": 2, "admin": 3}


class Security:
    """The credentials that one operation accepts and the rights it asks for."""

    def __init__(
        self,
        document: Document,
        path: str,
        method: str,
        authenticators: Mapping[str, Authenticator],
        refusal: Refusal | None,
    ) -> None:
        requirements = document.security(path, method)
        schemes = document.raw.get("components", {}).get("securitySchemes", {})
        self._refusal = refusal
        self._alternatives: list[list[Authenticator]] = []
        self.is_open = not requirements or any(not r for r in requirements)
        for requirement in requirements:
            unknown = [name for name in requirement if name not in schemes or name not in authenticators]
            if unknown:
                raise ValueError(f"{method.upper()} {path}: no authenticator for {', '.join(unknown)}")
            if requirement:
                self._alternatives.append([authenticators[name] for name in requirement])
        operation = document.operation(path, method)
        self._roles = frozenset(operation.get("x-roles", ()))
        self._permission: str | None = operation.get("x-permission")
        self._access: str = operation.get("x-access") or ("read" if method in READ_METHODS else "write")

    async def caller(self, head: RequestHead, services: Services) -> Caller:
        """Find out who calls, and check that they may.

        The alternatives are tried in their order; a credential that is wrong is told only where no other one is
        right, and it is never taken for no credential at all.

        Args:
            head: the request without its body.
            services: what authenticators look things up with.

        Raises:
            ApiError: `unauthorized` without a valid credential, `forbidden` where it does not reach.
        """
        if not self._alternatives:
            return ANONYMOUS
        failure: ApiError | None = None
        for alternative in self._alternatives:
            try:
                caller = await self._authenticate(alternative, head, services)
            except ApiError as error:
                if failure is None or error.code == "forbidden":
                    failure = error
                continue
            if caller is not None:
                self.check(caller)
                return caller
        if failure is not None:
            if failure.code == "unauthorized":
                failure.headers.setdefault("WWW-Authenticate", 'Bearer realm="api", error="invalid_token"')
            raise failure
        if self.is_open:
            return ANONYMOUS
        if self._refusal is None:
            raise ApiError("unauthorized", "This takes a credential; none was sent.")
        raise await self._refusal(head, services)

    def check(self, caller: Caller) -> None:
        """Check roles, permission and access.

        Raises:
            ApiError: `forbidden`, with the right that is missing.
        """
        if isinstance(caller, AccountCaller):
            if self._roles and caller.role not in self._roles:
                wanted = ", ".join(sorted(self._roles))
                raise ApiError("forbidden", f"The role {caller.role} may not do this; it takes one of: {wanted}.")
        elif isinstance(caller, AppKeyCaller | KnowledgeKeyCaller | WorkspaceKeyCaller):
            self._check_key(caller.permissions, caller.access)

    def _check_key(self, permissions: frozenset[str] | None, access: str | None) -> None:
        if self._permission and permissions is not None and self._permission not in permissions:
            raise ApiError("forbidden", f"The API key lacks the permission `{self._permission}`.")
        if access is None:
            if self._access == "admin":
                raise ApiError("forbidden", "This takes an API key with the access `admin`.")
        elif RANK[access] < RANK[self._access]:
            raise ApiError("forbidden", f"The API key has the access `{access}`; this takes `{self._access}`.")

    @staticmethod
    async def _authenticate(alternative: list[Authenticator], head: RequestHead, services: Services) -> Caller | None:
        first: Caller | None = None
        for authenticator in alternative:
            caller = await authenticator(head, services)
            if caller is None:
                return None
            first = first or caller
        return first
