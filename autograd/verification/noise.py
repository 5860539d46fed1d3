"""How much a function that can only be evaluated scatters between neighbouring arguments.

Differences of a smooth function over tiny spacings vanish with their order; what remains is noise,
scaled by a known factor (Moré & Wild 2011, "Estimating computational noise"). Where f does not move
at all between neighbours, it may move in steps: the next step is looked for, and how high it is.
This room knows floats only, no graph.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Function = Callable[[float], float]

# Half of the last place of 1: the relative error of one rounding.
ROUNDING = 2.0**-53
# Odd multiples of the last place: neighbours of a simple number differ down to their last bits, as
# the arguments of differences do, and rounding inside f shows.
_SPACINGS = tuple(
    2.0**-52 * (2 * int(0.381966 * 2.0 ** (52 - exponent)) + 1) for exponent in range(46, 15, -5)
)
# Around 0 floats are closer, and what f adds to them is not.
_CLOSEST = (2.0**-60 * 0.763932, 2.0**-80 * 0.763932)
_FULL = 1.0 + 1.0 / 3.0
_POINTS = 9
# So many times rougher than closer by is no accident.
STRUCTURE = 30.0
# So many roundings, of f itself or of a 1 beside which it is small, nobody meant as steps.
_FEW_ROUNDINGS = 32
# Scatter that keeps up with the distance to this part grows with it.
_ALIKE = 0.1
# A part of the way that f goes in one leap, between neighbouring arguments: it jumps.
_LEAP = 0.1


@dataclass(frozen=True)
class Noise:
    """How much f scatters between neighbouring arguments, by the distance between them.

    Attributes:
        levels: Pairs (spacing relative to the magnitude of the argument, standard deviation of f),
            the closest first.
        stairs: The height of the steps in which f moves; 0 where it moves smoothly, scatters, or
            where the steps are those of a format of numbers (double or single precision).
        declared: How far off any value of f may be, as whoever asks for the check says.
        grows: Around 0, how much f scatters beside how far it goes, if both grow alike: what is 0
            there is rounded in proportion.
    """

    levels: tuple[tuple[float, float], ...] = ()
    stairs: float = 0.0
    declared: float = 0.0
    grows: float = 0.0

    def at(self, step: float) -> float:
        """Return the scatter that concerns differences over this step (relative as above).

        Below the closest spacing it is that of the closest: it does not end there.
        """
        found = self.declared
        for place, (spacing, sd) in enumerate(self.levels):
            # Of the next spacing too, unless what scatters there is rather structure.
            if place and _POINTS * spacing > step:
                return max(found, sd) if sd < STRUCTURE * found else found
            found = max(found, sd)
        return found

    def finer_steps(self) -> list[float]:
        """Return steps below which f is much smoother: what looks like noise may be structure."""
        return [
            0.99 * _POINTS * coarse
            for (_, smooth), (coarse, rough) in pairwise(self.levels)
            if rough > STRUCTURE * smooth
        ]

    @property
    def closest(self) -> tuple[float, float]:
        """The closest spacing and the scatter there; an infinite one if nothing was measured."""
        return self.levels[0] if self.levels else (math.inf, 0.0)


def measure_noise(f: Function, declared: float = 0.0, at_zero: bool = False) -> Noise:
    """Return the scatter of f along a line, from its differences of high order.

    Args:
        f: A function of the relative distance t along the line, best in terms of a `unit`; it is
            evaluated on one side of t = 0 only, so that a kink there is not taken for noise.
        declared: How far off any value of f may be, if that is known.
        at_zero: Whether the line starts at 0, where closer arguments than elsewhere differ.

    Example:
        >>> rough = measure_noise(lambda t: 1.0 + t + 1e-6 * (hash(t) % 1000) / 1000)
        >>> 1e-7 < rough.at(0.1) < 1e-6
        True
        >>> stepped = measure_noise(lambda t: round(1e6 * t) / 1e6)
        >>> abs(stepped.stairs - 1e-6) < 1e-9
        True
    """
    levels: list[tuple[float, float]] = []
    # Around 0 nothing is rounded unless the digits are many.
    near_zero = [_FULL * spacing for spacing in (*_CLOSEST, *_SPACINGS)]
    spacings = sorted(near_zero if at_zero else _SPACINGS)
    columns = {spacing: _column(f, spacing) for spacing in spacings}
    step = _next_step(f, columns)
    for spacing in reversed(spacings):
        column = columns[spacing][1]
        sd = _scatter(column)
        if len(set(column)) <= _POINTS // 2:
            # Where f does not move between neighbours, its next step is still to come.
            sd = max(sd, 0.5 * step)
        levels.insert(0, (spacing, sd))
    found = [y for _, column in columns.values() for y in column]
    stairs = 0.0 if is_rounding(step, found) else step
    return Noise(tuple(levels), stairs, declared, _growth(levels) if at_zero else 0.0)


def scatter_around(f: Function, x: float) -> float:
    """Return how much f scatters between neighbours of one argument.

    So far apart that what moves in steps, as single precision does, shows them.

    Example:
        >>> scatter_around(lambda x: (x + 1e8) - 1e8, 0.3) > 1e-9 > scatter_around(lambda x: x, 0.3)
        True
    """
    size = unit(x)
    return _scatter(_column(lambda t: f(x + t * size), _SPACINGS[-1])[1])


def unit(x: float) -> float:
    """Return the power of two below |x|, 1 at 0: moved by a spacing of it, x is not rounded.

    Example:
        >>> unit(-0.7), unit(3.0), unit(0.0)
        (0.5, 2.0, 1.0)
    """
    return math.ldexp(0.5, math.frexp(x)[1]) if x else 1.0


def evaluated(f: Function, x: float) -> float | None:
    """Return f(x), or None where f is not defined: it raises, or is not finite."""
    try:
        found = f(x)
    except (ValueError, ArithmeticError):
        return None
    return found if math.isfinite(found) else None


def is_rounding(step: float, values: Sequence[float]) -> bool:
    """Return whether a step of f is no more than the rounding of a format of numbers.

    Of f's result, of a 1 that f was added to on the way, or of single precision.

    Example:
        >>> is_rounding(2.0**-52, [0.3]), is_rounding(1e-6, [0.3])
        (True, False)
        >>> is_rounding(2.0**-25, [0.30000001192092896])
        True
    """
    size = max(map(abs, values), default=0.0)
    beside_one = step / ROUNDING
    is_of_one = 0.5 < beside_one < _FEW_ROUNDINGS and abs(beside_one - round(beside_one)) < 1e-3
    least = max(_FEW_ROUNDINGS * ROUNDING * size, sys.float_info.min)
    return step <= least or is_of_one or (are_single(values) and not are_short_and_whole(values))


def leap(
    f: Function, near: float, far: float, is_far: Callable[[float, float], bool]
) -> tuple[float, float]:
    """Return where on the way from near to far f gets there, and how far it leaps in that place.

    Halves the way until its ends are neighbours, or as good as.

    Args:
        f: The function.
        near: Where `is_far` is false; of the sign of `far`, or 0.
        far: Where it is true.
        is_far: Says of an argument and the value there on which side it is.

    Example:
        >>> leap(lambda t: float(t >= 0.25), 0.0, 1.0, lambda t, y: y > 0.5)
        (0.25, 1.0)
        >>> leap(lambda t: max(t - 0.25, 0.0), 0.0, 1.0, lambda t, y: y > 0.1)[1] < 1e-9
        True
    """
    low, high = evaluated(f, near), evaluated(f, far)
    while True:
        middle = 0.5 * (near + far)
        if middle in (near, far) or abs(far - near) <= 4.0 * ROUNDING * abs(far):
            break
        found = evaluated(f, middle)
        if found is None:
            return far, 0.0
        if is_far(middle, found):
            far, high = middle, found
        else:
            near, low = middle, found
    return far, abs(high - low) if high is not None and low is not None else 0.0


def _column(f: Function, spacing: float) -> tuple[float, list[float]]:
    for direction in (spacing, -spacing):
        found = [evaluated(f, direction * position) for position in range(1, _POINTS + 1)]
        column = [number for number in found if number is not None]
        if len(column) == _POINTS:
            return direction, column
    return spacing, []


def _scatter(column: list[float]) -> float:
    estimates = []
    for order in range(1, _POINTS - 2):
        column = [after - before for before, after in pairwise(column)]
        if order >= 4 and column:
            root_mean_square = math.hypot(*column) / math.sqrt(len(column))
            estimates.append(root_mean_square / math.sqrt(math.comb(2 * order, order)))
    # Of what bends less and less is left at each order; of noise, the same at all.
    return min(estimates, default=0.0)


def _growth(levels: Sequence[tuple[float, float]]) -> float:
    # The scatter beside the distance, where both grow alike; 0 where the scatter does not.
    (close, little), (far, much) = levels[-2:]
    rates = little / close, much / far
    return max(rates) / _POINTS if rates[1] > _ALIKE * rates[0] else 0.0


def _next_step(f: Function, columns: dict[float, tuple[float, list[float]]]) -> float:
    # How high the next step is, where f stands still between neighbours; 0 if it goes on smoothly.
    closest = columns[min(columns)][1]
    if not closest or len(set(closest)) > _POINTS // 2:
        return 0.0
    direction = columns[min(columns)][0]
    stays = max(closest, key=closest.count)
    near = direction * (1 + closest.index(stays))
    for direction, column in columns.values():
        for position, after in enumerate(column, start=1):
            far = position * direction
            if after == stays and abs(far) > abs(near):
                near = far
            elif after != stays and near * far > 0.0 and abs(far) > abs(near):
                place, height = leap(f, near, far, lambda _, y: y != stays)
                return height if height > _LEAP * abs(after - stays) * place / far else 0.0
    return 0.0


def are_short_and_whole(values: Sequence[float]) -> bool:
    """Return whether these are whole numbers of less than 24 bits, as those of counts and rounds.

    Single precision has places behind the point up to there: of that many results some use them.

    Example:
        >>> are_short_and_whole([1230880.0, 1230890.0]), are_short_and_whole([1230880.5])
        (True, False)
    """
    return all(number.is_integer() and abs(number) < 2.0**23 for number in values)


def are_single(values: Sequence[float]) -> bool:
    """Return whether these are numbers of 24 bits, and not of 11 as those of half precision.

    Example:
        >>> are_single([0.1]), are_single([0.10000000149011612, 2.0])
        (False, True)
    """
    longest = 0
    for number in values:
        if abs(number) > 3e38 or struct.unpack("f", struct.pack("f", number))[0] != number:
            return False
        numerator = abs(number.as_integer_ratio()[0])
        longest = max(
            longest, (numerator // (numerator & -numerator)).bit_length() if number else 0
        )
    return 20 <= longest <= 24
