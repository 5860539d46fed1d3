"""One comparison along a random direction, which sees all inputs at once.

v · gradient against the difference of f along v: a gradient that is wrong anywhere is wrong along
almost every direction, by v_i times the error.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd.verification.claims import Claims, Point, Subject
from autograd.verification.comparing import How, require_repeatable
from autograd.verification.differences import difference
from autograd.verification.noise import measure_noise
from autograd.verification.verdicts import Comparison, judge

# Of more inputs than this a check goes along random directions, unless it is told otherwise.
MANY_INPUTS = 256
TARGET = 1e-9
# Smaller steps along a direction do not move every input.
SMALLEST = 2.0**-48


@dataclass(frozen=True)
class Projection:
    """A comparison along one random direction.

    Attributes:
        comparison: The derivative along the direction, claimed and measured.
        direction: How far each input moves.
        is_clean: Whether it certifies its inputs: a PASS whose error bar is narrow beside the
            effect of a single one.
    """

    comparison: Comparison
    direction: tuple[float, ...]
    is_clean: bool


def random_direction(source: random.Random, point: Point, group: Iterable[int]) -> list[float]:
    """Return how far each input of the group moves: never near 0, so that none of them hides."""
    direction = [0.0] * len(point)
    for i in group:
        size = source.choice((-1.0, 1.0)) * source.uniform(0.5, 1.5)
        direction[i] = (abs(point[i]) or 1.0) * size
    return direction


def project(
    subject: Subject,
    point: Point,
    path: str,
    direction: Sequence[float],
    how: How,
    effect: float | None = None,
    order: int = 1,
    vectors: Claims | None = None,
) -> Projection:
    """Return the comparison along a direction.

    Args:
        subject: What is compared.
        point: Where.
        path: What the direction is called.
        direction: How far each input moves.
        how: The settings of the check.
        effect: Beside which effect the error bar has to be narrow; None: that of a typical input.
        order: Which derivative of the user's function is compared.
        vectors: The claimed gradients, if they are known.
    """
    if vectors is None:
        vectors, _ = subject.claims(point, how.modes)
    claimed = {
        mode: _product(vectors[mode], direction)
        if mode in vectors
        else subject.tangent(point, direction)
        for mode in how.modes
    }
    slopes = next(iter(vectors.values()))
    along = how.watched(subject.along(point, direction), path)
    require_repeatable(along, 0.0)
    effects = [slope * move for slope, move in zip(slopes, direction, strict=True) if move]
    whole = math.hypot(*[one for one in effects if math.isfinite(one)])
    if is_rough(how, point):
        effect = whole
    elif effect is None:
        effect = whole / math.sqrt(len(effects))
    target = TARGET / math.sqrt(len(effects))
    noise = measure_noise(along, how.declared)
    measured = difference(along, 0.0, noise, target, how.seed, SMALLEST)
    off = how.off * whole if how.rounding else 0.0
    verdicts = {
        mode: judge(slope, measured, how.width, effect, off) for mode, slope in claimed.items()
    }
    row = Comparison(path, claimed, measured, verdicts, order=order)
    is_narrow = measured.side == "both" and measured.error <= 0.5 * how.width * effect
    return Projection(row, tuple(direction), row.verdict == "PASS" and is_narrow)


def is_rough(how: How, point: Point) -> bool:
    """Return whether values are too rough to show what a single one of so many inputs does."""
    return how.is_rough and len(point) > MANY_INPUTS


def _product(slopes: Sequence[float], direction: Sequence[float]) -> float:
    terms = [slope * move for slope, move in zip(slopes, direction, strict=True) if move]
    return math.fsum(terms) if all(map(math.isfinite, terms)) else math.nan
