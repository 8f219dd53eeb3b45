"""Puts a question and its passages into the plane, so that people see what lies near to what."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.embedding.embedder import Embedders
from engine.retrieval.hit import Hit
from engine.retrieval.search import embedding_name
from models import segment_index
from models.database import Database
from models.dataset import Dataset

Point = tuple[float, float]

_DIGITS = 6
_WORDS = 256


async def positions(
    database: Database, embedders: Embedders, dataset: Dataset, query: str, hits: Sequence[Hit]
) -> list[Point]:
    """Returns the points of a question and of the hits in a dataset, in this order.

    They come of the vectors of the dataset, or of the words alone where not all passages have such a vector.

    Raises:
        ApiError: the model of the dataset's vectors cannot be had.
    """
    if dataset.indexing_technique != "economy":
        async with database.workspace(dataset.workspace_id) as scope:
            known = await segment_index.vectors(scope, dataset.id, [hit.segment_id for hit in hits])
        names = (dataset.embedding_model_provider or None, dataset.embedding_model or None)
        embedder = await embedders.embedder(dataset.workspace_id, *names)
        found = [known[hit.segment_id][1] for hit in hits if _comparable(known, hit, embedding_name(embedder))]
        if hits and len(found) == len(hits):
            return plane_positions([(await embedder.embed([query]))[0], *found])
    from engine.embedding.lexical import lexical_vectors

    return plane_positions(lexical_vectors([query, *(hit.content for hit in hits)], _WORDS, words=True).tolist())


def _comparable(known: Mapping[str, tuple[str, list[float]]], hit: Hit, embedding: str) -> bool:
    return hit.segment_id in known and known[hit.segment_id][0] == embedding


def plane_positions(vectors: Sequence[Sequence[float]]) -> list[Point]:
    """Returns a point for each vector, by principal component analysis.

    Directions count, not lengths. The same vectors give the same points, between -1 and 1 on both axes, whichever
    machine computes them.
    """
    if not vectors:
        return []
    rows: npt.NDArray[np.float64] = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    rows -= rows.mean(axis=0)
    left, sizes, _ = np.linalg.svd(rows, full_matrices=False)
    points = np.zeros((len(rows), 2))
    shown = min(2, len(sizes))
    points[:, :shown] = left[:, :shown] * sizes[:shown]
    for axis in points.T:
        if axis[np.abs(axis).argmax()] < 0:
            axis *= -1
    points = points / max(float(np.abs(points).max()), 1e-12)
    return [(round(float(x), _DIGITS), round(float(y), _DIGITS)) for x, y in points]
