"""Reading the bundled documents in tests."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from parley.bundle import TIERS, bundle, operations

DOCUMENTS = {tier: bundle(tier) for tier in TIERS}


class Stated(NamedTuple):
    """One operation of one document."""

    tier: str
    method: str
    path: str
    operation: dict[str, Any]

    @property
    def document(self) -> dict[str, Any]:
        """The document that states it."""
        return DOCUMENTS[self.tier]

    def follow(self, node: dict[str, Any]) -> dict[str, Any]:
        """Return a node, or what its reference names."""
        while "$ref" in node:
            found: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def parameters(self) -> list[dict[str, Any]]:
        """Its parameters, those of the path among them."""
        shared = self.document["paths"][self.path].get("parameters", [])
        return [self.follow(parameter) for parameter in (*shared, *self.operation.get("parameters", []))]

    def responses(self) -> dict[str, dict[str, Any]]:
        """Its responses by status."""
        return {status: self.follow(response) for status, response in self.operation["responses"].items()}

    def schemas_of(self, node: Any) -> set[str]:
        """The names of all schemas that a node refers to, directly or not."""
        found: set[str] = set()
        waiting = [node]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                name = str(value.get("$ref", "")).removeprefix("#/components/schemas/")
                if "$ref" in value and name not in found:
                    found.add(name)
                    waiting.append(self.follow(value))
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)
        return found


STATED = [
    Stated(tier, method, path, operation)
    for tier, document in DOCUMENTS.items()
    for path, method, operation in operations(document)
]


def each_operation() -> list[Any]:
    """One parameter set for each operation, named for it."""
    return [pytest.param(stated, id=f"{stated.tier}-{stated.operation['operationId']}") for stated in STATED]


def examples(holder: dict[str, Any]) -> Iterator[Any]:
    """Yield the examples of a media type or a parameter."""
    if "example" in holder:
        yield holder["example"]
    for example in holder.get("examples", {}).values():
        yield example["value"]
