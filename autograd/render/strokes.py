"""Lines with several strands, side by side along a way, and the heads of arrows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from autograd.render import palette
from autograd.render.folding import LANE
from autograd.render.palette import Colour
from autograd.render.picture import Stroke
from autograd.render.scene import Curve, Point, Segment

ARROWHEAD = 7.0
DASH = (5.0, 4.0)  # nothing gets through
HOLLOW = 0.4  # the part of a negative contribution's width that is light


def strands(stroke: Stroke, shifted: Callable[[float], tuple[Segment, ...]]) -> list[Curve]:
    """Draw the strands of a line side by side.

    Args:
        stroke: The line.
        shifted: Returns its way, moved so far to its side.
    """
    curves = []
    edge = -stroke.thickness / 2
    for colour, width, hollow, dashed in stroke.strands():
        way = shifted(edge + width / 2)
        curves.append(Curve(way, colour, width, dash=DASH if dashed else ()))
        if hollow:
            curves.append(Curve(way, palette.PAPER, width * HOLLOW))
        edge += width
    return curves


def curve(points: list[Point], shift: float) -> tuple[Segment, ...]:
    """The way through the points, level at each, moved by `shift` to keep strands parallel.

    Between rows it is straight: down, and back to the left, where the strands keep their order.
    """
    moved = [_moved(points, place, shift) for place in range(len(points))]
    parts: list[Segment] = [("M", *moved[0])]
    for ((x, y), (right, lower)), after in zip(pairwise(points), moved[1:], strict=True):
        if abs(lower - y) < 0.05 or right <= x:
            parts.append(("L", *after))
        else:
            turn = (x + right) / 2 - (shift if lower > y else -shift)
            parts.append(("C", turn, y + shift, turn, after[1], *after))
    return tuple(parts)


def _moved(points: list[Point], place: int, shift: float) -> Point:
    """A point moved to the side of the way, where the next and the last stretch of it meet."""
    aside, down = 0.0, shift
    for (x, y), (right, lower) in pairwise(points[max(place - 1, 0) : place + 2]):
        if right == x and lower != y:
            aside = -shift
        elif right < x:
            down = -shift
    return points[place][0] + aside, points[place][1] + down


def lane_for(strokes: Iterable[Stroke]) -> float:
    """How far apart lines between rows must run for the thickest not to touch."""
    return max(LANE, *(stroke.thickness + 4.0 for stroke in strokes), 0.0)


def arrowhead(x: float, y: float, reach: float, colour: Colour) -> Curve:
    """Draw the head of an arrow that points to the right; its tip is at (x, y)."""
    half = reach * 0.45
    back = x - reach
    return Curve(
        (("M", x, y), ("L", back, y - half), ("L", back, y + half), ("Z",)), None, fill=colour
    )
