"""Draw a case from its seed: function, point, truth, claims."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import mpmath
from checker_cases import (
    DIGITS,
    INSIDE,
    KINDS,
    OUTSIDE,
    WAYS,
    Case,
    drawn_program,
    newton,
    run,
    scattered,
    single,
    swept,
    table,
    zigzag,
)

Numbers = list[float]
# A step at which nothing that is drawn here bends any more, in as many digits as it takes.
_STEP = mpmath.mpf(10) ** -25
_LARGEST = 1e12


class DrawError(Exception):
    """What was drawn is of no use: outside of a domain, or too large."""


def drawn(seed: int) -> Case:
    """Return the case of a seed; draws again, from the same source, until one is of use."""
    source = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    while True:
        try:
            with mpmath.workdps(DIGITS):
                return _DRAW.get(kind, _around)(source, seed, kind)
        except (DrawError, ArithmeticError, ValueError):
            continue


def broken_claim(case: Case, source: random.Random) -> tuple[str, list[float]] | None:
    """Return a gradient that is wrong, and how; None if none of many ways makes it wrong.

    Wrong by more than the checker's precision, save for "1e-8 relative", which may pass.
    """
    ways = [way for way in WAYS if way in case.claims]
    source.shuffle(ways)
    for way in ways:
        claim = case.claims[way]
        if way == "1e-8 relative" or is_wrong(case, claim):
            return way, claim
    return None


def is_wrong(case: Case, claim: list[float]) -> bool:
    """Return whether a claim is off by more than the checker may overlook."""
    return any(case.deviation(claim, i) > 2e-7 * case.scale(i) for i in range(len(claim)))


def _program(source: random.Random, seed: int, kind: str) -> Case:
    inputs = source.randint(1, 3)
    steps = drawn_program(source, inputs, kind == "kinked")
    point = [source.uniform(-2.0, 2.0) for _ in range(inputs)]
    if kind == "special point" or (kind == "kinked" and source.random() < 0.6):
        point = [float(source.choice((0.0, 0.0, 1.0, -1.0, 0.5, 2.0))) for _ in point]
    sizes, height = [1.0] * inputs, 1.0
    if kind == "scaled":
        sizes = [10.0 ** source.choice((-12, -6, 0, 6, 12)) for _ in point]
        height = 10.0 ** source.choice((-12, -6, 0, 6, 12))

    def f(xs: Numbers) -> float:
        scaled = [x / size for x, size in zip(xs, sizes, strict=True)]
        return float(height * run(steps, scaled, math)[-1])

    def exact(xs: Any) -> Any:
        scaled = [x / mpmath.mpf(size) for x, size in zip(xs, sizes, strict=True)]
        return mpmath.mpf(height) * run(steps, scaled, mpmath)[-1]

    def gradient(broken: tuple[str, int] | None) -> list[float]:
        found = swept(steps, point, broken)
        return [height * g / size for g, size in zip(found, sizes, strict=True)]

    place = [x * size for x, size in zip(point, sizes, strict=True)]
    claims = {"right": gradient(None)}
    for way in INSIDE:
        found = gradient((way, source.randrange(len(steps))))
        claims[way] = found
    moved = [x * (1.0 + 1e-3) + 1e-3 for x in point]
    stale = swept(steps, moved, None)
    claims["stale"] = [height * g / size for g, size in zip(stale, sizes, strict=True)]
    return _finished(seed, kind, f, exact, place, claims)


def _around(source: random.Random, seed: int, kind: str) -> Case:
    x = source.choice((1.0, -0.7, 3.0, 0.25, source.uniform(-3.0, 3.0)))
    bend = source.uniform(-1.0, 1.0)
    noise = f_error = 0.0
    reach = 1.0
    decidable = True
    inner: Callable[[Any, Any], Any]
    outside: Callable[[float, float], float] = lambda y, t: y
    outermost: Callable[[float], float] = float
    if kind == "piecewise":
        inner, reach = table(source, x)
    elif kind == "zigzag":
        inner, reach = zigzag(source, x)
    elif kind == "iterative":
        inner = newton(source)
    else:
        slope = source.uniform(0.2, 2.0)
        inner = lambda t, m: m.sin(slope * t) + t
    if kind == "noisy":
        noise = 10.0 ** source.uniform(-13, -4)
        outside = lambda y, t: y + noise * scattered(t)
    elif kind == "rounded":
        digits = source.randint(4, 12)
        noise = 0.5 * 10.0**-digits
        is_single = source.random() < 0.3
        if is_single:
            noise = 3e-7
            outermost = single
        else:
            outside = lambda y, t: round(y, digits)
        # Steps mean a slope of 0 or that of the stairs: only who knows can tell.
        decidable = is_single or source.random() < 0.5
        f_error = noise if decidable and not is_single else 0.0
    elif kind == "cancelling":
        offset = 10.0 ** source.uniform(0, 9) * source.choice((-1.0, 1.0))
        cut = source.random() < 0.5
        noise = abs(offset) * 2e-16
        decidable = not cut
        outside = lambda y, t: (y + offset) - (offset if cut else 0.0)
    elif kind == "forgotten point":
        off = 10.0 ** source.uniform(-9, 0) * source.choice((-1.0, 1.0))
        outside = lambda y, t: y + off if t == x else y
    height = 10.0 ** source.choice((-12, -6, 0, 0, 0, 6, 12))

    def f(xs: Numbers) -> float:
        (t,) = xs
        return outermost(height * outside(inner(t, math) + bend * t * t, t))

    def exact(xs: Any) -> Any:
        (t,) = xs
        return mpmath.mpf(height) * (inner(t, mpmath) + mpmath.mpf(bend) * t * t)

    case = _finished(
        seed, kind, f, exact, [x], {}, height * noise, decidable, height * f_error, reach
    )
    if kind == "forgotten point":
        # It has a jump: no derivative at all, and nobody should confirm one.
        return Case(seed, kind, f, [x], [math.nan], [math.nan], 0.0, case.claims, False)
    return case


def _cusp(source: random.Random, seed: int, kind: str) -> Case:
    power = source.choice((1.02, 0.95, 0.5, 1 / 3, 1.005, 1.1, 0.98, source.uniform(0.3, 1.2)))
    x = source.choice((0.0, 1.0, -2.0))
    slope, weight = source.uniform(-1.0, 1.0), source.uniform(0.5, 2.0)
    shape = source.choice(("even", "odd", "log", "oscillating"))
    height = 10.0 ** source.choice((-12, 0, 0, 12))

    def f(xs: Numbers) -> float:
        t = xs[0] - x
        if shape == "log":
            y = t * math.log(abs(t)) if t else 0.0
        elif shape == "oscillating":
            y = t * math.sin(1.0 / t) if t else 0.0
        else:
            y = abs(t) ** power * (1.0 if shape == "even" or t > 0 else -1.0)
        return height * (weight * y + slope * xs[0])

    # Above 1 the derivative exists, and no differences can find it; elsewhere there is none.
    exists = shape in ("even", "odd") and power > 1.0
    true = height * slope if exists else math.nan
    claims = {"right": [height * slope]} if exists else {}
    for way, claim in {
        "sign": slope + 0.2 * weight, "twice": slope + weight, "half": slope - 0.6 * weight,
        "zero": 0.0, "1e-2 relative": slope * 0.99,
    }.items():  # fmt: skip
        claims[way] = [height * claim]
    return Case(seed, kind, f, [x], [true], [true], 0.0, claims, False)


def _finished(
    seed: int,
    kind: str,
    f: Callable[[Numbers], float],
    exact: Callable[[Any], Any],
    point: Numbers,
    claims: dict[str, list[float]],
    noise: float = 0.0,
    decidable: bool = True,
    f_error: float = 0.0,
    reach: float = 1.0,
) -> Case:
    value = f(point)
    if not math.isfinite(value) or abs(value) > _LARGEST**2 or any(map(math.isnan, point)):
        raise DrawError
    low, high = [], []
    for i in range(len(point)):
        ends = [_one_sided(exact, point, i, side) for side in (-1, 1)]
        if abs(ends[0] - ends[1]) <= 1e-12 * max(map(abs, ends)):
            ends = [ends[0]] * 2
        low.append(min(ends))
        high.append(max(ends))
    case = Case(
        seed, kind, f, point, low, high, max(noise, _rounding(f, exact, point)), claims,
        decidable, f_error, reach,
    )  # fmt: skip
    true = [0.5 * (a + b) for a, b in zip(low, high, strict=True)]
    if "right" not in claims or any(
        case.deviation(claims["right"], i) > 1e-10 * case.scale(i) for i in range(len(point))
    ):
        claims["right"] = true
    for way, change in OUTSIDE.items():
        claims[way] = [change(g) for g in claims["right"]]
    if len(point) > 1:
        claims["components swapped"] = claims["right"][::-1]
    if not all(math.isfinite(g) for claim in claims.values() for g in claim):
        raise DrawError
    return case


def _one_sided(exact: Callable[[Any], Any], point: Numbers, i: int, side: int) -> float:
    # Twice, with half of the step, so that what bends is seen to vanish.
    at = [mpmath.mpf(x) for x in point]
    step = side * _STEP * (abs(at[i]) or 1)

    def moved(h: Any) -> Any:
        return exact([x + h if k == i else x for k, x in enumerate(at)])

    start = moved(mpmath.mpf(0))
    slopes = [(moved(h) - start) / h for h in (step, step / 2)]
    if not all(isinstance(slope, mpmath.mpf) for slope in slopes):
        raise DrawError
    limit = 2 * slopes[1] - slopes[0]
    if abs(slopes[1] - slopes[0]) > mpmath.mpf(10) ** -12 * (1 + abs(limit)):
        raise DrawError
    # What is left of a cube is none.
    return float(limit) if abs(limit) > mpmath.mpf(10) ** -45 else 0.0


def _rounding(f: Callable[[Numbers], float], exact: Callable[[Any], Any], point: Numbers) -> float:
    # How far floats are from exact values, nearby.
    worst = 0.0
    for k in range(1, 5):
        moved = [
            x + (abs(x) or 1.0) * 1e-4 * (k - 2.3) * (1 + 0.1 * i) for i, x in enumerate(point)
        ]
        worst = max(
            worst,
            1e-16 * abs(f(moved)),
            abs(f(moved) - float(exact([mpmath.mpf(x) for x in moved]))),
        )
    return worst


_DRAW: dict[str, Callable[[random.Random, int, str], Case]] = {
    "smooth": _program,
    "kinked": _program,
    "scaled": _program,
    "special point": _program,
    "cusp": _cusp,
}
