"""Where words stand beside lines, so that they cover neither each other nor other lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.render.scene import Point

_PLACES = (0.0, *(side * step / 100 for step in range(6, 42, 5) for side in (-1, 1)))


class Sheet:
    """Lines, and the rectangles on which nothing else may stand.

    Args:
        ways: The points of each line; of a bent one, the curve is taken for its chord.
    """

    def __init__(self, ways: Sequence[Sequence[Point]]) -> None:
        self._lines = [(way[0], way[-1]) for way in ways]
        self._taken: list[tuple[float, float, float, float]] = []

    def block(self, left: float, top: float, right: float, bottom: float) -> None:
        """Keep a rectangle free."""
        self._taken.append((left, top, right, bottom))

    def place(
        self, way: Sequence[Point], width: float, height: float, *, lift: float, favourite: float
    ) -> Point:
        """Return the middle of a rectangle beside a line, and keep it free from then on.

        Args:
            way: The line.
            width: Of the rectangle.
            height: Of the rectangle.
            lift: How far its middle is from the line; 0 puts it on the line.
            favourite: How far along the line it is put if nothing is in the way, from 0 to 1.
        """
        (x1, y1), (x2, y2) = way[0], way[-1]
        length = math.hypot(x2 - x1, y2 - y1) or 1.0
        run, rise = (x2 - x1) / length, (y2 - y1) / length
        # A steep line passes a wide text at a larger distance.
        away = abs(run) * lift + abs(rise) * (width / 2 + lift - 8) if lift else 0.0
        best, least = (x1, y1), math.inf
        for rank, step in enumerate(_PLACES):
            share = favourite + step
            if not 0.08 <= share <= 0.92:
                continue
            for side in (-1.0, 1.0) if lift else (0.0,):
                x = x1 + (x2 - x1) * share + side * away * rise * (1.0 if run else 0.0)
                y = y1 + (y2 - y1) * share + side * away * (abs(run) or 1.0)
                if lift and abs(rise) > 0.15:
                    # On a slope the text stands on the line, with a halo.
                    x, y = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
                cost = self._cost(x, y, width, height, (way[0], way[-1])) + 0.15 * rank
                cost += 0.1 * (side > 0)
                if cost < least:
                    best, least = (x, y), cost
        x, y = best
        self.block(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        return best

    def _cost(
        self, x: float, y: float, width: float, height: float, own: tuple[Point, Point]
    ) -> float:
        left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
        cost = 0.0
        for other in self._taken:
            if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                cost += 20.0
        for line in self._lines:
            if line != own and _crosses(line, left, top, right, bottom):
                cost += 1.0
        return cost


def _crosses(
    line: tuple[Point, Point], left: float, top: float, right: float, bottom: float
) -> bool:
    """Whether a line passes through a rectangle."""
    (x1, y1), (x2, y2) = line
    first, last = 0.0, 1.0
    for start, change, low, high in ((x1, x2 - x1, left, right), (y1, y2 - y1, top, bottom)):
        if change == 0.0:
            if not low <= start <= high:
                return False
            continue
        near, far = sorted(((low - start) / change, (high - start) / change))
        first, last = max(first, near), min(last, far)
    return first <= last
