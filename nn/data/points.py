"""Points in classes, drawn from a seed: moons, circles, spirals, XOR and blobs.

Where a shape is a curve its points lie evenly along it, and noise is normal and added to every
coordinate. Rows come in an order drawn from the seed, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nn.data.datasets import Dataset
from nn.data.shuffling import normal, rounded, shuffled
from nn.initializers import Source, source_of
from nn.validation import counted, finite, integer, row, size

Point = list[float]


def moons(n: int = 100, noise: float = 0.1, seed: Any = 0) -> Dataset:
    """Return points on two half circles of radius 1 that reach into each other.

    (cos t, sin t) is class 0 and (1 − cos t, 1/2 − sin t) class 1, with t evenly from 0 to π, as in
    scikit-learn's `make_moons`.

    Args:
        n: How many points; of an odd number class 1 has one more.
        noise: The standard deviation of what is added to each coordinate.
        seed: An integer, a `random.Random` to go on drawing from, or None for the module `random`.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If there is not a point for each class, or the noise is negative.

    Example:
        >>> X, y = moons(200)
        >>> len(X), X[0], y[0]
        (200, [0.290629347, 0.897195426], 0)
    """
    n = _at_least(n, 2)
    upper = _evenly(n // 2, math.pi)
    lower = _evenly(n - n // 2, math.pi)
    shapes = [
        [[math.cos(t), math.sin(t)] for t in upper],
        [[1.0 - math.cos(t), 0.5 - math.sin(t)] for t in lower],
    ]
    return _drawn(shapes, noise, seed, ["upper", "lower"], "two half circles")


def circles(n: int = 100, noise: float = 0.05, factor: float = 0.5, seed: Any = 0) -> Dataset:
    """Return points on two circles around 0: of radius 1, class 0, and of a smaller one, class 1.

    Args:
        n: How many points; of an odd number class 1 has one more.
        noise: The standard deviation of what is added to each coordinate.
        factor: The smaller radius, between 0 and 1.
        seed: As for `moons`.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If there is not a point for each class, the noise is negative, or the factor is
            not between 0 and 1.

    Example:
        >>> X, y = circles(8, noise=0.0)
        >>> [[math.hypot(*x) for x in X].count(radius) for radius in (1.0, 0.5)]
        [4, 4]
    """
    n = _at_least(n, 2)
    if not 0.0 <= finite(factor, "factor") < 1.0:
        raise ValueError(f"factor must be the smaller radius, between 0 and 1, got {factor}")
    shapes = [
        [
            [r * math.cos(math.tau * k / count), r * math.sin(math.tau * k / count)]
            for k in range(count)
        ]
        for r, count in ((1.0, n // 2), (factor, n - n // 2))
    ]
    return _drawn(shapes, noise, seed, ["outer", "inner"], "two circles")


def spirals(
    n: int = 200, noise: float = 0.02, turns: float = 1.5, arms: int = 2, seed: Any = 0
) -> Dataset:
    """Return points on spirals that wind around each other, each arm a class.

    The radius grows evenly up to 1, while arm k turns by 2π (turns · radius + k / arms).

    Args:
        n: How many points; what remains when the arms have equally many goes to the last ones.
        noise: The standard deviation of what is added to each coordinate.
        turns: How often an arm goes around.
        arms: How many there are.
        seed: As for `moons`.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If there is not a point for each arm, or the noise is negative.

    Example:
        >>> spirals(300, arms=3)
        Dataset(300 rows × 2 features; arm 1 100, arm 2 100, arm 3 100)
    """
    arms = size(arms, "arms")
    turns, counts = finite(turns, "turns"), _shares(_at_least(n, arms), arms)
    shapes = []
    for arm, count in enumerate(counts):
        radii = [(k + 1) / count for k in range(count)]
        angles = [math.tau * (turns * radius + arm / arms) for radius in radii]
        pairs = zip(radii, angles, strict=True)
        shapes.append([[radius * math.cos(t), radius * math.sin(t)] for radius, t in pairs])
    names = [f"arm {arm + 1}" for arm in range(arms)]
    return _drawn(shapes, noise, seed, names, counted(arms, "spiral"))


def xor(n: int = 4, noise: float = 0.0, seed: Any = 0) -> Dataset:
    """Return the corners of the unit square in turn, with y = 1 where one of x_1 and x_2 is 1.

    Args:
        n: How many points: the four corners, or more around them.
        noise: The standard deviation of what is added to each coordinate.
        seed: As for `moons`.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If there are fewer than four points, or the noise is negative.

    Example:
        >>> X, y = xor()
        >>> X, y
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    n, source, noise = _at_least(n, 4), source_of(seed), _deviation(noise, "noise")
    corners = [(k >> 1 & 1, k & 1) for k in range(n)]
    points = [(_noisy([float(one), float(two)], noise, source), one ^ two) for one, two in corners]
    return _table(points, ["equal", "different"], f"XOR, noise {noise:g}")


