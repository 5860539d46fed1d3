"""From how many terms on a chain of additions is one instruction, and when it stays a chain."""

from __future__ import annotations

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
