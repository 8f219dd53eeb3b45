"""Authenticators of the sample: the token says what it is."""

from __future__ import annotations

from typing import Any

from foundation.errors import ApiError
from handlers.call import RequestHead, Services
from handlers.callers import AccountCaller, Allowance, AppKeyCaller, Caller, KnowledgeKeyCaller

APP = {"Authorization": "Bearer app-good"}


async def app_key(head: RequestHead, services: Services) -> Caller | None:
    token = head.bearer()
    if token is None or token.startswith("dataset-"):
        return None
    kind, _, rest = token.partition("-")
    if kind != "app":
        raise ApiError("unauthorized", "Access token is invalid.")
    if rest == "suspended":
        raise ApiError("forbidden", "The workspace is suspended.")
    if rest.startswith("limited"):
        windows = (Allowance(f"key:{rest}", 2, 60), Allowance(f"key:{rest}", 100, 3600))
        return AppKeyCaller("w", "a", rest, allowances=windows)
    if rest == "reader":
        return AppKeyCaller("w", "a", rest, permissions=frozenset({"chat"}), access="read")
    if rest == "admin":
        return AppKeyCaller("w", "a", rest, permissions=frozenset({"app"}), access="admin")
    return AppKeyCaller("w", "a", rest)


async def knowledge_key(head: RequestHead, services: Services) -> Caller | None:
    token = head.bearer()
    return KnowledgeKeyCaller("w", token) if token and token.startswith("dataset-") else None


async def signature(head: RequestHead, services: Services) -> Caller | None:
    return AppKeyCaller("w", "a", "signed") if head.header("X-Signature") else None


async def console_token(head: RequestHead, services: Services) -> Caller | None:
    role: Any = head.bearer()
    return AccountCaller("w", "u", role) if role else None


AUTHENTICATORS: Any = {
    "service": {"AppKey": app_key, "KnowledgeKey": knowledge_key, "Signature": signature},
    "console": {"ConsoleToken": console_token},
}
