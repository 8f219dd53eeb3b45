"""Under which headings a place in a document stands: those of Markdown, or those of a PDF's table of contents."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from engine.ingestion.document import Extract
from engine.ingestion.formats import MARKED_UP

_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S.*?)[ \t]*#*$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~)", re.MULTILINE)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of a document by the places from which they hold, each with those above it, outermost first."""

    places: tuple[int, ...]
    paths: tuple[tuple[str, ...], ...]

    def above(self, start: int, end: int, text: str) -> tuple[str, ...]:
        """Returns the headings over a passage; those that it begins with are among them.

        Args:
            start: where it begins.
            end: where it ends.
            text: the document's text.
        """
        index = bisect_right(self.places, start)
        while index < len(self.places) and self.places[index] < end:
            before = text[start : self.places[index]]
            if any(line.strip() and not _HEADING.match(line) for line in before.splitlines()):
                break
            index += 1
        return self.paths[index - 1] if index else ()


def find_headings(extract: Extract, starts: list[int]) -> Headings:
    """Returns the headings of a cleaned document.

    Args:
        extract: the document.
        starts: where each of its pages begins in its text.
    """
    if extract.kind in MARKED_UP:
        return _paths(_marked(extract.text))
    known = (entry for entry in extract.outline if entry.page <= len(starts))
    return _paths((starts[entry.page - 1], entry.level, entry.title) for entry in known)


def _marked(text: str) -> Iterable[tuple[int, int, str]]:
    fences = [match.start() for match in _FENCE.finditer(text)]
    for match in _HEADING.finditer(text):
        if bisect_right(fences, match.start()) % 2 == 0:
            yield match.start(), len(match[1]), match[2][:_LONGEST]


def _paths(found: Iterable[tuple[int, int, str]]) -> Headings:
    open_ones: list[tuple[int, str]] = []
    places: list[int] = []
    paths: list[tuple[str, ...]] = []
    for place, level, title in sorted(found, key=lambda entry: entry[0]):
        while open_ones and open_ones[-1][0] >= level:
            open_ones.pop()
        open_ones.append((level, title))
        places.append(place)
        paths.append(tuple(words for _, words in open_ones))
    return Headings(tuple(places), tuple(paths))
