"""Which files an app takes: with a question by its `file_upload`, as an input by the field of its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.errors import ErrorDetail

PICTURE_DETAILS = ("low", "high", "auto")


@dataclass(frozen=True, slots=True)
class FileRules:
    """What files have to be; an empty set admits everything.

    Attributes:
        most: how many there may be; None does not count them.
        kinds: image, document, audio, video or custom. Custom files are told by their extension instead.
        extensions: of custom files, in lower case and without a dot.
        methods: `local_file` or `remote_url`.
        picture_methods: the same of pictures, where the app sets them apart.
    """

    most: int | None = None
    kinds: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    picture_methods: frozenset[str] = frozenset()

    def problems(self, place: str, files: Sequence[Mapping[str, Any]]) -> Iterator[ErrorDetail]:
        """Yields what is wrong with files.

        Args:
            place: where the request names them, such as `files`.
            files: entries with `type`, `transfer_method`, `filename` and `extension`.
        """
        if self.most is not None and len(files) > self.most:
            message = f"{place}: at most {self.most} files are accepted; there are {len(files)}."
            yield {"field": place, "type": "max_length", "message": message}
        for number, file in enumerate(files):
            where = f"{place}[{number}]"
            name = file.get("filename") or "The file"
            if problem := self._problem(file):
                yield {"field": where, "type": "file", "message": f"{where}: {name} {problem}"}

    def _problem(self, file: Mapping[str, Any]) -> str | None:
        kind, method = str(file["type"]), str(file["transfer_method"])
        extension = str(file.get("extension") or "").lower()
        if kind == "custom":
            if self.extensions and extension not in self.extensions:
                return f"must end in one of: {', '.join(sorted(self.extensions))}."
            if self.kinds and "custom" not in self.kinds and not self.extensions:
                return _one_of(self.kinds, "kinds")
        elif self.kinds and kind not in self.kinds:
            return _one_of(self.kinds, "kinds")
        methods = self.picture_methods if kind == "image" and self.picture_methods else self.methods
        if methods and method not in methods:
            return _one_of(methods, "transfer methods")
        return None


def accepts_files(config: Mapping[str, Any]) -> bool:
    """Tells whether files may go with a question; an app has to switch this off."""
    return _mapping(config.get("file_upload")).get("enabled") is not False


def rules_of_app(config: Mapping[str, Any]) -> FileRules:
    """Returns the rules for the files that go with a question: those of `file_upload`, once that is switched on."""
    upload = _mapping(config.get("file_upload"))
    if upload.get("enabled") is not True:
        return FileRules()
    return FileRules(
        _most(upload.get("number_limits")),
        _words(upload.get("allowed_file_types")),
        _words(upload.get("allowed_file_extensions")),
        _words(upload.get("allowed_file_upload_methods")),
        _words(_mapping(upload.get("image")).get("transfer_methods")),
    )


def rules_of_field(kind: str, field: Mapping[str, Any]) -> FileRules:
    """Returns the rules of a form's field.

    Args:
        kind: `file` or `file-list`.
        field: what the form says of it.
    """
    most = 1 if kind == "file" else _most(field.get("max_length")) or _most(field.get("number_limits"))
    return FileRules(
        most,
        _words(field.get("allowed_file_types")),
        _words(field.get("allowed_file_extensions")),
        _words(field.get("allowed_file_upload_methods")),
    )


def picture_detail(config: Mapping[str, Any]) -> str:
    """Returns how closely the model looks at pictures: low, high or auto."""
    detail = _mapping(_mapping(config.get("file_upload")).get("image")).get("detail")
    return detail if detail in PICTURE_DETAILS else "auto"


def _one_of(words: frozenset[str], what: str) -> str:
    return f"is not accepted; the accepted {what} are: {', '.join(sorted(words))}."


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _words(value: Any) -> frozenset[str]:
    listed = value if isinstance(value, list) else []
    return frozenset(word.lower().removeprefix(".") for word in listed if isinstance(word, str) and word)


def _most(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
