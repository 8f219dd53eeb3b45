"""The API reference: readable pages and the bundled documents, for each tier, offline."""

import asyncio
import html
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import orjson
import yaml
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from foundation.errors import ApiError
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
<link rel="icon" href="data:,">
<style>
body {{ margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1f2937 }}
nav {{ position: sticky; top: 0; z-index: 10; padding: 10px 20px; background: #14213d }}
nav {{ font: 15px/20px system-ui, sans-serif }}
nav a {{ color: #fff; margin-right: 20px; padding-bottom: 2px; text-decoration: none }}
nav a:first-child {{ font-weight: 700; margin-right: 32px }}
nav a[aria-current] {{ border-bottom: 2px solid #fca311 }}
main {{ padding: 16px 20px; max-width: 72rem }}
main ul {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 16px }}
main ul {{ padding: 0; list-style: none }}
main li {{ padding: 4px 20px 16px; border: 1px solid #d1d5db; border-radius: 8px }}
main a {{ color: #1d4ed8 }}
code {{ background: #f3f4f6; padding: 1px 4px; border-radius: 4px }}
</style>
</head>
<body>
<nav>{links}</nav>
{content}
</body>
</html>
"""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may load for a page: nothing from anywhere else."""


class Assets(StaticFiles):
    """The viewer's files; what is none of them is refused in the uniform shape."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file at `path` below the folder.

        Raises:
            ApiError: `not_found`, or `method_not_allowed` for anything but GET and HEAD.
        """
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code == 405:
                message = f"{scope['method']} is not allowed here; the path answers GET, HEAD."
                raise ApiError("method_not_allowed", message, headers={"Allow": "GET, HEAD"}) from None
            raise ApiError("not_found", f"There is nothing at {scope['method']} {scope['path'][:200]}.") from None


def assets() -> Path:
    """Return the folder of the viewer's files. Its package is found, never imported: importing it needs Django."""
    package = distribution("drf-spectacular-sidecar")
    return Path(str(package.locate_file("drf_spectacular_sidecar/static/drf_spectacular_sidecar/redoc/bundles")))


def page(title: str, current: str, documents: Mapping[Tier, Document], content: str) -> HTMLResponse:
    """Return one page with links to the reference of every tier, `current` marked."""
    links = '<a href="/docs">Parley</a>' + "".join(
        f'<a href="/docs/{tier}"{" aria-current=page" if tier == current else ""}>{tier.capitalize()}</a>'
        for tier in documents
    )
    body = PAGE.format(title=html.escape(title), links=links, content=content)
    return HTMLResponse(body, headers={"Content-Security-Policy": POLICY})


def card(tier: Tier, document: Document) -> str:
    """Return what the index says of one tier: its name, its base path, the first lines of its description."""
    info, base = document["info"], document["servers"][0]["url"]
    said = html.escape(info.get("description", "").strip().partition("\n\n")[0])
    return (
        f'<li><h2><a href="/docs/{tier}">{html.escape(info["title"])}</a></h2><p>{said}</p>'
        f'<p><code>{html.escape(base)}</code> · <a href="/{tier}/openapi.json">OpenAPI as JSON</a> · '
        f'<a href="/{tier}/openapi.yaml">YAML</a></p></li>'
    )


def reference_routes(documents: Mapping[Tier, Document]) -> list[BaseRoute]:
    """Return the routes that serve the documents and their reference pages.

    Args:
        documents: the bundled OpenAPI document of each tier, by the tier's name.
    """
    routes: list[BaseRoute] = []
    for tier, document in documents.items():
        routes += tier_routes(tier, document, documents)
    listed = "".join(card(tier, document) for tier, document in documents.items())

    async def index(request: Request) -> Response:
        return page("Parley API reference", "", documents, f"<main><h1>API reference</h1><ul>{listed}</ul></main>")

    return [*routes, Route("/docs", index), Mount("/docs/assets", Assets(directory=assets()))]


def tier_routes(tier: Tier, document: Document, documents: Mapping[Tier, Document]) -> list[BaseRoute]:
    """Return one tier's routes: its document as JSON and YAML, its alias, and its page."""
    as_json = orjson.dumps(document)

    @cache
    def as_yaml() -> bytes:
        return yaml.dump(orjson.loads(as_json), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode()

    async def send_json(request: Request) -> Response:
        return Response(as_json, media_type="application/json")

    async def send_yaml(request: Request) -> Response:
        return Response(await asyncio.to_thread(as_yaml), media_type="application/yaml")

    async def send_page(request: Request) -> Response:
        script = '<script src="/docs/assets/redoc.standalone.js"></script>'
        options = 'scroll-y-offset="nav" required-props-first="true" json-sample-expand-level="3"'
        viewer = f'<redoc spec-url="/{tier}/openapi.json" {options}></redoc>{script}'
        return page(document["info"]["title"], tier, documents, viewer)

    return [
        Route(f"/{tier}/openapi.json", send_json),
        Route(ALIASES[tier], send_json),
        Route(f"/{tier}/openapi.yaml", send_yaml),
        Route(f"/docs/{tier}", send_page),
    ]
