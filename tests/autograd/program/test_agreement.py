"""Programs agree with eager code where something is infinite, undefined, zero or not needed.

The kinds stand here, each with several functions; `fuzzing/` looks for kinds nobody thought of. The
tests named after a documented disagreement hold what `compile` says of it.
"""

from __future__ import annotations

import contextlib
import itertools
import math

import pytest

import autograd
from autograd import Value, grad, primitives, value_and_grad
from autograd.program.compiling import compile
from tests.autograd.program.fuzzing.modes import outcome, without_the_machine
from tests.autograd.program.fuzzing.recipes import FIXED, ORDER_OPERANDS, ORDERS

INF, NAN = math.inf, math.nan


@pytest.fixture(params=["machine", "Python"], autouse=True)
def way(request):
    """Run all of it on the machine, if there is one, and as Python source."""
    with without_the_machine() if request.param == "Python" else contextlib.nullcontext():
        yield


def bits(found):
    return [x.hex() for x in found] if isinstance(found, list) else found


def agree(f, *point):
    """Hold a program's value, gradient and rows against eager code; return eager's gradient."""
    value = outcome(lambda: f(*map(Value, point)))
    gradient = outcome(value_and_grad(f, tuple(range(len(point)))), *point)
    program = compile(f)
    for _ in range(2):
        assert bits(outcome(program, *point)) == bits(value)
        assert bits(outcome(program.value_and_grad, *point)) == bits(gradient)
    if any(x != x for x in point):
        return gradient
    columns = [[x] for x in point]
    assert bits(outcome(program.rows, *columns)) == bits(value)
    assert bits(outcome(program.rows_value_and_grad, *columns)) == bits(gradient)
    return gradient


# --- Infinite and undefined numbers ---------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: 1.0 / (x / y),
        lambda x, y: autograd.exp(-abs(x / y)),
        lambda x, y: autograd.where(1.0, x, x / y),
        lambda x, y: autograd.sign(x * y),
        lambda x, y: autograd.tanh(x) * autograd.maximum(y, 0.0),
        lambda x, y: autograd.logsumexp([x, y]),
        lambda x, y: x if y > 1.0 else 2.0 * x,
    ],
    ids=range(7),
)
def test_infinite_and_undefined_arguments_are_those_of_eager_code(f):
    for x, y in itertools.product([INF, -INF, NAN, 1.0], [0.0, -0.0, INF, NAN, 2.0]):
        agree(f, x, y)


@pytest.mark.parametrize("number", [INF, -INF, NAN])
def test_so_are_weights_and_those_that_become_infinite_later(number):
    w = Value(2.0)
    f = lambda x: 1.0 / (w / x)
    program = compile(f)
    assert program(0.5) == 0.25
    w.data = number
    for x in (0.0, 3.0):
        expected = outcome(f, x)
        assert bits(outcome(program, x)) == bits(expected)
        assert bits(outcome(program.rows, [x])) == bits(expected)
    w.data = 2.0
    assert program(0.5) == 0.25


@pytest.mark.parametrize("x", [0.0, -0.0, 0.5, -3.0])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1.0 / (INF / x),
        lambda x: 1.0 / (autograd.where(1.0, -INF, x) / x),
        lambda x: autograd.sign(INF * x),
        lambda x: autograd.step(autograd.prod([x, x, INF])),
        lambda x: 1.0 / (autograd.minimum(x, -INF) / x),
        lambda x: 2.0 / autograd.clip(x, 0.5, INF),
    ],
    ids=range(6),
)
def test_infinite_constants_are_those_of_eager_code(f, x):
    agree(f, x)


def test_an_infinite_bound_costs_nothing():
    code = compile(lambda x: autograd.clip(x, 0.5, INF) / x).record(1.0).value.code
    assert len(code.instructions) == 2


@pytest.mark.parametrize("x", [5e-324, -5e-324, 1e-310])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: autograd.elu(1.0, x / x),
        lambda x: autograd.sign(1.0 / (1.0 / x)),
        lambda x: 1.0 / (1.0 / x),
        lambda x: autograd.sign(autograd.sqrt(x) / x),
    ],
    ids=range(4),
)
def test_quotients_that_overflow_are_those_of_eager_code(f, x):
    agree(f, x)


# --- What no result needs -------------------------------------------------------------------------

