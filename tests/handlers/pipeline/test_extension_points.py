"""What the pipeline relies on in connexion and Starlette; docs/decisions/0002 says what each is for.

A failure after an upgrade is the moment to go through that list.
"""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import connexion
import pytest
from connexion.middleware import SpecMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from connexion.operations import AbstractOperation
from connexion.resolver import Resolution, Resolver
from connexion.spec import Specification
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.routing import Match, Mount, Route, Router
from starlette.staticfiles import StaticFiles

from handlers.pipeline.document import Document

REVIEWED = {"connexion": "3.3.0", "starlette": "1.10.0"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "One thing", "version": "1"},
    "x-own": {"kept": True},
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "getThing",
                "tags": ["Things"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"$ref": "#/components/schemas/Id"}}
                ],
                "responses": {"200": {"description": "It."}},
            }
        }
    },
    "components": {"schemas": {"Id": {"type": "string"}}},
}
SIGNATURES: list[tuple[Callable[..., Any], set[str]]] = [
    (connexion.AsyncApp, {"import_name", "lifespan", "middlewares"}),
    (connexion.AsyncApp.add_api, {"specification", "base_path", "name", "kwargs"}),
    (SpecMiddleware.add_api, {"specification"}),
    (SpecMiddleware.__call__, {"scope", "receive", "send"}),
    (AbstractOperation.from_spec, {"spec", "path", "method", "resolver"}),
    (Resolver.resolve, {"operation"}),
    (Resolution, {"function", "operation_id"}),
    (LifespanMiddleware, {"next_app", "lifespan"}),
    (Router, {"routes", "redirect_slashes", "lifespan"}),
    (Route, {"path", "endpoint"}),
    (Mount, {"path", "app"}),
    (StaticFiles, {"directory"}),
    (Headers, {"raw"}),
    (cookie_parser, {"cookie_string"}),
]


async def get_thing(call: Any, *, id: str) -> None: ...


class OneFunction(Resolver):  # type: ignore[misc]
    """Resolves everything to one function."""

    def resolve(self, operation: AbstractOperation) -> Resolution:
        return Resolution(get_thing, "renamed")


class Recorder(SpecMiddleware):  # type: ignore[misc]
    """Keeps what it is given."""

    def __init__(self, app: Any, *, kept: list[tuple[Specification, dict[str, Any]]]) -> None:
        self.kept = kept

    def add_api(self, specification: Specification, **options: Any) -> None:
        self.kept.append((specification, options))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "answered", "scope": scope})


@pytest.mark.parametrize("name", REVIEWED)
def test_the_list_of_extension_points_was_reviewed_for_this_version(name: str) -> None:
    assert importlib.metadata.version(name) == REVIEWED[name], "go through docs/decisions/0002, then note the version"


@pytest.mark.parametrize(("function", "names"), SIGNATURES, ids=lambda value: getattr(value, "__qualname__", ""))
def test_an_extension_point_takes_the_arguments_that_are_passed(function: Callable[..., Any], names: set[str]) -> None:
    assert names <= set(inspect.signature(function).parameters)


async def test_a_middleware_is_built_from_a_partial_and_is_given_each_document() -> None:
    kept: list[tuple[Specification, dict[str, Any]]] = []
    app = connexion.AsyncApp("handlers", middlewares=[partial(Recorder, kept=kept), LifespanMiddleware])
    app.add_api(DOCUMENT, base_path="/v1", name="service", resolver=OneFunction())
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "http", "path": "/"}, None, send)

    assert [options["base_path"] for _, options in kept] == ["/v1"]
    assert [message["type"] for message in sent] == ["answered"], "no middleware of connexion's own stands before ours"


def test_a_specification_keeps_the_document_as_it_was_written() -> None:
    specification = Specification.load(DOCUMENT)

    assert specification.raw["x-own"] == {"kept": True}
    parameter = specification.raw["paths"]["/things/{id}"]["get"]["parameters"][0]
    assert parameter["schema"] == {"$ref": "#/components/schemas/Id"}, "references are ours to follow"
    assert [operation[:2] for operation in Document(specification.raw).operations()] == [("/things/{id}", "get")]
    assert isinstance(specification.base_path, str)


def test_an_operation_carries_what_its_resolver_found() -> None:
    specification = Specification.load(DOCUMENT)
    operation = specification.operation_cls.from_spec(
        specification, path="/things/{id}", method="get", resolver=OneFunction()
    )

    assert isinstance(operation, AbstractOperation)
    assert (operation.path, operation.method) == ("/things/{id}", "get")
    assert operation.operation_id == "renamed"
    assert operation.function is get_thing


async def test_the_lifespan_middleware_runs_what_begins_and_ends_the_application() -> None:
    steps: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        steps.append("begun")
        yield
        steps.append("ended")

    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        steps.append(message["type"])

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the application behind it is not asked")

    await LifespanMiddleware(nothing, lifespan=lifespan)({"type": "lifespan", "state": {}}, receive, send)
    assert steps == ["begun", "lifespan.startup.complete", "ended", "lifespan.shutdown.complete"]


def test_routes_outside_the_documents_tell_how_far_they_match() -> None:
    async def endpoint(request: Any) -> Any: ...

    route = Router(routes=[Route("/healthz", endpoint)], redirect_slashes=False).routes[0]
    scope = {"type": "http", "path": "/healthz", "method": "GET"}

    assert route.matches(scope)[0] is Match.FULL
    assert route.matches({**scope, "method": "POST"})[0] is Match.PARTIAL
    assert route.matches({**scope, "path": "/other"})[0] is Match.NONE
    assert issubclass(ClientDisconnect, Exception)
