"""Removes from a text what would stand in the way of splitting and finding it."""

import re

from engine.ingestion.rules import ProcessRules

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u200b\ufeff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?|\x85|\u2028|\u2029")
_MANY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_SPACES = re.compile(r"[\t\f \u00a0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]+")
_EMAIL = re.compile(r"[a-zA-Z0-9_.+-]{1,64}@[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){1,8}")
_MARKDOWN_TARGET = re.compile(r"\]\(\s*(https?://[^\s)]+)")
_URL = re.compile(r"https?://[^\s<>\"'，。；、（）()\]]+", re.IGNORECASE)


def clean(text: str, rules: ProcessRules) -> str:
    """Returns the text without control characters, and without what the rules ask to remove.

    `remove_extra_spaces`: three and more line ends become two, runs of spaces, tabs and other blanks become
    one space.
    `remove_urls_emails`: addresses go, except where a Markdown link or image points.
    `remove_stopwords` changes nothing here: the full-text index leaves stop words out, and readers need them.
    """
    text = _LINE_END.sub("\n", text)
    text = _CONTROL.sub("", text)
    if rules.remove_urls_emails:
        text = _without_addresses(text)
    if rules.remove_extra_spaces:
        text = _SPACES.sub(" ", text)
        text = _MANY_LINES.sub("\n\n", text)
    return text.strip()


def _without_addresses(text: str) -> str:
    kept = {match.start(1) for match in _MARKDOWN_TARGET.finditer(text)}
    text = _URL.sub(lambda match: match.group() if match.start() in kept else "", text)
    return _EMAIL.sub("", text)
