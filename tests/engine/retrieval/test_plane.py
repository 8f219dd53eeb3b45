"""Places in the plane."""

import math

from engine.retrieval.plane import plane_positions


def test_what_is_alike_lies_near() -> None:
    north, also_north, east = [0.0, 1.0, 0.0, 0.1], [0.0, 2.0, 0.1, 0.2], [1.0, 0.0, 0.0, 0.0]
    first, second, third = plane_positions([north, also_north, east])
    assert math.dist(first, second) < math.dist(first, third)
    assert all(-1 <= number <= 1 for point in (first, second, third) for number in point)
    assert plane_positions([north, also_north, east]) == [first, second, third]


def test_few_vectors_have_places_too() -> None:
    assert plane_positions([]) == []
    assert plane_positions([[0.3, 0.4]]) == [(0.0, 0.0)]
    assert len(plane_positions([[1.0, 0.0], [0.0, 0.0]])) == 2
