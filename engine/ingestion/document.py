"""What a file becomes on its way into a knowledge base: pages of text, then passages."""

import hashlib
import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.ingestion.clean import clean
from engine.ingestion.rules import ProcessRules
from engine.ingestion.split import split

PAGE_BREAK = "\n\n"

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of a document: one entry for each page where the format has pages, else one in all."""

    kind: str
    pages: tuple[str, ...]

    @property
    def paged(self) -> bool:
        """Whether the pages are those of the document, so that a passage can name its page."""
        return self.kind == "pdf"

    @property
    def text(self) -> str:
        """The whole text."""
        return PAGE_BREAK.join(self.pages)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is found and quoted as one; `page` counts from 1."""

    content: str
    page: int | None = None
    content_hash: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content_hash", hash_content(self.content))

    @property
    def word_count(self) -> int:
        """How long the passage is, in characters."""
        return len(self.content)

    @property
    def tokens(self) -> int:
        """About how many tokens a language model reads in it."""
        return estimate_tokens(self.content)


def clean_pages(extract: Extract, rules: ProcessRules) -> Extract:
    """Returns the document with each page cleaned; pages keep their numbers, even empty ones."""
    return Extract(extract.kind, tuple(clean(page, rules) for page in extract.pages))


def split_pages(extract: Extract, rules: ProcessRules) -> list[Passage]:
    """Returns the passages of a cleaned document in order; a passage that spans pages has the page it begins
    on.
    """
    starts = _page_starts(extract.pages)
    text = extract.text
    return [
        Passage(text[start:end], page=bisect_right(starts, start) if extract.paged else None)
        for start, end in split(text, rules)
    ]


def hash_content(content: str) -> str:
    """Returns the hash by which an unchanged passage is known again."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def estimate_tokens(text: str) -> int:
    """Returns about how many tokens a text has: one for a CJK character, one for four others."""
    cjk = len(_CJK.findall(text))
    return cjk + math.ceil((len(text) - cjk) / _CHARACTERS_A_TOKEN)


def _page_starts(pages: Sequence[str]) -> list[int]:
    starts, place = [], 0
    for page in pages:
        starts.append(place)
        place += len(page) + len(PAGE_BREAK)
    return starts
