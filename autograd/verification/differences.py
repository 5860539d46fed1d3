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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

Function = Callable[[float], float]

# Both are estimates, not bounds; the tests calibrate the factor on functions of known derivative.
_SAFETY = 4.0
_ROUNDING = 2.0**-53
_DEGREE = 8
_LEVELS = 48
# Not a simple fraction, so that the steps are no multiples of a period of f.
_FIRST_STEP = 0.1236068
_WIDER = 64.0
# Error bars, relative to the slope, at which smaller steps are no longer worth their evaluations.
_TARGET = 1e-9
_KINK_TARGET = 1e-6

# Odd multiples of the last place: neighbours of a simple number differ down to their last bits, as
# the arguments of differences do, and rounding inside f shows.
_SPACINGS = tuple(
    2.0**-52 * (2 * int(0.381966 * 2.0 ** (52 - exponent)) + 1) for exponent in range(46, 15, -5)
)
_POINTS = 9
_STRUCTURE = 30.0
_CLEAR = 1e-3


@dataclass(frozen=True)
class Noise:
    """How much f scatters between neighbouring arguments, by the distance between them.

    Attributes:
        levels: Pairs (spacing relative to the magnitude of the argument, standard deviation of f).
    """

    levels: tuple[tuple[float, float], ...] = ()

    def at(self, step: float) -> float:
        """Return the scatter that concerns differences over this step (relative as above)."""
        return max([sd for spacing, sd in self.levels if _POINTS * spacing <= step], default=0.0)

    def finer_steps(self) -> list[float]:
        """Return steps below which f is much smoother: what looks like noise may be structure."""
        return [
            0.99 * _POINTS * coarse
            for (_, smooth), (coarse, rough) in pairwise(self.levels)
            if rough > _STRUCTURE * smooth
        ]


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
        steepest: Where f scatters even between the closest arguments, the slope from which on it
            could be structure rather than noise: nothing can be said about steeper ones.
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

    Steps begin at an eighth of |x| (of 1 at x = 0) and halve until the error bar no longer shrinks.
    An argument at which f raises a ValueError or ArithmeticError, or is not finite, is taken to be
    outside of its domain and left out; at a border the difference is one-sided.

    Args:
        f: A function of one float.
        x: Where; f must be defined there.
        noise: What `measure_noise` found; without it only the rounding of f's result counts.
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
    start = _FIRST_STEP * magnitude
    found = [_sweep(f, x, middle, start, magnitude, noise, target)]
    for step in noise.finer_steps():
        found.append(_sweep(f, x, middle, step * magnitude, magnitude, noise, target))
    while start < 1.0 and min(map(_relative_error, found)) > _TARGET and not found[-1].is_kink:
        start = min(start * _WIDER, 1.0)
        found.append(_sweep(f, x, middle, start, magnitude, noise, target))
    finest, scatter = noise.levels[0] if noise.levels else (math.inf, 0.0)
    if scatter > _STRUCTURE * _ROUNDING * abs(middle):
        return replace(_reconcile(found), steepest=scatter / (finest * magnitude))
    return _reconcile(found)


def measure_noise(f: Callable[[float], float]) -> Noise:
    """Return the scatter of f along a line, from its differences of high order.

    Differences of a smooth function over tiny spacings vanish with their order; what remains is
    noise, scaled by a known factor (Moré & Wild 2011, "Estimating computational noise").

    Args:
        f: A function of the relative distance t along the line; it is evaluated on one side of
            t = 0 only, so that a kink there is not taken for noise.

    Example:
        >>> rough = measure_noise(lambda t: 1.0 + t + 1e-6 * (hash(t) % 1000) / 1000)
        >>> 1e-7 < rough.at(0.1) < 1e-6
        True
    """
    levels: list[tuple[float, float]] = []
    for spacing in sorted(_SPACINGS, reverse=True):
        sd, on_a_plateau = _scatter(f, spacing)
        # Where f does not move between neighbours, its next jump is still to come.
        levels.insert(0, (spacing, max(sd, levels[0][1]) if on_a_plateau and levels else sd))
    return Noise(tuple(levels))


def evaluated(f: Function, x: float) -> float | None:
    """Return f(x), or None where f is not defined: it raises, or is not finite."""
    try:
        found = f(x)
    except (ValueError, ArithmeticError):
        return None
    return found if math.isfinite(found) else None


def _scatter(f: Function, spacing: float) -> tuple[float, bool]:
    for direction in (spacing, -spacing):
        found = [evaluated(f, direction * position) for position in range(1, _POINTS + 1)]
        column = [number for number in found if number is not None]
        if len(column) == _POINTS:
            break
    else:
        return 0.0, False
    on_a_plateau = len(set(column)) <= _POINTS // 2
    estimates = []
    for order in range(1, _POINTS - 2):
        column = [after - before for before, after in pairwise(column)]
        if order >= 4:
            mean_square = sum([entry * entry for entry in column]) / len(column)
            estimates.append(math.sqrt(mean_square / math.comb(2 * order, order)))
    return max(estimates), on_a_plateau


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
        # Rounded so that x + h and x - h are exact: the step is what it says.
        smaller = (abs(x) + start * 0.5**level) - abs(x)
        if not 0.0 < smaller < h:
            break
        h = smaller
        above, below = evaluated(f, x + h), evaluated(f, x - h)
        size = max(abs(y) for y in (above, below, middle) if y is not None)
        step = h / magnitude
        scatter = max(noise.at(step), _ROUNDING * size) / h
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
            reach = max(reach, gap + other.error)
    return best if reach == best.error else replace(best, error=reach)
