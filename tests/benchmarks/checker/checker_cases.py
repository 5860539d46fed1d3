"""Random functions of which the derivative is known, and gradients of them, right and broken.

A case is drawn from its seed alone. Its function is written twice with the same operations: on
floats, as the checker sees it, and on numbers of mpmath, whose differences over steps of 1e-25 are
the truth. So truth shares neither rules nor rounding with what is checked.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mpmath

DIGITS = 100
PRECISION = 1e-7
KINDS = (
    "smooth", "kinked", "scaled", "noisy", "rounded", "piecewise", "zigzag", "iterative",
    "cancelling", "special point", "cusp", "forgotten point",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A function at a point, and what is known of it.

    Attributes:
        seed: What it was drawn from.
        kind: One of `KINDS`.
        f: The function of a list of floats.
        point: Where.
        low: The smaller one-sided derivative by each input; NaN if there is none.
        high: The larger one; equal where there is no kink.
        noise: How far values of f are off near the point.
        claims: Gradients as rules in floats give them: right, and broken, by the way they broke.
        decidable: Whether the values of f allow a verdict at all.
        reach: How far around the point f is of one piece, relative to |x|.
        f_error: What whoever checks says about the error of f.
    """

    seed: int
    kind: str
    f: Callable[[list[float]], float]
    point: list[float]
    low: list[float]
    high: list[float]
    noise: float
    claims: dict[str, list[float]] = field(default_factory=dict)
    decidable: bool = True
    f_error: float = 0.0
    reach: float = 1.0

    def scale(self, i: int) -> float:
        """Return beside which slope an error of this input's derivative counts."""
        slopes = [max(map(abs, ends)) for ends in zip(self.low, self.high, strict=True)]
        sizes = [abs(x) or 1.0 for x in self.point]
        largest = max(slope * size for slope, size in zip(slopes, sizes, strict=True)) or 1.0
        return max(slopes[i], 1e-3 * largest / sizes[i])

    def deviation(self, claim: list[float], i: int) -> float:
        """Return how far a claim is from the derivative, or from the nearer end of a kink."""
        if math.isnan(self.low[i]):
            return math.inf
        return max(self.low[i] - claim[i], claim[i] - self.high[i], 0.0)


# --- Programs: rules and values, on any numbers --------------------------------------------------

# Value and derivative by the namespace of the numbers (math or mpmath), x and y = f(x).
UNARY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "exp": (lambda m, x: m.exp(x), lambda m, x, y: y),
    "log": (lambda m, x: m.log(x), lambda m, x, y: 1 / x),
    "sin": (lambda m, x: m.sin(x), lambda m, x, y: m.cos(x)),
    "cos": (lambda m, x: m.cos(x), lambda m, x, y: -m.sin(x)),
    "tanh": (lambda m, x: m.tanh(x), lambda m, x, y: 1 - y * y),
    "atan": (lambda m, x: m.atan(x), lambda m, x, y: 1 / (1 + x * x)),
    "sqrt": (lambda m, x: m.sqrt(x), lambda m, x, y: 1 / (2 * y)),
    "square": (lambda m, x: x * x, lambda m, x, y: 2 * x),
    "cube": (lambda m, x: x**3, lambda m, x, y: 3 * x * x),
    "inverse": (lambda m, x: 1 / x, lambda m, x, y: -y * y),
    "erf": (lambda m, x: m.erf(x), lambda m, x, y: 2 / m.sqrt(m.pi) * m.exp(-x * x)),
    "softplus": (lambda m, x: m.log(1 + m.exp(x)), lambda m, x, y: 1 / (1 + m.exp(-x))),
}
KINKED: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "abs": (lambda m, x: abs(x), lambda m, x, y: (x > 0) - (x < 0)),
    "relu": (lambda m, x: x if x > 0 else 0 * x, lambda m, x, y: 1.0 * (x > 0)),
    "leaky": (lambda m, x: x if x > 0 else x / 8, lambda m, x, y: 1.0 if x > 0 else 0.125),
    "hinge": (lambda m, x: 1 - x if x < 1 else 0 * x, lambda m, x, y: -1.0 * (x < 1)),
    "clip": (lambda m, x: min(max(x, -1), 1), lambda m, x, y: 1.0 * (-1 < x < 1)),
}
BINARY: dict[str, tuple[Callable[..., Any], tuple[Callable[..., Any], Callable[..., Any]]]] = {
    "add": (lambda x, y: x + y, (lambda x, y: 1.0, lambda x, y: 1.0)),
    "sub": (lambda x, y: x - y, (lambda x, y: 1.0, lambda x, y: -1.0)),
    "mul": (lambda x, y: x * y, (lambda x, y: y, lambda x, y: x)),
    "div": (lambda x, y: x / y, (lambda x, y: 1 / y, lambda x, y: -x / (y * y))),
}
Step = tuple[str, tuple[int, ...]]


