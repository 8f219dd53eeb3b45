"""Reads one step of a model that writes its actions as text.

Models keep to the format in their own ways: fenced or bare JSON, an action called "Final Answer", the older pair of
lines `Action:` and `Action Input:`, or no format at all, which is an answer.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

_FINAL = re.compile(r"(?:^|\n)[ \t>*#]*final answer\**[ \t]*[:：]\**[ \t]*\n?", re.IGNORECASE)
_ACTION = re.compile(r"(?:^|\n)[ \t>*#]*action\**[ \t]*[:：]\**", re.IGNORECASE)
_PAIR = re.compile(
    r"\s*`?([^\n`{]+?)`?[ \t]*\n+[ \t>*#]*action input\**[ \t]*[:：]\**[ \t]*(.*)", re.IGNORECASE | re.DOTALL
)
_OBSERVATION = re.compile(r"\n[ \t>*#]*observation\**[ \t]*[:：]", re.IGNORECASE)
_THOUGHT = re.compile(r"^[ \t>*#]*thought\**[ \t]*[:：]\**[ \t]*", re.IGNORECASE)
_FENCE = re.compile(r"```[a-zA-Z]*\s*(?=[\[{])")
_OBJECT = re.compile(r"\{\s*\"(?:action|action_input)\"")
_ANSWERS = frozenset({"final answer", "final_answer", "finalanswer"})
_LONGEST_MARKER = 40


@dataclass(frozen=True, slots=True)
class Action:
    """A tool that is asked for. `text` is the step up to the end of the action: nothing of it is made up."""

    thought: str
    name: str
    input: Any
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The final answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A step that means to be an action and cannot be read as one."""

    thought: str
    reason: str
    text: str
    name: str = ""


Step: TypeAlias = Action | Answer | Malformed


class ReactText:
    """The text of one step, as it comes in."""

    def __init__(self) -> None:
        self._text = ""
        self._answer_from: int | None = None
        self._told = ""

    def add(self, piece: str) -> str:
        """Takes the next piece; returns what of it belongs to the final answer for certain."""
        self._text += piece
        if self._answer_from is None:
            looked_at = max(0, len(self._text) - len(piece) - _LONGEST_MARKER)
            marker = _FINAL.search(self._text, looked_at)
            if marker is None or _ACTION.search(self._text, 0, marker.start()):
                return ""
            self._answer_from = marker.end()
            piece = self._text[marker.end() :]
        if not self._told:
            piece = piece.lstrip()
        self._told += piece
        return piece

    def rest(self, answer: str) -> str:
        """Returns what of the whole answer `add` has not returned yet."""
        return "" if self._told else answer

    def read(self) -> Step:
        """Returns what the whole step says."""
        if self._answer_from is not None:
            return Answer(self._told)
        text = _own(self._text)
        marker = _ACTION.search(text)
        if marker is None:
            return self._unmarked(text)
        thought = _thought(text[: marker.start()])
        after = text[marker.end() :]
        if "{" in after and not _PAIR.match(after):
            return _object(thought, text, marker.end() + after.index("{"))
        pair = _PAIR.match(after)
        if pair is None:
            name = after.strip().strip("`").split("\n")[0].strip()
            if name.lower() in _ANSWERS:
                return Answer(_thought(text[: marker.start()]))
            reason = 'An action is written as {"action": "…", "action_input": {…}}. Write the step again.'
            return Malformed(thought, reason, after.strip(), name)
        name, given = pair.group(1).strip(), pair.group(2).strip().strip("`").removeprefix("json").strip()
        return Answer(given) if name.lower() in _ANSWERS else Action(thought, name, given, text.rstrip())

    def _unmarked(self, text: str) -> Step:
        """Reads a step without the word Action: an object of that shape is one nevertheless."""
        if found := _FENCE.search(text) or _OBJECT.search(text):
            start = text.index("{", found.start())
            if _OBJECT.match(text, start):
                return _object(_thought(text[: found.start()]), text, start)
        return Answer(_thought(text))


def _object(thought: str, text: str, start: int) -> Step:
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, start)
    except ValueError as error:
        said = f"The action is not valid JSON ({error}). Write the step again, with one JSON object."
        return Malformed(thought, said, text[start:])
    name = value.get("action", value.get("tool", value.get("name")))
    if not isinstance(name, str) or not name.strip():
        said = 'The action needs "action" with the name of a tool, and "action_input". Write the step again.'
        return Malformed(thought, said, text[start:])
    given = value.get("action_input", value.get("input", value.get("arguments")))
    if name.strip().lower() in _ANSWERS:
        return Answer(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))
    closed = text[:end] + ("\n```" if text.count("```", 0, end) % 2 else "")
    return Action(thought, name.strip(), given, closed)


def _own(text: str) -> str:
    """Returns a step without an observation that the model made up."""
    made_up = _OBSERVATION.search(text)
    return text[: made_up.start()] if made_up else text


def _thought(text: str) -> str:
    return _THOUGHT.sub("", text.strip()).strip()
