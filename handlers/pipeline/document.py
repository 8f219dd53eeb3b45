"""One tier's OpenAPI document, read by reference: nothing is copied, every `$ref` is followed when asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options", "trace"})


class Document:
    """Access to the parts of a bundled document."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw

    def follow(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the node itself, or what its `$ref` names.

        Raises:
            ValueError: when a reference names nothing in the document, or leaves it.
        """
        while "$ref" in node:
            node = self.at(node["$ref"])
        return node

    def at(self, reference: str) -> Mapping[str, Any]:
        """Return the object at a `#/...` reference.

        Raises:
            ValueError: when the reference names nothing in the document, or leaves it.
        """
        if not reference.startswith("#/"):
            raise ValueError(f"the reference {reference!r} leaves the bundled document")
        node: Any = self.raw
        for part in reference[2:].split("/"):
            try:
                node = node[part.replace("~1", "/").replace("~0", "~")]
            except (KeyError, TypeError):
                raise ValueError(f"the reference {reference!r} names nothing in the document") from None
        if not isinstance(node, Mapping):
            raise ValueError(f"the reference {reference!r} does not name an object")
        return node

    def operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Yield path, method and operation of everything the document offers, in its order."""
        for path, item in self.raw.get("paths", {}).items():
            for method, operation in self.follow(item).items():
                if method in METHODS:
                    yield path, method, operation

    def operation(self, path: str, method: str) -> Mapping[str, Any]:
        """Return one operation object."""
        found: Mapping[str, Any] = self.follow(self.raw["paths"][path])[method]
        return found

    def parameters(self, path: str, method: str) -> list[Mapping[str, Any]]:
        """Return an operation's parameters; those of the path item come in where the operation has none alike."""
        own = [self.follow(p) for p in self.operation(path, method).get("parameters", ())]
        named = {(p["in"], p["name"]) for p in own}
        shared = [self.follow(p) for p in self.follow(self.raw["paths"][path]).get("parameters", ())]
        return own + [p for p in shared if (p["in"], p["name"]) not in named]

    def security(self, path: str, method: str) -> list[Mapping[str, Any]]:
        """Return the security requirements that hold for an operation; an empty list means none."""
        return list(self.operation(path, method).get("security", self.raw.get("security", ())))
