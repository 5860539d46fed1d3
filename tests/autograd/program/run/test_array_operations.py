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
    *("sign", "step", "nonzero", "compare", "where", "pos", "neg", "add", "sub", "mul", "div"),
    *("abs", "relu", "leaky_relu", "maximum", "minimum", "clip", "sum", "mean", "dot", "prod"),
)
SCALE = 7.0


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
    assert len(ON_ARRAYS) >= 48


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


def test_what_a_users_function_reads_may_change_so_it_is_not_read():
    def scaled(factor):
        return Primitive("scaled", lambda x: factor * x, (lambda out, x: 1.0,))

    of_a_global = Primitive("of_a_global", lambda x: SCALE * x, (lambda out, x: SCALE,))
    assert on_arrays(scaled(3.0), numpy) is None
    assert on_arrays(of_a_global, numpy) is None
    stated = Primitive("stated", lambda x: 3.0 * x, (lambda out, x: 3.0,), numpy="3.0 * {x}")
    assert on_arrays(stated, numpy)(numpy.array([1.0, 2.0])).tolist() == [3.0, 6.0]


def test_a_function_of_math_is_numpys_if_it_takes_as_much():
    assert on_arrays(Primitive("hop", math.hypot, (None, None)), numpy) is numpy.hypot
    assert on_arrays(Primitive("hop", math.hypot, (None, None, None)), numpy) is None
    assert on_arrays(Primitive("gamma", math.gamma, (None,)), numpy) is None


def test_a_choice_that_would_raise_a_flag_is_left_to_python():
    # log(0.0) is not wanted where x is 0, but NumPy would compute it.
    assert on_arrays(primitives.xlogy, numpy) is None
    with numpy.errstate(over="raise", divide="raise", invalid="raise"):
        for rule in (primitives.sigmoid, primitives.elu, primitives.selu, primitives.silu):
            far = [numpy.array([-1e6, -800.0, 800.0, 1e6])] + [1.0] * (rule.arity - 1)
            on_arrays(rule, numpy)(*far)
