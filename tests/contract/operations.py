"""Every operation of the three documents, as the matrices go through them."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from parley.bundle import bundle

BASES = {"service": "/v1", "console": "/console/api", "web": "/api"}
METHODS = ("get", "post", "put", "patch", "delete")
OF_COMPLETIONS = re.compile(r"/completion|/more-like-this|/saved-messages")
OF_WORKFLOWS = re.compile(r"/workflow|/human_input|/human-input-forms")
OF_CHATFLOWS = re.compile(r"/advanced-chat/|/conversations/\{conversation_id\}/variables")
UNKNOWN = "01930000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Operation:
    """One operation: where it is, what it accepts, and a body that its document gives as an example.

    Attributes:
        tag: the tag it stands under.
        schemes: the security schemes of which one is enough; empty where it is open to all.
        roles: who may call it on the Console; empty where everybody of the workspace may.
        ids: the path parameters that stand for things.
        words: the path parameters that are one of a list of words, with those words, the example first.
        queries: the query parameters that must be given, with their examples.
        json: an example of the JSON body.
        form: the texts of an example form; a form's files are not among them.
        has_form: whether the body is a form.
        files: the parts of the form that are files.
        links: the operationIds that its answers link to.
    """

    tier: str
    name: str
    method: str
    path: str
    tag: str
    schemes: frozenset[str]
    roles: frozenset[str]
    ids: tuple[str, ...]
    words: dict[str, tuple[str, ...]] = field(hash=False)
    queries: dict[str, Any] = field(hash=False)
    json: Any = field(default=None, hash=False)
    form: dict[str, str] = field(default_factory=dict, hash=False)
    has_form: bool = False
    files: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.tier} {self.method} {self.path}"

    @property
    def mode(self) -> str:
        """The mode of the app that it is for; `chat` where it serves any."""
        if OF_CHATFLOWS.search(self.path):
            return "advanced-chat"
        if OF_WORKFLOWS.search(self.path):
            return "workflow"
        return "completion" if OF_COMPLETIONS.search(self.path) else "chat"

    def url(self, **ids: str) -> str:
        """Return its URL; a path parameter that is not given gets an id that nothing has, or a word that it may be."""
        path = self.path
        for name, words in self.words.items():
            path = path.replace("{" + name + "}", word if (word := ids.get(name)) in words else words[0])
        for name in self.ids:
            path = path.replace("{" + name + "}", ids.get(name, UNKNOWN))
        return BASES[self.tier] + path

    def query(self, user: str, **ids: str) -> dict[str, Any]:
        """Return the parameters that it must be given, with the ids that are known, and who asks."""
        return {name: ids.get(name, example) for name, example in self.queries.items()} | {"user": user}

    def body(self) -> dict[str, Any]:
        """Return the example body as arguments of a client's request."""
        if self.has_form:
            table = ("note.csv", b"question,answer\nWho?,Ada.\n", "text/csv")
            return {"data": self.form, "files": dict.fromkeys(self.files, table)}
        return {} if self.json is None else {"json": self.json}


def operations() -> list[Operation]:
    """Return every operation of every document."""
    found = []
    for tier in BASES:
        document: dict[str, Any] = bundle(tier)
        for path, item in document["paths"].items():
            shared = item.get("parameters", [])
            for method in METHODS:
                if method in item:
                    found.append(_operation(document, tier, path, method, shared))
    return found


def protected() -> list[Operation]:
    """Return every operation that asks for a credential."""
    return [operation for operation in operations() if operation.schemes]


def _operation(document: dict[str, Any], tier: str, path: str, method: str, shared: list[Any]) -> Operation:
    declared = document["paths"][path][method]
    security = declared.get("security", document.get("security", []))
    parameters = [_follow(document, parameter) for parameter in [*shared, *declared.get("parameters", [])]]
    words = {
        p["name"]: (p["example"], *listed)
        for p in parameters
        if p["in"] == "path" and (listed := _follow(document, p["schema"]).get("enum"))
    }
    content = _follow(document, declared.get("requestBody", {})).get("content", {})
    form, files = None, frozenset[str]()
    if "multipart/form-data" in content:
        form, files = _example(content["multipart/form-data"]), _files(document, content["multipart/form-data"])
    return Operation(
        tier=tier,
        name=declared["operationId"],
        method=method.upper(),
        path=path,
        tag=declared["tags"][0],
        schemes=frozenset(name for alternative in security for name in alternative)
        if {} not in security
        else frozenset(),
        roles=frozenset(declared.get("x-roles", ())),
        ids=tuple(dict.fromkeys(p["name"] for p in parameters if p["in"] == "path" and p["name"] not in words)),
        words=words,
        queries={p["name"]: p.get("example") for p in parameters if p["in"] == "query" and p.get("required")},
        json=_example(content["application/json"]) if "application/json" in content else None,
        form={name: _text(value) for name, value in (form or {}).items() if name not in files},
        has_form=form is not None,
        files=tuple(sorted(files)),
        links=frozenset(
            link["operationId"]
            for response in declared["responses"].values()
            for link in _follow(document, response).get("links", {}).values()
        ),
    )


def _follow(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        target: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value


def _files(document: dict[str, Any], media: dict[str, Any]) -> frozenset[str]:
    """Return the parts of a form that are files."""
    parts = _follow(document, media["schema"])["properties"]
    return frozenset(name for name, part in parts.items() if _follow(document, part).get("format") == "binary")


def _example(media: dict[str, Any]) -> Any:
    if "example" in media:
        return media["example"]
    return next(iter(media["examples"].values()))["value"] if media.get("examples") else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
