"""Vectors made of hashed words: no model, any language, and no more meaning than the words themselves.

Each feature of a text (a Chinese word, a pair of characters, an English stem) adds its weight at two places of the
vector, with signs, all chosen by its hash. Texts that share features point in the same direction. This is likeness of
wording, not of meaning, and the name of the model says so.
"""

import functools
import hashlib
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import rjieba

from engine.retrieval.analysis import chinese_words, pairs, runs, stem
from engine.retrieval.stopwords import CHINESE_STOP_WORDS, ENGLISH_STOP_WORDS

Vectors = npt.NDArray[np.float32]

_PAIR_WEIGHT = 0.5
_CHARACTER_WEIGHT = 0.1
_STEM_WEIGHT = 6.0
_DICTIONARY_TOTAL = 60_101_967
"""The sum of all frequencies in the segmenter's dictionary, which its word frequencies are parts of."""


def lexical_vectors(texts: Sequence[str], dimension: int, *, words: bool) -> Vectors:
    """Returns one unit vector for each text (zero where a text has no feature).

    Args:
        texts: any texts.
        dimension: the length of the vectors.
        words: whether words that are written with spaces count, or Chinese, Japanese and Korean only.
    """
    vectors = np.zeros((len(texts), dimension), dtype=np.float32)
    for row, text in zip(vectors, texts, strict=True):
        for feature, weight in _features(text, words).items():
            first, first_sign, second, second_sign = _places(feature, dimension)
            row[first] += first_sign * weight
            row[second] += second_sign * weight
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    np.divide(vectors, norms, out=vectors, where=norms > 0)
    return vectors


def _features(text: str, words: bool) -> dict[str, float]:
    weights: dict[str, float] = {}
    counts: Counter[str] = Counter()

    def add(feature: str, weight: float) -> None:
        counts[feature] += 1
        weights[feature] = weight

    for kind, run in runs(text):
        if kind == "word":
            if words and run not in ENGLISH_STOP_WORDS:
                add(stem(run), _STEM_WEIGHT)
            continue
        if kind == "han":
            for word in chinese_words(run):
                add(f"w:{word}", _rarity(word))
        for pair in pairs(run):
            add(f"p:{pair}", _PAIR_WEIGHT)
        for character in run:
            if character not in CHINESE_STOP_WORDS:
                add(f"c:{character}", _CHARACTER_WEIGHT)
    return {feature: weight * (1 + math.log(counts[feature])) for feature, weight in weights.items()}


@functools.lru_cache(maxsize=100_000)
def _rarity(word: str) -> float:
    """Returns how much a Chinese word tells, from its frequency in the segmenter's dictionary."""
    return math.log(_DICTIONARY_TOTAL / max(1, rjieba.suggest_freq(word)))


@functools.lru_cache(maxsize=200_000)
def _places(feature: str, dimension: int) -> tuple[int, float, int, float]:
    digest = hashlib.blake2b(feature.encode(), digest_size=16).digest()
    first, second = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")
    return (
        (first >> 1) % dimension,
        1.0 if first & 1 else -1.0,
        (second >> 1) % dimension,
        1.0 if second & 1 else -1.0,
    )