def blobs(
    n: int = 100,
    centers: int | Sequence[Sequence[float]] = 3,
    features: int = 2,
    deviation: float | Sequence[float] = 1.0,
    seed: Any = 0,
) -> Dataset:
    """Return points scattered around centres, each centre a class.

    Args:
        n: How many points; what remains when the centres have equally many goes to the last ones.
        centers: The centres; or how many to draw, evenly between -10 and 10.
        features: How many coordinates drawn centres have.
        deviation: The standard deviation of each coordinate; or one for each centre.
        seed: As for `moons`.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If there is not a point for each centre, centres have no, or not equally many,
            coordinates, or a deviation is negative, or there are not as many as centres.

    Example:
        >>> blobs(90, [[0.0, 2.0], [-2.0, -1.0], [2.0, -1.0]], deviation=0.4)
        Dataset(90 rows × 2 features; blob 1 30, blob 2 30, blob 3 30)
    """
    source = source_of(seed)
    if integer(centers) is not None:
        width, number = size(features, "features"), size(centers, "centers")
        middles = [[source.uniform(-10.0, 10.0) for _ in range(width)] for _ in range(number)]
    else:
        middles = _centres(centers)
        number = len(middles)
    each = row(deviation, "deviation") if hasattr(deviation, "__len__") else [deviation] * number
    if len(each) != number:
        raise ValueError(
            f"deviation has {counted(len(each), 'number')}, but there are {number} centers"
        )
    spreads = [_deviation(d, "deviation") for d in each]
    scale = max(abs(x) for middle in middles for x in middle)
    scale = min(filter(None, [*spreads, scale]), default=1.0)
    points = [
        (_noisy(middle, spread, source, scale), label)
        for label, (middle, spread, count) in enumerate(
            zip(middles, spreads, _shares(_at_least(n, number), number), strict=True)
        )
        for _ in range(count)
    ]
    names = [f"blob {label + 1}" for label in range(number)]
    return _table(shuffled(points, source), names, counted(number, "blob"))


def _drawn(
    shapes: Sequence[Sequence[Point]], noise: float, seed: Any, names: list[str], source: str
) -> Dataset:
    """Return the points of each class with noise, in a random order."""
    chance, noise = source_of(seed), _deviation(noise, "noise")
    labelled = [(point, label) for label, shape in enumerate(shapes) for point in shape]
    points = [(_noisy(p, noise, chance), label) for p, label in shuffled(labelled, chance)]
    return _table(points, names, f"{source}, noise {noise:g}")


def _table(points: Sequence[tuple[Point, int]], names: list[str], source: str) -> Dataset:
    rows, labels = [point for point, _ in points], [label for _, label in points]
    return Dataset(rows, labels, classes=names, source=f"drawn by chainrule: {source}")


def _noisy(point: Point, noise: float, source: Source, scale: float = 1.0) -> Point:
    moved = [x + noise * normal(source) for x in point] if noise else point
    return [rounded(x, scale) for x in moved]


def _evenly(count: int, end: float) -> list[float]:
    """Return numbers from 0 to an end, both included."""
    return [end * k / max(count - 1, 1) for k in range(count)]


def _shares(n: int, parts: int) -> list[int]:
    return [n * (part + 1) // parts - n * part // parts for part in range(parts)]


def _at_least(n: int, classes: int) -> int:
    n = size(n, "n")
    if n < classes:
        raise ValueError(f"n must be at least {classes}, a point for each class, got {n}")
    return n


def _deviation(number: float, name: str) -> float:
    number = finite(number, name)
    if number < 0.0:
        raise ValueError(f"{name} is a standard deviation and must not be negative, got {number}")
    return number


def _centres(centers: Any) -> list[Point]:
    found = [
        [finite(x, f"centers[{k}]") for x in row(center, f"centers[{k}]")]
        for k, center in enumerate(row(centers, "centers", of="points"))
    ]
    if not found or not found[0]:
        raise ValueError("centers must be points of at least one coordinate, or how many to draw")
    for k, center in enumerate(found):
        if len(center) != len(found[0]):
            raise ValueError(
                f"centers[{k}] has {counted(len(center), 'number')}, centers[0] {len(found[0])}"
            )
    return found
