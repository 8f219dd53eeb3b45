"""Splits what a model thinks, between `<think>` tags, from what it answers, while the text comes in pieces."""

from __future__ import annotations

from dataclasses import dataclass, field

_OPEN, _CLOSE = "<think>", "</think>"


@dataclass(slots=True)
class ThinkSplitter:
    """Takes pieces of text and gives them back as answer and thought.

    A piece that may be the beginning of a tag is held back until the next one.
    """

    inside: bool = False
    _held: str = ""
    _answered: bool = field(default=False)

    def split(self, piece: str) -> tuple[str, str]:
        """Returns what of the text so far is certain: the answer's part, and the thought's."""
        text = self._held + piece
        answer: list[str] = []
        thought: list[str] = []
        while text:
            tag = _CLOSE if self.inside else _OPEN
            found = text.find(tag)
            if found < 0:
                keep = _tail(text, tag)
                (thought if self.inside else answer).append(text[: len(text) - keep])
                text = text[len(text) - keep :]
                break
            (thought if self.inside else answer).append(text[:found])
            text = text[found + len(tag) :]
            self.inside = not self.inside
        self._held = text
        return self._stripped("".join(answer)), "".join(thought)

    def end(self) -> tuple[str, str]:
        """Returns what was held back."""
        text, self._held = self._held, ""
        return ("", text) if self.inside else (self._stripped(text), "")

    def _stripped(self, answer: str) -> str:
        """Drops the blank lines between a thought and the answer."""
        if not self._answered:
            answer = answer.lstrip()
        self._answered = self._answered or bool(answer)
        return answer


def _tail(text: str, tag: str) -> int:
    """Returns how many characters at the end of a text may begin the tag."""
    return next((size for size in range(min(len(tag) - 1, len(text)), 0, -1) if tag.startswith(text[-size:])), 0)
