"""Puts a question and its passages into the plane, so that people see what lies near to what."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]

_DIGITS = 6


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
