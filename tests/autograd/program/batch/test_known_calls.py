"""A call on rows like an earlier one goes straight to the machine: only a clock can tell."""

from __future__ import annotations

import math
from array import array

import pytest

from autograd import Value, exp, log, sin
from autograd.machine import native_machine
from autograd.program.compiling import compile

numpy = pytest.importorskip("numpy")


def column(*numbers):
    return numpy.array(numbers, dtype=float)


def price(x, y):
    return x * exp(y) - sin(x * y) / (1.0 + y * y)


def known(program, reduce=None, by=None):
    """What the next call like this goes by, if the machine is built."""
    found = program._recorder.row_calls.get((reduce, "raise", by))
    if native_machine() is not None:
        assert found is not None
    return found


def listed(tree):
    if hasattr(tree, "tolist"):
        return tree.tolist()
    return [listed(part) for part in tree] if isinstance(tree, (list, tuple)) else tree


XS, YS = [0.5, -1.25, 2.0, 3.5, 0.0], [1.0, 0.25, -2.0, 0.5, 0.125]
TABLE = numpy.arange(30.0).reshape(5, 6) / 16.0
GIVEN = {
    "arrays": (numpy.array(XS), numpy.array(YS)),
    "columns of a table": (TABLE[:, 1], TABLE[:, 4]),
    "backwards": (numpy.array(XS)[::-1], TABLE[::-1, 0]),
    "buffers": (array("d", XS), array("d", YS)),
    "views": (memoryview(array("d", XS)), memoryview(array("d", YS * 2))[::2]),
    "an array and a buffer": (numpy.array(XS), array("d", YS)),
    "a number": (numpy.array(XS), 0.75),
    "a whole number": (2, array("d", YS)),
    "the same twice": (column(0.5, 2.0), column(0.5, 2.0)),
}


@pytest.mark.parametrize("name", GIVEN)
def test_the_second_call_gives_the_bits_and_types_of_the_first(name):
    args = GIVEN[name]
    rows = [getattr(x, "tolist", lambda x=x: x)() for x in args]
    rows = [x if isinstance(x, list) else [x] * 5 for x in rows]
    program = compile(price)
    calls = [
        program.rows,
        program.rows_value_and_grad,
        lambda *args: program.rows(*args, reduce="mean"),
        lambda *args: program.rows(*args, reduce="sum", not_finite="keep"),
    ]
    for call in calls:
        first, second = call(*args), call(*args)
        assert listed(first) == listed(second)
        assert repr(first) == repr(second)
    known(program)
    known(program, by="rows")
    known(program, "mean")
    found = listed(program.rows(*args))
    assert found == pytest.approx([price(x, y) for x, y in zip(*rows, strict=True)], rel=1e-13)


LATER = {
    "read-only": lambda x: numpy.frombuffer(x.tobytes()),
    "not aligned": lambda x: numpy.frombuffer(b"." + x.tobytes(), offset=1),
    "of single precision": lambda x: x.astype("f"),
    "of a subclass": lambda x: x.view(type("Own", (numpy.ndarray,), {})),
    "strided": lambda x: numpy.stack([x, x], axis=1)[:, 1],
    "one number for all rows": lambda x: numpy.broadcast_to(x[:1], x.shape),
}


@pytest.mark.parametrize("rows", [1, 7, 3000])
@pytest.mark.parametrize("name", LATER)
def test_after_plain_arrays_come_others(name, rows):
    """What of it is read in place and what is not gives the same; no result shares its numbers."""
    program, x, y = compile(price), numpy.arange(1.0, rows + 1.0) / 64.0, numpy.ones(rows)
    for _ in range(3):
        program.rows_value_and_grad(x, y)
    later = LATER[name](x)
    expected = compile(price).rows_value_and_grad(later.tolist(), y.tolist())
    found, again = (program.rows_value_and_grad(later, y) for _ in range(2))
    assert listed(found) == listed(again) == listed(expected)
    found[0][:] = 0.0
    assert listed(found[1]) == listed(again[1]) == listed(expected[1])
    with pytest.raises(ValueError, match="rows"):
        program.rows_value_and_grad(later, numpy.ones(rows + 1))


