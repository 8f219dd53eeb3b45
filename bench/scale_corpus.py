"""Makes segments by the hundred thousand for `bench.scale`: texts, their terms and their vectors.

English sentences come from Python's own manual and are embedded by the bundled model; Chinese ones are drawn from a
vocabulary by Zipf's law. A segment is some sentences, neighbours most of them; its vector is the mean of theirs with
some noise, so that segments lie in clusters as those of real documents do.
"""

import pydoc_data.topics
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.embedding.unified import BuiltinEmbedder
from engine.retrieval.analysis import analyse

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

_ENGLISH, _CHINESE = 1_400, 1_400
_NEIGHBOURS, _STRANGERS = 3, 1
_NOISE = 0.35
_SHORTEST, _LONGEST = 60, 260
_COMMON_CHARACTERS = range(0x4E00, 0x4E00 + 3_000)
_CHINESE_WORDS, _WORDS_IN_A_SENTENCE = 6_000, 9
_QUESTION_WORDS = 8


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences of one language, with what the index is to know of them."""

    texts: Sequence[str]
    vectors: Matrix
    terms: Sequence[Numbers]


@dataclass(frozen=True, slots=True)
class Batch:
    """Segments: texts, vectors and numbers of terms; and their postings, the segments in them by their number here."""

    texts: Sequence[str]
    vectors: Matrix
    lengths: Numbers
    posting_segments: Numbers
    posting_terms: Numbers
    posting_frequencies: Numbers


class Corpus:
    """Draws segments and questions; the same seed gives the same ones."""

    def __init__(self, embedder: BuiltinEmbedder, seed: int = 7) -> None:
        """Embeds the sentences that everything is made of: some seconds on the calling thread."""
        self._random = np.random.default_rng(seed)
        self._languages = [_sentences(embedder, english_sentences()), _sentences(embedder, self._chinese_sentences())]

    @property
    def dimension(self) -> int:
        """The length of the vectors."""
        return int(self._languages[0].vectors.shape[1])

    def segments(self, count: int) -> Batch:
        """Returns some segments, every second one Chinese."""
        texts: list[str] = []
        vectors, lengths, owners, terms = [], [], [], []
        for number in range(count):
            language = self._languages[number % 2]
            total = len(language.texts)
            first = int(self._random.integers(total))
            chosen = [(first + step) % total for step in range(_NEIGHBOURS)]
            chosen += self._random.integers(total, size=_STRANGERS).tolist()
            texts.append(" ".join(language.texts[one] for one in chosen))
            vectors.append(language.vectors[chosen].mean(axis=0))
            found = np.concatenate([language.terms[one] for one in chosen])
            lengths.append(len(found))
            terms.append(found)
            owners.append(np.full(len(found), number))
        pairs = np.stack([np.concatenate(owners), np.concatenate(terms)], axis=1)
        packed = np.ascontiguousarray(pairs).view([("segment", np.int64), ("term", np.int64)]).ravel()
        unique, frequencies = np.unique(packed, return_counts=True)
        return Batch(
            texts,
            self._with_noise(np.stack(vectors)),
            np.array(lengths, dtype=np.int64),
            unique["segment"],
            unique["term"],
            frequencies.astype(np.int64),
        )

    def questions(self, count: int) -> list[str]:
        """Returns questions: words of one English sentence each."""
        chosen: list[int] = self._random.integers(len(self._languages[0].texts), size=count).tolist()
        return [" ".join(self._languages[0].texts[one].split()[:_QUESTION_WORDS]) for one in chosen]

    def _with_noise(self, vectors: Matrix) -> Matrix:
        """Returns unit vectors, each moved a part of its length in the directions that it already has."""
        noise = self._random.standard_normal(vectors.shape, dtype=np.float32) * (vectors != 0)
        noise *= _NOISE * np.linalg.norm(vectors, axis=1, keepdims=True) / np.linalg.norm(noise, axis=1, keepdims=True)
        moved = vectors + noise
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)

    def _chinese_sentences(self) -> list[str]:
        characters = self._random.choice(np.array([chr(code) for code in _COMMON_CHARACTERS]), (_CHINESE_WORDS, 2))
        words = ["".join(pair) for pair in characters]
        ranks = np.minimum(self._random.zipf(1.2, (_CHINESE, _WORDS_IN_A_SENTENCE)), _CHINESE_WORDS) - 1
        return ["".join(words[rank] for rank in row) + "。" for row in ranks]


def english_sentences() -> list[str]:
    """Returns sentences of Python's manual, in its order."""
    found: dict[str, None] = {}
    topics: dict[str, Any] = pydoc_data.topics.topics
    for name in sorted(topics):
        for sentence in re.split(r"(?<=[.:])\s+(?=[A-Z])", topics[name]):
            plain = re.sub(r"\s+", " ", re.sub(r"[*`|\\=_]", " ", sentence)).strip()
            if _SHORTEST < len(plain) < _LONGEST:
                found[plain] = None
    return list(found)[:_ENGLISH]


def _sentences(embedder: BuiltinEmbedder, texts: Sequence[str]) -> Sentences:
    vectors = np.concatenate([embedder.vectors(texts[start : start + 8]) for start in range(0, len(texts), 8)])
    terms = []
    for text in texts:
        frequencies = analyse(text).frequencies
        terms.append(np.repeat(np.fromiter(frequencies, np.int64), np.fromiter(frequencies.values(), np.int64)))
    return Sentences(texts, vectors, terms)
