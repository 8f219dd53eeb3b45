"""The built-in embedder: the English sentence model and hashed words of Chinese, Japanese and Korean in one vector.

A vector is `√(1-p) · sentence model + √p · hashed words`, brought to length 1, where p is the CJK share of the text:
the sentence model fills the first 384 of 1 024 places, hashed words use them all. So English meets English by meaning,
CJK meets CJK by wording, and what one kind adds to the other is noise of about 0.03. Where the sentence model cannot
be had, hashed words of every language serve, under another name, because the vectors cannot be compared.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np

from engine.embedding.lexical import Vectors, lexical_vectors
from engine.embedding.minilm import DIMENSION as MINILM_DIMENSION
from engine.embedding.minilm import MiniLM, ModelMissing
from engine.retrieval.analysis import cjk_share

PROVIDER = "builtin"
UNIFIED_MODEL = "minilm-l6-v2-lexical-cjk"
LEXICAL_MODEL = "lexical-hash"
DIMENSION = 1024

_PURELY_CJK = 0.95
_TEXTS_AT_A_TIME = 16

_log = logging.getLogger(__name__)


class BuiltinEmbedder:
    """The embedder that every installation has. Its work runs in `executor`, never on the event loop."""

    def __init__(self, minilm: MiniLM | None, executor: Executor) -> None:
        self._minilm = minilm
        self._executor = executor

    @property
    def provider(self) -> str:
        """The provider's name."""
        return PROVIDER

    @property
    def model(self) -> str:
        """The model's name, which says whether meanings of English are among its vectors."""
        return UNIFIED_MODEL if self._minilm else LEXICAL_MODEL

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return DIMENSION

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Returns one vector of 1 024 numbers for each text, in order."""
        loop = asyncio.get_running_loop()
        vectors: list[list[float]] = []
        for start in range(0, len(texts), _TEXTS_AT_A_TIME):
            batch = texts[start : start + _TEXTS_AT_A_TIME]
            vectors.extend((await loop.run_in_executor(self._executor, self.vectors, batch)).tolist())
        return vectors

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Returns the vectors as rows of one matrix, on the calling thread."""
        if self._minilm is None:
            return lexical_vectors(texts, DIMENSION, words=True)
        shares = np.array([cjk_share(text) for text in texts], dtype=np.float32)
        shares[shares > _PURELY_CJK] = 1.0
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        latin, cjk = np.flatnonzero(shares < 1).tolist(), np.flatnonzero(shares > 0).tolist()
        if latin:
            sentences = self._minilm.embed([texts[index] for index in latin])
            vectors[latin, :MINILM_DIMENSION] = np.sqrt(1 - shares[latin])[:, None] * sentences
        if cjk:
            hashed = lexical_vectors([texts[index] for index in cjk], DIMENSION, words=False)
            vectors[cjk] += np.sqrt(shares[cjk])[:, None] * hashed
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


def open_builtin(folder: Path, executor: Executor, minilm: MiniLM | None = None) -> BuiltinEmbedder:
    """Opens the built-in embedder, around the sentence model where that is open already.

    The first time, builds the sentence model's graph into `folder`. Blocks for a moment (some seconds the first time):
    call it from a thread where a loop runs.
    """
    try:
        minilm = minilm or MiniLM.open(folder)
    except ModelMissing as missing:
        _log.warning("The built-in embeddings compare words only, not meaning: %s", missing)
        minilm = None
    return BuiltinEmbedder(minilm, executor)
