"""Batches of which some rows run eagerly: their sums, means and gradients are those of all rows."""

from __future__ import annotations

import contextlib
import itertools
import math
import random

import pytest

import autograd
from autograd import Value
from autograd.primitives import RULES
from autograd.program.compiling import compile
from tests.autograd.program.fuzzing.modes import without_the_machine

INF = math.inf
# In the order in which the machine meets them: what it runs itself, and what it leaves to eager
# code, which accepts it.
PLAIN = [0.5, -1.5, 2.0, 0.25, -0.75]
LEFT = [INF, -INF, INF]


@pytest.fixture(params=["machine", "lanes"], autouse=True)
def way(request):
    with without_the_machine() if request.param == "lanes" else contextlib.nullcontext():
        yield


def smooth(w, v, x):
    return w * autograd.tanh(x) + v * v * autograd.sigmoid(x)


def branched(w, v, x):
    return w * autograd.tanh(x) if x > 0.0 else v * autograd.sigmoid(x) - w


def many_ways(w, v, x):
    return (w if x > 1.0 else v) * autograd.tanh(x) + (v if x < -1.0 else w * v)


def batches():
    yield from [PLAIN + LEFT, LEFT + PLAIN, LEFT, [INF], PLAIN]
    for places in itertools.combinations(range(8), 3):
        left, plain = iter(LEFT), iter(PLAIN)
        yield [next(left) if k in places else next(plain) for k in range(8)]
    yield (PLAIN * 40 + LEFT) * 3  # more than one block, and more rows than are searched at once


@pytest.mark.parametrize("f", [smooth, branched, many_ways], ids=lambda f: f.__name__)
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_a_mean_over_rows_of_which_some_run_eagerly(f, reduce):
    w, v = Value(0.75, "w"), Value(-1.25, "v")
    program = compile(lambda x: f(w, v, x))
    own = compile(f, uniform=(0, 1))
    for rows in batches():
        scale = 1.0 / len(rows) if reduce == "mean" else 1.0
        results, by_w, by_v = [], [], []
        for x in rows:
            inputs = [Value(0.75), Value(-1.25)]
            output = f(*inputs, x)
            output.backward()
            results.append(scale * output.data)
            by_w.append(scale * inputs[0].grad)
            by_v.append(scale * inputs[1].grad)
        expected = [math.fsum(each) for each in (results, by_w, by_v)]
        near = pytest.approx(expected, rel=1e-13, abs=1e-14)
        w.zero_grad()
        v.zero_grad()
        value = program.rows_backward(rows, reduce=reduce)
        assert [value, w.grad, v.grad] == near
        assert [program.rows(rows, reduce=reduce), *expected[1:]] == near
        value, (d_w, d_v) = own.rows_value_and_grad(0.75, -1.25, rows, reduce=reduce)
        assert [value, d_w, d_v] == near
        single = program.rows(rows)
        assert [scale * x for x in single] == pytest.approx(results, rel=1e-13)


def test_a_row_that_fails_among_rows_that_run_eagerly_is_named():
    w = Value(2.0)
    program = compile(lambda x: w * autograd.log(abs(x)) if x != 1.0 else w * x)
    rows = [2.0, 1.0, INF, 3.0, 0.0, 4.0, -INF]
    for call in (
        lambda: program.rows(rows),
        lambda: program.rows(rows, reduce="mean"),
        lambda: program.rows_backward(rows),
        lambda: program.rows_value_and_grad(rows),
    ):
        with pytest.raises(ValueError, match=r"row 4: .*log"):
            call()
        assert w.grad == 0.0


# --- Errors that the next operation would swallow -------------------------------------------------

NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -2.0, 3.0, 1e308, -1e308, 800.0, -800.0]
SWALLOWING = {
    "where": lambda y, x: autograd.where(y, x, 0.5 * x),
    "clip": lambda y, x: autograd.clip(y, -1.0, 1.0) + x,
    "step": lambda y, x: autograd.step(y) + x,
}
OPERANDS = {"softmax_cross_entropy": 4, "softmax_excess": 3}


def points(rule):
    """A point at which the operation has a value, and some at which it fails."""
    source = random.Random(rule.name)
    fixed = 2 if rule.is_variadic else len(rule.partials)
    good, failing = None, []
    for _ in range(400):
        point = [source.choice(NUMBERS) for _ in range(OPERANDS.get(rule.name, fixed))]
        try:
            good = point if math.isfinite(rule.value(point)) else good
        except (ArithmeticError, ValueError):
            failing.append(point)
    return good, failing[:3]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
@pytest.mark.parametrize("how", SWALLOWING)
def test_a_row_that_fails_fails_whatever_becomes_of_its_number(rule, how):
    if not rule.is_variadic and None in rule.partials:
        pytest.skip("an operand that has to be a constant")
    good, failing = points(rule)
    for point in failing:
        program = compile(lambda *xs: SWALLOWING[how](rule.apply(list(xs)), xs[0]))
        with pytest.raises((ArithmeticError, ValueError), match="row 1: "):
            program.rows(*map(list, zip(good, point, strict=True)))
