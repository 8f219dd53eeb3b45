"""Splits a text into passages of a limited number of characters, at the best places there are.

Every passage is a stretch of the text, so its place in the text (and its page) stays known.
"""

from collections.abc import Iterator

from engine.ingestion.rules import ProcessRules

Span = tuple[int, int]

_BOUNDARIES = ("\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "；", "; ", "，", ", ", " ")
"""Where a passage may end, best place first; each stays with the text before it."""


def split(text: str, rules: ProcessRules) -> list[Span]:
    """Returns the passages of a text as (start, end), in order, blank ones left out.

    Automatic rules fill passages with neighbouring pieces up to the limit. Custom rules cut at every separator, which
    is dropped, and only what is longer than the limit is cut again, with the overlap.
    """
    if rules.mode == "automatic":
        spans = _limited(text, (0, len(text)), rules)
    else:
        spans = [span for piece in _at_separator(text, rules.separator) for span in _limited(text, piece, rules)]
    trimmed = (_trimmed(text, span) for span in spans)
    return [(start, end) for start, end in trimmed if start < end]


def _at_separator(text: str, separator: str) -> Iterator[Span]:
    start = 0
    while (end := text.find(separator, start)) >= 0:
        yield start, end
        start = end + len(separator)
    yield start, len(text)


def _limited(text: str, span: Span, rules: ProcessRules) -> list[Span]:
    """Returns a short span as it is, a longer one as passages that overlap by up to the overlap."""
    if span[1] - span[0] <= rules.max_length:
        return [span]
    pieces = _pieces(text, span, rules, 0)
    passages: list[Span] = []
    start, end = pieces[0]
    for piece_start, piece_end in pieces[1:]:
        if piece_end - start > rules.max_length:
            passages.append((start, end))
            room = min(rules.overlap, rules.max_length - (piece_end - piece_start))
            start = _overlap_start(text, start, piece_start, room)
        end = piece_end
    passages.append((start, end))
    return passages


def _pieces(text: str, span: Span, rules: ProcessRules, boundary: int) -> list[Span]:
    """Cuts a span into adjoining pieces within the limit, at worse boundaries only where better ones do not do."""
    start, end = span
    if end - start <= rules.max_length:
        return [span]
    if boundary == len(_BOUNDARIES):
        stride = rules.max_length - rules.overlap
        return [(place, min(place + stride, end)) for place in range(start, end, stride)]
    mark = _BOUNDARIES[boundary]
    pieces: list[Span] = []
    while start < end:
        found = text.find(mark, start, end)
        stop = end if found < 0 else found + len(mark)
        pieces.extend(_pieces(text, (start, stop), rules, boundary + 1))
        start = stop
    return pieces


def _overlap_start(text: str, start: int, piece_start: int, room: int) -> int:
    """Returns where the next passage begins: up to `room` before its first new piece, at a boundary if there is one."""
    earliest = max(start + 1, piece_start - room)
    if room <= 0 or earliest >= piece_start:
        return piece_start
    for mark in _BOUNDARIES:
        found = text.find(mark, earliest, piece_start)
        if found >= 0 and found + len(mark) < piece_start:
            return found + len(mark)
    return earliest


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
