"""The text that a reader sees in an HTML page, with a line for each block."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_INVISIBLE = "script, style, noscript, template, svg, iframe, nav, select, head > *:not(title)"
_LINE_TAGS = """
address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form header hr li
main ol section summary table tbody thead tr ul
"""
_LINES = frozenset(_LINE_TAGS.split())
_PARAGRAPHS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "title"})
_BLANKS = re.compile(r"\s+")
_SPACES = re.compile(r" {2,}")
_MANY_LINES = re.compile(r"\n{3,}")


def html_text(source: str) -> str:
    """Returns the visible text of a page: paragraphs and headings apart, cells of a row between bars."""
    tree = LexborHTMLParser(source)
    for node in tree.css(_INVISIBLE):
        node.decompose()
    return "" if tree.root is None else _tidy("".join(_pieces(tree.root)))


def _pieces(root: LexborNode) -> Iterator[str]:
    preformatted = 0
    for node, begins in _walk(root):
        tag = node.tag or ""
        if tag == "pre":
            preformatted += 1 if begins else -1
        if tag in _PARAGRAPHS:
            yield "\n\n"
        elif tag in _LINES or (tag == "br" and begins):
            yield "\n"
        elif tag in ("td", "th") and begins:
            yield " | "
        elif tag == "-text" and begins:
            text = node.text_content or ""
            yield text.replace(" ", "\u00a0") if preformatted else _BLANKS.sub(" ", text)


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yields every node twice, as it begins and as it ends, in document order and without recursion."""
    node, begins = root, True
    while True:
        yield node, begins
        if begins and node.child is not None:
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


def _tidy(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip(" ").removeprefix("| ") for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).replace("\u00a0", " ").strip()
