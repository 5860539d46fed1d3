"""What the numbers of a wrong gradient have in common: a factor, a transpose, one wrong row.

A wrong gradient is altered as people get it wrong (its sign turned, transposed, shifted), and each
alteration held against differences. Of few inputs these are the ones that the check has found, of
many they are along random directions through the part in question: what fits along all of them is
no accident. Nothing is said that does not fit.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from autograd.verification.alterations import alterations
from autograd.verification.claims import OfForeignCode, Point
from autograd.verification.comparing import How, unequal_moves
from autograd.verification.differences import Difference, difference
from autograd.verification.forms import Piece
from autograd.verification.noise import Noise, are_single, evaluated, measure_noise
from autograd.verification.projecting import SMALLEST, TARGET, random_direction
from autograd.verification.verdicts import Comparison
from autograd.verification.whereabouts import box_of, name_of, places_of

# So many directions, or single inputs, have to agree before anything is said.
_DIRECTIONS, _ENOUGH = 3, 2
# Claims of single precision are off by no more than this, relative to the largest.
_SINGLE = 1e-4
# Factors are told to be what they nearly are.
_NEARLY = 1e-5
# Scatter of f, in roundings, that is worth to be told.
_TOLERANCE = 1e5


class SumOfSlopes(NamedTuple):
    """What differences say of a sum of slopes: Σ weight · slope = value ± error."""

    weights: dict[int, float]
    value: float
    error: float


class Diagnosis:
    """Looks for what is wrong with a claimed gradient.

    Args:
        subject: The function, with its claim.
        point: Where.
        how: The settings of the check.
        rows: What the check has found.
        is_whole: Whether there is one row for each input.
    """

    def __init__(
        self,
        subject: OfForeignCode,
        point: Point,
        how: How,
        rows: Sequence[Comparison],
        is_whole: bool,
    ) -> None:
        self._subject, self._point, self._how = subject, point, how
        self._parts = subject.code.form.parts
        self._claims = subject.claims(point, how.modes)[0][how.modes[0]]
        self._rows = {row.path: row for row in rows}
        self._names = subject.code.form.names
        self._is_whole = is_whole
        self._source = random.Random(f"diagnosis {how.seed}")

    @cached_property
    def _noise(self) -> Noise:
        along = self._subject.along(self._point, unequal_moves(self._point))
        return measure_noise(along, self._how.f_error, 0.0 in self._point)

    def found(self) -> str:
        """Return what is wrong in words; "" if it is nothing that is known here."""
        failures = [row for row in self._rows.values() if not row.is_confirmed]
        if len(failures) == 1 < len(self._claims) and failures[0].path in self._names:
            return f"only {failures[0].path} is wrong"
        if not all(map(math.isfinite, self._claims)):
            return ""
        parts = [part for part in self._parts if part.stop > part.start]
        equations = {
            part.start: list(self._equations(range(part.start, part.stop))) for part in parts
        }
        wrong = [part for part in parts if not self._fits(equations[part.start], self._claims)]
        if not wrong:
            return ""
        rest = "" if len(wrong) == len(parts) else "; all else is right"
        together = [one for part in wrong for one in equations[part.start]]
        whole = "all claims are" if not rest else f"all claims of {_listed(wrong)} are"
        factor = self._factor(together)
        if factor is not None:
            return f"{whole} {_in_words(factor)}{rest}"
        swapped = self._swapped(wrong, equations)
        if swapped:
            return swapped + rest
        told = [self._of_part(part, equations[part.start]) for part in wrong]
        if all(told):
            return "; ".join(told) + rest
        if self._is_single(together):
            return (
                "the claims have the 24 bits of float32: compute the gradient in float64, or ask "
                "for precision=1e-2"
            )
        return "; ".join([text for text in told if text])

    def _of_part(self, part: Piece, equations: Sequence[SumOfSlopes]) -> str:
        claims = self._claims[part.start : part.stop]
        if not any(claims) and len(claims) > 1:
            return f"all claims of {part.name} are 0"
        factor = self._factor(equations)
        if factor is not None:
            return f"all claims of {part.name} are {_in_words(factor)}"
        axes = part.structure.axes
        for altered in alterations(axes) if axes and len(claims) > 1 else ():
            known = [i for i in range(len(claims)) if i not in altered.unknown]
            whole = list(self._claims)
            whole[part.start : part.stop] = [claims[place] for place in altered.places]
            places = [part.start + i for i in known]
            if self._fits(
                self._equations(places) if altered.unknown else equations, whole, _ENOUGH
            ):
                return f"the claims of {part.name} are {altered.words}"
        return self._where(part)

    def _where(self, part: Piece) -> str:
        size = part.stop - part.start
        axes = part.structure.axes or (size,)
        box = box_of(axes, lambda places: self._is_wrong([part.start + i for i in places]))
        inside = [part.start + i for i in places_of(axes, box)]
        if len(inside) == 1 < size:
            return f"only {self._names[inside[0]]} is wrong"
        if 2 * len(inside) > size:
            return ""
        zero = ", where 0 is claimed" if not any(self._claims[i] for i in inside) else ""
        return f"only {name_of(part, axes, box)} is wrong{zero}"

    def _swapped(self, wrong: Sequence[Piece], equations: dict[int, list[SumOfSlopes]]) -> str:
        if len(wrong) != 2:
            return ""
        one, other = wrong
        if one.stop - one.start != other.stop - other.start:
            return ""
        claims = list(self._claims)
        claims[one.start : one.stop] = self._claims[other.start : other.stop]
        claims[other.start : other.stop] = self._claims[one.start : one.stop]
        both = [*equations[one.start], *equations[other.start]]
        fits = self._fits(both, claims, _ENOUGH)
        return f"the claims of {one.name} and {other.name} are swapped" if fits else ""

    def _is_wrong(self, places: Sequence[int]) -> bool:
        if not places:
            return False
        if self._is_whole:
            return any(not self._rows[self._names[i]].is_confirmed for i in places)
        return not self._fits(self._equations(places, 1), self._claims)

    def _equations(self, places: Sequence[int], count: int = _DIRECTIONS) -> Iterator[SumOfSlopes]:
        if not self._is_whole:
            yield from (self._measured(places) for _ in range(count))
            return
        for place in places:
            found = self._rows[self._names[place]].measured
            if found.is_converged and not found.is_kink:
                yield SumOfSlopes({place: 1.0}, found.value, found.error)

    def _measured(self, places: Sequence[int]) -> SumOfSlopes:
        moves = random_direction(self._source, self._point, places)
        along = self._how.watched(self._subject.along(self._point, moves), "what is wrong")
        found: Difference = difference(along, 0.0, self._noise, TARGET, self._how.seed, SMALLEST)
        error = 0.5 * abs(found.right - found.left) if found.is_kink else 0.0
        return SumOfSlopes({i: moves[i] for i in places}, found.value, found.error + error)

    def _fits(
        self,
        equations: Iterable[SumOfSlopes],
        claims: Sequence[float],
        least: int = 0,
        slack: float = 0.0,
    ) -> bool:
        """Return whether claims fit all equations, at least so many of which say something."""
        seen = 0
        for weights, value, error in equations:
            terms = [weight * claims[i] for i, weight in weights.items()]
            room = 2.0 * (error + self._how.off * math.hypot(*terms, value) + slack * abs(value))
            if not abs(math.fsum(terms) - value) <= room:
                return False
            seen += abs(value) > 2.0 * room
        return seen >= least

    def _factor(self, equations: Sequence[SumOfSlopes]) -> float | None:
        """Return by which factor the claims are off, all of them by the same one."""
        sums = [
            (math.fsum([w * self._claims[i] for i, w in one.weights.items()]), one.value, one.error)
            for one in equations
        ]
        clear = [one for one in sums if abs(one[1]) > 10.0 * one[2] and one[0]]
        if len(clear) < _ENOUGH:
            return None
        claimed, value, error = max(clear, key=lambda one: abs(one[1]) / (one[2] or 5e-324))
        factor, slack = claimed / value, error / abs(value)
        scaled = [claim / factor for claim in self._claims]
        return factor if self._fits(equations, scaled, _ENOUGH, slack) else None

    def _is_single(self, equations: Sequence[SumOfSlopes]) -> bool:
        if not are_single([x for x in self._claims if x]):
            return False
        return all(
            abs(math.fsum(terms) - value) <= error + _SINGLE * math.hypot(*terms, value)
            for weights, value, error in equations
            for terms in [[w * self._claims[i] for i, w in weights.items()]]
        )


def doubt(subject: OfForeignCode, point: Point, how: How) -> str:
    """Return why nothing could be said, if it is the digits of f; "" if it is not."""
    along = subject.along(point, unequal_moves(point))
    value = along(0.0)
    near = [evaluated(along, t) for t in (0.0, 0.0137, -0.0291, 0.0733)]
    if not how.rounding and are_single([y for y in near if y is not None]):
        return (
            "the values of f have the 24 bits of float32: compute it in float64, or ask for "
            "precision=1e-2"
        )
    if how.is_rough:
        return ""
    scatter = measure_noise(along, 0.0, 0.0 in point).at(0.1)
    if scatter <= _TOLERANCE * 2.0**-53 * max(abs(value), 1e-300):
        return ""
    return (
        f"f scatters by about {scatter:.1g} between neighbouring arguments: if that is the "
        f"tolerance of a solver, or of printed digits, say f_error={_rounded_up(scatter)}"
    )


def _rounded_up(scatter: float) -> str:
    digit = 10.0 ** math.floor(math.log10(scatter))
    return f"{math.ceil(3.0 * scatter / digit) * digit:.0e}"


def _in_words(factor: float) -> str:
    if abs(factor + 1.0) < _NEARLY:
        return "the negative of the differences: the sign"
    text = (
        f"{factor:.3f} x the differences"
        if 0.1 < abs(factor) < 1e4
        else (f"{factor:.6g} x the differences")
    )
    size = abs(factor)
    several, part = round(size), round(1.0 / size)
    if several > 2 and abs(size / several - 1.0) < _NEARLY:
        return f"{text}: a sum for a mean over {several}?"
    if part > 2 and abs(size * part - 1.0) < _NEARLY:
        return f"1/{part} of the differences: a mean over {part} for a sum?"
    return text


def _listed(parts: Sequence[Piece]) -> str:
    return ", ".join([part.name for part in parts])
