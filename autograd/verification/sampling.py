"""A function along one input, evaluated once per argument, with what scatters in its slopes.

Steps are rounded so that x + h and x − h are exact: the step is what it says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograd.verification.noise import ROUNDING, Function, Noise, evaluated, scatter_around

_SMALLEST = 2.0**-1074


@dataclass(frozen=True)
class Pair:
    """What f does at x − h and at x + h.

    Attributes:
        step: h.
        left: The slope (f(x) − f(x − h)) / h; None outside of the domain.
        right: The slope (f(x + h) − f(x)) / h; None outside of the domain.
        scatter: What noise and rounding make of either, as a standard deviation.
    """

    step: float
    left: float | None
    right: float | None
    scatter: float

    @property
    def slopes(self) -> tuple[float | None, float | None, float | None]:
        """To the left, to the right, and across: (f(x + h) − f(x − h)) / 2h."""
        if self.left is None or self.right is None:
            return self.left, self.right, None
        return self.left, self.right, 0.5 * self.left + 0.5 * self.right

    @property
    def steepest(self) -> float:
        """The larger of both slopes, without its sign."""
        return max([abs(slope) for slope in (self.left, self.right) if slope is not None])


class Line:
    """f around x.

    Args:
        f: A function of one float.
        x: Where.
        noise: How much f scatters; without levels, as much as its result is rounded.
        smallest: No step is smaller.

    Attributes:
        middle: f(x).
        magnitude: |x|, 1 at x = 0.
        pairs: All pairs of evaluations, by their step, that gave at least one slope.
    """

    def __init__(self, f: Function, x: float, noise: Noise, smallest: float = 0.0) -> None:
        self._smallest = smallest
        self.f, self.x, self.noise = f, x, noise
        self.middle = f(x)
        self.magnitude = abs(x) or 1.0
        self.pairs: dict[float, Pair] = {}
        self._missing: set[float] = set()

    def rounded(self, step: float) -> float:
        """Return the step such that x ± step are floats; 0 or infinite if there is none."""
        return (abs(self.x) + step) - abs(self.x) if step >= self._smallest else 0.0

    def pair(self, step: float) -> Pair | None:
        """Return the slopes at a rounded step; None if f is defined on neither side."""
        if step not in self.pairs and step not in self._missing:
            above, below = evaluated(self.f, self.x + step), evaluated(self.f, self.x - step)
            if above is None and below is None:
                self._missing.add(step)
                return None
            ends = [end for end in (above, below) if end is not None]
            right = None if above is None else _slope(above, self.middle, step)
            left = None if below is None else _slope(self.middle, below, step)
            scatter = self.scatter(step, max(map(abs, [*ends, self.middle])))
            self.pairs[step] = Pair(step, left, right, scatter)
        return self.pairs.get(step)

    @property
    def widest_slope(self) -> float:
        """The slope across the widest pair of evaluations."""
        return self.pairs[max(self.pairs)].steepest if self.pairs else 0.0

    def scatter_at_ends(self, step: float) -> float:
        """Return how much a slope over this step scatters, by what f does around x ± step."""
        ends = [scatter_around(self.f, self.x + side * step) for side in (1.0, -1.0)]
        return max(ends) / step

    def scatter(self, step: float, size: float) -> float:
        """Return how much a slope over this step scatters, where |f| is of this size."""
        noise = self.noise.at(step / self.magnitude)
        return max(noise, ROUNDING * size, _SMALLEST) / step


def _slope(end: float, start: float, step: float) -> float:
    rise = end - start
    # Two values at the ends of the range of floats.
    return rise / step if math.isfinite(rise) else end / step - start / step
