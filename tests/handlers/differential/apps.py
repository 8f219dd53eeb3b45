"""The two applications: the same stubbed handlers behind this pipeline and behind stock connexion."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import connexion
import pytest
from connexion.lifecycle import ConnexionResponse
from redis.asyncio import Redis

from foundation.error_table import error_table
from handlers.call import RequestHead, Services
from handlers.callers import AccountCaller, Caller
from handlers.pipeline import assembly
from handlers.pipeline.document import Document
from handlers.pipeline.resolver import HandlerResolver, ResolvedTier
from handlers.replies import EventStream, FileReply, Reply
from tests.handlers.differential.exchanges import answer
from tests.openapi.reading import DOCUMENTS, STATED, Stated

BYTES = b"The bytes of a file."
Received = list[dict[str, Any]]


def ours(received: Received, patch: pytest.MonkeyPatch) -> Any:
    """Build the three documents on this pipeline.

    Args:
        received: where each handler leaves the arguments that it got.
        patch: puts the stubs into the place of the handlers.
    """
    resolved = {tier: ResolvedTier() for tier in DOCUMENTS}
    for stated in STATED:
        resolved[stated.tier].functions[stated.path, stated.method] = _for_ours(stated, received)
    patch.setattr(assembly, "resolve_tier", lambda tier, document, package: resolved[tier])
    authenticators: Any = {
        tier: dict.fromkeys(document["components"].get("securitySchemes", {}), _owner)
        for tier, document in DOCUMENTS.items()
    }
    services: Any = SimpleNamespace(redis=Redis.from_url("redis://127.0.0.1:1"))
    documents: Any = copy.deepcopy(DOCUMENTS)
    return assembly.build_app(documents, services, authenticators, error_table(), strict=True)


def stock(tier: str, received: Received, adapt: Callable[[dict[str, Any]], None]) -> Any:
    """Build one document on stock connexion, which validates requests and answers in its own way.

    Args:
        tier: whose document.
        received: where each handler leaves the arguments that it got.
        adapt: takes out of the document what stock connexion is known to treat in another way.
    """
    document = copy.deepcopy(DOCUMENTS[tier])
    adapt(document)
    functions = {(stated.path, stated.method): _for_stock(stated, received) for stated in STATED if stated.tier == tier}
    resolved = ResolvedTier(functions=functions)
    app = connexion.AsyncApp("stock", validate_responses=True)
    app.add_api(
        document,
        base_path=assembly.BASE_PATHS[tier],  # type: ignore[index]
        resolver=HandlerResolver(Document(document), resolved),
    )
    return app


async def _owner(head: RequestHead, services: Services) -> Caller | None:
    return AccountCaller("w", "u", "owner")


def _for_ours(stated: Stated, received: Received) -> Callable[..., Awaitable[Any]]:
    status, media_type, example = answer(stated)

    async def answered(call: Any, **arguments: Any) -> Any:
        received.append(arguments)
        if media_type is None:
            return None if status == 204 else Reply(status=status)
        if media_type == "application/json":
            return example
        if media_type == "text/event-stream":
            return EventStream(_events(example))
        return FileReply(_chunks(), media_type)

    return answered


def _for_stock(stated: Stated, received: Received) -> Callable[..., Awaitable[Any]]:
    status, media_type, example = answer(stated)

    async def answered(**arguments: Any) -> Any:
        received.append(arguments)
        if media_type is None:
            return connexion.NoContent, status
        if media_type == "application/json":
            return example, status, {"Content-Type": media_type}
        if media_type == "text/event-stream":
            return ConnexionResponse(status, content_type="text/event-stream", body=f"data: {example['data']}\n\n")
        return ConnexionResponse(status, content_type=media_type, body=BYTES)

    return answered


async def _events(example: Any) -> AsyncIterator[bytes]:
    yield example["data"].encode()


async def _chunks() -> AsyncIterator[bytes]:
    yield BYTES
