"""Two classes of examples in whole numbers: planes tried on them, points that their hulls share.

Nothing is rounded, so what is found here is proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor, gcd, isfinite, lcm
from operator import mul


class ExactExamples:
    """Examples of two classes as whole numbers.

    Args:
        rows: Their numbers, which count as they print, 0.1 as a tenth.
        sides: Whether each is of the second class.
    """

    def __init__(self, rows: Sequence[Sequence[float]], sides: Sequence[bool]) -> None:
        fractions = [[Fraction(repr(x)) for x in row] for row in rows]
        columns = list(zip(*fractions, strict=True))
        # Column i is multiplied by scales[i].
        self.scales = [lcm(*(x.denominator for x in column)) for column in columns]
        self.rows = [
            [int(x * scale) for x, scale in zip(row, self.scales, strict=True)] for row in fractions
        ]
        self.sides = sides

    def plane_across(self, direction: Sequence[float]) -> list[Fraction] | None:
        """Return weights and bias of a plane that separates, across a direction, of few digits."""
        usable = any(direction) and all(map(isfinite, direction))
        for digits in range(1, 18) if usable else ():
            weights = smallest_whole([Fraction(f"{number:.{digits}g}") for number in direction])
            z = self._net_inputs(weights)
            low = max(number for number, side in zip(z, self.sides, strict=True) if not side)
            high = min(number for number, side in zip(z, self.sides, strict=True) if side)
            if low < high:
                return [*weights, -_simplest_between(low, high)]
        return None

    def wrong_rows(self, plane: Sequence[Fraction]) -> list[int]:
        """Return the rows that a plane has on the wrong side, the farthest first."""
        *weights, bias = plane
        beyond = [
            (z + bias if side else -z - bias, row)
            for row, (z, side) in enumerate(zip(self._net_inputs(weights), self.sides, strict=True))
        ]
        return [row for z, row in sorted(beyond) if z <= 0]

    def shares_or_plane(
        self, chosen: Sequence[int]
    ) -> tuple[dict[int, Fraction] | None, list[Fraction]]:
        """Return shares of some rows in a point of both hulls, or else a plane between these."""
        sides = [self.sides[row] for row in chosen]
        # One equation a coordinate: sum over one class = sum over the other; two for the shares.
        signed = [[x if self.sides[row] else -x for x in self.rows[row]] for row in chosen]
        equations = [list(column) for column in zip(*signed, strict=True)]
        equations += [[int(side is kind) for side in sides] for kind in (True, False)]
        shares, multipliers = solution_or_reason(equations, [0] * len(self.scales) + [1, 1])
        if shares is not None:
            return {row: x for row, x in zip(chosen, shares, strict=True) if x}, []
        *normal, above, below = multipliers
        weights = [-w * scale for w, scale in zip(normal, self.scales, strict=True)]
        return None, [*weights, (below - above) / 2]

    def mixture(self, shares: dict[int, Fraction]) -> list[Fraction]:
        """Return a point that is mixed of rows."""
        return [
            sum((share * self.rows[row][i] for row, share in shares.items()), Fraction()) / scale
            for i, scale in enumerate(self.scales)
        ]

    def _net_inputs(self, weights: Sequence[Fraction]) -> list[Fraction]:
        scaled = [w / scale for w, scale in zip(weights, self.scales, strict=True)]
        multiple = lcm(*(w.denominator for w in scaled))
        whole = [int(w * multiple) for w in scaled]
        return [Fraction(sum(map(mul, whole, row)), multiple) for row in self.rows]


def _simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction between two others that has the smallest denominator.

    Example:
        >>> _simplest_between(Fraction(1), Fraction(2)), _simplest_between(Fraction(1), Fraction(9))
        (Fraction(3, 2), Fraction(2, 1))
    """
    if low < 0 < high:
        return Fraction()
    if high <= 0:
        return -_simplest_between(-high, -low)
    whole = floor(low)
    if whole + 1 < high:
        return Fraction(whole + 1)
    above = 1 / (high - whole)
    if low == whole:
        return whole + Fraction(1, floor(above) + 1)
    return whole + 1 / _simplest_between(above, 1 / (low - whole))


def smallest_whole(numbers: Sequence[Fraction]) -> list[Fraction]:
    """Return the multiple of numbers that is whole, with no divisor in common."""
    multiple = lcm(*(number.denominator for number in numbers))
    whole = [int(number * multiple) for number in numbers]
    return [Fraction(number, gcd(*whole)) for number in whole]


def solution_or_reason(
    equations: Sequence[Sequence[int]], totals: Sequence[int]
) -> tuple[list[Fraction] | None, list[Fraction]]:
    """Return x ≥ 0 with A x = b; or else, instead of it, y with yᵀA ≤ 0 and yᵀb > 0.

    Phase 1 of the simplex method in integers (Edmonds, 1967; Bareiss, 1968): all numbers have one
    denominator, the last pivot. While nothing improves the choice is Bland's, which never cycles.
    """
    count, height = len(equations[0]), len(equations)
    tableau = [
        [*row, *(int(place == own) for own in range(height)), total]
        for place, (row, total) in enumerate(zip(equations, totals, strict=True))
    ]
    costs = [-sum(column) for column in zip(*tableau, strict=True)]
    costs[count:-1] = [0] * height
    basis, denominator, stuck = list(range(count, count + height)), 1, False
    while costs[-1]:
        falling = [j for j in range(count) if costs[j] < 0]
        if not falling:
            return None, [
                Fraction(denominator - costs[count + place], denominator) for place in range(height)
            ]
        entering = falling[0] if stuck else min(falling, key=lambda j: costs[j])
        leaving = min(
            (row for row in range(height) if tableau[row][entering] > 0),
            key=lambda row: (Fraction(tableau[row][-1], tableau[row][entering]), basis[row]),
        )
        pivot, line = tableau[leaving][entering], tableau[leaving]
        before = Fraction(costs[-1], denominator)
        for row in [costs, *(row for row in tableau if row is not line)]:
            factor = row[entering]
            row[:] = [
                (a * pivot - factor * b) // denominator for a, b in zip(row, line, strict=True)
            ]
        basis[leaving], denominator = entering, pivot
        stuck = Fraction(costs[-1], denominator) == before
    solution = [Fraction()] * count
    for place, column in enumerate(basis):
        if column < count:
            solution[column] = Fraction(tableau[place][-1], denominator)
    return solution, []