FLAT = [
    autograd.sign, autograd.step, primitives.nonzero,
    lambda x: primitives.compare(x, 0.5), lambda x: autograd.where(x, 2.0, 3.0),
    lambda x: x**0.0, lambda x: autograd.where(0.0, x, 1.5),
]  # fmt: skip


@pytest.mark.parametrize("flat", FLAT, ids=range(len(FLAT)))
@pytest.mark.parametrize(
    "steep",
    [
        autograd.sqrt, autograd.cbrt, autograd.asin, autograd.acosh, autograd.log, autograd.atanh,
        lambda x: x**0.5, lambda x: 1.0 / x, lambda x: autograd.hypot(x, 0.0),
        lambda x: autograd.norm([x, 0.0]), lambda x: autograd.atan2(x, 0.0),
        lambda x: autograd.sqrt(autograd.sqrt(x)) + 1.0,
    ],
    ids=range(12),
)  # fmt: skip
def test_an_infinite_derivative_below_a_flat_operation_is_an_error(flat, steep):
    for x in (0.0, -0.0, 1.0, 2.0, 5e-324):
        agree(lambda x: x + flat(steep(x)) * 3.0, x)


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (lambda x: autograd.where(1.0, x, 1.0 / x), 0.0),
        (lambda x: autograd.where(0.0, autograd.log(x), x), -1.0),
        (lambda x: autograd.where(1.0, 2.0, autograd.acosh(x)), 0.0),
        (lambda x: (1.0 / x) ** 0.0, 0.0),
        (lambda x: autograd.where(1.0 / x, x, x), 0.0),
        (lambda x: autograd.sign(autograd.log(x)) ** 0.0, -1.0),
    ],
    ids=range(6),
)
def test_a_branch_that_is_not_chosen_keeps_its_errors(f, point):
    assert isinstance(agree(f, point), type)


@pytest.mark.parametrize("rule", FIXED, ids=lambda rule: rule.name)
def test_every_operation_keeps_its_errors_where_no_result_needs_it(rule):
    orders = ORDER_OPERANDS[rule.name]
    count = rule.arity - len(orders)
    numbers = (0.0, -0.0, 1.0, -1.0, 2.0, -0.5) if count < 3 else (0.0, 1.0, -1.0)
    for given in ORDERS if orders else (0.0,):

        def unused(*xs, given=given):
            numbers = iter(xs)
            operands = [given if k in orders else next(numbers) for k in range(rule.arity)]
            return autograd.where(1.0, xs[0] * 2.0, rule.apply(operands))

        program = compile(unused)
        with contextlib.suppress(ArithmeticError, ValueError):
            program(*[0.75] * count)
        for point in itertools.product(numbers, repeat=count):
            expected = outcome(lambda: unused(*map(Value, point)))  # noqa: B023
            assert bits(outcome(program, *point)) == bits(expected), point


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (autograd.log, -1.0),
        (lambda x: autograd.log(x) ** 2 if x > 9.0 else autograd.log1p(x), -3.0),
        (lambda x: x * autograd.asin(x + 1.5), 0.6),
        (lambda x: autograd.sign(autograd.sqrt(x)), 0.0),
        (lambda x: autograd.sqrt(autograd.step(x)), 0.0),
        (lambda x: 1.0 / x, 0.0),
        (lambda x: x**0.5, -2.0),
    ],
    ids=range(7),
)
@pytest.mark.parametrize(
    "derived",
    [grad, lambda f: grad(grad(f)), autograd.hessian,
     lambda f: lambda x: autograd.jvp(f, (x,), (1.0,))[1],
     lambda f: lambda x: autograd.vjp(f, x)[1](1.0)],
    ids=["grad", "grad of grad", "hessian", "jvp", "vjp"],
)  # fmt: skip
def test_a_compiled_derivative_fails_where_its_function_does(derived, f, point):
    expected = outcome(derived(f), point)
    program = compile(derived(f))
    assert isinstance(expected, type)
    with contextlib.suppress(ArithmeticError, ValueError):
        program(2.5)  # recorded where it does not fail, if there is such a place
    assert outcome(program, point) is expected
    assert outcome(program.rows, [point]) is expected


