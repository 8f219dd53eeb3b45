"""Which documents fulfil conditions on their metadata: a filter becomes one SQL condition."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Numeric, String, and_, case, cast, extract, false, func, not_, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from models.account import Account
from models.document import Document
from models.metadata import BUILT_IN
from models.scope import Scope

LogicalOperator = Literal["and", "or"]

WITHOUT_VALUE = frozenset({"empty", "not empty"})
"""The operators that look at the document alone."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a field, own or built-in, with a value: text, a number, or a list of texts."""

    name: str
    operator: str
    value: Any = None

    @property
    def number(self) -> float | None:
        """What a comparison of numbers or times compares with: a number, its text, or an ISO 8601 time."""
        return _number(self.value)


@dataclass(frozen=True, slots=True)
class MetadataFilter:
    """Conditions, all of which (`and`) or one of which (`or`) a document has to fulfil."""

    conditions: tuple[Condition, ...]
    logical_operator: LogicalOperator = "and"


async def matching_documents(scope: Scope, dataset_ids: Sequence[str], wanted: MetadataFilter) -> list[str]:
    """Return the documents of some datasets that fulfil a filter.

    Texts are compared as they are written. A document without a value fulfils the negative comparisons (`is not`,
    `≠`, `not contains`, `not in`, `empty`) and none of the others, and so does one whose value cannot be compared as
    the operator wants. A condition without a value that needs one is left out; nothing fulfils one with an unknown
    operator.
    """
    conditions = [_condition(condition) for condition in wanted.conditions if _counts(condition)]
    joined = or_(false(), *conditions) if wanted.logical_operator == "or" else and_(true(), *conditions)
    query = select(Document.id).where(
        Document.workspace_id == scope.workspace_id,
        Document.dataset_id.in_(dataset_ids),
        joined if conditions else true(),
    )
    return list(await scope.session.scalars(query))


def _counts(condition: Condition) -> bool:
    return condition.operator in WITHOUT_VALUE or condition.value not in (None, "", [])


def _condition(condition: Condition) -> ColumnElement[bool]:
    if condition.operator not in OPERATORS:
        return false()
    text, number = _column(condition.name)
    return func.coalesce(OPERATORS[condition.operator](text, number, condition.value), false())


def _column(name: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return a field as text and as a number; null where it has no such value."""
    match name if name in BUILT_IN else "":
        case "document_name":
            text: ColumnElement[Any] = Document.name.expression
        case "uploader":
            text = select(Account.name).where(Account.id == Document.created_by).scalar_subquery()
        case "source":
            text = Document.data_source_type.expression
        case "upload_date":
            return _time(Document.created_at.expression)
        case "last_update_date":
            return _time(Document.updated_at.expression)
        case _:
            stored = cast(Document.doc_metadata, JSONB)[name]
            text = func.nullif(stored.astext, "")
            number = case((func.jsonb_typeof(stored) == "number", cast(stored.astext, Numeric)))
            return text, number
    return func.nullif(text, ""), cast(None, Numeric)


def _time(column: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    seconds = extract("epoch", column)
    return cast(seconds, String), seconds


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    except ValueError:
        return _seconds(str(value))
    return number if abs(number) < float("inf") else None


def _seconds(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _words(value: Any) -> list[str]:
    """Return the members of a list, which may come as text with commas."""
    members = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
    return [_plain(member).strip() for member in members]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ",".join(map(_plain, value))
    return str(value)


Comparison = Callable[[ColumnElement[Any], ColumnElement[Any], Any], ColumnElement[bool]]


def _against(compare: Callable[[ColumnElement[Any], float], ColumnElement[bool]]) -> Comparison:
    def compared(text: ColumnElement[Any], number: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
        expected = _number(value)
        return false() if expected is None else compare(number, expected)

    return compared


def _same(text: ColumnElement[Any], number: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    as_text: ColumnElement[bool] = text == _plain(value)
    expected = _number(value)
    return as_text if expected is None else or_(func.coalesce(as_text, false()), number == expected)


def _contains(text: ColumnElement[Any], number: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return text.contains(_plain(value), autoescape=True)


def _among(text: ColumnElement[Any], number: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return text.in_(_words(value))


def _empty(text: ColumnElement[Any], number: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return text.is_(None)


def _unless(comparison: Comparison) -> Comparison:
    def refused(text: ColumnElement[Any], number: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
        return not_(func.coalesce(comparison(text, number, value), false()))

    return refused


OPERATORS: Mapping[str, Comparison] = {
    "contains": _contains,
    "not contains": _unless(_contains),
    "start with": lambda text, number, value: text.startswith(_plain(value), autoescape=True),
    "end with": lambda text, number, value: text.endswith(_plain(value), autoescape=True),
    "is": _same,
    "is not": _unless(_same),
    "in": _among,
    "not in": _unless(_among),
    "empty": _empty,
    "not empty": _unless(_empty),
    "=": _same,
    "≠": _unless(_same),
    ">": _against(lambda number, expected: number > expected),
    "<": _against(lambda number, expected: number < expected),
    "≥": _against(lambda number, expected: number >= expected),
    "≤": _against(lambda number, expected: number <= expected),
    "before": _against(lambda number, expected: number < expected),
    "after": _against(lambda number, expected: number > expected),
}
"""Every comparison, by its operator."""
