"""Whether a plane separates two classes, decided exactly and with the proof in hand.

Two sets of points are linearly separable unless their convex hulls meet. A point that both hulls
share proves the one, a plane between them the other; one of the two always exists (Farkas, 1902).
The simplex method finds it in whole numbers, without rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from nn.inputs import checked_rows, holds_rows, listed
from nn.tables import short_number
from nn.validation import counted, describe


class Separability:
    """The verdict on two classes, with what proves it.

    Attributes:
        classes: The two classes; the plane is positive for the second.
        separable: The verdict.
        weights: Of a plane between the classes, whole numbers; None if there is none.
        bias: Of the plane: w·x + b > 0 for the second class, and < 0 for the first.
        shares: If there is none, the share of every example in a point of both hulls, by its row:
            those of each class add up to 1.
        point: That point.
    """

    def __init__(
        self,
        classes: tuple[Any, Any],
        weights: list[Fraction] | None = None,
        bias: Fraction | None = None,
        shares: dict[int, Fraction] | None = None,
        point: list[Fraction] | None = None,
        sides: Sequence[bool] = (),
        rows: Sequence[Sequence[float]] = (),
    ) -> None:
        self.classes = classes
        self.weights = weights
        self.bias = bias
        self.shares = shares
        self.point = point
        self._sides = sides
        self._rows = rows

    @property
    def separable(self) -> bool:
        """Whether a plane separates the classes."""
        return self.weights is not None

    def __repr__(self) -> str:
        low, high = self.classes
        if self.weights is not None and self.bias is not None:
            terms = [f"{w} x_{i}" for i, w in enumerate(self.weights, start=1) if w]
            terms += [str(self.bias)] * bool(self.bias)
            plane = " + ".join(terms).replace("+ -", "− ")
            if len(plane) > 120:
                plane = "w·x + b, with .weights and .bias,"
            return f"linearly separable: {plane} is > 0 for class {high!r}, < 0 for class {low!r}"
        point = ", ".join(short_number(float(x)) for x in self.point or ())
        sums = [f"{self._mixture(side)} of class {self.classes[side]!r}" for side in (False, True)]
        return (
            f"not linearly separable: ({point}) is a mixture of both classes,\n"
            f"  {sums[0]}\n  {sums[1]};\n  one point cannot lie on both sides of a plane"
        )

    def _mixture(self, side: bool) -> str:
        own = {row: share for row, share in (self.shares or {}).items() if self._sides[row] == side}
        if len(own) > 6:
            return f"{counted(len(own), 'example')}, with .shares,"
        return " + ".join(
            f"{_short(share)} ({', '.join(map(short_number, self._rows[row]))})"
            for row, share in own.items()
        )


def linear_separability(X: Any, y: Any) -> Separability:
    """Return whether a plane separates two classes, and the proof, computed without rounding.

    Numbers count as they print, 0.1 as a tenth.

    Args:
        X: The rows of numbers.
        y: Their classes: two different ones, of any kind.

    Raises:
        TypeError: If X is not made of rows of numbers.
        ValueError: If the lengths differ, rows have different ones, or there are not two classes.

    Example:
        >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
        >>> linear_separability(corners, [0, 0, 0, 1])
        linearly separable: 2 x_1 + 2 x_2 − 3 is > 0 for class 1, < 0 for class 0
        >>> linear_separability(corners, [0, 1, 1, 0])
        not linearly separable: (0.5, 0.5) is a mixture of both classes,
          1/2 (0, 0) + 1/2 (1, 1) of class 0
          1/2 (0, 1) + 1/2 (1, 0) of class 1;
          one point cannot lie on both sides of a plane
    """
    rows, sides, classes = rows_of_two_classes(X, y)
    if len(set(sides)) < 2:
        raise ValueError(f"there is one class only, {classes[sides[0]]!r}: nothing to separate")
    exact = [[Fraction(repr(x)) for x in row] for row in rows]
    # One equation a coordinate: sum over one class = sum over the other; two for the shares.
    signed = [[x if side else -x for x in row] for row, side in zip(exact, sides, strict=True)]
    equations = [list(column) for column in zip(*signed, strict=True)]
    equations += [[Fraction(side is kind) for side in sides] for kind in (True, False)]
    shares, multipliers = _solution_or_reason(equations, [0] * len(rows[0]) + [1, 1])
    if shares is not None:
        found = {row: share for row, share in enumerate(shares) if share}
        point = [
            sum((found[row] * exact[row][i] for row in found if sides[row]), Fraction())
            for i in range(len(rows[0]))
        ]
        return Separability(classes, shares=found, point=point, sides=sides, rows=rows)
    *normal, above, below = multipliers
    *weights, bias = _smallest_whole([-w for w in normal] + [(below - above) / 2])
    return Separability(classes, weights, bias)


def _smallest_whole(numbers: Sequence[Fraction]) -> list[Fraction]:
    """Return the multiple of numbers that is whole, with no divisor in common."""
    multiple = lcm(*(number.denominator for number in numbers))
    whole = [int(number * multiple) for number in numbers]
    return [Fraction(number, gcd(*whole)) for number in whole]


def rows_of_two_classes(
    X: Any,
    y: Any,
) -> tuple[list[list[float]], list[bool], tuple[Any, Any]]:
    """Return rows of floats, whether each is of the second class, and the two classes.

    Zeros and ones, and minus ones and ones, are classes also where only one of them occurs.

    Raises:
        TypeError: If X is not made of rows of numbers.
        ValueError: If the lengths differ, rows have different ones, or there are not two classes.
    """
    given, labels = listed(X), listed(y)
    if not given:
        raise ValueError("X is empty; two classes need at least one row each")
    if not holds_rows(given):
        raise TypeError(f"X must be a list of rows of numbers, got {describe(given)}")
    if len(given) != len(labels):
        raise ValueError(
            f"X and y must have the same length, got {counted(len(given), 'row')} and "
            f"{counted(len(labels), 'class').replace('classs', 'classes')}"
        )
    nodes = checked_rows(given, len(listed(given[0])), "rule")
    rows = [[node.data for node in row] for row in nodes]
    present = set(labels)
    known = [pair for pair in ((0, 1), (-1, 1)) if present <= set(pair)]
    if known:
        low, high = known[0]
    elif len(present) == 2:
        low, high = sorted(present, key=repr)
    else:
        raise ValueError(f"y must hold two classes, got {len(present)}: {describe(labels)}")
    return rows, [label == high for label in labels], (low, high)


def _solution_or_reason(
    equations: Sequence[Sequence[Fraction]], totals: Sequence[int]
) -> tuple[list[Fraction] | None, list[Fraction]]:
    """Return x ≥ 0 with A x = b; or else, instead of it, y with yᵀA ≤ 0 and yᵀb > 0.

    Phase 1 of the simplex method in integers (Edmonds, 1967; Bareiss, 1968): all numbers have one
    denominator, the last pivot. While nothing improves the choice is Bland's, which never cycles.
    """
    count, height = len(equations[0]), len(equations)
    scales = [lcm(*(a.denominator for a in row)) for row in equations]
    tableau = [
        [*(int(a * scale) for a in row), *(int(place == own) for own in range(height)), total]
        for place, (row, total, scale) in enumerate(zip(equations, totals, scales, strict=True))
    ]
    # Scaling leaves the totals alone: those of scaled rows are 0.
    costs = [-sum(column) for column in zip(*tableau, strict=True)]
    costs[count:-1] = [0] * height
    basis, denominator, stuck = list(range(count, count + height)), 1, False
    while costs[-1]:
        falling = [j for j in range(count) if costs[j] < 0]
        if not falling:
            return None, [
                Fraction((denominator - costs[count + place]) * scale, denominator)
                for place, scale in enumerate(scales)
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


def _short(number: Fraction) -> str:
    return str(number) if len(str(number)) <= 9 else short_number(float(number))
