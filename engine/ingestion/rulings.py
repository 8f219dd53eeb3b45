"""Straight lines on a page, brought together into the grids and stacks that tables are drawn with.

Distances are points (1/72 inch); y grows upwards.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

SNAP = 2.0
"""How far apart two lines may lie that are one: a double line, or the two edges of a thin bar."""

REACH = 3.0
"""How far from each other two lines may end that meet."""

LEAST_SIDE = 5.0
"""How high and wide a cell is at least."""

MOST_RULES = 1_500
"""How many lines a page may have that are brought together: one with more of them holds a drawing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: at which height a horizontal one lies, and from where to where; a vertical one likewise."""

    at: float
    start: float
    end: float

    def covers(self, place: float) -> bool:
        """Whether it passes a place along its direction."""
        return self.start - REACH <= place <= self.end + REACH


@dataclass(slots=True)
class Rules:
    """The lines of a page."""

    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines that cross: `xs` from left to right and `ys` from top to bottom bound columns and rows."""

    xs: list[float]
    ys: list[float]
    rules: Rules

    def has_wall(self, row: int, column: int) -> bool:
        """Whether a line stands between a cell and the one to its right."""
        middle = (self.ys[row] + self.ys[row + 1]) / 2
        return any(abs(rule.at - self.xs[column + 1]) <= SNAP and rule.covers(middle) for rule in self.rules.vertical)

    def has_floor(self, row: int, column: int) -> bool:
        """Whether a line lies between a cell and the one below."""
        middle = (self.xs[column] + self.xs[column + 1]) / 2
        return any(abs(rule.at - self.ys[row + 1]) <= SNAP and rule.covers(middle) for rule in self.rules.horizontal)


@dataclass(frozen=True, slots=True)
class Stack:
    """Horizontal lines of one width below each other, with nothing that parts them into columns."""

    left: float
    right: float
    ys: list[float]


def find_grids(rules: Rules) -> tuple[list[Grid], list[Stack]]:
    """Return the grids of at least two rows and two columns, and the stacks of at least three lines."""
    horizontal, vertical = merged(rules.horizontal), merged(rules.vertical)
    if len(horizontal) + len(vertical) > MOST_RULES:
        return [], []
    grids: list[Grid] = []
    alone: list[Rule] = []
    for group in _meeting(horizontal, vertical):
        grid = _grid(group)
        if len(grid.xs) > 2 and len(grid.ys) > 2:
            grids.append(grid)
        elif len(grid.xs) <= 2:
            alone += group.horizontal
    return grids, list(_stacks(alone))


def merged(rules: Iterable[Rule]) -> list[Rule]:
    """Return lines with those made one that lie on each other or continue each other."""
    found: list[Rule] = []
    for near in _near(sorted(rules, key=lambda rule: rule.at)):
        at = sum(rule.at for rule in near) / len(near)
        start, end = None, 0.0
        for rule in sorted(near, key=lambda rule: rule.start):
            if start is None:
                start, end = rule.start, rule.end
            elif rule.start <= end + REACH:
                end = max(end, rule.end)
            else:
                found.append(Rule(at, start, end))
                start, end = rule.start, rule.end
        if start is not None:
            found.append(Rule(at, start, end))
    return found


def _near(ordered: Sequence[Rule]) -> Iterator[list[Rule]]:
    near: list[Rule] = []
    for rule in ordered:
        if near and rule.at - near[0].at > SNAP:
            yield near
            near = []
        near.append(rule)
    if near:
        yield near


def _meeting(horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> Iterable[Rules]:
    """Return the lines in groups that hang together."""
    count = len(horizontal)
    groups = Groups(count + len(vertical))
    for first, level in enumerate(horizontal):
        for second, upright in enumerate(vertical):
            if level.covers(upright.at) and upright.covers(level.at):
                groups.join(first, count + second)
    together: dict[int, Rules] = defaultdict(Rules)
    for index, rule in enumerate((*horizontal, *vertical)):
        group = together[groups.root(index)]
        (group.horizontal if index < count else group.vertical).append(rule)
    return together.values()


def _grid(rules: Rules) -> Grid:
    """Return the bounds of columns and rows; an outer side that is left open is where the lines across it end."""
    xs, ys = _distinct(rule.at for rule in rules.vertical), _distinct(rule.at for rule in rules.horizontal)
    if xs and ys:
        left, right = min(rule.start for rule in rules.horizontal), max(rule.end for rule in rules.horizontal)
        bottom, top = min(rule.start for rule in rules.vertical), max(rule.end for rule in rules.vertical)
        xs = _opened(xs, left, right)
        ys = _opened(ys, bottom, top)
    return Grid(xs, ys[::-1], rules)


def _distinct(places: Iterable[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > SNAP:
            found.append(place)
    return found


def _opened(places: list[float], first: float, last: float) -> list[float]:
    before = [first] if first < places[0] - LEAST_SIDE else []
    after = [last] if last > places[-1] + LEAST_SIDE else []
    return [*before, *places, *after]


def _stacks(rules: Iterable[Rule]) -> Iterator[Stack]:
    """Yield stacks of the lines that begin and end at the same places."""
    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: -rule.at):
        for group in groups:
            if abs(group[0].start - rule.start) <= REACH and abs(group[0].end - rule.end) <= REACH:
                group.append(rule)
                break
        else:
            groups.append([rule])
    for group in groups:
        ys = _distinct(rule.at for rule in group)[::-1]
        if len(ys) > 2:
            yield Stack(min(rule.start for rule in group), max(rule.end for rule in group), ys)


class Groups:
    """Numbers from 0 that are joined into groups; the least of each is its root."""

    def __init__(self, count: int) -> None:
        """Let each number be a group of its own."""
        self._parents = list(range(count))

    def root(self, number: int) -> int:
        """Return the least number of a number's group."""
        while (parent := self._parents[number]) != number:
            self._parents[number] = number = self._parents[parent]
        return number

    def join(self, first: int, second: int) -> None:
        """Make two groups one."""
        first, second = self.root(first), self.root(second)
        self._parents[max(first, second)] = min(first, second)
