"""Claimed derivatives beside measured ones, one input at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from autograd.verification.claims import Point, Subject, component
from autograd.verification.differences import Difference, difference
from autograd.verification.noise import ROUNDING, Noise, measure_noise, unit
from autograd.verification.progress import StatusLine
from autograd.verification.verdicts import Comparison, judge

Line = Callable[[float], float]

# An input matters to less than this part of the one that matters most: its error bar may be wider.
_NEGLIGIBLE = 1e-3
# The same of the terms whose difference the function is.
_TERMS = 1e-6
_COARSE_PART = 0.1
# In a coarse format, the part of the precision that wide steps may be off.
_WIDE = 0.25
# A few roundings of what matters most: no claim is better than that.
_ROUNDING = 2.0**-49
# Where operations cancel inside, digits are lost that nobody asks for; differences may be better.
_DIGITS = 2.0**-40
# Nor one that is right where inputs are a few roundings away: residuals of a loss that is fitted.
_NEAR = 2.0**-51
# At so many points, off by so much, claims show how far roundings move them; so many times that is
# no wrong claim.
_ROUNDED_POINTS, _ROUNDED, _MOVES = 3, 2.0**-52, 4.0
# What f scatters by, in roundings of 1, and what matters, in scatters, is as good as nothing.
_FEW = 16.0
# An error bar, relative to a slope, that says that there is one.
_CLEAR = 1e-3
# So many roundings of terms that cancel may be left of them, over steps up to |x|.
_LOST = 128.0
# In formats of fewer digits: a claim is a sum of so many, and off by no more than this.
_MANY, _COARSE = 64.0, 1e-2
# An error bar that still confirms a slope, of a function known to be off.
_ROUGH = 1e-2


@dataclass(frozen=True)
class How:
    """How to compare.

    Attributes:
        modes: Which claims.
        precision: How narrow an error bar has to be for a pass, relative to the slope.
        f_error: How far off any value of the function may be; 0: as far as is measured.
        seed: Draws steps and directions.
        rounding: The relative error of one rounding, if it is a coarser one than a float's.
        scatter: How far off values of the function are at least, for that reason.
        progress: Shows how far a long check is.
    """

    modes: Sequence[str]
    precision: float
    f_error: float = 0.0
    seed: int = 0
    rounding: float = 0.0
    scatter: float = 0.0
    progress: StatusLine | None = None

    @property
    def width(self) -> float:
        """How wide an error bar may be: what is known to be off cannot have a narrow one."""
        return max(self.precision, _ROUGH) if self.f_error else self.precision

    @property
    def declared(self) -> float:
        """How far off values of the function may be, by what is known of it."""
        return max(self.f_error, self.scatter)

    @property
    def negligible(self) -> float:
        """The part of what matters most that is none; a coarse format knows no smaller one."""
        return _COARSE_PART if self.rounding else _NEGLIGIBLE

    @property
    def is_rough(self) -> bool:
        """Whether values of the function are known to be off by more than a float is."""
        return bool(self.f_error or self.rounding)

    @property
    def off(self) -> float:
        """How far off a right claim may be, relative to the terms that it is made of."""
        coarse = max(min(_MANY * self.rounding, _COARSE), _FEW / 4.0 * self.rounding)
        return max(_ROUNDING, coarse)

    def watched(self, f: Line, doing: str, share: float = 0.0) -> Line:
        """Return f, evaluated before the eyes of whoever waits."""
        return f if self.progress is None else self.progress.watched(f, doing, share)


def compare_each(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    order: int,
    how: How,
    along: Sequence[str] = (),
    natural: float = 0.0,
) -> list[Comparison]:
    """Return the comparison for every input, and to the asked order for every mixed derivative.

    What is built on an order that is not confirmed is not looked at.

    Args:
        subject: What is compared.
        point: Where.
        paths: The names of the inputs.
        order: Up to which derivative.
        how: The settings of the check.
        along: The inputs that the subject has been differentiated by.
        natural: How much the terms it is made of matter, if that is known.

    Raises:
        ArithmeticError: If a claimed derivative is infinite or undefined.
        ValueError: If the function is not finite at the point, or is random.
    """
    level = len(along) + 1
    names = [" × ".join([*along, path]) for path in paths]
    with in_order(level, " × ".join(along)):
        bench = Bench(subject, point, names, how, level, natural=natural)
    comparisons = bench.compare_all()
    if order > 1 and all(row.is_confirmed for row in comparisons):
        for position in smooth(comparisons):
            slope = bench.slope(position)
            # A second derivative that is 0 to the last bit is one beside these.
            terms = bench.largest_effect / (abs(point[position]) or 1.0)
            nested = slope, point, paths, order - 1, how, [*along, paths[position]]
            comparisons += compare_each(*nested, natural=terms)
    return comparisons


def smooth(comparisons: Sequence[Comparison]) -> list[int]:
    """Return the places of comparisons that are no kink, where no slope is to be measured."""
    return [place for place, row in enumerate(comparisons) if row.verdict != "KINK"]


class Bench:
    """Compares single inputs of one subject; what it claims and its noise are found once.

    Args:
        noise: What is known of its noise; None: it is measured.
        natural: How much the terms it is made of matter, if that is known.

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
        how: How,
        order: int = 1,
        noise: Noise | None = None,
        natural: float = 0.0,
    ) -> None:
        self._value = require_repeatable(subject.evaluate, list(point))
        self.subject, self.point, self.paths = subject, point, paths
        self.how, self.order = how, order
        self.vectors, self._connected = subject.claims(point, how.modes)
        self._magnitudes = [abs(x) or 1.0 for x in point]
        self.effects = [
            max(abs(slopes[i]) for slopes in self.vectors.values()) * self._magnitudes[i]
            for i in range(len(point))
        ]
        self._natural = natural
        self._largest: float | None = None
        self._is_whole = False  # whether inputs are compared from the first to the last
        self._is_quick = noise is not None
        every = how.watched(subject.along(point, unequal_moves(point)), "how much f scatters")
        self._noise = noise or measure_noise(every, how.declared, 0.0 in point)
        self._noises = [self._noise] * len(point)
        self._bent = 0.0  # the largest √|∂²f/∂x²|·|x| of any input
        self._seen = 0.0  # the largest terms that any input shows to cancel

    @property
    def largest_effect(self) -> float:
        """The effect of the input that matters most, or of the terms."""
        if self._largest is None:
            finite = [effect for effect in self.effects if math.isfinite(effect)]
            self._largest = max([*finite, _TERMS / _NEGLIGIBLE * self._natural])
        return self._largest

    def slope(self, position: int) -> Subject:
        """Return one component of the gradient as a subject."""
        return self.subject.derivative(component(position))

    def compare(self, position: int) -> Comparison:
        """Return the comparison for one input."""
        claimed = {mode: self._claim(mode, position) for mode in self.how.modes}
        row = self._compared(position, claimed, self._noise)
        if row.verdict != "PASS" and not self._is_quick:
            # The noise of all inputs together may be that of another one.
            x, size = self.point[position], unit(self.point[position])
            f = self._along(position)
            own = measure_noise(lambda t: f(x + t * size), self.how.declared, x == 0.0)
            if own != self._noise:
                row = self._compared(position, claimed, own)
        return row

    def compare_all(self) -> list[Comparison]:
        """Return the comparisons for all inputs; a wrong claim makes no other one negligible."""
        self._is_whole = True
        rows = [self.compare(position) for position in range(len(self.point))]
        rows = [
            row if row.is_confirmed else self._judged(position, row.claimed, row.measured)
            for position, row in enumerate(rows)
        ]
        wrong = [position for position, row in enumerate(rows) if row.verdict == "FAIL"]
        for position in wrong:
            self.effects[position] = abs(rows[position].measured.value) * self._magnitudes[position]
        if wrong:
            self._largest = None
            rows = [self._judged_again(i, row) for i, row in enumerate(rows)]
        return rows

    def _judged_again(self, position: int, row: Comparison) -> Comparison:
        measured = row.measured
        wrong = [row.claimed[mode] for mode, verdict in row.verdicts.items() if verdict == "FAIL"]
        # What one input shows to be rounded is rounded whichever input moves.
        off = _ROUNDING * self._seen / self._magnitudes[position]
        if any(abs(slope - measured.value) <= off for slope in wrong):
            measured = replace(measured, hidden=max(measured.hidden, off))
        return self._judged(position, row.claimed, measured)

    def _compared(self, position: int, claimed: Mapping[str, float], noise: Noise) -> Comparison:
        f = self._along(position)
        self._noises[position] = noise
        measured = difference(f, self.point[position], noise, seed=self.how.seed)
        return self._judged(position, claimed, measured)

    def _judged(
        self, position: int, claimed: Mapping[str, float], measured: Difference
    ) -> Comparison:
        size = self._magnitudes[position]
        bent = math.sqrt(measured.curvature)
        self._bent = max(self._bent, bent * abs(self.point[position]))
        terms = self._terms(measured, self._noises[position], size)
        self._seen = max(self._seen, terms)
        beside = max(self.largest_effect, terms), position, claimed, measured
        row = self._judged_beside(*beside)
        if row.verdict == "FAIL" and not measured.is_kink:
            # Nothing is wrong with what a rounding of the inputs does, too.
            row = self._judged_beside(*beside, _MOVES * self._moved[position])
        if row.is_confirmed or measured.error < _CLEAR * abs(measured.value):
            return row
        cancelled, largest = self._cancelled[position], max(self._cancelled)
        is_rounding = max(map(abs, claimed.values())) * size <= _LOST * ROUNDING * cancelled
        if not is_rounding or measured.nearby > _LOST * ROUNDING * largest:
            return row
        # A claim that is rounding, of what f moves by no more than rounding: zero to the last bit.
        flat = Difference(0.0, _LOST * ROUNDING * largest / size, 0.0, 0.0)
        return self._judged_beside(largest, position, claimed, flat)

    @cached_property
    def _moved(self) -> list[float]:
        # How far claims move when all inputs are off by a rounding, each in a direction drawn.
        found = [0.0] * len(self.point)
        for seed in range(_ROUNDED_POINTS):
            signs = Random(seed).choices((-_ROUNDED, _ROUNDED), k=len(self.point))
            point = [x * (1.0 + sign) for x, sign in zip(self.point, signs, strict=True)]
            try:
                vectors, _ = self.subject.claims(point, self.how.modes)
            except Exception:
                continue  # of a call that nobody asked for: nothing is claimed there
            for mode, slopes in vectors.items():
                before = self.vectors[mode]
                moves = [abs(after - slope) for after, slope in zip(slopes, before, strict=True)]
                found = list(map(max, found, [x if math.isfinite(x) else 0.0 for x in moves]))
        return found

    @cached_property
    def _cancelled(self) -> list[float]:
        return self.subject.cancelled(self.point)

    def _judged_beside(
        self,
        terms: float,
        position: int,
        claimed: Mapping[str, float],
        measured: Difference,
        moved: float = 0.0,
    ) -> Comparison:
        size, precision = self._magnitudes[position], self.how.width
        # Rounding input j moves the slope by |∂²f/∂xᵢ∂xⱼ|·|xⱼ|: where f is convex, at most this.
        moved = max(moved, _NEAR * math.sqrt(measured.curvature) * self._bent)
        floor = self.how.negligible * (terms or measured.spread or 1.0) / size
        off = max(self.how.off * max(terms, self._natural) / size, _DIGITS * abs(measured.value))
        if self.how.scatter:
            # Wide steps, which are all that rounding leaves, may cross kinks unseen.
            off = max(off, _WIDE * precision * max(abs(measured.value), measured.slope))
        strict, verdicts = (
            {
                mode: judge(slope, measured, precision, least, off, moved)
                for mode, slope in claimed.items()
            }
            for least in (0.0, floor)
        )
        return Comparison(
            self.paths[position],
            claimed,
            measured,
            verdicts,
            self._connected[position],
            strict != verdicts,
            self.order,
        )

    def _terms(self, measured: Difference, noise: Noise, size: float) -> float:
        """Return how large the terms are of which f is the small difference; 0 if it is not one.

        What moves no more than rounding makes it is compared with what is rounded there: a 1 at
        most, and less if f and its scatter say so.
        """
        scatter = max(noise.at(1.0), noise.grows)
        effect = max(self.largest_effect, (abs(measured.value) + measured.error) * size)
        is_small = effect <= _FEW * scatter <= _FEW * _FEW * ROUNDING
        if not measured.is_still and not is_small:
            return 0.0
        moves = measured.spread if measured.is_still else 0.0
        return min(max(abs(self._value), scatter / ROUNDING, moves / ROUNDING), 1.0) or 1.0

    def _along(self, position: int) -> Line:
        count = len(self.point)
        doing = f"{self.paths[position]}, {position + 1} of {count}"
        share = position / count if self._is_whole else 0.0
        return self.how.watched(self.subject.along_input(self.point, position), doing, share)

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


def require_repeatable(f: Callable[..., float], at: object) -> float:
    """Return f there; raise a ValueError if it is not finite, or another value the next time."""
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
    return value


def unequal_moves(point: Point) -> list[float]:
    """Return how far to move each input when all of them are.

    Alternating and unequal, so that symmetric terms do not cancel; odd multiples of a unit, so that
    no input is rounded.
    """
    return [unit(x) * (1 + 2 * (i % 4)) * (-1.0) ** i for i, x in enumerate(point)]
