"""Conditions on the metadata of documents, as clients and models write them."""

from collections.abc import Mapping
from typing import Any, cast

from engine.retrieval.refusal import refusal
from models.metadata_filter import OPERATORS, WITHOUT_VALUE, Condition, LogicalOperator, MetadataFilter

MOST_CONDITIONS = 50
_FIELD = "metadata_filtering_conditions"
_SYNONYMS = {
    "!=": "≠",
    ">=": "≥",
    "<=": "≤",
    "==": "=",
    "null": "empty",
    "not null": "not empty",
    "exists": "not empty",
    "not exists": "empty",
}
_ORDERED = frozenset({">", "<", "≥", "≤", "before", "after"})


def parse_filter(value: Any) -> MetadataFilter | None:
    """Reads `metadata_filtering_conditions`: `{logical_operator, conditions: [{name, comparison_operator, value}]}`.

    Returns:
        None where there is no condition.

    Raises:
        ApiError: `invalid_retrieval_model`.
    """
    if not value:
        return None
    if not isinstance(value, Mapping):
        raise refusal(_FIELD, "must be an object")
    operator = value.get("logical_operator") or "and"
    if operator not in ("and", "or"):
        raise refusal(f"{_FIELD}.logical_operator", "must be and, or or")
    listed = value.get("conditions") or []
    if not isinstance(listed, list) or len(listed) > MOST_CONDITIONS:
        raise refusal(f"{_FIELD}.conditions", f"must be a list of at most {MOST_CONDITIONS}")
    conditions = tuple(_condition(place, entry) for place, entry in enumerate(listed))
    return MetadataFilter(conditions, cast(LogicalOperator, operator)) if conditions else None


def lenient_condition(name: str, operator: str, value: Any) -> Condition:
    """Returns a condition of which nothing is demanded; one that cannot be compared fulfils nothing."""
    return Condition(name, _SYNONYMS.get(operator, operator), value)


def _condition(place: int, entry: Any) -> Condition:
    where = f"{_FIELD}.conditions[{place}]"
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str) or not entry["name"]:
        raise refusal(f"{where}.name", "must be the name of a metadata field")
    operator = _SYNONYMS.get(str(entry.get("comparison_operator")), str(entry.get("comparison_operator")))
    if operator not in OPERATORS:
        raise refusal(f"{where}.comparison_operator", f"must be one of: {', '.join(OPERATORS)}")
    condition = Condition(entry["name"], operator, None if operator in WITHOUT_VALUE else entry.get("value"))
    if operator in _ORDERED and condition.value not in (None, "") and condition.number is None:
        raise refusal(f"{where}.value", "must be a number, or a time in seconds or ISO 8601")
    return condition