def test_columns_come_back_as_the_kind_that_came():
    program = compile(lambda x, y: {"sum": x + y, "both": (x, [y, x])})
    assert program.rows([1.0], [2.0]) == {"sum": [3.0], "both": ([1.0], [[2.0, 1.0]])}
    one, two = array("d", [1.0]), array("d", [2.0])
    expected = {"sum": array("d", [3.0]), "both": (one, [[2.0, 1.0]])}
    assert program.rows(one, two) == expected == program.rows(one, [2.0])
    for _ in range(2):
        found = program.rows(column(1.0), two)
        assert type(found["sum"]) is type(found["both"][1]) is numpy.ndarray
        assert found["both"][1].shape == (1, 2)
        assert found["both"][1].flags.c_contiguous


def test_rows_of_arrays_and_uniform_arguments():
    program = compile(
        lambda x, w, c, s: sum(a * b for a, b in zip(x, w, strict=True)) + c * s[0][1],
        uniform=["w", "c", "s"],
    )
    x = TABLE[:, :3]
    for w in ([1.0, 2.0, 3.0], column(1.0, 2.0, 3.0), array("d", [1.0, 2.0, 3.0])):
        args = x, w, 0.5, numpy.array([[1.0, 4.0]])
        value, gradient = program.rows_value_and_grad(*args)
        again, same = program.rows_value_and_grad(*args)
        assert value.tolist() == again.tolist() == (x @ [1.0, 2.0, 3.0] + 2.0).tolist()
        assert gradient.tolist() == same.tolist() == [[1.0, 2.0, 3.0]] * 5
        first = program.rows_value_and_grad(*args, reduce="sum")
        second = program.rows_value_and_grad(*args, reduce="sum")
        assert repr(first) == repr(second)
        assert type(first[1][0]) is (numpy.ndarray if isinstance(w, numpy.ndarray) else list)
    known(program, by="rows")
    known(program, "sum", by="rows")


def test_what_changed_since_is_seen():
    world = {"rate": 2.0}
    w = Value(3.0)
    program = compile(lambda x: w * x * world["rate"])
    x = column(1.0, 2.0)
    for _ in range(2):
        assert program.rows(x).tolist() == [6.0, 12.0]
        assert program.rows_value_and_grad(x, reduce="sum") == (18.0, [6.0])
    w.data = 5.0
    assert program.rows(x).tolist() == [10.0, 20.0]
    world["rate"] = 4.0
    assert program.rows(x).tolist() == [20.0, 40.0]
    world["rate"] = 8.0
    assert program(1.0) == 40.0  # notices it, too
    assert program.rows(x).tolist() == [40.0, 80.0]


@pytest.mark.parametrize("make", [column, lambda *numbers: array("d", numbers)])
def test_what_fails_later_fails_as_it_would_at_first(make):
    program = compile(lambda x: log(x) if x < 100.0 else x)
    good = make(1.0, 2.0)
    for _ in range(2):
        program.rows(good)
    with pytest.raises(ValueError, match="x is NaN in row 1"):
        program.rows(make(1.0, math.nan))
    for _ in range(2):
        program.rows(good)
    with pytest.raises(ValueError, match="row 0: math domain error: in log"):
        program.rows(make(-1.0, 1.0))
    for _ in range(2):
        assert listed(program.rows(good)) == [0.0, math.log(2.0)]
    assert listed(program.rows(make(1.0, 200.0))) == [0.0, 200.0]
    assert listed(program.rows(make(1.0, math.inf))) == [0.0, math.inf]
    with pytest.raises(ValueError, match="no rows"):
        program.rows(make())
    with pytest.raises(ValueError, match="threads is a number"):
        program.rows(good, threads=0)
    double = compile(lambda x, y: x * y)
    for _ in range(2):
        double.rows(good, good)
    with pytest.raises(ValueError, match="y has 1 rows, but x has 2"):
        double.rows(good, make(1.0))
    with pytest.raises(TypeError, match="takes 2 arguments, got 1"):
        double.rows(good)
    assert listed(double.rows(good, [3, 4])) == [3.0, 8.0]
    assert listed(double.rows(numpy.array([1, 2]), good)) == [1.0, 4.0]
    w = compile(lambda x, w: x * w, uniform="w")
    for _ in range(2):
        w.rows(good, 2.0)
    with pytest.raises(ValueError, match="w is NaN"):
        w.rows(good, math.nan)


