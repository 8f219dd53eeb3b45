"""What a file becomes on its way into a knowledge base: pages of text, and the headings that they stand under."""

import hashlib
import math
import re
from dataclasses import dataclass, replace

from engine.ingestion.clean import clean
from engine.ingestion.rules import ProcessRules

PAGE_BREAK = "\n\n"

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading of a document's own table of contents: its page, from 1, its level, from 1, and its words."""

    page: int
    level: int
    title: str


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of a document: one entry for each page where the format has pages, else one in all."""

    kind: str
    pages: tuple[str, ...]
    outline: tuple[OutlineEntry, ...] = ()

    @property
    def paged(self) -> bool:
        """Whether the pages are those of the document, so that a passage can name its page."""
        return self.kind == "pdf"

    @property
    def text(self) -> str:
        """The whole text."""
        return PAGE_BREAK.join(self.pages)


def clean_pages(extract: Extract, rules: ProcessRules) -> Extract:
    """Returns the document with each page cleaned; pages keep their numbers, even empty ones."""
    return replace(extract, pages=tuple(clean(page, rules) for page in extract.pages))


def hash_content(content: str) -> str:
    """Returns the hash by which an unchanged passage is known again."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def estimate_tokens(text: str) -> int:
    """Returns about how many tokens a text has: one for a CJK character, one for four others."""
    cjk = len(_CJK.findall(text))
    return cjk + math.ceil((len(text) - cjk) / _CHARACTERS_A_TOKEN)


def first_tokens(text: str, tokens: int) -> str:
    """Returns as much of a text as has about that many tokens, up to the end of a line where one is near."""
    if estimate_tokens(text) <= tokens:
        return text
    shortest, longest = tokens, min(len(text), tokens * _CHARACTERS_A_TOKEN)
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if estimate_tokens(text[:middle]) <= tokens:
            shortest = middle
        else:
            longest = middle - 1
    kept = text[:shortest]
    line_end = kept.rfind("\n", len(kept) * 9 // 10)
    return kept if line_end < 0 else kept[:line_end]
