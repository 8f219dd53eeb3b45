"""The variables that a workflow declares: checked, and secrets sealed, before they are stored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.workflow.values import fits_type
from foundation.errors import ApiError, ErrorDetail
from foundation.ids import new_id
from foundation.secrets import Sealer
from models.table import Json
from models.workflow import HIDDEN, SEALED, Workflow

MAX_DETAILS = 100
_EMPTY: Mapping[str, Any] = {"string": "", "number": 0, "boolean": False, "object": {}, "file": None}


def read_environment(given: Iterable[Mapping[str, Any]], kept: Sequence[Json], sealer: Sealer) -> list[Json]:
    """Return environment variables as they are stored.

    Args:
        given: as a request or an app file has them.
        kept: those that are stored now. A secret whose value is given as hidden keeps its own.
        sealer: seals secrets.

    Raises:
        ApiError: `invalid_variable`, with an entry for each that has a name twice or a value of another type.
    """
    read: list[Json] = []
    problems = _Problems("environment_variables")
    for place, variable in enumerate(given):
        problems.name(place, variable)
        entry = problems.entry(variable)
        value = variable.get("value")
        if entry["value_type"] == "secret":
            entry[SEALED] = _sealed(entry, value, kept, sealer)
        elif entry["value_type"] == "number":
            entry["value"] = problems.number(place, value)
        else:
            entry["value"] = problems.text(place, value)
        read.append(entry)
    problems.settle()
    return read


def read_conversation(given: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return conversation variables as they are stored; one without a value begins empty.

    Raises:
        ApiError: `invalid_variable`, with an entry for each that has a name twice or a value of another type.
    """
    read: list[Json] = []
    problems = _Problems("conversation_variables")
    for place, variable in enumerate(given):
        problems.name(place, variable)
        entry = problems.entry(variable)
        kind, value = entry["value_type"], variable.get("value")
        if value is None:
            value = [] if kind.startswith("array") else _EMPTY.get(kind)
        elif not fits_type(value, kind):
            problems.add(place, "value", "type", f"{entry['name']} is a {kind}; its value is of another type.")
        entry["value"] = value
        read.append(entry)
    problems.settle()
    return read


def shown_environment(variables: Sequence[Json]) -> list[Json]:
    """Return environment variables as answers show them: secrets hidden."""
    shown = []
    for variable in variables:
        value = HIDDEN if variable.get(SEALED) else variable.get("value")
        shown.append({**{key: part for key, part in variable.items() if key != SEALED}, "value": value})
    return shown


def kept_secrets(given: Sequence[Mapping[str, Any]], kept: Sequence[Json]) -> list[Json]:
    """Return the variables of an app file, whose empty secrets stand for the ones that are stored.

    Args:
        given: as the file has them.
        kept: those of the draft that the file replaces.
    """
    stored = {each["name"] for each in kept if each.get(SEALED)}
    return [
        {**each, "value": HIDDEN}
        if each["value_type"] == "secret" and not each["value"] and each["name"] in stored
        else dict(each)
        for each in given
    ]


class _Problems:
    """Everything that is wrong with a list of variables."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._names: set[str] = set()
        self._ids: set[str] = set()
        self._details: list[ErrorDetail] = []

    def name(self, place: int, variable: Mapping[str, Any]) -> None:
        """Note a name that stood before."""
        name = str(variable["name"])
        if name in self._names:
            self.add(place, "name", "unique", f'Two variables are called "{name}".')
        self._names.add(name)

    def entry(self, variable: Mapping[str, Any]) -> Json:
        """Return what all variables have; an id that is missing, or stood before, is made anew."""
        own = variable.get("id") or new_id()
        if own in self._ids:
            own = new_id()
        self._ids.add(own)
        return {
            "id": own,
            "name": variable["name"],
            "value_type": variable["value_type"],
            "description": variable.get("description") or "",
        }

    def number(self, place: int, value: Any) -> int | float:
        """Return a number; a text that is one counts as well, and nothing is 0."""
        if value is None or value == "":
            return 0
        number = _number(value) if isinstance(value, str) else value
        if isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number):
            return number
        self.add(place, "value", "type", "The value is no number.")
        return 0

    def text(self, place: int, value: Any) -> str:
        """Return a text; nothing is an empty one."""
        if value is not None and not isinstance(value, str):
            self.add(place, "value", "type", "The value is no text.")
        return value if isinstance(value, str) else ""

    def add(self, place: int, part: str, kind: str, message: str) -> None:
        """Note what is wrong."""
        self._details.append({"field": f"{self._field}.{place}.{part}", "type": kind, "message": message})

    def settle(self) -> None:
        """Raise, if anything is wrong.

        Raises:
            ApiError: `invalid_variable`.
        """
        if self._details:
            raise ApiError("invalid_variable", self._details[0]["message"], details=self._details[:MAX_DETAILS])


def _number(text: str) -> int | float | None:
    """Return the number that a text is, whole where it can be."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _sealed(entry: Json, value: Any, kept: Sequence[Json], sealer: Sealer) -> str:
    """Return a secret's sealed value: the stored one where nothing else is said, or where it is the same."""
    own = [each for each in kept if each.get(SEALED) and each["id"] == entry["id"]]
    own += [each for each in kept if each.get(SEALED) and each["name"] == entry["name"]]
    before = own[0] if own else None
    if value == HIDDEN or value is None:
        return str(before[SEALED]) if before else sealer.seal({"value": ""})
    if before is not None and Workflow.value_of(before, sealer) == str(value):
        return str(before[SEALED])
    return sealer.seal({"value": str(value)})
