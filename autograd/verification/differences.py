"""Finite differences with an error bar: the derivative of a function that can only be evaluated.

The procedure, in the order in which an analyst would take it:

1.  Steps shrink from an eighth of |x| on; slopes on both sides are extrapolated (`sweeping`).
2.  Closer pairs, down to the noise, have to agree, and f(x) has to lie on the line (`closer`).
    Where they do not, another sweep starts there: the derivative is what the closest steps tend to.
3.  If noise makes the bar too wide, closer steps at which f is much smoother are tried, and wider
    ones; they count as long as no closer pair speaks against them.
4.  If f leaps where it leaves the slope that it has at the point, it moves in steps: both the
    slope on the step and that of the stairs lie inside the error bar.
5.  Where f stands still, arguments farther away say what rounding may hide (`hiding`).
6.  If every sweep is refuted by closer ones, there is no slope, and the bar is infinite.

This room knows floats only, no graph.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from random import Random

from autograd.verification.closer import (
    Leap,
    drift,
    has_settled,
    is_off_the_line,
    leaps,
    look_closer,
    refutations,
)
from autograd.verification.extrapolation import SAFETY
from autograd.verification.hiding import hidden, look_farther
from autograd.verification.noise import ROUNDING, Function, Noise, measure_noise, unit
from autograd.verification.sampling import Line
from autograd.verification.sweeping import Sweep, sweep

# No simple fractions, so that no two steps are multiples of a period of f.
_FIRST_STEP = 0.1236068
_WIDER, _WIDENINGS = 63.245553, 6
_WIDEST = 0.9659258
# Error bars, relative to the slope, at which other steps are no longer worth their evaluations.
_TARGET = 1e-9
# One at which they are worth them if noise may be structure.
_PRECISE = 1e-8
# So many sweeps, each refuted by a closer one, are enough to say that there is no limit.
_ROUNDS = 5
# An error bar, relative to the slope, below which a sweep is sure of what it found.
_CLEAR = 1e-3
# Scatter is structure rather than noise if it is so many times what rounding explains.
_STRUCTURE = 1000.0
# One at which it may contradict another, where values are known to be off.
_CONTRADICTING = 1e-2
# So narrow beside the jump of slopes the error bars of a kink have to be.
_SHARP = 0.05
# Next to an extremum, the part of the slope over a step beside which an error bar is narrow.
_BENT = 1e-3
# Steps so small beside the way that f goes are those of rounding inside.
_FINE = 1e-10
# So many roundings, and so many deviations, are as good as none.
_FEW = 16.0
_STEPS = "f moves in steps: its slope on one step and that of the stairs are both possible"


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
        slope: The largest slope |f(x ± h) − f(x)| / h at the smallest step that was used; 0 where
            two scales have each a clear slope of its own.
        steepest: The slope from which on nothing can be said: where f scatters even between the
            closest arguments, far more than rounding explains, steeper ones could be structure.
        hidden: The slope up to which nothing can be said: rounding hides it at the point, where
            terms that show farther away are lost in larger ones.
        spread: How far f moves over the widest steps.
        nearby: How far f moves over steps up to |x|.
        curvature: The second derivative, without its sign, as far as these steps show it; 0 at a
            kink.
        is_still: Whether f moves no more than rounding scatters it, wherever it was looked at.
        reason: Why the error bar is wide or infinite, if there is more to say than noise.
    """

    value: float
    error: float
    left: float
    right: float
    side: str = "both"
    slope: float = 0.0
    steepest: float = math.inf
    hidden: float = 0.0
    spread: float = 0.0
    nearby: float = math.inf
    curvature: float = 0.0
    is_still: bool = False
    reason: str = ""

    @property
    def is_kink(self) -> bool:
        """Whether left and right derivative differ by more than their error bars."""
        return self.side == "both" and self.left != self.right

    @property
    def scale(self) -> float:
        """The slope beside which the error bar is narrow or wide.

        At an extremum, where the derivative is small beside all slopes, a part of theirs.
        """
        return max(abs(self.value), _BENT * self.slope)

    @property
    def is_converged(self) -> bool:
        """Whether the differences approach anything as the step shrinks."""
        return math.isfinite(self.error)


