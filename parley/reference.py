"""The API reference: readable pages and the bundled documents, for each tier, offline."""

import html
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import orjson
import yaml
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from handlers.call import Tier

Document = dict[str, Any]

ALIASES = {
    "service": "/v1/openapi.json",
    "console": "/console/api/spec/swagger.json",
    "web": "/api/openapi.json",
}

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0; font-family: system-ui, sans-serif }}
nav {{ padding: .6rem 1rem; background: #14213d }}
nav a {{ color: #fff; margin-right: 1.2rem; text-decoration: none }}
nav a[aria-current] {{ font-weight: 700; border-bottom: 2px solid #fca311 }}
main {{ padding: 1rem 2rem; max-width: 60rem }}
</style>
</head>
<body>
<nav>{links}</nav>
{content}
</body>
</html>
"""


def assets() -> Path:
    """Return the folder of the viewer's files. Its package is found, never imported: importing it needs Django."""
    package = distribution("drf-spectacular-sidecar")
    return Path(str(package.locate_file("drf_spectacular_sidecar/static/drf_spectacular_sidecar/redoc/bundles")))


def page(title: str, current: str, documents: Mapping[Tier, Document], content: str) -> HTMLResponse:
    """Return one page with links to the reference of every tier, `current` marked."""
    links = "".join(
        f'<a href="/docs/{tier}"{" aria-current=page" if tier == current else ""}>{tier.capitalize()}</a>'
        for tier in documents
    )
    return HTMLResponse(PAGE.format(title=html.escape(title), links=links, content=content))


def reference_routes(documents: Mapping[Tier, Document]) -> list[BaseRoute]:
    """Return the routes that serve the documents and their reference pages.

    Args:
        documents: the bundled OpenAPI document of each tier, by the tier's name.
    """
    routes: list[BaseRoute] = []
    for tier, document in documents.items():
        routes += tier_routes(tier, document, documents)
    listed = "".join(
        f"<li><a href=/docs/{tier}>{html.escape(document['info']['title'])}</a>: "
        f"<a href=/{tier}/openapi.json>JSON</a>, <a href=/{tier}/openapi.yaml>YAML</a></li>"
        for tier, document in documents.items()
    )

    async def index(request: Request) -> Response:
        return page("Parley API reference", "", documents, f"<main><h1>API reference</h1><ul>{listed}</ul></main>")

    return [*routes, Route("/docs", index), Mount("/docs/assets", StaticFiles(directory=assets()))]


def tier_routes(tier: Tier, document: Document, documents: Mapping[Tier, Document]) -> list[BaseRoute]:
    """Return one tier's routes: its document as JSON and YAML, its alias, and its page."""
    as_json = orjson.dumps(document)
    as_yaml = yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()

    async def send_json(request: Request) -> Response:
        return Response(as_json, media_type="application/json")

    async def send_yaml(request: Request) -> Response:
        return Response(as_yaml, media_type="application/yaml")

    async def send_page(request: Request) -> Response:
        script = '<script src="/docs/assets/redoc.standalone.js"></script>'
        viewer = f'<redoc spec-url="/{tier}/openapi.json"></redoc>{script}'
        return page(document["info"]["title"], tier, documents, viewer)

    return [
        Route(f"/{tier}/openapi.json", send_json),
        Route(ALIASES[tier], send_json),
        Route(f"/{tier}/openapi.yaml", send_yaml),
        Route(f"/docs/{tier}", send_page),
    ]
