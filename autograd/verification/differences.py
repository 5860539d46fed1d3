"""Finite differences with an error bar: the derivative of a function that can only be evaluated.

Central differences over a sweep of steps, extrapolated to step 0,

    D(h) = (f(x + h) − f(x − h)) / 2h = f′(x) + c₂ h² + c₄ h⁴ + ...

(Richardson 1911; Ridders 1982, "Accurate computation of F′(x) and F′(x)F″(x)"). The error bar adds
what extrapolations of different order disagree by to what the measured noise of f makes of them.
One-sided differences, extrapolated in the same way, find kinks and the borders of the domain. This
room knows floats only, no graph.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograd.verification.noise import STRUCTURE, Function, Noise, evaluated

# Both are estimates, not bounds; the tests calibrate the factor on functions of known derivative.
_SAFETY = 4.0
_ROUNDING = 2.0**-53
_SMALLEST = 2.0**-1074
_DEGREE = 8
_LEVELS = 60
# No simple fractions, so that no two steps are multiples of a period of f.
_FIRST_STEP = 0.1236068
_SHRINKING = 0.4714045
_WIDER = 63.245553
_WIDEST = 0.9659258
# Error bars, relative to the slope, at which smaller steps are no longer worth their evaluations.
_TARGET = 1e-9
_KINK_TARGET = 1e-6

# An error bar, relative to the slope, below which a sweep is sure of what it found.
_CLEAR = 1e-3
# The part of a jump of slopes that scatter may hide from a closer look.
_VISIBLE = 0.05
# From nothing seen to wide, to the kink, to closer than it.
_CHANGES = 3


@dataclass(frozen=True)
class Difference:
    """A derivative found by differences.

    Attributes:
        value: The estimate; at a kink the mean of left and right derivative.
        error: The half width of the error bar.
        left: The left derivative; differs from `right` only at a kink, NaN outside the domain.
        right: The right derivative.
        side: "both", or the only side on which f is defined: "left" or "right"; "none" if f could
            not be evaluated anywhere around x.
        slope: The largest slope |f(x ± h) − f(x)| / h at the smallest step that was used.
        steepest: The slope from which on nothing can be said: where f scatters even between the
            closest arguments, steeper ones could be structure rather than noise; 0 where f moves
            in coarse units.
    """

    value: float
    error: float
    left: float
    right: float
    side: str = "both"
    slope: float = 0.0
    steepest: float = math.inf

    @property
    def is_kink(self) -> bool:
        """Whether left and right derivative differ by more than their error bars."""
        return self.side == "both" and self.left != self.right

    @property
    def is_converged(self) -> bool:
        """Whether the differences approach anything as the step shrinks."""
        return math.isfinite(self.error)


class Extrapolation:
    """Neville's table: the limit at h = 0 of a quantity known at ever smaller steps.

    Args:
        power: The quantity is a polynomial in h to this power: 2 for central differences, which are
            even in h, 1 for one-sided ones.

    Attributes:
        value: The entry of the table with the smallest error bar; NaN before two steps.
        error: Its error bar.
        step: The smallest step that entered it.
    """

    def __init__(self, power: int) -> None:
        self.power = power
        self.value, self.error, self.step = math.nan, math.inf, math.nan
        self._ordinates: list[float] = []
        self._row: list[tuple[float, float]] = []

    def add(self, step: float, quantity: float, noise: float) -> None:
        """Enter the quantity at the next smaller step, with the scatter it carries."""
        ordinate = step**self.power
        row = [(quantity, noise)]
        for column, (above, noise_above) in enumerate(self._row[:_DEGREE]):
            ratio = self._ordinates[-1 - column] / ordinate
            left, noise_left = row[-1]
            row.append(
                (
                    left + (left - above) / (ratio - 1.0),
                    (ratio * noise_left + noise_above) / (ratio - 1.0),
                )
            )
        for column, (entry, scatter) in enumerate(row):
            neighbours = [self._row[i][0] for i in (column - 1, column) if 0 <= i < len(self._row)]
            if column:
                neighbours.append(row[column - 1][0])
            if neighbours:
                spread = max(abs(entry - neighbour) for neighbour in neighbours)
                error = _SAFETY * (spread + scatter)
                if error < self.error:
                    self.value, self.error, self.step = entry, error, step
        self._ordinates.append(ordinate)
        self._row = row


def difference(
    f: Function, x: float, noise: Noise | None = None, target: float = _TARGET
) -> Difference:
    """Return the derivative of f at x with its error bar, from evaluations of f alone.

    Steps begin at an eighth of |x| (of 1 at x = 0) and shrink as long as the error bar does.
    An argument at which f raises a ValueError or ArithmeticError, or is not finite, is taken to be
    outside of its domain and left out; at a border the difference is one-sided.

    Args:
        f: A function of one float.
        x: Where; f must be defined there.
        noise: What `noise.measure_noise` found; without it only the rounding of f's result counts.
        target: The error bar, relative to the slope, at which smaller steps are not worth trying.

    Example:
        >>> from math import exp
        >>> found = difference(exp, 1.0)
        >>> abs(found.value - exp(1.0)) < found.error < 1e-10
        True
        >>> difference(abs, 0.0).left, difference(abs, 0.0).right
        (-1.0, 1.0)
    """
    noise = noise or Noise()
    middle = f(x)
    magnitude = abs(x) or 1.0
    first = start = max(_FIRST_STEP * magnitude, sys.float_info.min)
    found = [_sweep(f, x, middle, start, magnitude, noise, target)]
    for step in noise.finer_steps():
        found.append(_sweep(f, x, middle, step * magnitude, magnitude, noise, target))
    while start < _WIDEST and min(map(_relative_error, found)) > _TARGET and not found[-1].is_kink:
        start = min(start * _WIDER, _WIDEST)
        found.append(_sweep(f, x, middle, start, magnitude, noise, target))
    for place, one in enumerate(found):
        if one.is_kink:
            closer, is_steady = _closer_than_the_kink(f, x, middle, one, magnitude, noise)
            if not is_steady:
                mean, error = one.value, abs(one.right - one.left)
                found[place] = replace(one, error=error, left=mean, right=mean)
            elif closer is not None:
                found[place] = _sweep(f, x, middle, closer, magnitude, noise, target)
    moving = [side for side in (1.0, -1.0) if _moves(f, x, middle, side * first)]
    if not moving and found[0].is_converged:
        # Wider steps that say otherwise tell of somewhere else.
        found = [one for one in found if abs(one.value) <= one.error + found[0].error]
    best = _reconcile(found)
    if moving and best.is_converged and best.slope == 0.0:
        # It moves, but not closer by: on one side it may be flat, on both it has coarse units.
        ends = [evaluated(f, x + side * first) for side in moving]
        rise = max([abs(end - middle) for end in ends if end is not None], default=0.0) / first
        error = best.error if len(moving) == 1 else max(best.error, rise, 1.0 / first)
        return replace(best, error=error, steepest=0.0)
    finest, scatter = noise.levels[0] if noise.levels else (math.inf, 0.0)
    if scatter > STRUCTURE * _ROUNDING * abs(middle):
        return replace(best, steepest=scatter / (finest * magnitude))
    return best


def _sweep(
    f: Function,
    x: float,
    middle: float,
    start: float,
    magnitude: float,
    noise: Noise,
    target: float,
) -> Difference:
    central, right, left = Extrapolation(2), Extrapolation(1), Extrapolation(1)
    slopes: dict[float, float] = {}
    best = _conclude(central, right, left, slopes)
    h = math.inf
    for level in range(_LEVELS):
        smaller = _rounded(start * _SHRINKING**level, x)
        if math.isinf(smaller):
            continue
        if not 0.0 < smaller < h:
            break
        h = smaller
        above, below = evaluated(f, x + h), evaluated(f, x - h)
        size = max(abs(y) for y in (above, below, middle) if y is not None)
        step = h / start
        scatter = max(noise.at(h / magnitude), _ROUNDING * size, _SMALLEST) / h
        if above is not None:
            right.add(step, (above - middle) / h, 2.0 * scatter)
            slopes[step] = abs(above - middle) / h
        if below is not None:
            left.add(step, (middle - below) / h, 2.0 * scatter)
            slopes[step] = max(slopes.get(step, 0.0), abs(middle - below) / h)
        if above is not None and below is not None:
            central.add(step, (above - below) / (2.0 * h), scatter)
        best = _conclude(central, right, left, slopes)
        one_sided = max(right.error, left.error) if best.side == "both" else 0.0
        scale = max(abs(best.value), best.slope)
        if level >= 4 and (
            (best.error <= target * scale and one_sided <= _KINK_TARGET * scale)
            or (scatter > best.error and scatter > one_sided)
        ):
            break
    return best


def _conclude(
    central: Extrapolation, right: Extrapolation, left: Extrapolation, slopes: dict[float, float]
) -> Difference:
    found = [table for table in (central, right, left) if math.isfinite(table.error)]
    if not found:
        return Difference(math.nan, math.inf, math.nan, math.nan, "none")
    if len(found) == 1:
        side = "right" if found[0] is right else "left"
        value, error = found[0].value, found[0].error + 8.0 * _ROUNDING * abs(found[0].value)
        ends = (math.nan, value) if side == "right" else (value, math.nan)
        return Difference(value, error, *ends, side, slopes[found[0].step])
    jump, jump_error = right.value - left.value, right.error + left.error
    scale = max(abs(right.value), abs(left.value))
    if abs(jump) > max(2.0 * jump_error, _KINK_TARGET * scale):
        mean = 0.5 * (left.value + right.value)
        return Difference(mean, 0.5 * jump_error, left.value, right.value, "both", scale)
    value, error = central.value, central.error + 8.0 * _ROUNDING * abs(central.value)
    return Difference(value, error, value, value, "both", slopes.get(central.step, scale))


def _rounded(step: float, x: float) -> float:
    # So that x + h and x - h are exact: the step is what it says.
    return (abs(x) + step) - abs(x)


def _moves(f: Function, x: float, middle: float, step: float) -> bool:
    steps = [step * _SHRINKING**level for level in range(5)]
    return any(evaluated(f, x + h) not in (None, middle) for h in steps)


def _closer_than_the_kink(
    f: Function, x: float, middle: float, kink: Difference, magnitude: float, noise: Noise
) -> tuple[float | None, bool]:
    # A kink at x itself shows at every step but the widest, where f bends too; of one beside x, the
    # closest steps know nothing. What comes and goes more often is none: x sin(1/x) at 0.
    jump = kink.right - kink.left
    closer = None
    changes, showed = 0, None
    for level in range(_LEVELS):
        h = _rounded(_FIRST_STEP * magnitude * _SHRINKING**level, x)
        if not 0.0 < h < math.inf:
            break
        above, below = evaluated(f, x + h), evaluated(f, x - h)
        if above is None or below is None:
            continue
        size = max(abs(above), abs(below), abs(middle))
        if max(noise.at(h / magnitude), _ROUNDING * size) / h > _VISIBLE * abs(jump):
            break
        bend = (above - middle) / h - (middle - below) / h
        shows = abs(bend - jump) <= 0.5 * abs(jump)
        changes += shows is not showed
        showed = shows
        if shows:
            closer = None
        elif closer is None:
            closer = h
    return closer, changes <= _CHANGES


def _relative_error(found: Difference) -> float:
    scale = max(abs(found.value), found.slope)
    return found.error / scale if scale else math.inf if found.error else 0.0


def _reconcile(found: Sequence[Difference]) -> Difference:
    best = min(found, key=lambda one: (_relative_error(one), one.error))
    reach = best.error
    for other in found:
        # Two scales, each with a clear slope of its own: nobody can say which one is meant.
        gap = abs(other.value - best.value)
        if _relative_error(other) < _CLEAR and gap > other.error + best.error:
            reach = max(reach, 2.0 * gap + other.error)
    return best if reach == best.error else replace(best, error=reach)