def difference(
    f: Function,
    x: float,
    noise: Noise | None = None,
    target: float = _TARGET,
    seed: int = 0,
    smallest: float = 0.0,
) -> Difference:
    """Return the derivative of f at x with its error bar, from evaluations of f alone.

    An argument at which f raises a ValueError or ArithmeticError, or is not finite, is taken to be
    outside of its domain and left out; at a border the difference is one-sided.

    Args:
        f: A function of one float.
        x: Where; f must be defined there.
        noise: What `noise.measure_noise` found; without it only the rounding of f's result counts.
        target: The error bar, relative to the slope, at which smaller steps are not worth trying.
        seed: Draws the closer steps, together with x.
        smallest: Steps below this one do not move the argument of what f stands for.

    Example:
        >>> from math import exp
        >>> found = difference(exp, 1.0)
        >>> abs(found.value - exp(1.0)) < found.error < 1e-10
        True
        >>> difference(abs, 0.0).left, difference(abs, 0.0).right
        (-1.0, 1.0)
        >>> difference(lambda x: abs(x) ** 1.02, 0.0).is_converged
        False
    """
    if noise is None:
        noise = measure_noise(lambda t: f(x + t * unit(x)), at_zero=x == 0.0)
    line = Line(f, x, noise, smallest)
    source = Random(f"{seed} {x!r}")
    first = max(_FIRST_STEP * line.magnitude, sys.float_info.min)

    def swept(start: float) -> Sweep:
        return _widened(line, sweep(line, start, target), first)

    found = [swept(first)]
    rounds = 0
    while True:
        look_closer(line, found[-1], source)
        closer = refutations(line, found[-1])
        if not closer or rounds == _ROUNDS:
            break
        rounds += 1
        # Where slopes grow and grow, half of the way is skipped.
        start = closer[0] if rounds == 1 else math.sqrt(closer[0]) * math.sqrt(closer[-1])
        found.append(swept(start))
    if found[-1].relative_error > _PRECISE and _is_noisy(line, found[-1]):
        finer = [swept(h * line.magnitude) for h in line.noise.finer_steps()]
        found[rounds + 1 :] = finer
    start = first
    factor = max(_WIDER, (_WIDEST / first) ** (1.0 / _WIDENINGS))
    while start < _WIDEST and not found[-1].is_kink:
        if min(one.relative_error for one in _standing(line, found, rounds, first)) <= _TARGET:
            break
        start = min(start * factor, _WIDEST)
        found.append(swept(start))
    if not found[-1].scale:
        look_farther(line)
    standing = _standing(line, found, rounds, first)
    best = min(standing, key=lambda one: (one.relative_error, one.error))
    if noise.declared:
        best = _closer_than(best, standing)
        standing = [one for one in standing if one.step <= best.step]
    away = _leaps_away(line, best, first) if rounds or best.step < _CLEAR * first else []
    if best.slope == 0.0 < line.widest_slope:
        away = _leaps_away(line, best, first)
    rounded = 8.0 * max([one.distance for one in away if one.is_rounding], default=0.0)
    if smallest < rounded < _CLEAR * first:
        # What closer steps see is what rounding leaves of f.
        return difference(f, x, noise, target, seed, rounded)
    # Those of rounding, too, where no step within the function's scale crosses many of them.
    is_coarse = rounded >= _CLEAR * first
    has_steps = any(one.is_one_of_many and (is_coarse or not one.is_rounding) for one in away)
    return _conclusion(line, standing, best, first, has_steps)


def _leaps_away(line: Line, best: Sweep, first: float) -> list[Leap]:
    return leaps(line, best, first) if best.is_converged else []


def _standing(line: Line, found: list[Sweep], rounds: int, first: float) -> list[Sweep]:
    # What no closer pair speaks against. What holds over close steps only has to have settled.
    return [
        one
        for place, one in enumerate(found)
        if math.isfinite(one.error)
        and not refutations(line, one)
        and (has_settled(line, one) or not (0 < place <= rounds or one.step < _CLEAR * first))
    ] or [_unknown(found)]


def _widened(line: Line, wide: Sweep, first: float) -> Sweep:
    # Far from x f may scatter more than it does there.
    is_far = wide.is_converged and wide.step >= _CLEAR * first
    if not is_far or wide.relative_error <= _TARGET:
        return wide
    scatter = line.scatter_at_ends(wide.step)
    return replace(wide, error=max(wide.error, SAFETY * scatter))


