"""A web page as text, fetched through the egress guard."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from charset_normalizer import from_bytes

from engine.ingestion.html_text import html_text
from engine.tools.builtin.builtin_tool import BuiltinProvider, BuiltinTool, result, schema
from engine.tools.tool import ToolContext, ToolFailure, ToolResult, words
from foundation.egress import Fetched

_MOST_BYTES = 5 * 1024 * 1024
_MOST_CHARACTERS = 20_000
_SECONDS = 30.0
_ACCEPTED = {"accept": "text/html,application/xhtml+xml,text/plain,application/json;q=0.9,*/*;q=0.1"}
_TEXTUAL = ("application/json", "application/xml", "application/xhtml+xml", "application/javascript")


async def _read(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    url = str(arguments["url"]).strip()
    seconds = min(_SECONDS, context.timeout)
    page = await context.egress.fetch(url, _MOST_BYTES, seconds, headers=_ACCEPTED)
    if page.status >= 400:
        raise ToolFailure(f"The page answered with status {page.status}.")
    kind = page.content_type
    if kind and not kind.startswith("text/") and kind not in _TEXTUAL and not kind.endswith(("+json", "+xml")):
        raise ToolFailure(f"The address holds {kind}, not text.")
    text = await asyncio.to_thread(_text, page)
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[:_MOST_CHARACTERS]}\n[… cut after {_MOST_CHARACTERS} characters]"
    return result(text or "The page has no text.", {"url": page.url, "status": page.status, "text": text})


def _text(page: Fetched) -> str:
    source = decoded(page.body, page.headers.get("content-type", ""))
    return html_text(source) if "html" in page.content_type or "<html" in source[:1000].lower() else source.strip()


def decoded(body: bytes, content_type: str) -> str:
    """Returns the text of an answer, in the charset that it names or, failing that, the likeliest one."""
    _, _, named = content_type.lower().partition("charset=")
    for charset in (named.split(";")[0].strip(" \"'"), "utf-8"):
        try:
            return body.decode(charset or "utf-8")
        except (LookupError, UnicodeDecodeError):
            continue
    best = from_bytes(body).best()
    return str(best) if best else body.decode("utf-8", "replace")


WEB_PAGE = BuiltinProvider(
    name="webscraper",
    label=words("Web page", "网页"),
    description=words("Reads pages of the public web.", "读取公开网页。"),
    emoji="🌐",
    background="#DCFCE7",
    labels=("productivity", "search"),
    tools=(
        BuiltinTool(
            "webscraper",
            words("Read a web page", "读取网页"),
            "Fetches a web page by its address and returns its text.",
            words("The text of a web page.", "网页的文字内容。"),
            _read,
            schema(("url",), url={"type": "string", "maxLength": 4096, "description": "An http or https address."}),
        ),
    ),
)
