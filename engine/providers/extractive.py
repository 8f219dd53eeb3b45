"""Finds the sentences of some passages that answer a question, or says that none does.

Sentences are ranked by BM25 over the terms of the full-text index; what decides whether they answer at all is how much
of the question they cover, weighted by how rare its terms are. (A Chinese question has more terms, words and pairs of
characters, of which an answer repeats a smaller part.)
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.providers.messages import Passage
from engine.retrieval.analysis import cjk_share, terms

_MOST_QUOTES = 3
_MOST_SENTENCES = 2_000
_LONGEST_QUOTE = 600
_SHORTEST_SENTENCE = 8
_LEAST_COVERAGE = 0.44
_LEAST_COVERAGE_CJK = 0.33
_NEAR_BEST = 0.5
_SAME = 0.7
_RIGHT_KIND = 0.15
_K1, _B = 1.2, 0.75

_BREAK = re.compile(r"(?<=[。！？!?])\s*|(?<=[.;])[\"”’)\]]*\s+(?=[\"“‘(\[]?[^\W_a-z])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|No|vs|etc|Inc|Ltd|Co|approx|Fig|e\.g|i\.e|U\.S)|\b[A-Z])\.$"
)
_MARKUP = re.compile(r"^\s*(?:#{1,6}\s+|[-*+•]\s+|\d+[.)]\s+|>\s+|\|)|[|*_`]{2,}|\|\s*$")
_LEANING = re.compile(r"^(?:it|they|this|these|that|those|he|she|such|both)\b|^(?:它|他|她|这|该|其)", re.IGNORECASE)

_ASKS_NUMBER = re.compile(
    r"\bhow (?:long|many|much|often|far|old|large|big|tall)\b|\bwhen\b"
    r"|\bwhat (?:year|date|price|percentage|number)\b|\b(?:price|cost)s?\b"
    r"|多少|多久|多长|几|何时|什么时候|哪一?年|价格",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|daily|weekly|monthly)\b"
    r"|[一二三四五六七八九十百千万两]",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\bhow (?:long|many|much|often|far|old|large|big|tall)\b"
    r"|\b(?:please|tell me|can you|could you|explain|describe|what is|what are|who is)\b"
    r"|请问|请|什么是|是什么|有哪些|哪些|哪里|哪个|为什么|如何|怎么样?|多少|多久|多长|什么时候|何时|谁",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document, as they stand there."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found. `coverage` is the part of the question, from 0 to 1, its best sentence speaks of."""

    quotes: tuple[Quote, ...]
    coverage: float


@dataclass(slots=True)
class _Sentence:
    passage: int
    place: int
    text: str
    counts: Counter[str]
    score: float = 0.0
    coverage: float = 0.0


def extract(query: str, passages: Sequence[Passage]) -> Extraction:
    """Returns the sentences of `passages` that answer `query`, in reading order; none if none covers it."""
    asked = set(terms(_QUESTION.sub(" ", query))) or set(terms(query))
    sentences = _sentences(passages)
    if not asked or not sentences:
        return Extraction((), 0.0)
    weights = _rank(asked, sentences, bool(_ASKS_NUMBER.search(query)), passages)
    ranked = sorted(sentences, key=lambda sentence: -sentence.score)
    chosen: list[_Sentence] = []
    for sentence in ranked:
        if sentence.score <= 0 or sentence.score < _NEAR_BEST * ranked[0].score or len(chosen) == _MOST_QUOTES:
            break
        if all(_overlap(sentence.counts, other.counts) < _SAME for other in chosen):
            chosen.append(sentence)
    coverage = max((sentence.coverage for sentence in chosen), default=0.0)
    together = set().union(*(sentence.counts for sentence in chosen)) if chosen else set()
    coverage = max(coverage, 0.8 * sum(weights[term] for term in asked & together) / sum(weights.values()))
    share = cjk_share(query)
    if coverage < _LEAST_COVERAGE + (_LEAST_COVERAGE_CJK - _LEAST_COVERAGE) * share:
        return Extraction((), coverage)
    chosen.sort(key=lambda sentence: (sentence.passage, sentence.place))
    return Extraction(tuple(_quote(sentence, sentences, passages) for sentence in chosen), coverage)


def split_sentences(text: str) -> list[str]:
    """Returns the sentences, headings and list items of a text, without the marks of their layout."""
    found: list[str] = []
    for piece in _BREAK.split(text):
        if found and found[-1] and _ABBREVIATION.search(found[-1]) and piece:
            found[-1] = f"{found[-1]} {piece.strip()}"
        else:
            found.append(piece.strip())
    clean = (" ".join(_MARKUP.sub(" ", sentence).split()) for sentence in found)
    return [sentence for sentence in clean if sentence]


def _sentences(passages: Sequence[Passage]) -> list[_Sentence]:
    found: list[_Sentence] = []
    for number, passage in enumerate(passages):
        for place, text in enumerate(split_sentences(passage.text)):
            if len(text) >= _SHORTEST_SENTENCE or cjk_share(text) > 0.5:
                found.append(_Sentence(number, place, text, Counter(terms(text))))
        if len(found) >= _MOST_SENTENCES:
            break
    return found[:_MOST_SENTENCES]


def _rank(
    asked: set[str], sentences: list[_Sentence], asks_number: bool, passages: Sequence[Passage]
) -> dict[str, float]:
    """Sets score and coverage of every sentence, and returns the weight of each term of the question."""
    count = len(sentences)
    average = sum(sentence.counts.total() for sentence in sentences) / count or 1.0
    spread = Counter(term for sentence in sentences for term in sentence.counts)
    weights = {term: math.log(1 + (count - spread[term] + 0.5) / (spread[term] + 0.5)) for term in asked}
    total = sum(weights.values()) or 1.0
    around = [set().union(*(s.counts for s in sentences if s.passage == n)) for n in range(len(passages))]
    for sentence in sentences:
        held = asked & sentence.counts.keys()
        if not held:
            continue
        damp = _K1 * (1 - _B + _B * sentence.counts.total() / average)
        for term in held:
            often = sentence.counts[term]
            sentence.score += weights[term] * often * (_K1 + 1) / (often + damp)
        nearby = asked & around[sentence.passage]
        sentence.coverage = sum(weights[term] for term in held) / total
        sentence.score *= 1 + 0.5 * sum(weights[term] for term in nearby) / total
        if asks_number and _NUMBER.search(sentence.text):
            sentence.score *= 1 + _RIGHT_KIND
            sentence.coverage += _RIGHT_KIND
    return weights


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    smaller = min(len(one), len(other)) or 1
    return len(one.keys() & other.keys()) / smaller


def _quote(chosen: _Sentence, sentences: Sequence[_Sentence], passages: Sequence[Passage]) -> Quote:
    """Returns the sentence, with the one before it where it leans on that ("It costs…")."""
    text = chosen.text
    if _LEANING.match(text):
        before = [s for s in sentences if s.passage == chosen.passage and s.place == chosen.place - 1]
        text = " ".join([*(sentence.text for sentence in before), text])
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + "…"
    return Quote(passages[chosen.passage].source, text)
