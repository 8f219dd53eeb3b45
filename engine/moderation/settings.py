"""An app's `sensitive_word_avoidance`, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
        feature = config.get("sensitive_word_avoidance") or {}
        if not feature.get("enabled") or not feature.get("type"):
            return None
        told = feature.get("config") or {}
        asked, answered = told.get("inputs_config") or {}, told.get("outputs_config") or {}
        words = (line.strip() for line in str(told.get("keywords") or "").splitlines())
        settings = cls(
            type=str(feature["type"]),
            checks_inputs=bool(asked.get("enabled")),
            checks_outputs=bool(answered.get("enabled")),
            input_answer=str(asked.get("preset_response") or ""),
            output_answer=str(answered.get("preset_response") or ""),
            keywords=tuple(word.casefold() for word in words if word),
            extension_id=str(told.get("api_based_extension_id") or ""),
        )
        return settings if settings.checks_inputs or settings.checks_outputs else None
