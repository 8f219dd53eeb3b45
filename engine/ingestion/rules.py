"""How a document is cleaned and split: the `process_rule` of a request, read and checked once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from foundation.errors import ApiError, ErrorDetail

Mode = Literal["automatic", "custom", "hierarchical"]
ParentMode = Literal["paragraph", "full-doc"]

SHORTEST_LIMIT = 50
LONGEST_LIMIT = 4000

_PRE_PROCESSING_IDS = ("remove_extra_spaces", "remove_urls_emails", "remove_stopwords")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0", "\\": "\\", "s": " "}


@dataclass(frozen=True, slots=True)
class ChildRules:
    """Where the pieces of a passage are cut, and how long they are; without a separator, between sentences."""

    separator: str | None = None
    max_length: int = 200
    overlap: int = 0


@dataclass(frozen=True, slots=True)
class ProcessRules:
    """What is removed from a text, and where and how long its segments are; lengths count characters.

    `parent_mode` and `children` matter to documents of the form `hierarchical_model`.
    """

    mode: Mode = "automatic"
    remove_extra_spaces: bool = True
    remove_urls_emails: bool = False
    separator: str = "\n"
    max_length: int = 500
    overlap: int = 50
    parent_mode: ParentMode = "paragraph"
    children: ChildRules = ChildRules()

    def for_children(self) -> "ProcessRules":
        """Returns the rules by which a passage is cut into the pieces that find it."""
        asked = self.children
        return replace(
            self,
            mode="automatic" if asked.separator is None else "custom",
            separator=asked.separator or "\n",
            max_length=asked.max_length,
            overlap=asked.overlap,
        )


AUTOMATIC = ProcessRules()
HIERARCHICAL = ProcessRules(mode="hierarchical", separator="\n\n", max_length=1024, overlap=0)


def parse_process_rule(value: Mapping[str, Any] | None) -> ProcessRules:
    """Reads a process rule as clients send it: `{mode, rules: {pre_processing_rules, segmentation, parent_mode,
    subchunk_segmentation}}`.

    Args:
        value: the rule; None and an empty one mean the automatic rules, and so do custom ones without rules.
            Hierarchical ones without rules have defaults of their own.

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
    defaults = HIERARCHICAL if mode == "hierarchical" else AUTOMATIC
    if not rules:
        return defaults
    if not isinstance(rules, Mapping):
        raise _refusal([_detail("process_rule.rules", "type", "must be an object")])
    problems: list[ErrorDetail] = []
    enabled = _pre_processing(rules.get("pre_processing_rules") or (), problems)
    separator, max_length, overlap = _segmentation(rules, "segmentation", defaults.max_length, problems)
    parent_mode = rules.get("parent_mode") or "paragraph"
    if parent_mode not in get_args(ParentMode):
        message = f"must be one of {', '.join(get_args(ParentMode))}"
        problems.append(_detail("process_rule.rules.parent_mode", "enum", message))
    children = ChildRules()
    if rules.get("subchunk_segmentation"):
        cut, longest, shared = _segmentation(rules, "subchunk_segmentation", children.max_length, problems)
        children = ChildRules(cut or "\n", longest, shared)
    if problems:
        raise _refusal(problems)
    return ProcessRules(
        mode=cast("Mode", mode),
        remove_extra_spaces="remove_extra_spaces" in enabled,
        remove_urls_emails="remove_urls_emails" in enabled,
        separator=separator or (defaults.separator if mode == "hierarchical" else "\n"),
        max_length=max_length,
        overlap=overlap,
        parent_mode=cast("ParentMode", parent_mode),
        children=children,
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


def _segmentation(
    rules: Mapping[str, Any], name: str, longest: int, problems: list[ErrorDetail]
) -> tuple[str, int, int]:
    """Returns the separator (empty where none is named), the length and the overlap that `rules[name]` asks for."""
    place = f"process_rule.rules.{name}"
    segmentation = rules.get(name) or {}
    if not isinstance(segmentation, Mapping):
        problems.append(_detail(place, "type", "must be an object"))
        segmentation = {}
    max_length = segmentation.get("max_tokens")
    if max_length is None:
        max_length = longest
    overlap = segmentation.get("chunk_overlap") or 0
    if not _is_integer(max_length) or not SHORTEST_LIMIT <= max_length <= LONGEST_LIMIT:
        message = f"must be a whole number from {SHORTEST_LIMIT} to {LONGEST_LIMIT} (characters)"
        problems.append(_detail(f"{place}.max_tokens", "range", message))
    elif not _is_integer(overlap) or not 0 <= overlap < max_length:
        message = "must be a whole number from 0 to less than max_tokens"
        problems.append(_detail(f"{place}.chunk_overlap", "range", message))
    return (
        decode_escapes(str(segmentation.get("separator") or segmentation.get("delimiter") or "")),
        max_length,
        overlap,
    )


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _detail(field: str, type: str, message: str) -> ErrorDetail:
    return {"field": field, "type": type, "message": message}


def _refusal(problems: list[ErrorDetail]) -> ApiError:
    first = problems[0]
    return ApiError("invalid_process_rule", f"{first['field']} {first['message']}.", details=problems)
