"""Folds a wide layout into rows, as lines of text are: what is as long as a chain fits a page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from autograd.render.layered import Layout
from autograd.render.scene import Point

MOST_CROSSING = 4  # arrows that may lead from a row to the next
ROW_GAP, LANE = 18.0, 8.0


def folded(
    layout: Layout, widest: float, crossing: int = MOST_CROSSING, lane: float = LANE
) -> Layout:
    """Return a layout that is no wider, if it can be cut where few arrows pass; else the same.

    An arrow that leads to another row runs around the end of its own, down between the rows, and
    in again from the left.

    Args:
        layout: What is folded.
        widest: How wide it may be.
        crossing: How many arrows may lead from a row to the next.
        lane: How far apart they run; at least as far as the thickest is thick.

    Example:
        >>> from autograd.render.layered import layered_layout
        >>> chain = layered_layout([(40.0, 20.0)] * 9, [(i, i + 1) for i in range(8)])
        >>> chain.width > 500.0, folded(chain, 300.0).width <= 300.0
        (True, True)
    """
    if layout.width <= widest:
        return layout
    columns = _columns(layout)
    passing = [0] * len(columns)
    for route in layout.routes:
        for column in range(_column(columns, route[0][0]), _column(columns, route[-1][0])):
            passing[column] += 1
    cuts = _cuts(columns, passing, crossing, widest - 2 * lane * (crossing + 1))
    return layout if cuts is None else _Folder(layout, columns, cuts, lane).layout


def folded_into(layout: Layout, ways: Sequence[tuple[float, int]], lane: float = LANE) -> Layout:
    """Return a layout that is folded in the first of some ways in which it fits, else in the last.

    Args:
        layout: What is folded.
        ways: How wide it may be, and how many arrows may lead from a row to the next.
        lane: As of `folded`.

    Example:
        >>> from autograd.render.layered import layered_layout
        >>> chain = layered_layout([(40.0, 20.0)] * 9, [(i, i + 1) for i in range(8)])
        >>> folded_into(chain, [(50.0, 4), (300.0, 4)]).width <= 300.0
        True
    """
    for widest, crossing in ways:
        found = folded(layout, widest, crossing, lane)
        if found.width <= widest:
            break
    return found


def _columns(layout: Layout) -> list[tuple[float, float]]:
    """Where each column begins, and where the next one does."""
    starts: dict[int, float] = {}
    for (x, _), layer in zip(layout.corners, layout.layers, strict=True):
        starts[layer] = min(x, starts.get(layer, x))
    lefts = [starts[layer] for layer in sorted(starts)]
    return list(zip(lefts, [*lefts[1:], layout.width], strict=True))


def _column(columns: list[tuple[float, float]], x: float) -> int:
    for place, (_, end) in enumerate(columns):
        if x < end:
            return place
    return len(columns) - 1


def _cuts(
    columns: list[tuple[float, float]], crossing: list[int], most: int, room: float
) -> list[int] | None:
    """After which columns to cut: as late as there is room, where few arrows cross."""
    cuts: list[int] = []
    start = 0
    while columns[-1][1] - columns[start][0] > room:
        fitting = [
            place
            for place in range(start, len(columns) - 1)
            if columns[place][1] - columns[start][0] <= room and crossing[place] <= most
        ]
        if not fitting:
            return None
        best = min(fitting, key=lambda place: (crossing[place] - (place - start), -place))
        cuts.append(best)
        start = best + 1
    return cuts


class _Folder:
    """Moves boxes and arrows into their rows."""

    def __init__(
        self, layout: Layout, columns: list[tuple[float, float]], cuts: list[int], lane: float
    ) -> None:
        self.lane = lane
        self.columns = columns
        self.row_of = [sum(cut < column for cut in cuts) for column in range(len(columns))]
        rows = len(cuts) + 1
        starts = [columns[first][0] for first in (0, *(cut + 1 for cut in cuts))]
        self.lowest, self.highest = [0.0] * rows, [layout.height] * rows
        for route in layout.routes:
            for x, y in route:
                self._stretch(x, y, y)
        self.lanes = self._lanes(layout.routes, rows)
        lanes = list(map(len, self.lanes))
        bottoms = self._bottoms(layout)
        for (x, y), bottom in zip(layout.corners, bottoms, strict=True):
            self._stretch(x, y, bottom)
        margin = lane * (max(lanes) + 1) if rows > 1 else 0.0
        self.moves: list[Point] = []
        top = 0.0
        self.corridors: list[float] = []
        for row in range(rows):
            self.moves.append((margin - starts[row], top - self.highest[row]))
            top += self.lowest[row] - self.highest[row] + ROW_GAP
            self.corridors.append(top)
            top += lane * lanes[row] + ROW_GAP * (row < rows - 1)
        widths = [
            columns[last][1] - starts[row] for row, last in enumerate((*cuts, len(columns) - 1))
        ]
        self.right = max(widths) + margin
        corners = [self._moved(point) for point in layout.corners]
        routes = [self._route(number, route) for number, route in enumerate(layout.routes)]
        width = self.right + (margin if rows > 1 else 0.0)
        self.layout = Layout(
            width, self.corridors[-1] - ROW_GAP, corners, routes, layout.layers, layout.heights
        )

    def _lanes(self, routes: list[list[Point]], rows: int) -> list[dict[int, int]]:
        """For each row the lanes of the arrows that leave it, by their places in the list.

        The lowest has the innermost lane and the highest corridor, so that none of them cross.
        """
        leaving: list[list[tuple[float, int]]] = [[] for _ in range(rows)]
        for number, route in enumerate(routes):
            for before, after in pairwise(route):
                for row in range(self._row(before[0]), self._row(after[0])):
                    leaving[row].append((-before[1], number))
        return [
            {number: lane for lane, (_, number) in enumerate(sorted(found))} for found in leaving
        ]

    def _bottoms(self, layout: Layout) -> list[float]:
        heights = layout.heights
        return [y + height for (_, y), height in zip(layout.corners, heights, strict=True)]

    def _row(self, x: float) -> int:
        return self.row_of[_column(self.columns, x)]

    def _stretch(self, x: float, top: float, bottom: float) -> None:
        row = self._row(x)
        self.lowest[row] = max(self.lowest[row], bottom)
        self.highest[row] = min(self.highest[row], top)

    def _moved(self, point: Point) -> Point:
        dx, dy = self.moves[self._row(point[0])]
        return point[0] + dx, point[1] + dy

    def _route(self, number: int, route: list[Point]) -> list[Point]:
        moved = [self._moved(route[0])]
        for before, after in pairwise(route):
            for row in range(self._row(before[0]), self._row(after[0])):
                _, y = moved[-1]
                lane = self.lanes[row][number]
                corridor = self.corridors[row] + self.lane * lane
                out = self.right + self.lane * (lane + 0.5)
                entry = self.lane * (lane + 0.5)
                there = self._moved(after)
                below = there[1] if row + 1 == self._row(after[0]) else self.corridors[row + 1]
                moved += [(out, y), (out, corridor), (entry, corridor), (entry, below)]
            moved.append(self._moved(after))
        return moved
