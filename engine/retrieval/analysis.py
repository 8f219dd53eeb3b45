"""Turns text into the terms of the full-text index.

One analysis serves segments and queries in every language: Unicode is folded (NFKC, lower case, traditional Chinese to
simplified), Latin words are stemmed, Chinese is cut into dictionary words and into overlapping pairs of characters (the
pairs find what the dictionary cuts differently in a question and in its paragraph), Japanese and Korean into pairs
only. Words that carry no meaning are left out.
"""

import functools
import hashlib
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import opencc
import rjieba
import Stemmer

from engine.retrieval.stopwords import CHINESE_FUNCTION_CHARACTERS, CHINESE_STOP_WORDS, ENGLISH_STOP_WORDS

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
KANA_AND_HANGUL = "\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af\u1100-\u11ff"

_RUN = re.compile(
    rf"(?P<han>[{HAN}]+)"
    rf"|(?P<pairs>[{KANA_AND_HANGUL}]+)"
    rf"|(?P<word>[^\W_{HAN}{KANA_AND_HANGUL}]+(?:[.'’][^\W_{HAN}{KANA_AND_HANGUL}]+)*)"
)
_CJK_CHARACTER = re.compile(rf"[{HAN}{KANA_AND_HANGUL}]")
_LETTER = re.compile(r"[^\W_]")
_LONGEST_TERM = 64
MOST_KEYWORDS = 10

_to_simplified = opencc.OpenCC("t2s")
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Analysis:
    """The terms of one text: how often each hash stands in it, and how many terms it has in all."""

    frequencies: dict[int, int]
    length: int


def analyse(text: str) -> Analysis:
    """Returns the hashed terms of a text with their frequencies."""
    frequencies = Counter(hash_term(term) for term in terms(text))
    return Analysis(dict(frequencies), frequencies.total())


def analyse_for_people(text: str) -> tuple[Analysis, list[str]]:
    """Returns what `analyse` and `keywords` return, for little more than the first alone."""
    found = list(runs(text))
    frequencies = Counter(map(hash_term, _terms(found)))
    return Analysis(dict(frequencies), frequencies.total()), _keywords(found, MOST_KEYWORDS)


def terms(text: str) -> list[str]:
    """Returns the terms of a text, in reading order within each kind, repetitions included."""
    return _terms(runs(text))


def _terms(text_runs: Iterable[tuple[str, str]]) -> list[str]:
    found: list[str] = []
    for kind, run in text_runs:
        if kind == "han":
            words = chinese_words(run)
            seen = set(words)
            found.extend(words)
            found.extend(pair for pair in pairs(run) if pair not in seen and _may_be_word(pair))
        elif kind == "pairs":
            found.extend(pairs(run))
        elif run not in ENGLISH_STOP_WORDS:
            found.append(stem(run))
    return found


def keywords(text: str, limit: int = MOST_KEYWORDS) -> list[str]:
    """Returns the words that stand most often in a text, longer ones first among equals, for people to read."""
    return _keywords(runs(text), limit)


def _keywords(text_runs: Iterable[tuple[str, str]], limit: int) -> list[str]:
    words: list[str] = []
    for kind, run in text_runs:
        words += [run] if kind != "han" else chinese_words(run)
    counts = Counter(word for word in words if len(word) > 1 and word not in ENGLISH_STOP_WORDS)
    ordered = sorted(counts, key=lambda word: (-counts[word], -len(word), word))
    return [word[:_LONGEST_TERM] for word in ordered[:limit]]


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Yields the folded stretches of a text, each with how it is analysed: `han`, `pairs` or `word`."""
    for match in _RUN.finditer(fold(text)):
        yield match.lastgroup or "word", match.group()


def fold(text: str) -> str:
    """Returns the text without what does not change its meaning: width, case, Chinese script."""
    folded = unicodedata.normalize("NFKC", text).lower()
    if _CJK_CHARACTER.search(folded):
        folded = str(_to_simplified.convert(folded))
    return folded


def chinese_words(run: str) -> list[str]:
    """Returns the dictionary words in a stretch of Chinese, the shorter words inside longer ones too."""
    return [word for word in rjieba.cut_for_search(run) if word not in CHINESE_STOP_WORDS]


def pairs(run: str) -> list[str]:
    """Returns the overlapping pairs of characters in a stretch, or the one character that it has."""
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]


def _may_be_word(pair: str) -> bool:
    return pair not in CHINESE_STOP_WORDS and CHINESE_FUNCTION_CHARACTERS.isdisjoint(pair)


def stem(word: str) -> str:
    """Returns the stem of a word that is written with spaces around it (English rules)."""
    stemmer = getattr(_thread, "stemmer", None)
    if stemmer is None:
        stemmer = _thread.stemmer = Stemmer.Stemmer("english")
    return str(stemmer.stemWord(word[:_LONGEST_TERM].replace("’", "'")))


def cjk_share(text: str) -> float:
    """Returns which part of a text's letters and digits is Chinese, Japanese or Korean, from 0 to 1."""
    letters = len(_LETTER.findall(text))
    return len(_CJK_CHARACTER.findall(text)) / letters if letters else 0.0


@functools.lru_cache(maxsize=200_000)
def hash_term(term: str) -> int:
    """Returns the signed 64-bit number that stands for a term in the index."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big", signed=True)
