"""The three kinds of moderators: a list of words, OpenAI's moderation endpoint, an API extension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from engine.extension import Extension
from engine.moderation.settings import ModerationSettings
from engine.moderation.verdict import Verdict
from engine.providers.moderation import OpenAIModeration


class Moderator(Protocol):
    """Looks at questions and answers."""

    @property
    def window(self) -> int:
        """How many characters before a new piece must be looked at again; 0 where looking takes a call."""

    async def check_input(self, query: str, inputs: Mapping[str, Any]) -> Verdict | None:
        """Returns what becomes of a question; None lets it through.

        Raises:
            ApiError: it cannot be told, so that the question is not let through.
        """

    async def check_output(self, text: str) -> str | None:
        """Returns what takes the place of an answer; None lets it through.

        Raises:
            ApiError: it cannot be told, so that the answer is not let through.
        """


class KeywordModerator:
    """Finds words of a list, whatever their case, also within other words."""

    def __init__(self, settings: ModerationSettings) -> None:
        self._settings = settings
        self.window = max(map(len, settings.keywords), default=1)

    async def check_input(self, query: str, inputs: Mapping[str, Any]) -> Verdict | None:
        """Returns the preset answer if the question or an input holds a word of the list."""
        return Verdict(self._settings.input_answer) if self._found(_said(query, inputs)) else None

    async def check_output(self, text: str) -> str | None:
        """Returns the preset answer if the text holds a word of the list."""
        return self._settings.output_answer if self._found(text) else None

    def _found(self, text: str) -> bool:
        folded = text.casefold()
        return any(word in folded for word in self._settings.keywords)


class OpenAIModerator:
    """Asks OpenAI's moderation endpoint."""

    window = 0

    def __init__(self, settings: ModerationSettings, model: OpenAIModeration) -> None:
        self._settings = settings
        self._model = model

    async def check_input(self, query: str, inputs: Mapping[str, Any]) -> Verdict | None:
        """Returns the preset answer if the question or an input is harmful."""
        return Verdict(self._settings.input_answer) if await self._model.flagged(_said(query, inputs)) else None

    async def check_output(self, text: str) -> str | None:
        """Returns the preset answer if the text is harmful."""
        return self._settings.output_answer if await self._model.flagged(text) else None


class ApiModerator:
    """Asks an API extension, which may also put other words in the place of what was said."""

    window = 0

    def __init__(self, settings: ModerationSettings, extension: Extension, app_id: str) -> None:
        self._settings = settings
        self._extension = extension
        self._app_id = app_id

    async def check_input(self, query: str, inputs: Mapping[str, Any]) -> Verdict | None:
        """Returns the extension's answer, or the question in its words."""
        params = {"app_id": self._app_id, "inputs": inputs, "query": query}
        said = await self._extension.ask("app.moderation.input", params)
        if not said.get("flagged"):
            return None
        if said.get("action") == "overridden":
            other = said.get("inputs")
            kept = other if isinstance(other, Mapping) else None
            return Verdict(query=str(said.get("query") or query), inputs=kept)
        return Verdict(str(said.get("preset_response") or self._settings.input_answer))

    async def check_output(self, text: str) -> str | None:
        """Returns the extension's answer, or its words for the text."""
        said = await self._extension.ask("app.moderation.output", {"app_id": self._app_id, "text": text})
        if not said.get("flagged"):
            return None
        if said.get("action") == "overridden":
            return str(said.get("text") or "")
        return str(said.get("preset_response") or self._settings.output_answer)


def _said(query: str, inputs: Mapping[str, Any]) -> str:
    told = (value if isinstance(value, str) else orjson.dumps(value).decode() for value in inputs.values() if value)
    return "\n".join([query, *told])
