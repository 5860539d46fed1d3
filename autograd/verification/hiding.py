"""What rounding hides: f stands still, or keeps its slope, where a term is lost in a larger one.

No closer pair of arguments can find such a term. Pairs farther away can: there it comes out of the
rounding, by a leap.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from autograd.verification.closer import SIGNIFICANT, by_side, one_slope
from autograd.verification.noise import ROUNDING, leap
from autograd.verification.sampling import Line
from autograd.verification.sweeping import Sweep

# So many times steeper than before is another function.
_ABRUPT = 1000.0
# Parts of |x| that are nearly all of it.
_FARTHER = (0.2618034, 0.4721360, 0.9659258)
# So many roundings of where f goes, and of a 1 that may be inside, are still rounding.
_MANY, _FEW = 1000.0, 32.0


class Hidden(NamedTuple):
    """What rounding may hide at x.

    Attributes:
        height: How far f leaps where it first moves away.
        slope: How steep it may be up to there without showing it.
    """

    height: float
    slope: float


_NOTHING = Hidden(0.0, 0.0)


def hidden(line: Line, found: Sweep) -> Hidden:
    """Return what rounding may hide at x of what shows farther away.

    1 + exp(x) stands still at -50, and moves from -36 on. What leaves its slope by a leap that is
    no more than rounding, of a 1 or of where it goes then, could have gone as far before, unseen;
    what leaves it gradually, behind a kink, could not.
    """
    sides = [_hidden(line, slope, side) for slope, side in by_side(found)]
    return max(sides, key=lambda one: one.slope)


def look_farther(line: Line) -> None:
    """Evaluate pairs up to nearly |x| away: what stands still may move there."""
    for part in _FARTHER:
        line.pair(line.rounded(part * line.magnitude))


def _hidden(line: Line, slope: float, side: float) -> Hidden:
    ends = [(step, one_slope(line.pairs[step], side)) for step in sorted(line.pairs)]
    gaps = [(step, abs(end - slope)) for step, end in ends if end is not None]
    near, far = 0.0, math.inf
    for step, gap in gaps:
        if gap > SIGNIFICANT * 2.0 * line.pairs[step].scatter:
            far = step if gap > _ABRUPT * abs(slope) else math.inf
            break
        near = step
    if not near or math.isinf(far):
        return _NOTHING
    room = SIGNIFICANT * 2.0 * line.pairs[near].scatter * near

    def is_far(t: float, y: float) -> bool:
        return abs(y - line.middle - slope * t) > room

    place, height = leap(lambda t: line.f(line.x + t), side * near, side * far, is_far)
    look_farther(line)
    farthest = max([pair.steepest * pair.step for pair in line.pairs.values()])
    rounding = ROUNDING * max(_MANY * farthest, _MANY * abs(line.middle), _FEW)
    return Hidden(height, height / abs(place)) if room < height <= rounding else _NOTHING
