"""Claimed derivatives beside measured ones, one input at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from autograd.verification.claims import Point, Subject, component
from autograd.verification.differences import difference
from autograd.verification.noise import Noise, measure_noise
from autograd.verification.verdicts import Comparison, judge

# An input matters to less than this part of the one that matters most: its error bar may be wider.
_NEGLIGIBLE = 1e-3


def compare_each(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    order: int,
    modes: Sequence[str],
    precision: float,
    along: Sequence[str] = (),
) -> list[Comparison]:
    """Return the comparison for every input, and to the asked order for every mixed derivative.

    What is built on an order that is not confirmed is not looked at.

    Raises:
        ArithmeticError: If a claimed derivative is infinite or undefined.
        ValueError: If the function is not finite at the point, or is random.
    """
    level = len(along) + 1
    names = [" × ".join([*along, path]) for path in paths]
    with in_order(level, " × ".join(along)):
        bench = Bench(subject, point, names, modes, precision, level)
    comparisons = [bench.compare(position) for position in range(len(point))]
    if order > 1 and all(row.is_confirmed for row in comparisons):
        for position in smooth(comparisons):
            slope = bench.slope(position)
            nested = slope, point, paths, order - 1, modes, precision
            comparisons += compare_each(*nested, [*along, paths[position]])
    return comparisons


def smooth(comparisons: Sequence[Comparison]) -> list[int]:
    """Return the places of comparisons that are no kink, where no slope is to be measured."""
    return [place for place, row in enumerate(comparisons) if row.verdict != "KINK"]


class Bench:
    """Compares single inputs of one subject; what it claims and its noise are found once.

    Args:
        noise: What is known of its noise; None: it is measured.

    Attributes:
        subject: What is compared.
        point: Where.
        paths: The names of the inputs.
        order: Which derivative of the user's function is compared.
        vectors: Its claimed gradients, by every mode that gives all of one at once.
        effects: How much each input matters: |slope · magnitude|.
    """

    def __init__(
        self,
        subject: Subject,
        point: Point,
        paths: Sequence[str],
        modes: Sequence[str],
        precision: float,
        order: int = 1,
        noise: Noise | None = None,
    ) -> None:
        require_repeatable(subject.evaluate, list(point))
        self.subject, self.point, self.paths = subject, point, paths
        self.modes, self.precision, self.order = modes, precision, order
        self.vectors, self._connected = subject.claims(point, modes)
        self._magnitudes = [abs(x) or 1.0 for x in point]
        self.effects = [
            max(abs(slopes[i]) for slopes in self.vectors.values()) * self._magnitudes[i]
            for i in range(len(point))
        ]
        self._noise = noise or measure_noise(
            lambda t: subject.evaluate(_moved(point, self._magnitudes, t))
        )

    @property
    def largest_effect(self) -> float:
        """The effect of the input that matters most; 1 if none does."""
        return max([effect for effect in self.effects if math.isfinite(effect)], default=0.0) or 1.0

    def slope(self, position: int) -> Subject:
        """Return one component of the gradient as a subject."""
        return self.subject.derivative(component(position))

    def compare(self, position: int) -> Comparison:
        """Return the comparison for one input."""
        claimed = {mode: self._claim(mode, position) for mode in self.modes}
        x = self.point[position]
        measured = difference(_along(self.subject, self.point, position), x, self._noise)
        floor = _NEGLIGIBLE * self.largest_effect / self._magnitudes[position]
        strict = {mode: judge(slope, measured, self.precision) for mode, slope in claimed.items()}
        verdicts = {
            mode: judge(slope, measured, self.precision, floor) for mode, slope in claimed.items()
        }
        return Comparison(
            self.paths[position],
            claimed,
            measured,
            verdicts,
            self._connected[position],
            strict != verdicts,
            self.order,
        )

    def _claim(self, mode: str, position: int) -> float:
        if mode in self.vectors:
            return self.vectors[mode][position]
        unit = [float(place == position) for place in range(len(self.point))]
        return self.subject.tangent(self.point, unit)


@contextmanager
def in_order(order: int, of: str) -> Iterator[None]:
    """Let an ArithmeticError about a higher derivative say that it is one."""
    try:
        yield
    except ArithmeticError as error:
        if order == 1:
            raise
        raise ArithmeticError(
            f"{error}: in the derivative of {of}, order {order}; with order={order - 1} it is not "
            "asked for"
        ) from error


def require_repeatable(f: Callable[..., float], at: object) -> None:
    """Raise a ValueError if f is not finite, or gives two values at the same point."""
    value = f(at)
    if not math.isfinite(value):
        raise ValueError(
            f"f is {value!r} at this point; a gradient can be checked where f is finite"
        )
    again = f(at)
    if again != value:
        raise ValueError(
            f"f is random: evaluated twice at the same point it gave {value!r} and {again!r}; "
            "seed it inside, or draw the random numbers outside"
        )


def _along(subject: Subject, point: Point, position: int) -> Callable[[float], float]:
    moved = list(point)

    def along(x: float) -> float:
        moved[position] = x
        return subject.evaluate(moved)

    return along


def _moved(point: Point, magnitudes: Sequence[float], t: float) -> Point:
    # Alternating and unequal, so that symmetric terms do not cancel.
    return [
        x + t * magnitude * (1.0 - 0.01 * (i % 50)) * (-1.0) ** i
        for i, (x, magnitude) in enumerate(zip(point, magnitudes, strict=True))
    ]
