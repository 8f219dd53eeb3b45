"""Cuts a cleaned document into passages, and those of parent-child documents into the pieces that find them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.ingestion.document import PAGE_BREAK, Extract, estimate_tokens, first_tokens, hash_content
from engine.ingestion.headings import find_headings
from engine.ingestion.rules import ProcessRules
from engine.ingestion.split import Span, split
from engine.ingestion.tables import Table, find_tables

LONGEST_WHOLE = 10_000
"""How many tokens of a document its one parent holds in the parent mode `full-doc`."""

_LARGEST_SHARE_OF_HEADING = 0.5


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is quoted as one.

    `page` counts from 1; `headings` are those it stands under, outermost first; `answer` is that of a question;
    `children` are the pieces by which it is found.
    """

    content: str
    page: int | None = None
    headings: tuple[str, ...] = ()
    answer: str | None = None
    children: tuple[str, ...] = ()
    content_hash: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content_hash", hash_content(self.content))

    @property
    def word_count(self) -> int:
        """How long the passage is, in characters."""
        return len(self.content) + len(self.answer or "")

    @property
    def tokens(self) -> int:
        """About how many tokens a language model reads in it."""
        return estimate_tokens(self.content) + (estimate_tokens(self.answer) if self.answer else 0)

    @property
    def metadata(self) -> dict[str, object]:
        """Where it stands in its document."""
        found: dict[str, object] = {}
        if self.page is not None:
            found["page"] = self.page
        if self.headings:
            found["headings"] = list(self.headings)
        return found


def cut(extract: Extract, rules: ProcessRules, doc_form: str) -> list[Passage]:
    """Returns the passages of a cleaned document in order.

    Args:
        extract: the document.
        rules: where to cut.
        doc_form: `hierarchical_model` gives passages their children; `text_model` and `qa_model` do not.
    """
    if doc_form != "hierarchical_model":
        return split_pages(extract, rules)
    if rules.parent_mode == "full-doc":
        whole = first_tokens(extract.text, LONGEST_WHOLE).strip()
        parents = [Passage(whole, page=1 if extract.paged else None)] if whole else []
    else:
        parents = split_pages(extract, rules)
    return [
        Passage(parent.content, parent.page, parent.headings, children=tuple(cut_children(parent.content, rules)))
        for parent in parents
    ]


def split_pages(extract: Extract, rules: ProcessRules) -> list[Passage]:
    """Returns the passages of a cleaned document in order; a passage that spans pages has the page it begins on. A
    table that does not fit is cut between its rows, and every piece has the table's heading.
    """
    starts = _page_starts(extract.pages)
    text = extract.text
    headings = find_headings(extract, starts)
    return [
        Passage(
            f"{heading}\n{text[start:end]}" if heading else text[start:end],
            page=bisect_right(starts, start) if extract.paged else None,
            headings=headings.above(start, end, text),
        )
        for (start, end), heading in _spans(text, rules)
    ]


def cut_children(content: str, rules: ProcessRules) -> list[str]:
    """Returns the pieces by which a passage is found."""
    return [content[start:end] for start, end in split(content, rules.for_children())]


def _spans(text: str, rules: ProcessRules) -> Iterator[tuple[Span, str]]:
    """Yields the spans of a text, each with the table heading that is to stand before it."""
    place = 0
    for table in find_tables(text):
        if not _is_cut_by_rows(text, table, rules):
            continue
        yield from _shifted(text, place, table.start, rules)
        yield from _rows(text, table, rules)
        place = table.end
    yield from _shifted(text, place, len(text), rules)


def _is_cut_by_rows(text: str, table: Table, rules: ProcessRules) -> bool:
    if table.end - table.start <= rules.max_length:
        return False
    if len(table.heading) > rules.max_length * _LARGEST_SHARE_OF_HEADING:
        return False
    return rules.mode == "automatic" or rules.separator not in text[table.start : table.end].strip()


def _rows(text: str, table: Table, rules: ProcessRules) -> Iterator[tuple[Span, str]]:
    room = rules.max_length - len(table.heading) - 1
    start = place = table.body
    for line in text[table.body : table.end].splitlines(keepends=True):
        if place + len(line.rstrip("\n")) - start > room and place > start:
            yield (start, place - 1), table.heading
            start = place
        if len(line) > room + 1:
            yield from _shifted(text, place, place + len(line), rules)
            start = place + len(line)
        place += len(line)
    if text[start:place].strip():
        yield (start, start + len(text[start:place].rstrip())), table.heading


def _shifted(text: str, start: int, end: int, rules: ProcessRules) -> Iterator[tuple[Span, str]]:
    for piece_start, piece_end in split(text[start:end], rules):
        yield (start + piece_start, start + piece_end), ""


def _page_starts(pages: Sequence[str]) -> list[int]:
    starts, place = [], 0
    for page in pages:
        starts.append(place)
        place += len(page) + len(PAGE_BREAK)
    return starts
