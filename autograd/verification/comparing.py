"""Claimed derivatives beside measured ones: one input at a time, or along random directions.

A random direction v sees all n inputs at once: v · gradient against the difference of f along v.
A gradient that is wrong anywhere is wrong along almost every direction, by v_i times the error.
What a direction cannot certify (a kink, noise, an error bar too wide for a single input) is halved
until the inputs behind it can be compared one at a time.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autograd.verification.claims import Point, Subject, component, weighted
from autograd.verification.differences import difference, measure_noise
from autograd.verification.verdicts import VERDICTS, Comparison, judge

# An input matters to less than this part of the one that matters most: its error bar may be wider.
_NEGLIGIBLE = 1e-3
_TARGET = 1e-9
_FEW = 8


def compare_each(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    order: int,
    modes: Sequence[str],
    precision: float,
    along: str = "",
) -> list[Comparison]:
    """Return the comparison for every input, and to the asked order for every mixed derivative.

    Raises:
        ValueError: If the function is not finite at the point, or is random.
    """
    places = [along + path for path in paths]
    claims = subject.claims(point, modes)
    comparisons = _compare(subject, point, places, claims, precision, range(len(point)))
    if order > 1:
        # At a kink there is no slope whose change could be measured.
        smooth = [i for i, row in enumerate(comparisons) if row.verdict != "KINK"]
        for position in smooth:
            place = places[position]
            slope = subject.derivative(component(position))
            nested = slope, point, paths, order - 1, modes, precision
            comparisons += compare_each(*nested, f"{place} × ")
    return comparisons


@dataclass(frozen=True)
class Projection:
    """A comparison along one random direction.

    Attributes:
        subject: What was compared: the function, or for order 2 a combination of its gradient.
        order: Which derivative it is.
        comparison: The derivative along the direction, claimed and measured.
        direction: How far each input moves.
        is_clean: Whether it certifies the inputs: a PASS whose error bar is narrow beside the
            effect of a single typical input.
    """

    subject: Subject
    order: int
    comparison: Comparison
    direction: tuple[float, ...]
    is_clean: bool


def compare_along(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    order: int,
    modes: Sequence[str],
    precision: float,
    projections: int,
    seed: int,
) -> list[Comparison]:
    """Return comparisons along random directions, to the asked order; of inputs where one is wrong.

    The second order along v is the derivative along v of w · gradient, with w random too:
    Hessian-vector products, never the Hessian. Inputs that stand on a kink take no part in it.

    Raises:
        ValueError: If the function is not finite at the point, or is random.
    """
    source = random.Random(seed)
    group = list(range(len(point)))
    subjects = [subject] * projections
    found: dict[str, Comparison] = {}
    for level in range(1, order + 1):
        for number, current in enumerate(subjects, start=1):
            path = f"direction {number}" + (f", order {level}" if level > 1 else "")
            direction = _random_direction(source, point, group)
            one = _project(current, level, point, path, direction, modes, precision)
            own = [one.comparison]
            if not one.is_clean:
                own = explain(one, point, paths, modes, precision, seed)
            for row in own:
                known = found.get(row.path, row)
                found[row.path] = max((known, row), key=lambda r: VERDICTS.index(r.verdict))
        kinked = {row.path for row in found.values() if row.verdict == "KINK"}
        group = [position for position in group if paths[position] not in kinked]
        if level == order or not group or not all(row.is_confirmed for row in found.values()):
            break
        weights = [_random_direction(source, point, group) for _ in subjects]
        pairs = zip(subjects, weights, strict=True)
        subjects = [current.derivative(weighted(own)) for current, own in pairs]
    return list(found.values())


def explain(
    projection: Projection,
    point: Point,
    paths: Sequence[str],
    modes: Sequence[str],
    precision: float,
    seed: int,
) -> list[Comparison]:
    """Return comparisons that say which inputs are behind a projection that is not clean.

    The inputs are halved, and a half that passes along a direction of its own is left alone; the
    last few are compared one at a time. A direction that is still contradicted stays among the
    comparisons: right along every axis and wrong between them is wrong.
    """
    source = random.Random(seed)
    subject, order = projection.subject, projection.order
    before = f"order {order}: " if order > 1 else ""
    claims = subject.claims(point, modes)
    found: list[Comparison] = []
    moved = [position for position, move in enumerate(projection.direction) if move]
    room = projection.comparison.measured.error
    groups = [moved]
    while groups:
        group = groups.pop()
        if len(group) <= _FEW:
            places = [before + path for path in paths]
            singles = _compare(subject, point, places, claims, precision, group)
            for position, row in zip(group, singles, strict=True):
                room += row.measured.error * abs(projection.direction[position])
            found += singles
            continue
        path = f"{before}{paths[group[0]]} … {paths[group[-1]]}"
        direction = _random_direction(source, point, group)
        half = _project(subject, order, point, path, direction, modes, precision)
        if half.is_clean:
            room += 3.0 * half.comparison.measured.error  # their moves may be three times as large
            found.append(half.comparison)
        else:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]
    row = projection.comparison
    off = max([abs(claim - row.measured.value) for claim in row.claimed.values()])
    is_contradicted = row.verdict == "FAIL" and not row.measured.is_kink and off > room
    if is_contradicted and all(one.verdict == "PASS" for one in found):
        found.append(row)
    return found


def _random_direction(source: random.Random, point: Point, group: Sequence[int]) -> list[float]:
    # Never near 0, so that no input of the group hides.
    direction = [0.0] * len(point)
    for i in group:
        size = source.choice((-1.0, 1.0)) * source.uniform(0.5, 1.5)
        direction[i] = (abs(point[i]) or 1.0) * size
    return direction


def _project(
    subject: Subject,
    order: int,
    point: Point,
    path: str,
    direction: Sequence[float],
    modes: Sequence[str],
    precision: float,
) -> Projection:
    claimed, slopes = subject.claims_along(point, direction, modes)

    def along(t: float) -> float:
        return subject.evaluate(
            [x + t * move for x, move in zip(point, direction, strict=True)] if t else list(point)
        )

    require_repeatable(along, 0.0)
    effects = [slope * move for slope, move in zip(slopes, direction, strict=True) if move]
    finite = [effect for effect in effects if math.isfinite(effect)]
    typical = math.sqrt(sum([effect * effect for effect in finite]) / len(effects))
    target = _TARGET / math.sqrt(len(effects))
    measured = difference(along, 0.0, measure_noise(along), target)
    verdicts = {mode: judge(slope, measured, precision, typical) for mode, slope in claimed.items()}
    row = Comparison(path, claimed, measured, verdicts)
    is_narrow = measured.side == "both" and measured.error <= 0.5 * precision * typical
    is_clean = row.verdict == "PASS" and is_narrow
    return Projection(subject, order, row, tuple(direction), is_clean)


def _compare(
    subject: Subject,
    point: Point,
    paths: Sequence[str],
    claims: tuple[Mapping[str, Sequence[float]], Sequence[bool]],
    precision: float,
    positions: Sequence[int],
) -> list[Comparison]:
    claimed, connected = claims
    require_repeatable(subject.evaluate, list(point))
    magnitudes = [abs(x) or 1.0 for x in point]
    noise = measure_noise(lambda t: subject.evaluate(_moved(point, magnitudes, t)))
    effects = [
        max(abs(slopes[i]) for slopes in claimed.values()) * magnitudes[i]
        for i in range(len(point))
    ]
    effect = max([e for e in effects if math.isfinite(e)], default=0.0) or 1.0
    comparisons = []
    for position in positions:
        path = paths[position]
        measured = difference(_along(subject, point, position), point[position], noise)
        floor = _NEGLIGIBLE * effect / magnitudes[position]
        own = {mode: slopes[position] for mode, slopes in claimed.items()}
        strict = {mode: judge(slope, measured, precision) for mode, slope in own.items()}
        verdicts = {mode: judge(slope, measured, precision, floor) for mode, slope in own.items()}
        is_negligible = strict != verdicts
        comparisons.append(
            Comparison(path, own, measured, verdicts, connected[position], is_negligible)
        )
    return comparisons


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
