"""Functions that share a source line: emitted text must carry the one that was asked for."""

from __future__ import annotations

import math

import pytest

import autograd
from autograd.primitive import Primitive

SCALE, SHIFT = 2.0, 5.0

# Each line differs in one thing only: a name, a constant, its sign, an operator, the order of the
# operands, how they are called, a name of the file.
# fmt: off
LINES = {
    "a name": [lambda x, y: math.sin(x) + y, lambda x, y: math.cos(x) + y],
    "a constant": [lambda x, y: 2.0 * x + y, lambda x, y: 3.0 * x + y],
    "a kind of number": [lambda x, y: x * 2 / y, lambda x, y: x * 2.5 / y],
    "a zero's sign": [lambda x, y: math.copysign(x, 0.0), lambda x, y: math.copysign(x, -0.0)],
    "an operator": [lambda x, y: x - y, lambda x, y: x / y, lambda x, y: x // y, lambda x, y: x**y],
    "the order": [lambda x, y: x - 2.0 * y, lambda x, y: y - 2.0 * x],
    "the operands' names": [lambda x, y: x - y, lambda y, x: y - 2.0 * x, lambda a, b: b - a],
    "a comparison": [lambda x, y: x if x < y else y, lambda x, y: x if x > y else y],
    "a name of the file": [lambda x, y: SCALE * x - y, lambda x, y: SHIFT * x - y],
    "a chain": [lambda x, y: math.exp(math.sin(x * y)), lambda x, y: math.sin(math.exp(x * y))],
    "nothing": [lambda x, y: x * y, lambda x, y: x * y],
}
def halved(x, y): return 0.5 * x - y
def doubled(x, y): return 2.0 * x - y
# fmt: on
LINES["definitions"] = [halved, doubled]
CASES = [(kind, position) for kind, line in LINES.items() for position in range(len(line))]


def primitive_of(kind, position):
    forward = LINES[kind][position]
    return Primitive(f"op{position}", forward, (lambda out, x, y: 1.0, lambda out, x, y: 1.0))


POINTS = [(0.7, 1.3), (4.0, 0.5), (0.25, 3.0)]


def function_in_text(f):
    program = autograd.compile(f, name="emitted")
    program.record(*POINTS[0])
    module = {}
    exec(program.source("python"), module)
    return module["emitted"]


@pytest.mark.parametrize(("kind", "position"), CASES)
def test_the_text_computes_what_the_function_computes(kind, position):
    operation = primitive_of(kind, position)
    text = function_in_text(lambda x, y: operation(x, y))
    for point in POINTS:
        assert text(*point) == LINES[kind][position](*point)


@pytest.mark.parametrize("kind", LINES)
def test_all_of_a_line_in_one_program(kind):
    operations = [primitive_of(kind, position) for position in range(len(LINES[kind]))]
    text = function_in_text(lambda x, y: [operation(x, y) for operation in operations])
    for point in POINTS:
        assert text(*point) == [forward(*point) for forward in LINES[kind]]