def drawn_program(source: random.Random, inputs: int, kinked: bool) -> list[Step]:
    """Return steps, each an operation of earlier numbers; the last one uses many of them."""
    unary = list(UNARY) + 3 * list(KINKED) if kinked else list(UNARY)
    steps: list[Step] = []
    length = inputs
    for _ in range(source.randint(1, 7)):
        if source.random() < 0.5:
            steps.append((source.choice(unary), (source.randrange(length),)))
        else:
            places = (source.randrange(length), source.randrange(length))
            steps.append((source.choice(list(BINARY)), places))
        length += 1
    for place in range(inputs):
        # Every input matters.
        steps.append((source.choice(("add", "mul", "sub")), (length - 1, place)))
        length += 1
    return steps


def run(steps: list[Step], numbers: Any, m: Any) -> list[Any]:
    """Return all values of a program, the inputs first."""
    values = list(numbers)
    for name, places in steps:
        operands = [values[place] for place in places]
        if len(places) == 2:
            values.append(BINARY[name][0](*operands))
        else:
            values.append({**UNARY, **KINKED}[name][0](m, *operands))
    return values


def swept(steps: list[Step], point: list[float], broken: tuple[str, int] | None) -> list[float]:
    """Return the gradient by a backward sweep, of which one step may be broken."""
    values = run(steps, point, math)
    adjoints = [0.0] * len(values)
    adjoints[-1] = 1.0
    for place in reversed(range(len(steps))):
        name, places = steps[place]
        operands = [values[k] for k in places]
        result = values[len(point) + place]
        if len(places) == 2:
            slopes = [rule(*operands) for rule in BINARY[name][1]]
        else:
            slopes = [{**UNARY, **KINKED}[name][1](math, *operands, result)]
        way = broken[0] if broken and broken[1] == place else ""
        slopes = _broken(way, name, slopes, operands, result)
        for k, slope in zip(places, slopes, strict=True):
            if way == "overwritten":
                adjoints[k] = 0.0
            adjoints[k] += slope * adjoints[len(point) + place]
    return [float(slope) for slope in adjoints[: len(point)]]


def _broken(way: str, name: str, slopes: list[Any], operands: list[Any], result: Any) -> list[Any]:
    if way == "dropped path":
        return [0.0, *slopes[1:]]
    if way == "swapped operands":
        return slopes[::-1]
    if way == "sign of a rule":
        return [-slopes[0], *slopes[1:]]
    if way == "missing factor":
        return [1.0, *slopes[1:]]
    if way == "detached":
        return [0.0] * len(slopes)
    if way == "result for operand":
        return [result, *slopes[1:]]
    if way == "rule off by 1e-6":
        return [slopes[0] * (1.0 + 1e-6), *slopes[1:]]
    return slopes


