"""Operations to functions: tier, tag and operationId name one function of `handlers`.

`service`, `API Keys`, `createApiKey` is `handlers.service.api_keys.create_api_key`. An operation with `x-alias-of`
is answered by the function of the operation it names.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from connexion.operations import AbstractOperation
from connexion.resolver import Resolution, Resolver

from handlers.call import Tier
from handlers.pipeline.document import Document
from handlers.pipeline.parameters import NOT_PARAMETERS, argument_name

Handler = Callable[..., Awaitable[Any]]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class ContractMismatch(Exception):
    """Documents and functions differ; the message lists every difference."""

    def __init__(self, differences: list[str]) -> None:
        lines = "\n".join(f"  - {line}" for line in differences)
        super().__init__(f"the documents and the functions in handlers/ differ:\n{lines}")
        self.differences = differences


@dataclass(slots=True)
class ResolvedTier:
    """The functions of one tier by path and method, the renamed arguments of aliases, and what does not fit."""

    functions: dict[tuple[str, str], Handler] = field(default_factory=dict)
    renamed: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)


class HandlerResolver(Resolver):  # type: ignore[misc]
    """connexion's resolver over functions that were found before."""

    def __init__(self, document: Document, resolved: ResolvedTier) -> None:
        super().__init__()
        self._document = document
        self._functions = resolved.functions

    def resolve(self, operation: AbstractOperation) -> Resolution:
        """Return the function of an operation."""
        key = (operation.path, operation.method)
        return Resolution(self._functions[key], self._document.operation(*key)["operationId"])


def module_name(tag: str) -> str:
    """Return the module of a tag: `API Keys` is `api_keys`."""
    return re.sub(r"\W+", "_", tag.strip()).lower()


def function_name(operation_id: str) -> str:
    """Return the function of an operationId: `createApiKey` is `create_api_key`."""
    return re.sub(r"\W+", "_", _HUMP.sub("_", operation_id)).lower()


def resolve_tier(tier: Tier, document: Document, package: str = "handlers") -> ResolvedTier:
    """Find the function of every operation of a tier, and everything that has no counterpart.

    Args:
        tier: which tier; its modules are in `<package>.<tier>`.
        document: its document.
        package: the package that holds the tiers.
    """
    found = ResolvedTier()
    modules = _modules(f"{package}.{tier}")
    operations = {op["operationId"]: op for _, _, op in document.operations()}
    used: set[str] = set()
    seen: set[str] = set()
    for path, method, operation in document.operations():
        operation_id = operation["operationId"]
        where = f"{tier} {method.upper()} {path} ({operation_id})"
        if operation_id in seen:
            found.differences.append(f"{where}: the operationId is used twice")
        seen.add(operation_id)
        canonical = operations.get(operation.get("x-alias-of", operation_id))
        if canonical is None:
            found.differences.append(f"{where}: x-alias-of names no operation of this document")
            continue
        tags = canonical.get("tags") or ["untagged"]
        module, name = f"{package}.{tier}.{module_name(tags[0])}", function_name(canonical["operationId"])
        function = getattr(modules.get(module), name, None)
        if not inspect.iscoroutinefunction(function):
            found.differences.append(f"{where}: there is no `async def {name}` in {module}")
            continue
        used.add(f"{module}.{name}")
        renamed = {argument_name(a): argument_name(c) for a, c in operation.get("x-alias-map", {}).items()}
        found.functions[path, method] = function
        found.renamed[path, method] = renamed
        found.differences += _misfits(where, document, path, method, function, renamed)
    for module, loaded in modules.items():
        for name in sorted(_public_functions(loaded)):
            if f"{module}.{name}" not in used:
                found.differences.append(f"{module}.{name}: no operation of the {tier} document is answered by it")
    return found


def _modules(package: str) -> dict[str, ModuleType]:
    try:
        root = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name and package.startswith(error.name):
            return {}
        raise
    names = [f"{package}.{m.name}" for m in pkgutil.iter_modules(root.__path__) if not m.name.startswith("_")]
    return {name: importlib.import_module(name) for name in names}


def _public_functions(module: ModuleType) -> set[str]:
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and inspect.iscoroutinefunction(value) and value.__module__ == module.__name__
    }


def _misfits(
    where: str, document: Document, path: str, method: str, function: Handler, renamed: Mapping[str, str]
) -> list[str]:
    """List arguments that nothing fills, and parameters that no argument takes."""
    offered, must_be_taken = _offered(document, path, method)
    offered = {renamed.get(name, name) for name in offered}
    must_be_taken = {renamed.get(name, name) for name in must_be_taken}
    parameters = list(inspect.signature(function).parameters.values())[1:]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return []
    taken = {p.name for p in parameters}
    name = f"{function.__module__}.{function.__qualname__}"
    wrong = [
        f"{where}: {name} needs the argument `{p.name}`, which the operation does not have"
        for p in parameters
        if p.default is p.empty and p.name not in offered
    ]
    lost = sorted(must_be_taken - taken)
    return wrong + [f"{where}: {name} does not take `{argument}`" for argument in lost]


def _offered(document: Document, path: str, method: str) -> tuple[set[str], set[str]]:
    offered: set[str] = set()
    must_be_taken: set[str] = set()
    for parameter in document.parameters(path, method):
        if parameter["in"] == "header" and parameter["name"].lower() in NOT_PARAMETERS:
            continue
        argument = argument_name(parameter["name"], parameter["in"])
        offered.add(argument)
        if parameter["in"] in ("path", "query") and parameter["name"] != "trace_id":
            must_be_taken.add(argument)
    operation = document.operation(path, method)
    if "requestBody" in operation:
        offered.add("body")
        content = document.follow(operation["requestBody"])["content"]
        for media_type in _FORMS:
            if media_type in content:
                offered |= {argument_name(n) for n in _form_fields(document, content[media_type].get("schema", {}))}
        if any(media_type not in _FORMS for media_type in content):
            must_be_taken.add("body")
    return offered, must_be_taken


def _form_fields(document: Document, schema: Mapping[str, Any]) -> set[str]:
    schema = document.follow(schema)
    names = set(schema.get("properties", {}))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            names |= _form_fields(document, part)
    return names