def test_what_it_keeps_for_errors_alone_survives_a_file(tmp_path):
    program = compile(grad(autograd.log))
    assert program(2.0) == 0.5
    program.save(tmp_path / "log.json")
    loaded = autograd.load_program(tmp_path / "log.json")
    assert loaded(2.0) == 0.5
    assert outcome(loaded, -1.0) is ValueError


def test_derivatives_by_arguments_do_not_fail_those_by_weights():
    w = Value(2.0, "w")
    program = compile(lambda x: w * x + autograd.sqrt(x) + 1e308 * 10.0 * w)
    assert program.backward(0.0) == INF
    assert w.grad == INF
    by_rows = program.rows_value_and_grad([0.0], reduce="sum")
    assert by_rows == (INF, [INF])


# --- Zeros ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x * y,
        lambda x, y: -(x * y),
        lambda x, y: x * y + y * -1.0,
        lambda x, y: x * -0.0 + y * -0.0 + x * -0.0,
        lambda x, y: (x * y + x * -0.0) + (y * -0.0 + -0.0 * x),
        lambda x, y: x * 2.0 + x * 3.0 + x * 0.5 + x * 0.25,
        lambda x, y: x * 2.0 + y * 3.0 + x * 0.5,
        lambda x, y: x + y + x * 2.0 + y * 3.0 + x * 0.5,
        lambda x, y: x * 3.0 + (y * 2.0 + (x * 0.5 + (x + y))),
        lambda x, y: x + y + 0.5 * x + autograd.sin(x) + autograd.tanh(y),
        lambda x, y: ((-0.0 + x) + y) + -0.0,
        lambda x, y: autograd.sum([x * -0.0, y * -0.0, -0.0 * x]),
        lambda x, y: autograd.dot([x, y, x], [-0.0, y, -0.0]),
        lambda x, y: autograd.dot([x, y], [-0.0, -0.0], -0.0),
        lambda x, y: autograd.mean([x, -y, x * y]),
        lambda x, y: 1.0**x * autograd.sin(-y),
        lambda x, y: autograd.maximum(x, y) - autograd.minimum(y, x),
        lambda x, y: autograd.atan2(x, -1.0) * y,
        lambda x, y: -autograd.relu(-x) * y,
    ],
    ids=range(19),
)
def test_zeros_have_the_signs_of_eager_code_in_chains_too(f):
    for x, y in itertools.product([0.0, -0.0, 1.0], [0.0, -0.0, -2.0]):
        agree(f, x, y)


# --- Documented disagreements ---------------------------------------------------------------------


def unused(x):
    1.0 / x
    return x + 1.0


def test_documented_what_the_function_does_not_use_cannot_fail():
    assert outcome(unused, Value(0.0)) is ZeroDivisionError
    program = compile(unused)
    program(2.0)
    assert program(0.0) == 1.0


def test_documented_what_overflows_and_is_not_needed_is_no_error():
    f = lambda x: autograd.where(1.0, x, autograd.exp(x))
    assert outcome(f, Value(800.0)) is OverflowError
    program = compile(f)
    program(2.0)
    assert program(800.0) == 800.0


def test_documented_a_nan_among_rows_is_refused_unless_it_is_to_be_kept():
    f = lambda x: 2.0 * x
    program = compile(f)
    assert math.isnan(f(Value(NAN)).data)
    assert math.isnan(program(NAN))
    with pytest.raises(ValueError, match="x is NaN in row 1"):
        program.rows([1.0, NAN])
    assert [str(x) for x in program.rows([1.0, NAN], not_finite="keep")] == ["2.0", "nan"]


def test_documented_rows_are_kept_only_where_one_of_them_can_be_recorded():
    program = compile(autograd.log)
    assert outcome(program.rows, [-1.0], not_finite="keep") is ValueError
    assert [str(x) for x in program.rows([-1.0, 1.0], not_finite="keep")] == ["nan", "0.0"]


def test_documented_a_total_that_overflows_depends_on_the_order():
    w = Value(1.0)
    program = compile(lambda x: 1.5e308 * w * x - 1e308 * w * x)
    assert program.value_and_grad(1.0) == (0.5e308, 0.5e308)
    total = program.rows([1.0, 1.0, 1.0], reduce="sum")
    assert total == 1.5e308  # each row's result is a number before they are added
    program.rows_backward([1.0, 1.0, 1.0], reduce="sum")
    assert not math.isfinite(w.grad)  # here each term is added over the rows
