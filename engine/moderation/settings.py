"""An app's `sensitive_word_avoidance`, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_LINES = 100
MOST_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    """Who moderates, whether questions and answers are looked at, and what is said instead of them."""

    type: str
    checks_inputs: bool
    checks_outputs: bool
    input_answer: str = ""
    output_answer: str = ""
    keywords: tuple[str, ...] = ()
    extension_id: str = ""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> ModerationSettings | None:
        """Returns the settings in an app's configuration; None where nothing is moderated."""
        feature = _object(config.get("sensitive_word_avoidance"))
        if not feature.get("enabled") or not feature.get("type"):
            return None
        told = _object(feature.get("config"))
        asked, answered = _object(told.get("inputs_config")), _object(told.get("outputs_config"))
        settings = cls(
            type=str(feature["type"]),
            checks_inputs=bool(asked.get("enabled")),
            checks_outputs=bool(answered.get("enabled")),
            input_answer=str(asked.get("preset_response") or ""),
            output_answer=str(answered.get("preset_response") or ""),
            keywords=tuple(word.casefold() for word in _words(_written(told))),
            extension_id=str(told.get("api_based_extension_id") or ""),
        )
        return settings if settings.checks_inputs or settings.checks_outputs else None


def keywords_fault(config: Mapping[str, Any]) -> str | None:
    """Returns what is wrong with the words of an app that moderates by a list of words; None where nothing is.

    Args:
        config: the app's configuration.
    """
    feature = _object(config.get("sensitive_word_avoidance"))
    if not feature.get("enabled") or feature.get("type") != "keywords":
        return None
    written = _written(_object(feature.get("config")))
    lines = len(_words(written))
    if not lines:
        return "sensitive_word_avoidance has no keywords, so that nothing would be moderated; write one on each line."
    if lines > MOST_LINES:
        return f"sensitive_word_avoidance takes at most {MOST_LINES} lines of keywords; these are {lines}."
    if len(written) > MOST_CHARACTERS:
        return f"sensitive_word_avoidance takes at most {MOST_CHARACTERS} characters of keywords."
    return None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _written(told: Mapping[str, Any]) -> str:
    """Returns the words as they were written, one on each line."""
    keywords = told.get("keywords")
    return keywords if isinstance(keywords, str) else ""


def _words(written: str) -> list[str]:
    return [word for line in written.splitlines() if (word := line.strip())]
