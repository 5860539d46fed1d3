"""What every contestant computes, and with which numbers. Only the standard library is needed.

A contestant's module has one function per kind of work that it can do; it takes an `Amount` and
returns a `Job`.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

A, B = -4.0, 2.0  # where the README of micrograd evaluates its expression
LAYERS = (2, 16, 16, 1)
PENALTY = 1e-4
DIGITS = (64, 32, 10)
BATCH = 32
RATE = 0.05
ADAM = (1e-3, 0.9, 0.999, 1e-8)  # lr, beta1, beta2, epsilon
VOCABULARY, CONTEXT, EMBEDDING, HEADS = 27, 16, 16, 4
TRANSFORMER_ADAM = (1e-2, 0.9, 0.95, 1e-8)
TRANSFORMER = (
    ("token", VOCABULARY, EMBEDDING),
    ("position", CONTEXT, EMBEDDING),
    ("query", EMBEDDING, EMBEDDING),
    ("key", EMBEDDING, EMBEDDING),
    ("value", EMBEDDING, EMBEDDING),
    ("attended", EMBEDDING, EMBEDDING),
    ("widen", 4 * EMBEDDING, EMBEDDING),
    ("narrow", EMBEDDING, 4 * EMBEDDING),
    ("logits", VOCABULARY, EMBEDDING),
)


@dataclass(frozen=True)
class Job:
    """A statement to time, which assigns `out`, and how its result reads as plain floats.

    Attributes:
        statement: Python source, run many times.
        names: The names that the statement uses.
        flat: Turns `out` into numbers, in the order that all contestants share.
        units: How many steps or options one run of the statement is.
    """

    statement: str
    names: dict[str, Any]
    flat: Callable[[Any], Iterable[float]] = field(default=list)
    units: float = 1.0


@dataclass(frozen=True)
class Amount:
    """How much of the work one run of the statement is."""

    moons_steps: int = 1000
    single_steps: int = 10_000
    digits_steps: int = 280
    transformer_steps: int = 100
    options: int = 10_000
    nodes: int = 2_000


SMALL = Amount(
    moons_steps=3, single_steps=200, digits_steps=3, transformer_steps=3, options=50, nodes=400
)
ONCE = Amount(moons_steps=100)


def expression(a: Any, b: Any, relu: Callable[[Any], Any]) -> Any:
    """Return g of the README of micrograd."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def rosenbrock(xs: Sequence[Any]) -> Any:
    """Return sum_i 100 (x_{i+1} - x_i²)² + (1 - x_i)²."""
    return sum(100.0 * (following - x * x) ** 2 + (1.0 - x) ** 2 for x, following in pairwise(xs))


def deep(xs: Sequence[Any], sin: Callable[[Any], Any], nodes: int) -> Any:
    """Return a function of eight numbers that takes about `nodes` operations, none of them idle.

    Its derivatives stay near 1 however deep it is.
    """
    state = list(xs)
    for turn in range(nodes // 4):
        i = turn % 8
        state[i] = state[i] + sin(state[(i + 3) % 8] * state[(i + 5) % 8]) * 1e-4
    return sum(state[1:], state[0])


EIGHT = tuple(0.3 + 0.1 * i for i in range(8))


def rosenbrock_residuals(xs: Sequence[Any]) -> list[Any]:
    """Return the numbers of whose squares it is the sum: 10 (x_{i+1} - x_i²), then 1 - x_i."""
    rises = [10.0 * (following - x * x) for x, following in pairwise(xs)]
    return [*rises, *[1.0 - x for x in xs[:-1]]]


def rosenbrock_direction(size: int) -> list[float]:
    """Return numbers between -1 and 1."""
    source = random.Random(size + 1)
    return [source.uniform(-1.0, 1.0) for _ in range(size)]


def rosenbrock_point(size: int) -> list[float]:
    """Return numbers between -1.2 and 1.2."""
    source = random.Random(size)
    return [source.uniform(-1.2, 1.2) for _ in range(size)]


def moons() -> tuple[list[list[float]], list[float]]:
    """Return 100 points on two half circles with noise, and their classes -1 and +1."""
    source = random.Random(1)
    points, classes = [], []
    for place in range(100):
        angle, upper = math.pi * source.random(), place % 2 == 0
        x, y = math.cos(angle), math.sin(angle)
        if not upper:
            x, y = 1.0 - x, 0.5 - y
        points.append([x + source.gauss(0.0, 0.1), y + source.gauss(0.0, 0.1)])
        classes.append(-1.0 if upper else 1.0)
    return points, classes


def network(sizes: Sequence[int]) -> list[float]:
    """Return the parameters of a network: of each layer the weights row by row, then the biases."""
    source = random.Random(1337)
    numbers: list[float] = []
    for nin, nout in pairwise(sizes):
        numbers += [source.gauss(0.0, (2.0 / nin) ** 0.5) for _ in range(nin * nout)]
        numbers += [source.gauss(0.0, 0.1) for _ in range(nout)]
    return numbers


@lru_cache
def digits() -> tuple[array[float], array[int]]:
    """Return 1,792 rows of 64 numbers in 0..1 one after the other, and their labels 0..9.

    Made up: the size of scikit-learn's digits, less the five that do not fill a batch.
    """
    source = random.Random(2)
    rows = 56 * BATCH
    pixels = array("d", (source.randrange(17) / 16.0 for _ in range(rows * DIGITS[0])))
    return pixels, array("q", (source.randrange(10) for _ in range(rows)))


def transformer() -> list[float]:
    """Return the parameters of demos/microgpt.py, matrix after matrix in its order."""
    source = random.Random(0)
    size = sum(rows * columns for _, rows, columns in TRANSFORMER)
    return [source.gauss(0.0, 0.08) for _ in range(size)]


def tokens() -> list[int]:
    """Return 17 tokens, so that 16 are predicted: a name of fifteen letters between two ends."""
    return [0, *(1 + ord(letter) - ord("a") for letter in "maximilianojose"), 0]


def market(count: int) -> list[array[float]]:
    """Return spot, strike, rate, volatility and time of call options, a column each."""
    source = random.Random(3)
    columns = [array("d") for _ in range(5)]
    for _ in range(count):
        spot = source.uniform(80.0, 120.0)
        option = (
            spot,
            spot * source.uniform(0.8, 1.2),
            source.uniform(0.01, 0.08),
            source.uniform(0.1, 0.6),
            source.uniform(0.25, 2.0),
        )
        for column, number in zip(columns, option, strict=True):
            column.append(number)
    return columns


def call_price(
    spot: Any, strike: Any, rate: Any, volatility: Any, time: Any, functions: Any
) -> Any:
    """Return the price of a call, S Φ(d₁) - K e^(-rT) Φ(d₂) (Black and Scholes, 1973).

    `functions` has log, sqrt, exp and erf.
    """
    spread = volatility * functions.sqrt(time)
    upper = (functions.log(spot / strike) + (rate + 0.5 * volatility * volatility) * time) / spread
    lower = upper - spread

    def below(d: Any) -> Any:
        return 0.5 * (1.0 + functions.erf(d * 0.7071067811865476))

    return spot * below(upper) - strike * functions.exp(-rate * time) * below(lower)
