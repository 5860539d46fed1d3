"""Whether a plane separates two classes, decided exactly and with the proof in hand.

Two sets of points are linearly separable unless their convex hulls meet. A point that both hulls
share proves the one, a plane between them the other; one of the two always exists (Farkas, 1902).
Floats guess the plane, and which examples lie where the hulls come closest; whole numbers decide,
without rounding: a plane is tried on all examples, and where none is right the simplex method looks
for the point among those few, which become more until it is there, or until a plane is.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from typing import Any

from autograd.streams import printed_anywhere
from nn.tables import short_number
from nn.textbook.exact_examples import ExactExamples, smallest_whole
from nn.textbook.nearest_points import nearest_points
from nn.textbook.two_classes import rows_of_two_classes
from nn.validation import counted


@printed_anywhere
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
            plane = " + ".join(terms).replace("+ -", "− ").replace("-", "−")
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
    exact = ExactExamples(rows, sides)
    direction, chosen = _guess(rows, sides)
    plane = exact.plane_across(direction)
    while plane is None:
        shares, plane = exact.shares_or_plane(chosen)
        if shares is not None:
            point = exact.mixture({row: share for row, share in shares.items() if sides[row]})
            return Separability(classes, shares=shares, point=point, sides=sides, rows=rows)
        wrong = exact.wrong_rows(plane)
        if wrong:
            chosen = sorted([*chosen, *wrong[: len(rows[0]) + 2]])
            plane = None
    *weights, bias = smallest_whole(plane)
    return Separability(classes, weights, bias)


def _guess(rows: Sequence[Sequence[float]], sides: Sequence[bool]) -> tuple[list[float], list[int]]:
    """Return a direction from one class to the other, and rows of both that lie close together."""
    columns = [(min(column), max(column)) for column in zip(*rows, strict=True)]
    spans = [high - low or 1.0 for low, high in columns]
    places: list[list[int]] = [
        [row for row, own in enumerate(sides) if own is side] for side in (False, True)
    ]
    if not all(map(isfinite, spans)):
        return [], [places[0][0], places[1][0]]
    scaled = [
        [
            [(x - low) / span for x, (low, _), span in zip(rows[row], columns, spans, strict=True)]
            for row in own
        ]
        for own in places
    ]
    found = nearest_points(*scaled)
    chosen = {places[side][pair[side]] for pair in found.pairs for side in (0, 1)}
    return [x / span for x, span in zip(found.difference, spans, strict=True)], sorted(chosen)


def _short(number: Fraction) -> str:
    return str(number) if len(str(number)) <= 9 else short_number(float(number))
