"""Looking closer: whether what a sweep of steps found still holds at steps it did not take.

A derivative is a limit. A slope that holds over some steps and not over closer ones is that of a
scale, and not of the point: kinks, pulses, zigzags and forgotten points hide between steps. So a
sweep is held against closer pairs of arguments, down to where noise hides everything; the factor
from one to the next is drawn, so that nothing lines up with them. Both slopes start from f(x)
itself, which therefore has to lie on the line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from autograd.verification.noise import ROUNDING, Function, evaluated, is_rounding, leap
from autograd.verification.sampling import Line, Pair
from autograd.verification.sweeping import Sweep

# From one pair to the next closer one.
_CLOSER = (40.0, 120.0)
_PAIRS = 12
# So many standard deviations are no accident.
SIGNIFICANT = 6.0
# How slopes of a smooth function settle: to the left, to the right, and faster across.
_POWERS = (0.5, 0.5, 1.0)
# A pair at which noise is this part of the slopes sees clearly,
_CLEAR = 0.1
# and after so many decades it says whether they still change.
_DECADES = 1.0
# Slopes that change so much less per decade than over steps so many times wider have settled,
# and those that change so much more over steps wider still are about to.
_SETTLED, _WIDER, _SHRINKING = 0.2, 300.0, 10.0
# So much less noise at closer steps: what looked like noise may be structure.
_SMOOTHER = 30.0
# Over so few neighbouring arguments everything leaps.
_NEIGHBOURS = 200.0
# A little beyond a leap, relative to its distance.
_BESIDE = 1e-3
# Of the gap between two slopes, the part that says that one of them is left.
_LEFT = 0.25


def look_closer(line: Line, found: Sweep, source: Random) -> None:
    """Evaluate pairs of arguments closer than those of a sweep, where they can say anything."""
    scale = found.scale or abs(line.middle) / line.magnitude or math.inf
    rough = line.noise.at(found.step / line.magnitude)
    step = found.step
    for _ in range(_PAIRS):
        step = line.rounded(step / math.exp(source.uniform(*map(math.log, _CLOSER))))
        if step <= 0.0:
            break
        is_smoother = line.noise.at(step / line.magnitude) < rough / _SMOOTHER
        if is_smoother or line.scatter(step, abs(line.middle)) < scale:
            line.pair(step)


def refutations(line: Line, found: Sweep) -> list[float]:
    """Return the closer steps at which the slopes are others, the widest first.

    What a smooth function, or one as smooth as |x| ** 1.5, may still change is allowed for.
    """
    steps = sorted(line.pairs)
    changes: tuple[list[tuple[float, float]], ...] = ([], [], [])
    for step in steps:
        if found.step <= step <= 5.0 * found.step:
            known = zip(line.pairs[step].slopes, found.expected, changes, strict=True)
            for slope, expected, changes_of_side in known:
                if slope is not None:
                    changes_of_side.append((step, abs(slope - expected)))
    # Of an argument that f rounds, f's share; it need not show between a few neighbours.
    share = 4.0 * ROUNDING * abs(line.x) * found.scale
    refuting = []
    for step in steps:
        if step >= found.step:
            break
        pair = line.pairs[step]
        room = found.error + SIGNIFICANT * 2.0 * pair.scatter + share / step
        for slope, expected, before, power in zip(
            pair.slopes, found.expected, changes, _POWERS, strict=True
        ):
            if slope is not None and abs(slope - expected) > room:
                left = [change * (step / wider) ** power for wider, change in before]
                if abs(slope - expected) > room + max(left, default=0.0):
                    refuting.append(step)
                    break
    return refuting[::-1]


def drift(line: Line, found: Sweep, size: float) -> float:
    """Return by how much the slopes still change per decade of closer steps; noise counts.

    Infinite where closer pairs that could see a change of this size do not reach far enough.
    """
    closest = sorted(
        (pair.step, pair)
        for pair in line.pairs.values()
        if math.log10(found.step / pair.step) >= _DECADES and 2.0 * pair.scatter <= _CLEAR * size
    )[:2]
    return max(
        [
            (_change(found, pair) + 2.0 * pair.scatter) / math.log10(found.step / step)
            for step, pair in closest
        ],
        default=math.inf,
    )


def has_settled(line: Line, found: Sweep) -> bool:
    """Return whether slopes over closer steps have stopped to change as they do over wider ones.

    Away from a kink beside x the change ends, and those of x ** 1.5 come ever closer; those of
    |x| ** 1.02 go on for ever.
    """
    changes = []
    for reach in (_WIDER, _WIDER**2):
        wider = [
            (pair.step / found.step, _change(found, pair))
            for pair in line.pairs.values()
            if pair.step / found.step >= reach / _SHRINKING
        ]
        reach = max(reach, min(wider, default=(reach, 0.0))[0])
        changes.append(max([change for step, change in wider if step <= reach], default=0.0))
    near, far = changes
    if near <= 0.25 * found.error or far >= _SHRINKING * near:
        return True
    return drift(line, found, near) <= _SETTLED * near / math.log10(_WIDER)


def is_off_the_line(line: Line) -> bool:
    """Return whether f(x) lies off the line through its closest neighbours on both sides."""
    closest = sorted(line.pairs)[:3]
    gaps = []
    for step in closest:
        pair = line.pairs[step]
        if pair.left is None or pair.right is None:
            return False
        gaps.append(0.5 * (pair.right - pair.left) * step)
        if abs(gaps[-1]) <= SIGNIFICANT * 2.0 * pair.scatter * step:
            return False
    return len(gaps) == 3 and max(map(abs, gaps)) < 2.0 * min(map(abs, gaps))


@dataclass(frozen=True)
class Leap:
    """Where f leaps, between neighbouring arguments, away from the slopes that were found.

    Attributes:
        distance: How far from x.
        is_rounding: Whether it leaps no higher than a format of numbers makes it.
        is_one_of_many: Whether it leaps again: it moves in steps.
    """

    distance: float
    is_rounding: bool
    is_one_of_many: bool


def leaps(line: Line, found: Sweep, reach: float) -> list[Leap]:
    """Return where f leaps away from the slopes that were found; out of reach is somewhere else.

    A function with a kink beside the point, or one that bends, leaves them gradually.
    """
    return [one for slope, side in by_side(found) for one in _leaps(line, slope, side, reach)]


def _leaps(line: Line, slope: float, side: float, reach: float) -> list[Leap]:
    # Where it first leaves the slope, and where it has gone a good part of the way.
    known = [
        (step, abs(end - slope), line.pairs[step].scatter)
        for step in sorted(line.pairs)
        if step <= reach and (end := one_slope(line.pairs[step], side)) is not None
    ]
    gaps = [gap for _, gap, scatter in known if gap > 2.0 * SIGNIFICANT * scatter]
    ways = [_leap_by(line, slope, side, known, gap) for gap in {*gaps[:1], *gaps[-1:]}]
    return [one for one in ways if one is not None]


def _leap_by(
    line: Line, slope: float, side: float, known: list[tuple[float, float, float]], gap: float
) -> Leap | None:
    far = next(step for step, away, _ in known if away > _LEFT * gap)
    near = max([step for step, _, _ in known if step < far], default=0.0)
    if not near:
        return None

    def is_far(t: float, y: float) -> bool:
        return abs(y - line.middle - slope * t) > _LEFT * gap * abs(t)

    def moved(t: float) -> float:
        return line.f(line.x + t)

    place, height = leap(moved, side * near, side * far, is_far)
    ends = [line.middle, *[y for y in (evaluated(moved, place),) if y is not None]]
    is_tiny = abs(place) <= _NEIGHBOURS * ROUNDING * abs(line.x)
    if is_tiny or height <= _CLEAR * gap * abs(place):
        return None
    return Leap(abs(place), is_rounding(height, ends), _leaps_again(moved, place, height))


def _leaps_again(moved: Function, place: float, height: float) -> bool:
    # One leap is a border between two pieces; stairs have more.
    start, second = place * (1.0 + _BESIDE), place * (1.0 + 2.0 * _BESIDE)
    begin, after = evaluated(moved, start), evaluated(moved, second)
    if begin is None or after is None:
        return False
    slope = (after - begin) / (second - start)

    def is_off(t: float, y: float) -> bool:
        return abs(y - begin - slope * (t - start)) > 0.5 * height

    for reach in (2.0, 4.0, 8.0):
        end = evaluated(moved, reach * place)
        if end is not None and is_off(reach * place, end):
            return leap(moved, second, reach * place, is_off)[1] > _LEFT * height
    return False


def _beside(found: Sweep, pair: Pair) -> list[tuple[float, float]]:
    # The slopes of a pair, each with the one that was found.
    both = zip(pair.slopes, found.expected, strict=True)
    return [(slope, expected) for slope, expected in both if slope is not None]


def _change(found: Sweep, pair: Pair) -> float:
    return max(abs(slope - expected) for slope, expected in _beside(found, pair))


def by_side(found: Sweep) -> list[tuple[float, float]]:
    """Return the slopes to the right and to the left, as far as there are, each with its sign."""
    ends = [(found.right, 1.0), (found.left, -1.0)]
    return [(slope, side) for slope, side in ends if not math.isnan(slope)]


def one_slope(pair: Pair, side: float) -> float | None:
    """Return the slope of a pair to the right, for a positive side, or to the left."""
    return pair.right if side > 0.0 else pair.left
