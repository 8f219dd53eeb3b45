"""Valid requests through this pipeline and through stock connexion: the same status and the same body."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import connexion
import httpx2
import pytest

from handlers.call import Call, RequestHead
from handlers.callers import AppKeyCaller
from handlers.pipeline.document import METHODS, Document
from handlers.pipeline.resolver import HandlerResolver, resolve_tier
from handlers.replies import Reply
from tests.handlers.pipeline.conftest import PACKAGE, client_of, sample_app
from tests.handlers.pipeline.sample.documents import documents
from tests.handlers.pipeline.sample.service.items import ID

REQUESTS: list[tuple[str, str, Any]] = [
    ("GET", "/v1/items", None),
    ("GET", "/v1/items?limit=5&label=1&label=2&csv=a,b&pinned=true&mail=a@example.com", None),
    ("GET", "/v1/items?link=https://example.com/x", None),
    ("GET", "/v1/items/latest", None),
    ("GET", f"/v1/items/{ID}", None),
    ("DELETE", f"/v1/items/{ID}", None),
    ("POST", "/v1/items", {"id": ID, "name": "kettle", "secret": "s", "size": "small", "options": {"deep": False}}),
    ("POST", "/v1/shapes", {"kind": "circle", "radius": 2.5}),
    ("GET", "/v1/broken?how=fine", None),
    ("GET", "/v1/cached", None),
]


def for_stock(function: Callable[..., Awaitable[Any]], success: int) -> Callable[..., Awaitable[Any]]:
    """Wrap a handler in what stock connexion calls and understands."""

    async def answer(**arguments: Any) -> Any:
        head = RequestHead({"method": "GET", "path": "/", "headers": [], "query_string": b""}, "service")
        call = Call(SimpleNamespace(), AppKeyCaller("w", "a", "k"), "service", "t", "o", head)  # type: ignore[arg-type]
        value = await function(call, **arguments)
        if isinstance(value, Reply):
            return value.body, value.status or success
        return (connexion.NoContent, 204) if value is None else (value, success)

    return answer


def stock_app() -> Any:
    """Build the Service sample on stock connexion; what it cannot serve is left out of its document."""
    document = copy.deepcopy(documents()["service"])
    del document["security"]
    document["components"].pop("securitySchemes")
    del document["components"]["schemas"]["NewItem"]["properties"]["secret"]["writeOnly"]
    for path in ("/both", "/either", "/admin", "/secrets", "/open"):
        del document["paths"][path]
    items = document["paths"]["/items"]["get"]
    items["parameters"] = [p for p in items["parameters"] if p["name"] not in ("either", "filter", "X-Depth", "theme")]
    document["paths"]["/items"]["post"]["parameters"] = []
    found = Document(document)
    resolved = resolve_tier("service", found, PACKAGE)
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            success = int(next(iter(item[method]["responses"])))
            resolved.functions[path, method] = for_stock(resolved.functions[path, method], success)
    app = connexion.AsyncApp("stock", validate_responses=True)
    # Stock connexion takes the first route that fits: the static one has to stand first in its document.
    document["paths"] = dict(sorted(document["paths"].items(), key=lambda entry: "{" in entry[0]))
    app.add_api(document, base_path="/v1", resolver=HandlerResolver(found, resolved))
    return app


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
async def test_valid_requests_get_the_same_answer(method: str, path: str, body: Any) -> None:
    async with client_of(sample_app()) as ours, client_of(stock_app()) as stock:
        answers: list[httpx2.Response] = [await c.request(method, path, json=body) for c in (ours, stock)]
    assert answers[0].status_code == answers[1].status_code
    if answers[0].content and "latest" not in path:
        assert answers[0].json() == answers[1].json()
