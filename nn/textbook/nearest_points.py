"""Where the convex hulls of two sets of points come closest, in floats: a guess that others prove.

The difference of two points, one of each hull, that is shortest is found as Wolfe (1976, "Finding
the nearest point in a polytope") does it: by differences of few points, of which one more is taken,
the most promising, until none is shorter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

Point = Sequence[float]

_MOST_ROUNDS = 2000
_ENOUGH = 1e-12  # of the squared length, or of that of the first guess
_NOTHING = 1e-10  # a share that is none


class Nearest(NamedTuple):
    """The shortest difference of two hulls.

    Attributes:
        difference: A point of the second hull, less one of the first.
        pairs: Of which points, by their places in both sets: the pairs it is mixed of.
    """

    difference: list[float]
    pairs: list[tuple[int, int]]


def nearest_points(first: Sequence[Point], second: Sequence[Point]) -> Nearest:
    """Return the shortest difference of points of two hulls, as far as floats tell.

    Args:
        first: Points; the columns of both sets should be of about the same size.
        second: Others.

    Example:
        >>> nearest_points([[0.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [3.0, 0.0]]).pairs
        [(0, 0), (1, 0)]
    """
    pairs = [(0, 0)]
    points = [_between(first[0], second[0])]
    shares = [1.0]
    products = [[_dot(points[0], points[0])]]
    least = _ENOUGH * products[0][0]
    x = points[0]
    for _ in range(_MOST_ROUNDS):
        pair = _place_of_largest(first, x), _place_of_largest(second, [-number for number in x])
        point = _between(first[pair[0]], second[pair[1]])
        length = _dot(x, x)
        if length - _dot(x, point) <= max(_ENOUGH * length, least) or pair in pairs:
            break
        row = [_dot(point, other) for other in points]
        for line, product in zip(products, row, strict=True):
            line.append(product)
        products.append([*row, _dot(point, point)])
        pairs.append(pair)
        points.append(point)
        shares = _shortest(products, [*shares, 0.0])
        kept = [place for place, share in enumerate(shares) if share > 0.0]
        if kept[-1] < len(pairs) - 1:
            break  # the new one is of no use: rounding goes round in circles
        pairs = [pairs[place] for place in kept]
        points = [points[place] for place in kept]
        shares = [shares[place] for place in kept]
        products = [[products[one][other] for other in kept] for one in kept]
        x = [_dot(shares, column) for column in zip(*points, strict=True)]
    return Nearest(x, pairs)


def _shortest(products: Sequence[Sequence[float]], shares: list[float]) -> list[float]:
    """Return the shares of the shortest mixture that is found downhill from one; many are 0."""
    shares, kept = list(shares), list(range(len(shares)))
    while True:
        wanted = _without_signs([[products[one][other] for other in kept] for one in kept])
        if min(wanted) > _NOTHING:
            break
        step = min(
            shares[place] / (shares[place] - to) if shares[place] > to else 0.0
            for place, to in zip(kept, wanted, strict=True)
            if to <= _NOTHING
        )
        for place, to in zip(kept, wanted, strict=True):
            shares[place] += step * (to - shares[place])
        smallest = min(kept, key=lambda place: shares[place])
        for place in kept:
            if place == smallest or shares[place] <= _NOTHING:
                shares[place] = 0.0
        kept = [place for place in kept if shares[place] > 0.0]
    for place, to in zip(kept, wanted, strict=True):
        shares[place] = to
    return shares


def _without_signs(products: list[list[float]]) -> list[float]:
    """Return shares of any sign of the shortest combination: (G + 1 1ᵀ) u = 1, then u / Σ u."""
    rows = [[*(number + 1.0 for number in row), 1.0] for row in products]
    size = len(rows)
    for column in range(size):
        best = max(range(column, size), key=lambda row: abs(rows[row][column]))
        rows[column], rows[best] = rows[best], rows[column]
        pivot = rows[column]
        for row in rows[column + 1 :]:
            factor = row[column] / pivot[column] if pivot[column] else 0.0
            if factor:
                for place in range(column, size + 1):
                    row[place] -= factor * pivot[place]
    found = [0.0] * size
    for place in range(size - 1, -1, -1):
        row = rows[place]
        rest = row[size] - _dot(row[place + 1 : size], found[place + 1 :])
        found[place] = rest / row[place] if row[place] else 0.0
    total = math.fsum(found)
    return [number / total for number in found] if total else [1.0 / size] * size


def _place_of_largest(points: Sequence[Point], direction: Point) -> int:
    sizes = [_dot(point, direction) for point in points]
    return sizes.index(max(sizes))


def _between(start: Point, end: Point) -> list[float]:
    return [y - x for x, y in zip(start, end, strict=True)]


def _dot(x: Point, y: Point) -> float:
    return float(sum(map(mul, x, y)))
