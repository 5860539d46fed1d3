"""How much a function that can only be evaluated scatters between neighbouring arguments.

Differences of a smooth function over tiny spacings vanish with their order; what remains is noise,
scaled by a known factor (Moré & Wild 2011, "Estimating computational noise"). This room knows
floats only, no graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

Function = Callable[[float], float]

# Odd multiples of the last place: neighbours of a simple number differ down to their last bits, as
# the arguments of differences do, and rounding inside f shows.
_SPACINGS = tuple(
    2.0**-52 * (2 * int(0.381966 * 2.0 ** (52 - exponent)) + 1) for exponent in range(46, 15, -5)
)
_POINTS = 9
# So many times rougher than what is expected is no accident.
STRUCTURE = 30.0


@dataclass(frozen=True)
class Noise:
    """How much f scatters between neighbouring arguments, by the distance between them.

    Attributes:
        levels: Pairs (spacing relative to the magnitude of the argument, standard deviation of f),
            the closest first.
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
            if rough > STRUCTURE * smooth
        ]


def measure_noise(f: Function) -> Noise:
    """Return the scatter of f along a line, from its differences of high order.

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
            root_mean_square = math.hypot(*column) / math.sqrt(len(column))
            estimates.append(root_mean_square / math.sqrt(math.comb(2 * order, order)))
    return max(estimates), on_a_plateau
