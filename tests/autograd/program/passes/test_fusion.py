"""From how many terms on a chain of additions is one instruction, and when it stays a chain."""

from __future__ import annotations

import itertools
import random

import pytest

import autograd
from autograd.program.compiling import compile


def operations(f, count):
    """The names of a program's operations, and the number of operands of the last."""
    code = compile(f).record(*map(float, range(1, count + 1))).value.code
    names = [operation.name for operation, _ in code.instructions]
    return names, len(code.instructions[-1].operands)


@pytest.mark.parametrize(
    ("f", "names", "operands"),
    [
        # Two products and their sum are as fast apart; three are a dot, which starts from -0.0.
        (lambda a, b, c, d, e, g: a * b + c * d, ["mul", "mul", "add"], 2),
        (lambda a, b, c, d, e, g: a * b + c * d + e * g, ["dot"], 7),
        (lambda a, b, c, d, e, g: e * g + (c * d + a * b), ["dot"], 7),
        # What is no product comes first, as the bias, or gets the factor 1.
        (lambda a, b, c, d, e, g: a + b * c + d * e, ["mul", "add", "mul", "add"], 2),
        (lambda a, b, c, d, e, g: a + b * c + d * e + g * a, ["dot"], 7),
        (lambda a, b, c, d, e, g: b * c + d * e + g * a + a, ["dot"], 9),
        # Terms alone: a sum starts from 0.0, so only where the first is never -0.0.
        (lambda a, b, c, d, e, g: abs(a) + b + c, ["abs", "add", "add"], 2),
        (lambda a, b, c, d, e, g: abs(a) + b + c + d, ["abs", "sum"], 4),
        (lambda a, b, c, d, e, g: a + b + c + d, ["add", "add", "add"], 2),
        # A sum of products.
        (lambda a, b, c, d, e, g: autograd.sum([a * b, c * d]), ["mul", "mul", "sum"], 2),
        (lambda a, b, c, d, e, g: autograd.sum([a * b, c * d, e * g]), ["dot"], 6),
    ],
    ids=range(11),
)
def test_chains_from_three_products_and_four_terms_on(f, names, operands):
    assert operations(f, 6) == (names, operands)


def test_what_is_used_twice_is_not_absorbed():
    def f(a, b, c, d, e, g):
        total = a * b + c * d + e * g
        return total * total + autograd.exp(total)

    names, _ = operations(f, 6)
    assert names.count("dot") == 1
    assert operations(lambda a, b: (a * b) + (a * b) * a + (a * b) * b, 2)[0][0] == "mul"


# --- Long chains that may start from -0.0 ---------------------------------------------------------


def chain(*xs):
    total = xs[0] * xs[1]
    for x, following in itertools.pairwise(xs):
        total = total + (x * following + x)
    return total


def of_terms(*xs):
    total = xs[0]
    for x in xs[1:]:
        total = total + x
    return total


@pytest.mark.parametrize("f", [chain, of_terms])
@pytest.mark.parametrize("count", [15, 16, 17, 18, 40])
def test_long_chains_are_one_instruction_with_the_bits_of_additions(f, count):
    program, source = compile(f), random.Random(count)
    points = [[source.gauss(0.0, 10.0**k) for _ in range(count)] for k in range(-3, 4)]
    points += [[-0.0] * count, [0.0] * count, [1e300, *[-1e300] * (count - 1)]]
    for point in points:
        assert repr(program(*point)) == repr(f(*point))
    names = [operation.name for operation, _ in program.variants[0].value.code.instructions]
    assert ("dot" in names) == (count + (f is chain) >= 16)  # terms