def test_kept_numbers_that_are_not_finite():
    program = compile(lambda x: 1.0 / x)
    program.rows(column(1.0), not_finite="keep")
    found = program.rows(column(0.0, math.nan, 2.0), not_finite="keep")
    assert str(found.tolist()) == "[inf, nan, 0.5]"


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 1025, 3000, 60_000])
def test_as_many_threads_as_pay_give_the_bits_of_one(rows):
    program = compile(lambda x, y: sin(exp(sin(x)) * exp(sin(y))) * sin(x - y))
    x = numpy.linspace(-2.0, 2.0, rows)
    for reduce in (None, "mean"):
        alone = program.rows(x, x[::-1], reduce=reduce, threads=1)
        for _ in range(3):
            assert numpy.array_equal(alone, program.rows(x, x[::-1], reduce=reduce))


# --- Derivatives by what is the same for all rows, row by row -------------------------------------


@pytest.mark.parametrize("make", [list, column, lambda numbers: array("d", numbers)])
def test_jacobian_by_uniform_arguments(make):
    def curve(x, a, b):
        return a * exp(-b[0] * x) + b[1]

    program = compile(curve, uniform=["a", "b"])
    xs = [0.0, 0.5, 1.0, 2.0]
    x = numpy.array(xs) if make is column else make(xs)
    for _ in range(2):
        value, (by_a, by_b) = program.rows_value_and_grad(x, 2.0, [1.5, 0.25], by="uniform")
        expected = [math.exp(-1.5 * t) for t in xs]
        assert listed(value) == pytest.approx([2.0 * e + 0.25 for e in expected], rel=1e-14)
        assert listed(by_a) == pytest.approx(expected, rel=1e-14)
        rows = [[-2.0 * t * e, 1.0] for t, e in zip(xs, expected, strict=True)]
        assert numpy.allclose(listed(by_b), rows, rtol=1e-14, atol=0.0)
        assert type(by_a) is type(x)


def test_jacobian_where_branches_differ_and_where_eager_code_decides():
    program = compile(lambda x, a: a * x if x > 0 else a**2 * abs(x) ** 0.5, uniform="a")
    value, by_a = program.rows_value_and_grad(column(2.0, -4.0, 3.0), 3.0, by="uniform")
    assert (value.tolist(), by_a.tolist()) == ([6.0, 18.0, 9.0], [2.0, 12.0, 3.0])
    infinite = compile(lambda x, a: a * x, uniform="a")
    value, by_a = infinite.rows_value_and_grad(column(1.0, math.inf), 2.0, by="uniform")
    assert (value.tolist(), by_a.tolist()) == ([2.0, math.inf], [1.0, math.inf])


def test_jacobian_by_nothing_is_refused():
    with pytest.raises(TypeError, match="no argument that is the same for all rows"):
        compile(lambda x: x * x).rows_value_and_grad([1.0], by="uniform")
    with pytest.raises(ValueError, match="by is 'rows' or 'uniform', not 'x'"):
        compile(lambda x: x * x).rows_value_and_grad([1.0], by="x")


def test_curve_fit_takes_the_jacobian():
    optimize = pytest.importorskip("scipy.optimize")
    curve = compile(lambda x, a, b, c: a * exp(-b * x) + c, uniform=["a", "b", "c"])

    def jacobian(x, *parameters):
        _, columns = curve.rows_value_and_grad(x, *parameters, by="uniform")
        return numpy.column_stack(columns)

    x = numpy.linspace(0.0, 4.0, 50)
    measured = 2.5 * numpy.exp(-1.3 * x) + 0.5 + 1e-3 * numpy.sin(40.0 * x)
    fitted, covariance = optimize.curve_fit(
        curve.rows, x, measured, p0=[1.0, 1.0, 0.0], jac=jacobian
    )
    numeric, expected = optimize.curve_fit(
        lambda x, a, b, c: a * numpy.exp(-b * x) + c, x, measured, p0=[1.0, 1.0, 0.0]
    )
    assert fitted == pytest.approx(numeric, rel=1e-6)
    assert numpy.allclose(covariance, expected, rtol=1e-4)