def _closer_than(best: Sweep, standing: list[Sweep]) -> Sweep:
    # Wide steps converge by accident too, and values that are known to be off cannot refute them.
    closer = [
        one
        for one in standing
        if one.step < best.step
        and one.relative_error <= _CONTRADICTING
        and abs(one.value - best.value) > one.error + best.error
    ]
    return min(closer, key=lambda one: one.relative_error, default=best)


def _is_noisy(line: Line, found: Sweep) -> bool:
    pair = line.pairs.get(found.step)
    return pair is None or not found.error > 100.0 * pair.scatter


def _unknown(found: list[Sweep]) -> Sweep:
    last = next((one for one in reversed(found) if one.sides), found[-1])
    return Sweep(last.left, last.right, math.inf, last.step, last.slope)


def _conclusion(
    line: Line, standing: list[Sweep], best: Sweep, first: float, has_steps: bool
) -> Difference:
    if not best.sides:
        return Difference(math.nan, math.inf, math.nan, math.nan, "none")
    if not math.isfinite(best.error):
        reason = "its slopes settle at no step"
        if is_off_the_line(line):
            reason = "f(x) does not lie on the line through its neighbours"
        mean = best.value
        known = mean, math.inf, mean, mean, _side(best), best.slope
        return Difference(*known, nearby=_moves(line, line.magnitude), reason=reason)
    spread = _moves(line, math.inf)
    error, slope = best.error, best.slope
    for other in standing:
        # Two scales, each with a clear slope of its own: nobody can say which one is meant.
        gap = abs(other.value - best.value)
        if other.relative_error < _CLEAR and gap > other.error + best.error:
            error, slope = max(error, 2.0 * gap + other.error), 0.0
    low, high = min(best.sides), max(best.sides)
    is_kink = best.is_kink and max(error, drift(line, best, high - low)) <= _SHARP * (high - low)
    reason = ""
    if has_steps:
        slopes = _widest_slopes(line, first)
        low, high, is_kink, reason = min(low, *slopes), max(high, *slopes), False, _STEPS
    elif line.noise.stairs > max(2.1 * line.noise.declared, _FINE * spread):
        low, high, is_kink, reason = min(0.0, low), max(0.0, high), False, _STEPS
    mean = 0.5 * low + 0.5 * high
    if is_kink:
        return Difference(mean, error, best.left, best.right, "both", slope, spread=spread)
    error += 0.5 * (high - low)
    rounding = _FEW * ROUNDING * max(line.magnitude, 1.0)
    unseen = hidden(line, best)
    rounded = _FEW * ROUNDING * abs(line.middle)
    # Where f goes no farther than its own rounding, a slope up to there does not show.
    hides = max(unseen.slope, rounded / line.magnitude if spread <= rounded else 0.0)
    # Where f hardly moves, its own rounding may show too seldom to be measured.
    scatter = max(line.noise.at(1.0), ROUNDING * abs(line.middle))
    is_still = spread <= min(rounding, _FEW * max(scatter, unseen.height))
    side = _side(best)
    left, right = (math.nan if side == end else mean for end in ("right", "left"))
    steepest = _steepest(line, best)
    bent = _curvature(line, best)
    nearby = _moves(line, line.magnitude)
    found = mean, error, left, right, side, slope, steepest, hides, spread, nearby, bent
    return Difference(*found, is_still, reason)


def _moves(line: Line, reach: float) -> float:
    moves = (pair.steepest * step for step, pair in line.pairs.items() if step <= reach)
    return max(moves, default=math.inf)


def _side(found: Sweep) -> str:
    if math.isnan(found.left):
        return "right"
    return "left" if math.isnan(found.right) else "both"


def _widest_slopes(line: Line, first: float) -> list[float]:
    widest = sorted((step for step in line.pairs if step <= first), reverse=True)[:4]
    ends = [slope for h in widest for slope in (line.pairs[h].left, line.pairs[h].right)]
    return [slope for slope in ends if slope is not None]


def _curvature(line: Line, best: Sweep) -> float:
    pair = line.pairs.get(best.step)
    if pair is None or pair.left is None or pair.right is None:
        return 0.0
    return abs(pair.right - pair.left) / pair.step


def _steepest(line: Line, best: Sweep) -> float:
    spacing, scatter = line.noise.closest
    size = max(abs(line.middle), best.scale * line.magnitude, line.noise.declared / ROUNDING)
    if line.noise.stairs or scatter <= _STRUCTURE * ROUNDING * size:
        return math.inf
    return scatter / (spacing * line.magnitude)
