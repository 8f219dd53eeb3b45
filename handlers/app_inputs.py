"""The inputs of an app: what a caller sent, checked against the form that the app asks with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.chat.file_rules import FileRules, accepts_files, rules_of_app, rules_of_field
from engine.chat.inputs import check_inputs
from foundation.errors import ApiError, ErrorDetail

KINDS = ("image", "document", "audio", "video", "custom")
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LINK = re.compile(r"[hH][tT][tT][pP][sS]?://[^ ]+")
_LONGEST_LINK = 2_048


@dataclass(frozen=True, slots=True)
class AppInputs:
    """Inputs that fit a form.

    Attributes:
        values: a value for each variable of the form; those of files as they were sent.
        files: the files among them, by variable.
        rules: what those files have to be, by variable.
        lists: the variables that hold several files.
    """

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    rules: dict[str, FileRules] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()

    @property
    def sent_files(self) -> list[Mapping[str, Any]]:
        """All files, in the order of the form."""
        return [file for files in self.files.values() for file in files]

    def attached(self, entries: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Put what became of the files in the place of what was sent.

        Args:
            entries: an entry of `Message.files` for each of `sent_files`.

        Returns:
            The values as a conversation and a message keep them, and the entries with the name of their variable.

        Raises:
            ApiError: `invalid_param` for files that the form does not take.
        """
        values, named, rest = dict(self.values), [], list(entries)
        problems: list[ErrorDetail] = []
        for name, sent in self.files.items():
            own, rest = rest[: len(sent)], rest[len(sent) :]
            problems += self.rules[name].problems(f"inputs.{name}", own)
            named += [{**entry, "variable": name} for entry in own]
            shown = [{key: value for key, value in entry.items() if key != "hash"} for entry in own]
            values[name] = shown if name in self.lists else shown[0]
        if problems:
            raise _refused(problems)
        return values, named


def read_inputs(form: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> AppInputs:
    """Check the inputs of one call, put in defaults, and read numbers as numbers.

    Args:
        form: the app's `user_input_form`.
        given: what the caller sent; keys that the form does not know are left out.

    Raises:
        ApiError: `invalid_param`, with one detail for each input that is missing or wrong.
    """
    declared = [(kind, said) for each in form for kind, said in each.items() if isinstance(said, Mapping)]
    known = {str(said.get("variable")) for _, said in declared}
    values = check_inputs(form, {name: value for name, value in given.items() if name in known})
    files: dict[str, list[Mapping[str, Any]]] = {}
    rules: dict[str, FileRules] = {}
    problems: list[ErrorDetail] = []
    for kind, said in declared:
        name = str(said.get("variable"))
        if kind in ("file", "file-list") and values.get(name):
            sent = values[name] if kind == "file-list" else [values[name]]
            problems += _malformed(name, sent)
            files[name], rules[name] = sent, rules_of_field(kind, said)
    if problems:
        raise _refused(problems)
    lists = frozenset(str(said.get("variable")) for kind, said in declared if kind == "file-list")
    return AppInputs(values, files, rules, lists)


def check_files(config: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> None:
    """Make sure that an app takes the files that go with a question.

    Args:
        config: what the app runs with.
        files: entries of `Message.files`.

    Raises:
        ApiError: `invalid_param`, with one detail for each file that it does not take.
    """
    if files and not accepts_files(config):
        message = "files: this app takes no files; its file upload is switched off."
        raise _refused([{"field": "files", "type": "file", "message": message}])
    if problems := list(rules_of_app(config).problems("files", files)):
        raise _refused(problems)


def linked(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the place and the link of each file behind a link among inputs, whatever form they are for."""
    for name, value in inputs.items():
        for number, file in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(file, Mapping) and file.get("transfer_method") == "remote_url":
                link = file.get("url")
                if isinstance(link, str) and _LINK.fullmatch(link):
                    yield f"inputs.{name}[{number}].url", link


def _malformed(name: str, files: Sequence[Mapping[str, Any]]) -> Iterator[ErrorDetail]:
    for number, file in enumerate(files):
        where = f"inputs.{name}[{number}]"
        if problem := _malformation(file):
            yield {"field": where, "type": "file", "message": f"{where}: {problem}"}


def _malformation(file: Mapping[str, Any]) -> str | None:
    if file.get("type") not in KINDS:
        return f"`type` must be one of: {', '.join(KINDS)}."
    match file.get("transfer_method"):
        case "remote_url":
            link = file.get("url")
            fits = isinstance(link, str) and len(link) <= _LONGEST_LINK and _LINK.fullmatch(link)
            return None if fits else "`url` must be an http or https address."
        case "local_file":
            return None if _is_id(file.get("upload_file_id")) else "`upload_file_id` must be the id of an upload."
        case _:
            return "`transfer_method` must be remote_url or local_file."


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _refused(problems: Sequence[ErrorDetail]) -> ApiError:
    return ApiError("invalid_param", " ".join(problem["message"] for problem in problems), details=list(problems))
