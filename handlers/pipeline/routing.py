"""Paths to operations: static paths by one look-up, templates by a tree where static segments win."""

from __future__ import annotations

from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")


class Methods(dict[str, T], Generic[T]):
    """The operations of one path, by method."""

    def allow(self) -> str:
        """The value of an Allow header: every method that the path answers."""
        methods = {*self, "OPTIONS"}
        if "GET" in self:
            methods.add("HEAD")
        return ", ".join(sorted(methods))


class _Node(Generic[T]):
    __slots__ = ("methods", "parameter", "static")

    def __init__(self) -> None:
        self.static: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        self.methods: Methods[T] | None = None


class Routes(Generic[T]):
    """All routes of a server, base paths included."""

    def __init__(self) -> None:
        self._static: dict[str, Methods[T]] = {}
        self._root: _Node[T] = _Node()

    def add(self, path: str, method: str, target: T) -> None:
        """Register one operation.

        Args:
            path: the full path template, `{name}` for a parameter that fills a whole segment.
            method: the method, in capitals.
            target: what `find` returns for it.

        Raises:
            ValueError: when a parameter does not fill its segment, or the route is taken.
        """
        methods = self._template(path) if "{" in path else self._static.setdefault(path, Methods())
        if method in methods:
            raise ValueError(f"two operations answer {method} {path}")
        methods[method] = target

    def find(self, path: str, raw_path: bytes | None = None) -> tuple[Methods[T] | None, list[str]]:
        """Look a request's path up.

        Args:
            path: the decoded path.
            raw_path: the path as sent; used where an encoded slash belongs to a parameter's value.

        Returns:
            The operations of the path, or None, and the values of the template's parameters in their order.
        """
        methods = self._static.get(path)
        values: list[str] = []
        if methods is not None:
            return methods, values
        if raw_path and (b"%2F" in raw_path or b"%2f" in raw_path):
            raw_segments = raw_path.decode("latin-1").partition("?")[0].split("/")
            segments = [unquote(segment) for segment in raw_segments]
        else:
            segments = path.split("/")
        return _walk(self._root, segments, 1, values), values

    def _template(self, path: str) -> Methods[T]:
        node = self._root
        for segment in path.split("/")[1:]:
            if segment.startswith("{") and segment.endswith("}"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            elif "{" in segment:
                raise ValueError(f"a parameter of {path} does not fill its segment")
            else:
                node = node.static.setdefault(segment, _Node())
        if node.methods is None:
            node.methods = Methods()
        return node.methods


def _walk(node: _Node[T], segments: list[str], depth: int, values: list[str]) -> Methods[T] | None:
    if depth == len(segments):
        return node.methods
    segment = segments[depth]
    static = node.static.get(segment)
    if static is not None:
        found = _walk(static, segments, depth + 1, values)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        values.append(segment)
        found = _walk(node.parameter, segments, depth + 1, values)
        if found is not None:
            return found
        values.pop()
    return None
