"""Operations on NumPy's arrays, held against the rule book's values: number by number."""

from __future__ import annotations

import contextlib
import itertools
import math

import pytest

from autograd import primitives
from autograd.primitive import Primitive
from autograd.primitives import RULES
from autograd.program.run.array_operations import on_arrays

numpy = pytest.importorskip("numpy")

NUMBERS = [-1e308, -30.0, -2.0, -1.0, -0.3, -0.0, 0.0, 1e-310, 0.4, 1.0, 2.0, 30.0, 1e308]
ON_ARRAYS = [rule for rule in RULES.values() if on_arrays(rule, numpy) is not None]
ARITHMETIC = (
    *("sign", "step", "nonzero", "rint", "compare", "where", "pos", "neg", "add", "sub"),
    *("mul", "div", "abs", "relu", "leaky_relu", "maximum", "minimum", "clip", "sum", "mean"),
    *("dot", "prod"),
)


def points(rule):
    arity = 4 if rule.is_variadic else rule.arity
    few = NUMBERS[:: max(1, arity - 1)] + [0.0, -0.0] * (arity > 1)
    found = []
    for operands in itertools.product(few, repeat=arity):
        with contextlib.suppress(ArithmeticError, ValueError):
            found.append((operands, rule.value(operands)))
    return found


def on_columns(rule, rows):
    columns = [numpy.array(column) for column in zip(*rows, strict=True)]
    before = [column.copy() for column in columns]
    with numpy.errstate(all="ignore"):
        found = on_arrays(rule, numpy)(*columns)
    assert all(numpy.array_equal(x, y) for x, y in zip(columns, before, strict=True))
    return numpy.broadcast_to(found, len(rows)).tolist()


def test_what_is_arithmetic_needs_no_python_row_by_row():
    assert {RULES[name] for name in ARITHMETIC} <= set(ON_ARRAYS)
    assert len(ON_ARRAYS) >= 50


@pytest.mark.parametrize("rule", ON_ARRAYS, ids=lambda rule: rule.name)
def test_every_number_is_the_rule_books_and_every_zero_has_its_sign(rule):
    cases = points(rule)
    found = on_columns(rule, [operands for operands, _ in cases])
    for (operands, expected), number in zip(cases, found, strict=True):
        if not math.isfinite(expected):
            assert str(number) == str(expected), operands
        elif expected == 0.0 == number or rule.name in ARITHMETIC:
            assert repr(number) == repr(expected), operands
        else:
            assert math.isclose(number, expected, rel_tol=4 * 2.3e-16, abs_tol=1e-307), operands


def test_a_text_in_c_says_it_if_it_is_arithmetic_and_functions_of_numpy():
    def made(c, forward=lambda x: x, **more):
        return on_arrays(Primitive("made", forward, (lambda out, x: 1.0,), c=c, **more), numpy)

    x = numpy.array([1.0, 2.0])
    assert made("(3.0 * {x} + fabs(-{x}) / 1e2)")(x).tolist() == [3.01, 6.02]
    assert made("({x} > 0 ? {x} : 0.0)", numpy="where({x} > 1.5, {x}, 0.0)")(x).tolist() == [0, 2]
    for c in ("", "({x} > 0 ? {x} : 0.0)", "digamma({x})", "({x} * M_PI)", "erf({x})", "ours({x})"):
        assert made(c) is None, c
    # Of C and NumPy by one name: another remainder, halves rounded otherwise, a type.
    for c in ("remainder({x}, 2.0)", "round({x})", "double({x})"):
        assert made(c) is None, c
    assert made("", numpy="arctan")(x).tolist() == numpy.arctan(x).tolist()
    assert made("", numpy="double") is None
    assert made("", math.sin) is None  # by that name there is nothing in NumPy
    # A name of NumPy's says nothing of what a user calls so.
    cube = Primitive("square", lambda x: x * x * x, (lambda out, x: 3.0 * x * x,))
    assert on_arrays(cube, numpy) is None


def test_a_choice_that_would_raise_a_flag_is_left_to_python():
    # log(0.0) is not wanted where x is 0, but NumPy would compute it.
    assert on_arrays(primitives.xlogy, numpy) is None
    with numpy.errstate(over="raise", divide="raise", invalid="raise"):
        for rule in (primitives.sigmoid, primitives.elu, primitives.selu, primitives.silu):
            far = [numpy.array([-1e6, -800.0, 800.0, 1e6])] + [1.0] * (rule.arity - 1)
            on_arrays(rule, numpy)(*far)
