"""Where words stand at lines, so that they cover neither each other nor other lines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from autograd.render.scene import Point

Box = tuple[float, float, float, float]

_SHARES = (0.0, *(side * step / 100 for step in range(5, 46, 5) for side in (-1, 1)))
_PIECES = 10  # straight pieces that stand for a bent line
_CLEARANCE = 2.0
_LEVEL = 0.2  # sine of the slope below which a line would run through a text like a stroke
# What costs how much: another text or a disc under a text, another line, a step along the line.
_ON_OTHERS, _ON_LINE, _STEP, _FLOATING, _STRUCK = 20.0, 0.6, 0.12, 0.03, 1.2


class Sheet:
    """Lines, and what words may not stand on.

    Args:
        lines: The points and thickness of each line: two points, or a Bézier curve's four.
        width: Of the picture.
    """

    def __init__(self, lines: Sequence[tuple[Sequence[Point], float]], width: float) -> None:
        self._pieces = [
            (piece, tuple(way), thickness) for way, thickness in lines for piece in _straight(way)
        ]
        self._width = width
        self._boxes: list[Box] = []
        self._discs: list[tuple[float, float, float]] = []

    def block(self, box: Box) -> None:
        """Keep a rectangle free: left, top, right, bottom."""
        self._boxes.append(box)

    def block_disc(self, centre: Point, radius: float) -> None:
        """Keep a disc free."""
        self._discs.append((*centre, radius))

    def place(
        self,
        way: Sequence[Point],
        thickness: float,
        size: tuple[float, float],
        favourite: float,
        *,
        on_line: bool = False,
    ) -> Point:
        """Return the middle of a text on or beside a line, and keep it free from then on.

        Args:
            way: The points of the line.
            thickness: Of the line.
            size: Width and height of the text.
            favourite: How far along the line it is put if nothing is in the way, from 0 to 1.
            on_line: Whether it has to stand on the line.
        """
        width, height = size
        best, least = way[0], math.inf
        for (x, y), cost in _candidates(way, thickness, size, favourite, on_line):
            box = x - width / 2, y - height / 2, x + width / 2, y + height / 2
            if cost < least and (cost := cost + self._cost(box, tuple(way))) < least:
                best, least = (x, y), cost
        x, y = best
        self.block((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        return best

    def _cost(self, box: Box, own: tuple[Point, ...]) -> float:
        left, top, right, bottom = box
        cost = _ON_OTHERS * (left < 0.0 or right > self._width)
        for other in self._boxes:
            if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                cost += _ON_OTHERS
        for x, y, radius in self._discs:
            near = min(max(x, left), right), min(max(y, top), bottom)
            if math.hypot(x - near[0], y - near[1]) < radius:
                cost += _ON_OTHERS
        for piece, way, thickness in self._pieces:
            if way != own and _crosses(piece, box):
                cost += _ON_LINE * (1.0 + 0.3 * thickness)
        return cost


def _candidates(
    way: Sequence[Point],
    thickness: float,
    size: tuple[float, float],
    favourite: float,
    on_line: bool,
) -> Iterator[tuple[Point, float]]:
    """Places at a line, and what they cost by themselves."""
    width, height = size
    for rank, step in enumerate(_SHARES):
        share = favourite + step
        if not 0.04 <= share <= 0.96:
            continue
        (x, y), (run, rise) = _at(way, share)
        cost = _STEP * rank
        # A text on a thick line hides it, one on a level line is struck through.
        struck = _STRUCK * (abs(rise) < _LEVEL) + 0.8 * max(thickness - 1.3, 0.0)
        yield (x, y), cost + (0.0 if on_line else struck)
        if on_line:
            continue
        side = math.copysign(1.0, run or 1.0)
        away = (width * abs(rise) + height * abs(run) + thickness) / 2 + _CLEARANCE
        for farther in (0.0, 8.0, 16.0):
            for sign in (1.0, -1.0):  # above the line rather than below
                lift = sign * side * (away + farther)
                floating = _FLOATING * (away + farther) + 0.1 * (sign < 0.0)
                yield (x + rise * lift, y - run * lift), cost + floating


def _at(way: Sequence[Point], share: float) -> tuple[Point, Point]:
    """A point of a line, and the direction there."""
    if len(way) == 2:
        (x1, y1), (x2, y2) = way
        run, rise = x2 - x1, y2 - y1
        x, y = x1 + run * share, y1 + rise * share
    else:
        left = 1.0 - share
        weights = left**3, 3 * left**2 * share, 3 * left * share**2, share**3
        slopes = -3 * left**2, 3 * left * (1 - 3 * share), 3 * share * (2 - 3 * share), 3 * share**2
        x, y = (sum(w * p[axis] for w, p in zip(weights, way, strict=True)) for axis in (0, 1))
        run, rise = (sum(w * p[axis] for w, p in zip(slopes, way, strict=True)) for axis in (0, 1))
    length = math.hypot(run, rise) or 1.0
    return (x, y), (run / length, rise / length)


def _straight(way: Sequence[Point]) -> list[tuple[Point, Point]]:
    """The straight pieces of a line."""
    if len(way) == 2:
        return [(way[0], way[1])]
    points = [_at(way, step / _PIECES)[0] for step in range(_PIECES + 1)]
    return list(pairwise(points))


def _crosses(line: tuple[Point, Point], box: Box) -> bool:
    """Whether a line passes through a rectangle."""
    (x1, y1), (x2, y2) = line
    left, top, right, bottom = box
    # Most lines are elsewhere.
    if max(x1, x2) < left or min(x1, x2) > right or max(y1, y2) < top or min(y1, y2) > bottom:
        return False
    first, last = 0.0, 1.0
    for start, change, low, high in ((x1, x2 - x1, left, right), (y1, y2 - y1, top, bottom)):
        if change:
            near, far = sorted(((low - start) / change, (high - start) / change))
            first, last = max(first, near), min(last, far)
    return first <= last
