"""Make one OpenAPI document for each tier out of the files in `openapi/`.

A tier's file names its path items as references into `openapi/<tier>/`; those refer to shared schemas, parameters,
responses and headers. Bundling inlines the path items, turns every other file reference into a component of the one
document, and completes aliases (`x-alias-of`) with what their canonical operation says.

    python -m parley.bundle --check          # bundle and validate every tier
    python -m parley.bundle --write build    # also write build/<tier>.json and build/<tier>.yaml
"""

import argparse
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import orjson
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

Node: TypeAlias = Any
Document: TypeAlias = dict[str, Any]

OPENAPI: Final = Path(__file__).resolve().parent.parent / "openapi"
TIERS: Final = ("service", "console", "web")
METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

COMPONENTS: Final = frozenset(
    {"schemas", "parameters", "responses", "headers", "requestBodies", "examples", "links", "securitySchemes"}
)


class BundleError(Exception):
    """The files do not make one document."""


class Place(NamedTuple):
    """Where a piece of the contract stands: a file and a pointer into it."""

    file: Path
    pointer: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(OPENAPI)}#{self.pointer}"


class Child(NamedTuple):
    """What stands under a key: one object, a list or a map of them, and their kind."""

    shape: Literal["one", "list", "map"]
    kind: str


SCHEMA: Final = Child("one", "schemas")
CONTENT: Final = Child("map", "media")
EXAMPLES: Final = Child("map", "examples")
PARAMETERS: Final = Child("list", "parameters")

GRAMMAR: Final[dict[str, dict[str, Child]]] = {
    "document": {"paths": Child("map", "pathItems"), "components": Child("one", "components")},
    "components": {kind: Child("map", kind) for kind in COMPONENTS},
    "pathItems": {"parameters": PARAMETERS, **{method: Child("one", "operation") for method in METHODS}},
    "operation": {
        "parameters": PARAMETERS,
        "requestBody": Child("one", "requestBodies"),
        "responses": Child("map", "responses"),
    },
    "requestBodies": {"content": CONTENT},
    "responses": {"headers": Child("map", "headers"), "content": CONTENT, "links": Child("map", "links")},
    "parameters": {"schema": SCHEMA, "content": CONTENT, "examples": EXAMPLES},
    "headers": {"schema": SCHEMA, "content": CONTENT, "examples": EXAMPLES},
    "media": {"schema": SCHEMA, "examples": EXAMPLES},
    "schemas": {
        "properties": Child("map", "schemas"),
        "items": SCHEMA,
        "additionalProperties": SCHEMA,
        "not": SCHEMA,
        "allOf": Child("list", "schemas"),
        "anyOf": Child("list", "schemas"),
        "oneOf": Child("list", "schemas"),
        "discriminator": Child("one", "discriminator"),
    },
}


class _Loader(yaml.CSafeLoader):
    """YAML whose dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@cache
def _load(file: Path) -> Node:
    if not file.is_file():
        raise BundleError(f"{file} does not exist")
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise BundleError(f"{file}: {error}") from error


class _Bundler:
    """Collects the components of one tier while its paths are walked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.components: dict[str, Document] = {}
        self.places: dict[tuple[str, str], Place] = {}

    def run(self) -> Document:
        document: Document = self._walk(_load(self.root), "document", self.root)
        own: dict[str, Document] = document.get("components", {})
        for kind, found in self.components.items():
            own[kind] = dict(sorted({**own.get(kind, {}), **found}.items()))
        if own:
            document["components"] = own
        _complete_aliases(document)
        return document

    def _walk(self, node: Node, kind: str, file: Path) -> Node:
        if not isinstance(node, dict):
            return deepcopy(node)
        reference = node.get("$ref")
        if isinstance(reference, str):
            return self._follow(reference, kind, file)
        if kind == "discriminator":
            return self._discriminator(node, file)
        grammar = GRAMMAR.get(kind, {})
        return {
            self._key(key, file): self._child(value, grammar[key], file) if key in grammar else deepcopy(value)
            for key, value in node.items()
        }

    def _child(self, node: Node, child: Child, file: Path) -> Node:
        if child.shape == "list" and isinstance(node, list):
            return [self._walk(item, child.kind, file) for item in node]
        if child.shape == "map" and isinstance(node, dict):
            return {self._key(key, file): self._walk(item, child.kind, file) for key, item in node.items()}
        return self._walk(node, child.kind, file)

    def _discriminator(self, node: Document, file: Path) -> Document:
        mapping = {
            value: self._follow(reference, "schemas", file)["$ref"]
            for value, reference in node.get("mapping", {}).items()
        }
        return {**node, "mapping": mapping} if mapping else dict(node)

    def _follow(self, reference: str, kind: str, file: Path) -> Node:
        path, _, pointer = reference.partition("#")
        if not path and pointer.startswith("/components/"):
            return {"$ref": reference}
        target = Place((file.parent / path).resolve() if path else file, pointer)
        if kind not in COMPONENTS:
            return self._walk(self._at(target), kind, target.file)
        name = pointer.rpartition("/")[2]
        known = self.places.get((kind, name))
        if known is None:
            self._claim(kind, name, target)
        elif known != target:
            raise BundleError(f"two {kind} are called {name}: {known} and {target}")
        return {"$ref": f"#/components/{kind}/{name}"}

    def _claim(self, kind: str, name: str, place: Place) -> None:
        if name in (_load(self.root).get("components") or {}).get(kind, {}):
            raise BundleError(f"two {kind} are called {name}: {place} and one in {self.root.name}")
        self.places[(kind, name)] = place
        self.components.setdefault(kind, {})[name] = self._walk(self._at(place), kind, place.file)

    def _at(self, place: Place) -> Node:
        node = _load(place.file)
        for part in place.pointer.strip("/").split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or part not in node:
                raise BundleError(f"{place} does not exist")
            node = node[part]
        return node

    def _key(self, key: object, file: Path) -> str:
        if not isinstance(key, str):
            raise BundleError(f"{file.relative_to(OPENAPI)}: the key {key!r} must be quoted")
        return key


