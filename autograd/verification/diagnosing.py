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
from autograd.verification.directions import SMALLEST, TARGET, random_direction
from autograd.verification.forms import Piece
from autograd.verification.noise import Noise, are_single, evaluated, measure_noise
from autograd.verification.verdicts import Comparison
from autograd.verification.whereabouts import box_of, name_of, places_of

# So many directions, or single inputs, have to agree before anything is said.
_DIRECTIONS, _ENOUGH = 3, 2
# Claims of single precision are off by no more than this, relative to the largest.
_SINGLE = 1e-4
# Differences tell whether claims are right if they are off by no more than this share of them.
_TELLING = 0.1
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
        rows: What the check has found of every input by itself; nothing, if it went along
            directions.
    """

    def __init__(
        self, subject: OfForeignCode, point: Point, how: How, rows: Sequence[Comparison] = ()
    ) -> None:
        self._subject, self._point, self._how = subject, point, how
        self._parts = subject.code.form.parts
        self._claims = subject.claims(point, how.modes)[0][how.modes[0]]
        self._rows = rows
        self._names = subject.code.form.names
        self._places = set(self._names)
        self._wrong_places: list[int] = []
        self._source = random.Random(f"diagnosis {how.seed}")

    @cached_property
    def _noise(self) -> Noise:
        along = self._subject.along(self._point, unequal_moves(self._point))
        return measure_noise(along, self._how.declared, 0.0 in self._point)

    def found(self, rows: Sequence[Comparison] = ()) -> str:
        """Return what is wrong in words; "" if it is nothing that is known here.

        Args:
            rows: What the check has come to.
        """
        failures = [row for row in rows if not row.is_confirmed]
        if len(failures) == 1 < len(self._claims) and failures[0].path in self._places:
            return f"only {failures[0].path} is wrong"
        return self._words

    def places(self) -> list[int]:
        """Return where all is that is wrong, if that is known; else nothing."""
        return self._wrong_places if self._words else []

    @cached_property
    def _words(self) -> str:
        undefined = [i for i, claim in enumerate(self._claims) if not math.isfinite(claim)]
        if undefined:
            place = undefined[0]
            return (
                f"{len(undefined)} of {len(self._claims)} claims are not finite, the first is "
                f"{self._claims[place]} for {self._names[place]}"
            )
        parts = [part for part in self._parts if part.stop > part.start]
        sums = {part.start: list(self._sums(range(part.start, part.stop))) for part in parts}
        wrong = [part for part in parts if not self._fits(sums[part.start], self._claims)]
        if not wrong:
            return ""
        others = [one for part in parts if part not in wrong for one in sums[part.start]]
        is_told = all(map(self._is_telling, others))
        right = "all else is right" if is_told else "of all else differences tell too little"
        rest = "" if len(wrong) == len(parts) else f"; {right}"
        together = [one for part in wrong for one in sums[part.start]]
        told = self._of_all(wrong, sums, together, rest)
        if told:
            self._wrong_places = [i for part in wrong for i in range(part.start, part.stop)]
            return told + rest
        told_each = [self._of_part(part, sums[part.start]) for part in wrong]
        if not any(told_each):
            if self._is_single(together):
                return (
                    "the claims have the 24 bits of float32: compute the gradient in float64, or "
                    "ask for precision=1e-2"
                )
            return f"what is wrong is {_listed(wrong)}{rest}" if rest else ""
        if not all(told_each):
            self._wrong_places = []
        pairs = zip(wrong, told_each, strict=True)
        return "; ".join([text or f"{part.name} is wrong" for part, text in pairs]) + rest

    def _of_all(
        self,
        wrong: Sequence[Piece],
        sums: dict[int, list[SumOfSlopes]],
        together: Sequence[SumOfSlopes],
        rest: str,
    ) -> str:
        factor = self._factor(together)
        if factor is not None:
            whole = f"all claims of {_listed(wrong)} are" if rest else "all claims are"
            return f"{whole} {_in_words(factor)}"
        return self._swapped(wrong, sums)

    def _of_part(self, part: Piece, sums: Sequence[SumOfSlopes]) -> str:
        claims = self._claims[part.start : part.stop]
        pattern = self._pattern(part, claims, sums)
        if pattern:
            self._wrong_places += range(part.start, part.stop)
            return pattern
        return self._where(part)

    def _pattern(self, part: Piece, claims: Sequence[float], sums: Sequence[SumOfSlopes]) -> str:
        if not any(claims) and len(claims) > 1:
            return f"all claims of {part.name} are 0"
        factor = self._factor(sums)
        if factor is not None:
            return f"all claims of {part.name} are {_in_words(factor)}"
        axes = part.structure.axes
        for altered in alterations(axes) if axes and len(claims) > 1 else ():
            known = [i for i in range(len(claims)) if i not in altered.unknown]
            whole = list(self._claims)
            whole[part.start : part.stop] = [claims[place] for place in altered.places]
            places = [part.start + i for i in known]
            if self._fits(self._sums(places) if altered.unknown else sums, whole, _ENOUGH):
                return f"the claims of {part.name} are {altered.words}"
        if len(set(claims)) == 1 < len(claims):
            return f"all claims of {part.name} are the same, which the slopes are not"
        return ""

    def _where(self, part: Piece) -> str:
        size = part.stop - part.start
        axes = part.structure.axes or (size,)
        box = box_of(axes, lambda places: self._is_wrong([part.start + i for i in places]))
        inside = [part.start + i for i in places_of(axes, box)]
        if 2 * len(inside) > size and not len(inside) == 1 < size:
            return ""
        outside = [i for i in range(part.start, part.stop) if i not in set(inside)]
        others = list(self._sums(outside)) if outside else []
        if not (self._fits(others, self._claims) and all(map(self._is_telling, others))):
            return ""
        self._wrong_places += inside
        if len(inside) == 1:
            return f"only {self._names[inside[0]]} is wrong"
        zero = ", where 0 is claimed" if not any(self._claims[i] for i in inside) else ""
        return f"only {name_of(part, axes, box)} is wrong{zero}"

    def _swapped(self, wrong: Sequence[Piece], sums: dict[int, list[SumOfSlopes]]) -> str:
        if len(wrong) != 2:
            return ""
        one, other = wrong
        if one.stop - one.start != other.stop - other.start:
            return ""
        claims = list(self._claims)
        claims[one.start : one.stop] = self._claims[other.start : other.stop]
        claims[other.start : other.stop] = self._claims[one.start : one.stop]
        both = [*sums[one.start], *sums[other.start]]
        fits = self._fits(both, claims, _ENOUGH)
        return f"the claims of {one.name} and {other.name} are swapped" if fits else ""

    def _is_wrong(self, places: Sequence[int]) -> bool:
        if not places:
            return False
        if self._rows:
            return any(not self._rows[i].is_confirmed for i in places)
        return not self._fits(self._sums(places, 1), self._claims)

    def _sums(self, places: Sequence[int], count: int = _DIRECTIONS) -> Iterator[SumOfSlopes]:
        if not self._rows:
            yield from (self._measured(places) for _ in range(count))
            return
        for place in places:
            found = self._rows[place].measured
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
        sums: Iterable[SumOfSlopes],
        claims: Sequence[float],
        least: int = 0,
        slack: float = 0.0,
    ) -> bool:
        """Return whether claims fit all sums, at least so many of which say something."""
        seen = 0
        for weights, value, error in sums:
            terms = [weight * claims[i] for i, weight in weights.items()]
            room = 2.0 * (error + self._how.off * math.hypot(*terms, value) + slack * abs(value))
            if not abs(math.fsum(terms) - value) <= room:
                return False
            seen += abs(value) > 2.0 * room
        return seen >= least

    def _is_telling(self, one: SumOfSlopes) -> bool:
        """Return whether slopes as large as those that are claimed would be seen in a sum."""
        typical = math.hypot(*self._claims) / math.sqrt(len(self._claims))
        return one.error <= _TELLING * typical * math.hypot(*one.weights.values())

    def _factor(self, sums: Sequence[SumOfSlopes]) -> float | None:
        """Return by which factor the claims are off, all of them by the same one."""
        known = [
            (math.fsum([w * self._claims[i] for i, w in one.weights.items()]), one.value, one.error)
            for one in sums
        ]
        clear = [one for one in known if abs(one[1]) > 10.0 * one[2] and one[0]]
        if len(clear) < _ENOUGH:
            return None
        claimed, value, error = max(clear, key=lambda one: abs(one[1]) / (one[2] or 5e-324))
        factor, slack = claimed / value, error / abs(value)
        scaled = [claim / factor for claim in self._claims]
        return factor if self._fits(sums, scaled, _ENOUGH, slack) else None

    def _is_single(self, sums: Sequence[SumOfSlopes]) -> bool:
        if not are_single([x for x in self._claims if x]):
            return False
        return all(
            abs(math.fsum(terms) - value) <= error + _SINGLE * math.hypot(*terms, value)
            for weights, value, error in sums
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
    if how.scatter:
        return "the rounding of f hides slopes of this size: compute it in float64 for the check"
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