# The ways to break a rule inside, and those to break the result.
INSIDE = (
    "dropped path", "swapped operands", "sign of a rule", "missing factor", "detached",
    "result for operand", "overwritten", "rule off by 1e-6",
)  # fmt: skip
OUTSIDE: dict[str, Callable[[float], float]] = {
    "1e-8 relative": lambda g: g * (1.0 + 1e-8),
    "1e-6 relative": lambda g: g * (1.0 - 1e-6),
    "1e-5 relative": lambda g: g * (1.0 + 1e-5),
    "1e-4 relative": lambda g: g * (1.0 - 1e-4),
    "1e-3 relative": lambda g: g * (1.0 + 1e-3),
    "1e-2 relative": lambda g: g * (1.0 - 1e-2),
    "sign": lambda g: -g,
    "twice": lambda g: 2.0 * g,
    "half": lambda g: 0.5 * g,
    "zero": lambda g: 0.0,
}
WAYS = (*INSIDE, *OUTSIDE, "stale", "components swapped")
assert len(WAYS) == 20


# --- Functions of one number, around a program ---------------------------------------------------


Shape = tuple[Callable[[Any, Any], Any], float]


def table(source: random.Random, x: float) -> Shape:
    """Return a table read with straight lines, knots close to x on both sides; and how close."""
    width = (abs(x) or 1.0) * 10.0 ** source.uniform(-7, -2)
    knots = sorted({x + width * source.uniform(-1.0, 1.0) * 4.0**k for k in range(5) for _ in "ab"})
    heights = [source.uniform(-1.0, 1.0) * width for _ in knots]

    def read(t: Any, m: Any) -> Any:
        k = min(max(sum(knot <= t for knot in knots), 1), len(knots) - 1)
        a, b = knots[k - 1], knots[k]
        if m is mpmath:
            a, b = mpmath.mpf(a), mpmath.mpf(b)
        return heights[k - 1] + (t - a) * ((heights[k] - heights[k - 1]) / (b - a))

    return read, min(abs(knot - x) for knot in knots) / (abs(x) or 1.0)


def zigzag(source: random.Random, x: float) -> Shape:
    """Return a line with teeth, a pulse, or a piece of another slope around x; and how wide."""
    size = abs(x) or 1.0
    width = size * 10.0 ** source.uniform(-8, -2)
    slope, other = source.uniform(-2.0, 2.0), source.uniform(-2.0, 2.0)
    shift = source.uniform(0.15, 0.35)
    shape = source.choice(("teeth", "pulse", "piece"))

    def value(t: Any, m: Any) -> Any:
        u = (t - x) / (mpmath.mpf(width) if m is mpmath else width)
        if shape == "teeth":
            v = u + shift
            return slope * (t - x) + other * width * abs(v - m.floor(v) - 0.5)
        if shape == "pulse":
            return slope * (t - x) + other * width * m.exp(-((u - shift) ** 2))
        inner = min(max(u, -shift), 2 * shift)
        return slope * (t - x) + (other - slope) * width * inner

    return value, 0.1 * width / size


def newton(source: random.Random) -> Callable[[Any, Any], Any]:
    """Return a root, a fixed point or a series, iterated until nothing changes."""
    which = source.choice(("square root", "cube root", "cosine", "series", "kepler"))

    def value(t: Any, m: Any) -> Any:
        t = abs(t) + 0.5 if which in ("square root", "cube root") else t
        enough = mpmath.mpf(10) ** -(DIGITS // 2) if m is mpmath else 1e-15
        y = t + 1
        for _ in range(300):
            before = y
            if which == "square root":
                y = (y + t / y) / 2
            elif which == "cube root":
                y = (2 * y + t / (y * y)) / 3
            elif which == "cosine":
                y = m.cos(y) / 2 + m.sin(t) / 4
            elif which == "kepler":
                y = y - (y - m.sin(y) / 2 - t) / (1 - m.cos(y) / 2)
            else:
                y = 1 + m.sin(t) * y / 3
            if abs(y - before) <= enough * abs(y):
                break
        return y

    return value


def scattered(*numbers: float) -> float:
    """Return a number in [-1, 1) that depends on the arguments without any system."""
    return 2.0 * random.Random(repr(numbers)).random() - 1.0


def single(x: float) -> float:
    """Return a number in single precision."""
    return struct.unpack("f", struct.pack("f", x))[0]