def operations(document: Document) -> list[tuple[str, str, Document]]:
    """List every operation of a document.

    Args:
        document: a bundled document.

    Returns:
        (path, method, operation), in the order of the document.
    """
    return [
        (path, method, operation)
        for path, item in document.get("paths", {}).items()
        for method, operation in item.items()
        if method in METHODS
    ]


def _complete_aliases(document: Document) -> None:
    by_id = {operation["operationId"]: operation for _, _, operation in operations(document)}
    for path, method, operation in operations(document):
        canonical_id = operation.get("x-alias-of")
        if canonical_id is None:
            continue
        canonical = by_id.get(canonical_id)
        if canonical is None or "x-alias-of" in canonical:
            raise BundleError(f"{method.upper()} {path}: x-alias-of names {canonical_id}, which is no operation here")
        operation.update({key: deepcopy(value) for key, value in canonical.items() if key not in operation})
        operation["deprecated"] = True


@cache
def _bundled(tier: str) -> Document:
    return _Bundler(OPENAPI / f"{tier}.yaml").run()


def bundle(tier: str) -> Document:
    """Bundle the document of one tier.

    Args:
        tier: `service`, `console` or `web`.

    Returns:
        The document, whose only references point into its own components. The caller may change it.

    Raises:
        BundleError: a reference leads nowhere, two components share a name, or an alias has no canonical operation.
    """
    return deepcopy(_bundled(tier))


def check(document: Document) -> list[str]:
    """Validate a bundled document against OpenAPI 3.0.

    Args:
        document: a bundled document.

    Returns:
        What is wrong, one line for each finding; empty when nothing is.
    """
    validator = OpenAPIV30SpecValidator(document)
    found = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors()]
    seen: dict[str, str] = {}
    for path, method, operation in operations(document):
        place = f"{method.upper()} {path}"
        identifier = operation.get("operationId", "")
        if not identifier:
            found.append(f"{place}: no operationId")
        elif identifier in seen:
            found.append(f"{place}: operationId {identifier} is that of {seen[identifier]} too")
        seen[identifier] = place
        found += [f"{place}: {problem}" for problem in _unnamed_events(document, operation)]
    return found


def _unnamed_events(document: Document, operation: Document) -> list[str]:
    """Say which `x-event-data` of an operation name no schema of its document."""
    schemas = document.get("components", {}).get("schemas", {})
    return [
        f"x-event-data names {media['x-event-data']}, which is no schema of the document"
        for response in operation.get("responses", {}).values()
        for media in response.get("content", {}).values()
        if "x-event-data" in media and media["x-event-data"] not in schemas
    ]


def write(document: Document, tier: str, folder: Path) -> None:
    """Write a bundled document as JSON and as YAML.

    Args:
        document: a bundled document.
        tier: its tier; the files are called after it.
        folder: where to write; made when missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{tier}.json").write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    (folder / f"{tier}.yaml").write_text(to_yaml(document), encoding="utf-8")


def to_yaml(document: Document) -> str:
    """Render a document as YAML, without aliases.

    Args:
        document: a bundled document.

    Returns:
        The text.
    """

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)


def main(arguments: list[str] | None = None) -> int:
    """Bundle, validate and, when asked, write the documents.

    Args:
        arguments: the command line; that of the process when None.

    Returns:
        The exit status: 0, or 1 when a document is wrong.
    """
    parser = argparse.ArgumentParser(prog="python -m parley.bundle", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only bundle and validate")
    parser.add_argument("--write", metavar="DIR", type=Path, help="write the documents into this folder")
    parser.add_argument("--tier", choices=TIERS, action="append", help="only this tier (may be repeated)")
    options = parser.parse_args(arguments)
    status = 0
    for tier in options.tier or TIERS:
        try:
            document = bundle(tier)
            findings = check(document)
        except BundleError as error:
            findings = [str(error)]
        for finding in findings:
            print(f"{tier}: {finding}", file=sys.stderr)
        if findings:
            status = 1
            continue
        print(f"{tier}: {len(operations(document))} operations")
        if options.write and not options.check:
            write(document, tier, options.write)
    return status


if __name__ == "__main__":
    sys.exit(main())
