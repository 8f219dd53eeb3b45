"""What the documents give as examples: whole requests, and the answers to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from handlers.pipeline.assembly import BASE_PATHS
from parley.typed_handlers import FORMS
from tests.openapi.reading import STATED, Stated, examples

LEFT_OUT = frozenset({"Idempotency-Key"})
FILE = ("note.txt", b"A note.", "text/plain")


@dataclass(frozen=True)
class Example:
    """A request that a document gives as an example, as a client sends it."""

    stated: Stated
    number: int
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def id(self) -> str:
        """The operation, and which of its requests."""
        return f"{self.stated.tier}-{self.stated.operation['operationId']}-{self.number}"


def answer(stated: Stated) -> tuple[int, str | None, Any]:
    """Return the first success of an operation: status, media type and example; no media type for an empty answer."""
    status, response = next((s, r) for s, r in stated.responses().items() if s.startswith("2"))
    for media_type, media in response.get("content", {}).items():
        return int(status), media_type, next(examples(media), None)
    return int(status), None, None


def each_example() -> Iterator[Example]:
    """Yield each operation's requests: every example of its body, once bare and once with every parameter."""
    for stated in STATED:
        bodies = list(_bodies(stated)) or [{}]
        sent = [(body, False) for body in bodies] + [(bodies[0], True)]
        for number, (body, with_all) in enumerate(sent, 1):
            yield _example(stated, number, body, with_all)


def _example(stated: Stated, number: int, body: dict[str, Any], with_all: bool) -> Example:
    path, query, headers = BASE_PATHS[stated.tier] + stated.path, [], {}  # type: ignore[index]
    for parameter in stated.parameters():
        value = next(examples(parameter), None)
        if value is None or not (with_all or parameter.get("required")) or parameter["name"] in LEFT_OUT:
            continue
        texts = [_text(one) for one in value] if isinstance(value, list) else [_text(value)]
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", quote(texts[0], safe=""))
        elif parameter["in"] == "query":
            query += [(parameter["name"], text) for text in texts]
        elif parameter["in"] == "header":
            headers[parameter["name"]] = texts[0]
    return Example(stated, number, path, tuple(query), headers, body)


def _bodies(stated: Stated) -> Iterator[dict[str, Any]]:
    """Yield each example body as arguments of a client's request."""
    content = stated.follow(stated.operation.get("requestBody", {})).get("content", {})
    for media_type, media in content.items():
        for example in examples(media):
            yield _form(stated, media["schema"], example) if media_type in FORMS else {"json": example}


def _form(stated: Stated, schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    declared = stated.follow(schema)["properties"]
    is_file = {name: stated.follow(declared[name]).get("format") == "binary" for name in example}
    return {
        "data": {name: _text(value) for name, value in example.items() if not is_file[name]},
        "files": {name: FILE for name in example if is_file[name]},
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
