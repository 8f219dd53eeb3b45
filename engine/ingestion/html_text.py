"""The text that a reader sees in an HTML page, as Markdown: headings, lists, code and tables stay what they are."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from engine.ingestion.tables import markdown_table
from engine.ingestion.unreadable import UnreadableDocument

_INVISIBLE = "script, style, noscript, template, svg, iframe, nav, select, head > *:not(title)"
_LINE_TAGS = """
address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form header hr li
main ol section summary table tbody thead tr ul
"""
_LINES = frozenset(_LINE_TAGS.split())
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_PARAGRAPHS = frozenset({"p", "pre", "title", *_HEADINGS})
_BLANKS = re.compile(r"\s+")
_SPACES = re.compile(r" {2,}")
_MANY_LINES = re.compile(r"\n{3,}")
_WIDEST_CELL = 50
_DEEPEST = 2_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NEVER_OPEN_TAGS = """
area base br col dd dt embed hr img input li link meta option optgroup p param source tbody td tfoot th thead tr
track wbr
"""
_NEVER_OPEN = frozenset(_NEVER_OPEN_TAGS.split())
_MARK = "\ue000"


def html_text(source: str) -> str:
    """Returns the visible text of a page: paragraphs apart, headings marked, tables of data as Markdown tables.

    Tables that only lay a page out (a single column, or tables within tables) are read as the text in them.

    Raises:
        UnreadableDocument: its elements are nested too deeply to be a page.
    """
    _check_depth(source)
    tree = LexborHTMLParser(source.replace(_MARK, ""))
    for node in tree.css(_INVISIBLE):
        node.decompose()
    return "" if tree.root is None else _tidy("".join(_pieces(tree.root)))


def _check_depth(source: str) -> None:
    """Counts the elements that are open at once, but for those that need no end tag: parsing takes their square."""
    depth = 0
    for match in _TAG.finditer(source):
        if match[2].lower() in _NEVER_OPEN:
            continue
        depth += -1 if match[1] else 1
        depth = max(depth, 0)
        if depth > _DEEPEST:
            raise UnreadableDocument(f"The page nests more than {_DEEPEST} elements in one another.")


def _pieces(root: LexborNode) -> Iterator[str]:
    preformatted = 0
    for node, begins in _walk(root):
        tag = node.tag or ""
        if tag == "pre":
            preformatted += 1 if begins else -1
        if tag == "table" and begins and (table := _table(node)):
            yield f"\n\n{table.replace(' ', _MARK)}\n\n"
            node.decompose()
        elif tag in _PARAGRAPHS:
            yield f"\n\n{_HEADINGS[tag]} " if begins and tag in _HEADINGS else "\n\n"
        elif tag == "li" and begins:
            yield "\n- "
        elif tag in _LINES or (tag == "br" and begins):
            yield "\n"
        elif tag in ("td", "th") and begins:
            yield " "
        elif tag == "-text" and begins:
            text = node.text_content or ""
            yield text.replace(" ", _MARK) if preformatted else _BLANKS.sub(" ", text)


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yields every node twice, as it begins and as it ends, in document order and without recursion.

    A node that the caller removes as it begins is passed over.
    """
    node, begins = root, True
    while True:
        parent, following = node.parent, node.next
        yield node, begins
        removed = begins and node.mem_id != root.mem_id and node.parent is None
        if removed and following is not None:
            node = following
        elif removed:
            assert parent is not None
            node, begins = parent, False
        elif begins and node.child is not None:
            node = node.child
        elif begins:
            begins = False
        elif node.mem_id == root.mem_id:
            return
        elif node.next is not None:
            node, begins = node.next, True
        else:
            assert node.parent is not None
            node = node.parent


def _table(table: LexborNode) -> str:
    """Returns a table of data as Markdown; nothing for one that lays out a page."""
    if len(table.css("table")) > 1:
        return ""
    rows = []
    for row in table.css("tr"):
        cells: list[str] = []
        for cell in row.css("td, th"):
            cells.append(_BLANKS.sub(" ", cell.text(separator=" ")).strip())
            cells += [""] * (_span(cell) - 1)
        if any(cells):
            rows.append(cells)
    if len(rows) < 2 or max(map(len, rows)) < 2:
        return ""
    return markdown_table(rows)


def _span(cell: LexborNode) -> int:
    value = cell.attributes.get("colspan") or ""
    return min(max(int(value), 1), _WIDEST_CELL) if value.isdecimal() and len(value) < 5 else 1


def _tidy(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip(" ") for line in text.split("\n"))
    kept = (line for line in lines if line not in ("-", *_HEADINGS.values()))
    return _MANY_LINES.sub("\n\n", "\n".join(kept)).replace(_MARK, " ").strip()
