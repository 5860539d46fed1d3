"""One sweep of shrinking steps, extrapolated: what the slopes on each side tend to.

Three tables: central differences, and those to the left and to the right, which find kinks and
the borders of the domain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from autograd.verification.extrapolation import Extrapolation
from autograd.verification.noise import ROUNDING
from autograd.verification.sampling import Line, Pair

_LEVELS = 66
_SHRINKING = 0.4714045
# Error bars, relative to the slope, at which smaller steps are no longer worth their evaluations.
_KINK_TARGET = 1e-6


@dataclass(frozen=True)
class Sweep:
    """The slopes that one range of steps tends to.

    Attributes:
        left: The slope to the left, `right` if there is no kink; NaN outside of the domain.
        right: The slope to the right, `left` if there is no kink; NaN outside of the domain.
        error: The half width of the error bar of either.
        step: The smallest step that entered them.
        slope: The largest slope |f(x ± h) − f(x)| / h at that step.
    """

    left: float
    right: float
    error: float
    step: float
    slope: float

    @cached_property
    def sides(self) -> tuple[float, ...]:
        """The slopes that there are."""
        return tuple(slope for slope in (self.left, self.right) if not math.isnan(slope))

    @cached_property
    def expected(self) -> tuple[float, float, float]:
        """The slopes to expect to the left, to the right, and across."""
        left = self.value if math.isnan(self.left) else self.left
        return left, self.value if math.isnan(self.right) else self.right, self.value

    @cached_property
    def value(self) -> float:
        """The slope, or the mean of both."""
        return math.fsum(self.sides) / len(self.sides) if self.sides else math.nan

    @property
    def is_converged(self) -> bool:
        """Whether the slopes tend to anything."""
        return bool(self.sides) and math.isfinite(self.error)

    @property
    def is_kink(self) -> bool:
        """Whether left and right slope differ."""
        return len(set(self.sides)) == 2

    @cached_property
    def scale(self) -> float:
        """The largest slope in sight."""
        return max([self.slope, *map(abs, self.sides)])

    @property
    def relative_error(self) -> float:
        """The error bar beside the slopes."""
        return self.error / self.scale if self.scale else math.inf if self.error else 0.0


def sweep(line: Line, start: float, target: float) -> Sweep:
    """Return what the slopes tend to over steps from `start` on, as long as error bars shrink.

    Args:
        line: The function.
        start: The widest step.
        target: The error bar, relative to the slope, that is narrow enough.
    """
    central, right, left = Extrapolation(2), Extrapolation(1), Extrapolation(1)
    best = Sweep(math.nan, math.nan, math.inf, math.nan, 0.0)
    pairs: dict[float, Pair] = {}
    h = math.inf
    for level in range(_LEVELS):
        smaller = line.rounded(start * _SHRINKING**level)
        if math.isinf(smaller):
            continue
        if not 0.0 < smaller < h:
            break
        h = smaller
        pair = line.pair(h)
        if pair is None:
            continue
        step = h / start
        pairs[step] = pair
        for table, slope, scatter in (
            (right, pair.right, 2.0 * pair.scatter),
            (left, pair.left, 2.0 * pair.scatter),
            (central, pair.slopes[2], pair.scatter),
        ):
            if slope is not None:
                table.add(step, slope, scatter)
        best = _concluded(central, right, left, pairs)
        one_sided = max(right.error, left.error) if len(best.sides) == 2 else 0.0
        if level >= 4 and (
            (best.error <= target * best.scale and one_sided <= _KINK_TARGET * best.scale)
            or (pair.scatter > best.error and pair.scatter > one_sided)
        ):
            break
    return best


def _concluded(
    central: Extrapolation, right: Extrapolation, left: Extrapolation, pairs: dict[float, Pair]
) -> Sweep:
    if math.isfinite(right.error) and math.isfinite(left.error):
        scale = max(abs(right.value), abs(left.value))
        errors = right.error + left.error
        if abs(right.value - left.value) > max(2.0 * errors, _KINK_TARGET * scale):
            step = min(pairs[right.step].step, pairs[left.step].step)
            error = max(right.error, left.error)
            return Sweep(left.value, right.value, error, step, scale)
        # Where f bends otherwise on the left than on the right, each side has its own limit.
        error = max(right.error, left.error) + abs(right.value - left.value)
        if error < central.error:
            value = 0.5 * right.value + 0.5 * left.value
            step = min(right.step, left.step)
            error += 8.0 * ROUNDING * abs(value)
            return Sweep(value, value, error, pairs[step].step, pairs[step].steepest)
    if math.isfinite(central.error):
        pair = pairs[central.step]
        error = central.error + 8.0 * ROUNDING * abs(central.value)
        return Sweep(central.value, central.value, error, pair.step, pair.steepest)
    one = min((right, left), key=lambda table: table.error)
    if not math.isfinite(one.error):
        return Sweep(math.nan, math.nan, math.inf, math.nan, 0.0)
    pair = pairs[one.step]
    error = one.error + 8.0 * ROUNDING * abs(one.value)
    ends = (math.nan, one.value) if one is right else (one.value, math.nan)
    return Sweep(*ends, error, pair.step, pair.steepest)
