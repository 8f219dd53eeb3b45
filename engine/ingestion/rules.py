"""How a document is cleaned and split: the `process_rule` of a request, read and checked once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from foundation.errors import ApiError, ErrorDetail

Mode = Literal["automatic", "custom"]

SHORTEST_LIMIT = 50
LONGEST_LIMIT = 4000

_PRE_PROCESSING_IDS = ("remove_extra_spaces", "remove_urls_emails", "remove_stopwords")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0", "\\": "\\", "s": " "}


@dataclass(frozen=True, slots=True)
class ProcessRules:
    """What is removed from a text, and where and how long its segments are; lengths count characters."""

    mode: Mode = "automatic"
    remove_extra_spaces: bool = True
    remove_urls_emails: bool = False
    separator: str = "\n"
    max_length: int = 500
    overlap: int = 50


AUTOMATIC = ProcessRules()


def parse_process_rule(value: Mapping[str, Any] | None) -> ProcessRules:
    """Reads a process rule as clients send it: `{mode, rules: {pre_processing_rules, segmentation}}`.

    Args:
        value: the rule; None and an empty one mean the automatic rules, and so do custom ones without rules.

    Raises:
        ApiError: `invalid_process_rule`, with one detail for each thing that is wrong.
    """
    if not value:
        return AUTOMATIC
    mode = value.get("mode") or "automatic"
    if mode not in get_args(Mode):
        raise _refusal([_detail("process_rule.mode", "enum", f"must be one of {', '.join(get_args(Mode))}")])
    if mode == "automatic":
        return AUTOMATIC
    rules = value.get("rules")
    if not rules:
        return AUTOMATIC
    if not isinstance(rules, Mapping):
        raise _refusal([_detail("process_rule.rules", "type", "must be an object")])
    problems: list[ErrorDetail] = []
    enabled = _pre_processing(rules.get("pre_processing_rules") or (), problems)
    segmentation = rules.get("segmentation") or {}
    if not isinstance(segmentation, Mapping):
        segmentation = {}
        problems.append(_detail("process_rule.rules.segmentation", "type", "must be an object"))
    max_length, overlap = _lengths(segmentation, problems)
    if problems:
        raise _refusal(problems)
    return ProcessRules(
        mode="custom",
        remove_extra_spaces="remove_extra_spaces" in enabled,
        remove_urls_emails="remove_urls_emails" in enabled,
        separator=decode_escapes(str(segmentation.get("separator") or segmentation.get("delimiter") or "\n")),
        max_length=max_length,
        overlap=overlap,
    )


def decode_escapes(text: str) -> str:
    r"""Returns the text with `\n`, `\t` and the like, as typed into a form, turned into what they mean."""
    decoded: list[str] = []
    characters = iter(text)
    for character in characters:
        if character != "\\":
            decoded.append(character)
            continue
        following = next(characters, "")
        decoded.append(_ESCAPES.get(following, "\\" + following))
    return "".join(decoded)


def _pre_processing(entries: Any, problems: list[ErrorDetail]) -> set[str]:
    enabled = set()
    for index, entry in enumerate(entries):
        identity = entry.get("id") if isinstance(entry, Mapping) else None
        if identity not in _PRE_PROCESSING_IDS:
            field = f"process_rule.rules.pre_processing_rules.{index}.id"
            problems.append(_detail(field, "enum", f"must be one of {', '.join(_PRE_PROCESSING_IDS)}"))
        elif entry.get("enabled"):
            enabled.add(str(identity))
    return enabled


def _lengths(segmentation: Mapping[str, Any], problems: list[ErrorDetail]) -> tuple[int, int]:
    place = "process_rule.rules.segmentation"
    max_length = segmentation.get("max_tokens")
    if max_length is None:
        max_length = AUTOMATIC.max_length
    overlap = segmentation.get("chunk_overlap") or 0
    if not _is_integer(max_length) or not SHORTEST_LIMIT <= max_length <= LONGEST_LIMIT:
        message = f"must be a whole number from {SHORTEST_LIMIT} to {LONGEST_LIMIT} (characters)"
        problems.append(_detail(f"{place}.max_tokens", "range", message))
    elif not _is_integer(overlap) or not 0 <= overlap < max_length:
        message = "must be a whole number from 0 to less than max_tokens"
        problems.append(_detail(f"{place}.chunk_overlap", "range", message))
    return max_length, overlap


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _detail(field: str, type: str, message: str) -> ErrorDetail:
    return {"field": field, "type": type, "message": message}


def _refusal(problems: list[ErrorDetail]) -> ApiError:
    first = problems[0]
    return ApiError("invalid_process_rule", f"{first['field']} {first['message']}.", details=problems)
