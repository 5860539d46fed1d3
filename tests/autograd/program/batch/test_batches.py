"""Programs on batches, held against eager code row by row, on every way to run them."""

from __future__ import annotations

import math
import sys
import threading
from array import array
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

import autograd
from autograd import Value, gradients
from autograd.machine import native_machine
from autograd.program import SGD
from autograd.program.batch.calls import batch_for_training, gradient_of_rows
from autograd.program.columns.reading import columns_of
from autograd.program.compiling import compile
from autograd.program.run.array_rows import ArrayRows
from autograd.program.run.plain_rows import PlainRows
from autograd.program.run.row_runner import NativeRows
from autograd.structure import flatten

numpy = pytest.importorskip("numpy")


@pytest.fixture(params=["plain", "numpy", "native"])
def kind(request, monkeypatch):
    """Run batches in one of the three ways."""
    module = native_machine()
    if request.param == "native" and module is None:
        pytest.skip("the native machine is not built")
    made = {
        "plain": PlainRows,
        "numpy": lambda code: ArrayRows(code, numpy),
        "native": lambda code: NativeRows(module, code),
    }
    monkeypatch.setattr("autograd.program.variants.variant.rows_of", made[request.param])
    return request.param


def numbers(tree):
    """All numbers of a result, whatever holds them."""
    if isinstance(tree, Value):
        return [tree.data]
    if isinstance(tree, dict):
        return [x for part in tree.values() for x in numbers(part)]
    if hasattr(tree, "tolist"):
        return numbers(tree.tolist())
    if isinstance(tree, (list, tuple)):
        return [x for part in tree for x in numbers(part)]
    return [float(tree)]


def near(found, expected, rel_tol=1e-13):
    found, expected = numbers(found), numbers(expected)
    assert len(found) == len(expected)
    for x, y in zip(found, expected, strict=True):
        assert math.isclose(x, y, rel_tol=rel_tol, abs_tol=1e-15), (x, y)
    return True


def transposed(rows):
    return [list(column) for column in zip(*rows, strict=True)]


WEIGHT = Value(0.75, "weight")
XS = [0.3 * k - 4.1 for k in range(150)]
YS = [math.sin(k) + 1.5 for k in range(150)]
PAIRS = [[x, y] for x, y in zip(XS, YS, strict=True)]


def smooth(x, y):
    return x * autograd.tanh(y) + x**2 / (1.0 + y * y)


def branching(x, y):
    if x > 1.0:
        return x * y
    if y < 1.0:
        return autograd.exp(x) - y
    return autograd.sqrt(y)


def with_captured(x, y):
    return (WEIGHT * x - y) ** 2


def of_list(p, y):
    return p[0] * p[1] - autograd.sin(y)


def unused(x, y):
    return y * 2.0 if False else autograd.cos(x)


SINGLE = {
    "smooth": (smooth, (XS, YS)),
    "branching": (branching, (XS, YS)),
    "captured": (with_captured, (XS, YS)),
    "list": (of_list, (PAIRS, YS)),
    "one of two is not used": (unused, (XS, YS)),
    "no input is used": (lambda x, y: 3.0 * WEIGHT, (XS, YS)),
    "constant": (lambda x, y: 2.5, (XS, YS)),
    "an input itself": (lambda x, y: y, (XS, YS)),
    "per-row python": (lambda x, y: autograd.lgamma(y + 5.0) + autograd.erf(x), (XS, YS)),
}


@pytest.fixture(params=SINGLE)
def single(request):
    """A function of two arguments, and 150 rows of them."""
    return SINGLE[request.param]


def eager(f, *args):
    """One row in eager code: the value, and the derivatives by all numbers of the arguments."""
    numbers, structure = flatten(args, "args")
    given = [Value(x) for x in numbers]
    out = f(*structure.build(given))
    if not isinstance(out, Value):
        return float(out), [0.0] * len(given)
    return out.data, [float(getattr(d, "data", d)) for d in gradients(out, given)]


def test_values_are_those_of_eager_code(kind, single):
    f, columns = single
    expected = [eager(f, *row)[0] for row in zip(*columns, strict=True)]
    found = compile(f).rows(*columns)
    assert type(found) is list
    assert type(found[0]) is float
    near(found, expected)


def test_derivatives_by_the_inputs_are_those_of_eager_code(kind, single):
    f, columns = single
    rows = [eager(f, *row) for row in zip(*columns, strict=True)]
    value, (by_first, by_second) = compile(f).rows_value_and_grad(*columns)
    near(value, [value for value, _ in rows])
    near(by_first, [d[:-1] for _, d in rows])
    near(by_second, [d[-1] for _, d in rows])
    assert type(by_first[0]) is type(columns[0][0])


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_reduced_values(kind, single, reduce):
    f, columns = single
    total = math.fsum([eager(f, *row)[0] for row in zip(*columns, strict=True)])
    found = compile(f).rows(*columns, reduce=reduce)
    assert type(found) is float
    near(found, total / (len(YS) if reduce == "mean" else 1))


def test_arrays_give_arrays(kind, single):
    f, columns = single
    program = compile(f)
    arrays = [numpy.array(column) for column in columns]
    found = program.rows(*arrays)
    assert type(found) is numpy.ndarray
    assert found.shape == (150,)
    assert found.tolist() == program.rows(*columns)
    value, (by_first, by_second) = program.rows_value_and_grad(arrays[0], columns[1])
    assert value.shape == by_second.shape == (150,)
    assert by_first.shape == arrays[0].shape
    assert [value.tolist(), [by_first.tolist(), by_second.tolist()]] == [
        program.rows_value_and_grad(*columns)[0],
        list(program.rows_value_and_grad(*columns)[1]),
    ]


def line(x, w):
    return (w[0] * x + w[1] - autograd.abs(x)) ** 2


@pytest.mark.parametrize("reduce", ["sum", "mean"])
@pytest.mark.parametrize("given", [list, tuple, numpy.array])
def test_gradient_by_a_uniform_argument(kind, reduce, given):
    program = compile(line, uniform=1)
    value, gradient = program.rows_value_and_grad(XS, given([0.3, -0.7]), reduce=reduce)
    rows = [eager(line, x, [0.3, -0.7]) for x in XS]
    scale = 1 / len(XS) if reduce == "mean" else 1.0
    assert type(gradient) is type(given([0.0]))
    near(value, scale * math.fsum([value for value, _ in rows]))
    near(gradient, [scale * math.fsum([d[k] for _, d in rows]) for k in (1, 2)])


def test_gradient_by_several_uniform_arguments_of_any_structure(kind):
    def f(w, x, b):
        return autograd.dot(w["a"][0], x) * w["c"] + b

    w, b = {"a": [[0.5, -1.5]], "c": 2.0}, 0.25
    value, (by_w, by_b) = compile(f, uniform=(0, 2)).rows_value_and_grad(w, PAIRS, b, reduce="sum")
    assert list(by_w) == ["a", "c"]
    assert type(by_b) is float
    rows = [eager(f, w, x, b) for x in PAIRS]
    columns = transposed([d for _, d in rows])
    near(value, math.fsum([value for value, _ in rows]))
    near((by_w, by_b), [math.fsum(columns[k]) for k in (0, 1, 2, 5)])


def test_gradient_by_values_from_outside_which_may_be_edited(kind):
    w = [Value(0.5), Value(-1.0)]
    program = compile(lambda x, y: (w[0] * x + w[1] - y) ** 2)
    for _ in range(3):
        value, gradient = program.rows_value_and_grad(XS, YS, reduce="mean")
        rows = [(w[0] * x + w[1] - y) ** 2 for x, y in PAIRS]
        loss = autograd.mean(rows)
        near(value, loss)
        near(gradient, gradients(loss, program.parameters))
        for p, derivative in zip(program.parameters, gradient, strict=True):
            p.data -= 0.01 * derivative


def test_gradient_by_both_is_a_pair(kind):
    w = Value(2.0)
    program = compile(lambda x, b: w * x * x + b, uniform=1)
    value, (by_b, captured) = program.rows_value_and_grad([1.0, 2.0], 0.5, reduce="sum")
    assert (value, by_b, captured) == (11.0, 2.0, [5.0])


def test_backward_adds_to_the_gradients(kind):
    w = Value(2.0)
    w.grad = 100.0
    program = compile(lambda x: w * x)
    assert program.rows_backward([1.0, 2.0, 6.0]) == 6.0
    assert w.grad == 103.0
    assert program.rows_backward([1.0, 2.0, 6.0], reduce="sum") == 18.0
    assert w.grad == 112.0


def test_branches_that_use_different_values(kind):
    u, v = Value(2.0, "u"), Value(3.0, "v")
    program = compile(lambda x: u * x if x > 0 else v * x * x)
    xs = [1.0, -2.0, 3.0, -1.0]
    value, gradient = program.rows_value_and_grad(xs, reduce="mean")
    assert value == (2.0 + 12.0 + 6.0 + 3.0) / 4
    assert dict(zip(program.parameters, gradient, strict=True)) == {u: 1.0, v: 1.25}
    assert program.rows_backward(xs, reduce="sum") == 23.0
    assert (u.grad, v.grad) == (4.0, 5.0)


def test_branches_add_up_with_uniform_results(kind):
    program = compile(lambda x, w: 5.0 * w if x > 0 else x * w, uniform=1)
    value, gradient = program.rows_value_and_grad([1.0, -2.0, 3.0], 2.0, reduce="mean")
    near((value, gradient), (16.0 / 3, 8.0 / 3))


# Alike for all rows, as programs see it; but what they are made of is not.
ALIKE_IN_EVERY_ROW = {
    "chosen": lambda x, w: autograd.where(x, w, w),
    "chosen from equals": lambda x, w: autograd.where(x, 2.0 * w, w * 2.0),
    "used again": lambda x, w: autograd.where(x, w, w) * w,
    "beside what varies": lambda x, w: autograd.where(x, w, w) * x + w,
    "inside": lambda x, w: autograd.sin(autograd.where(x, w * w, w * w)) + x**0.0 * w,
    "twice": lambda x, w: autograd.where(x, autograd.where(x - 1.0, w, w), w),
}


@pytest.mark.parametrize("name", ALIKE_IN_EVERY_ROW)
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_results_that_are_alike_of_rows_that_are_not(kind, name, reduce):
    f = ALIKE_IN_EVERY_ROW[name]
    xs, w = [1.0, 0.0, -2.0, 0.0, 3.0], Value(0.75)
    total = getattr(autograd, reduce)([f(x, w) for x in xs])
    (derivative,) = gradients(total, [w])
    program = compile(f, uniform=1)
    near(program.rows_value_and_grad(xs, 0.75, reduce=reduce), [total, derivative])
    captured = compile(lambda x: f(x, w))
    near(captured.rows_backward(xs, reduce=reduce), total)
    near(w.grad, derivative)


def test_a_branch_that_only_the_last_rows_take_is_recorded_once(kind):
    program = compile(lambda x: x * 2.0 if x < 90.0 else x * 3.0)
    xs = [float(k) for k in range(100)]
    assert program.rows(xs) == [x * (2.0 if x < 90 else 3.0) for x in xs]
    assert len(program.variants) == 2
    assert program.rows(xs, reduce="sum") == sum(program.rows(xs))
    assert len(program.variants) == 2


def test_a_branch_on_a_uniform_argument(kind):
    program = compile(lambda x, w: x * w if w > 0 else -x, uniform=1)
    assert program.rows([1.0, 2.0], 3.0) == [3.0, 6.0]
    assert program.rows([1.0, 2.0], -3.0) == [-1.0, -2.0]


def test_a_branch_that_rounding_decides_is_left_to_eager_code(kind):
    def f(x):
        return x if autograd.exp(x).detach() > 1e300 else x * 2.0  # the number itself is frozen

    with pytest.warns(RuntimeWarning, match="different ways"):
        found = compile(f).rows([0.1 * k for k in range(40)])
    near(found, [0.2 * k for k in range(40)])


def test_a_batch_that_takes_too_many_ways_is_left_to_eager_code(kind):
    w = Value(2.0)
    others = [Value(float(k)) for k in range(100)]

    def f(x, b):
        return w * x * others[int(x.detach().data)] * b

    program = compile(f, uniform=1)
    xs = [float(k) for k in range(60)]
    with pytest.warns(RuntimeWarning, match="different ways"):
        assert program.rows(xs, 0.5) == [x * x for x in xs]
    assert len(program.variants) == 16
    value, (by_b, captured) = program.rows_value_and_grad(xs, 0.5, reduce="sum")
    near(value, sum([x * x for x in xs]))
    near(by_b, 2.0 * value)
    near(captured[program.parameters.index(w)], value / 2.0)
    assert program.rows_backward(xs, 0.5, reduce="sum") == value
    assert [other.grad for other in others[:60]] == xs


def test_a_compiled_graph_names_the_row_whose_branch_is_frozen(kind):
    f = compile(lambda x: x if x > 3.0 else -x)
    f.rows([4.0, 5.0])
    frozen = type(f)(None, "frozen", f._recorder.arguments, (), f.variants)
    with pytest.raises(ValueError, match=r"^row 2: frozen was compiled without its function"):
        frozen.rows([4.0, 5.0, 1.0])


def test_a_graph_takes_rows_of_lists_or_tuples_or_arrays(kind):
    x, y = Value(1.0), Value(2.0)
    program = compile(x * y + y, inputs=[(x, y)])
    assert program.rows([[1.0, 2.0], [3.0, 4.0]]) == [4.0, 16.0]
    assert program.rows(numpy.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [4.0, 16.0]
    with pytest.raises(ValueError, match="compiled for other arguments"):
        program.rows([1.0, 2.0])


def test_some_rows_of_a_batch(kind):
    w, other = Value(2.0), Value(1.0)
    program = compile(lambda x, y: (w * x - y) ** 2 if x < 4.0 else other * x * autograd.log(y))
    xs, ys = [1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 1.0, 1.0, 1.0, 0.0]
    batch, variant = batch_for_training(program._recorder, program._given((xs, ys), {}))
    assert (batch.rows, variant.captured) == (5, [w])
    value, gradient = gradient_of_rows(program._recorder, batch, [2, 0], True, [w, other])
    assert (value, list(gradient)) == ((25.0 + 1.0) / 2, [(30.0 + 2.0) / 2, 0.0])
    value, gradient = gradient_of_rows(
        program._recorder, program._given((xs, ys), {}), [3, 1], False, [other, w]
    )
    assert (value, list(gradient)) == (9.0, [0.0, 12.0])
    with pytest.raises(ValueError, match=r"^row 4: "):
        gradient_of_rows(program._recorder, batch, [4, 2], True, [w])
    with pytest.raises(TypeError, match="a gradient needs one number"):
        compile(lambda x: [x]).trainer([1.0], optimizer=SGD(lr=0.1))
    with pytest.raises(ValueError, match=r"^row 0: "):
        compile(lambda x: autograd.log(x)).trainer([0.0], optimizer=SGD(lr=0.1))


# --- Structures -----------------------------------------------------------------------------------


class Greeks(NamedTuple):
    delta: Any
    gamma: Any


def test_results_keep_their_structure(kind):
    def f(x):
        return {"n": x * 2.0, "l": [x, x + 1.0], "t": (x, 1.0), "g": Greeks(x, [[x], [2.0 * x]])}

    found = compile(f).rows([1.0, 2.0, 3.0])
    assert found == {
        "n": [2.0, 4.0, 6.0],
        "l": [[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]],
        "t": ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        "g": Greeks([1.0, 2.0, 3.0], [[[1.0], [2.0]], [[2.0], [4.0]], [[3.0], [6.0]]]),
    }
    assert type(found["g"]) is Greeks
    arrays = compile(f).rows(numpy.array([1.0, 2.0, 3.0]))
    assert arrays["l"].shape == (3, 2)
    assert arrays["g"].gamma.shape == (3, 2, 1)
    assert arrays["t"][1].tolist() == [1.0, 1.0, 1.0]
    reduced = compile(f).rows([1.0, 2.0, 3.0], reduce="sum")
    assert reduced == {
        "n": 12.0,
        "l": [6.0, 9.0],
        "t": (6.0, 3.0),
        "g": Greeks(6.0, [[6.0], [12.0]]),
    }
    assert compile(lambda x: [x, 1.0]).rows(numpy.ones(4), reduce="mean").tolist() == [1.0, 1.0]


def test_a_result_of_one_list_is_rows(kind):
    assert compile(lambda x: [x, 2.0 * x]).rows([1.0, 2.0]) == [[1.0, 2.0], [2.0, 4.0]]
    assert compile(lambda x: [[x, 1.0]]).rows([1.0, 2.0]) == [[[1.0, 1.0]], [[2.0, 1.0]]]


def test_dicts_of_columns(kind):
    def f(p, y):
        return p["a"] * p["b"][1] + y

    p = {"a": [1.0, 2.0], "b": [[3.0, 4.0], [5.0, 6.0]]}
    assert compile(f).rows(p, 10.0) == [14.0, 22.0]
    _, (by_p, by_y) = compile(f).rows_value_and_grad(p, 10.0)
    assert by_p == {"a": [4.0, 6.0], "b": [[0.0, 1.0], [0.0, 2.0]]}
    assert by_y == [1.0, 1.0]
    arrays = {"a": numpy.array(p["a"]), "b": numpy.array(p["b"])}
    assert compile(f).rows(arrays, numpy.zeros(2)).tolist() == [4.0, 12.0]
    records = [{"a": 1.0, "b": (3.0, 4.0)}, {"a": 2.0, "b": (5.0, 6.0)}]
    assert compile(f).rows(records, [0, 1]) == [4.0, 13.0]


def test_nested_rows(kind):
    def f(m):
        return m[0][2] * m[1][0]

    rows = [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]
    assert compile(f).rows(rows) == [12.0, 90.0]
    cube = numpy.array(rows, dtype=numpy.int16)
    assert compile(f).rows(cube).tolist() == [12.0, 90.0]
    buffer = memoryview(numpy.array(rows, dtype=float))
    assert compile(f).rows(buffer) == array("d", [12.0, 90.0])
    assert compile(f).rows_value_and_grad(rows)[1][0] == [[0.0, 0.0, 4.0], [3.0, 0.0, 0.0]]
    many = numpy.arange(6 * 40.0).reshape(40, 2, 3)
    expected = many[:, 0, 2] * many[:, 1, 0]
    for view in (
        many,
        many[::-2],
        numpy.asfortranarray(many),
        many.transpose(0, 2, 1).copy().transpose(0, 2, 1),
    ):
        found = compile(f).rows(view).tolist()
        assert found == (view[:, 0, 2] * view[:, 1, 0]).tolist()
    assert len(expected) == 40


# --- What a column may be -------------------------------------------------------------------------

COLUMNS = {
    "list": [1.0, 2.0, 3.0, 4.0],
    "ints": [1, 2, 3, 4],
    "mixed": [True, Fraction(2), Decimal(3), numpy.float32(4)],
    "tuple": (1.0, 2.0, 3.0, 4.0),
    "range": range(1, 5),
    **{code: array(code, [1, 2, 3, 4]) for code in "bBhHiIlLqQfd"},
    "memoryview": memoryview(array("d", [1, 2, 3, 4])),
    "every second": memoryview(array("d", [1, 0, 2, 0, 3, 0, 4]))[::2],
    "memoryview of ints": memoryview(array("i", [1, 2, 3, 4])),
    **{
        kind: numpy.array([1, 2, 3, 4], dtype=kind)
        for kind in ("f2", "f4", "f8", "longdouble", "i1", "u8", "i4")
    },
    "strided": numpy.array([1.0, 0, 2, 0, 3, 0, 4, 0])[::2],
    "backwards": numpy.array([4.0, 3.0, 2.0, 1.0])[::-1],
    "column of a matrix": numpy.array([[9.0, 1], [9, 2], [9, 3], [9, 4]])[:, 1],
    "row of a Fortran matrix": numpy.array([[1.0, 2, 3, 4], [9, 9, 9, 9]], order="F")[0],
    "field": numpy.array([(1.0, 7), (2, 7), (3, 7), (4, 7)], dtype=[("a", "f8"), ("b", "i1")])["a"],
    "unaligned": numpy.frombuffer(b"x" + array("d", [1, 2, 3, 4]).tobytes(), offset=1),
    "read only": numpy.frombuffer(array("d", [1, 2, 3, 4]).tobytes()),
    "arrays of one number": [numpy.array(float(k)) for k in range(1, 5)],
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_every_kind(kind, name):
    found = compile(lambda x, y: x * 10.0 + y).rows(COLUMNS[name], [0.0, 1.0, 2.0, 3.0])
    assert list(found) == [10.0, 21.0, 32.0, 43.0]


def test_strided_views_are_read_in_place():
    big = numpy.zeros((1000, 3))
    big[:] = numpy.arange(3000.0).reshape(1000, 3)
    view = big[::5, 1:]
    found = columns_of(view, "x")
    assert [column[0] is big for column in found.columns] == [True, True]
    assert [column[1:] for column in found.columns] == [(1, 15), (2, 15)]
    assert found.row(7) == view[7].tolist()


def test_large_numbers_and_infinities_are_not_taken_for_nan(kind):
    program = compile(lambda x: x + 1.0)
    big = [1e300, math.inf, -math.inf, 0.0]
    assert program.rows(numpy.array(big)).tolist() == program.rows(big) == [*big[:3], 1.0]
    assert program.rows(numpy.array(big * 3000), reduce="mean").hex() == "nan"


def test_booleans_are_numbers(kind):
    assert compile(lambda x: x + 1.0).rows(numpy.array([True, False])).tolist() == [2.0, 1.0]


def test_rows_of_every_kind(kind):
    expected = [2.0, 12.0, 30.0]
    program = compile(lambda p: p[0] * p[1])
    block = array("d", [1, 2, 3, 4, 5, 6])
    matrix = numpy.array([[1.0, 2], [3, 4], [5, 6]])
    for rows in (
        [[1, 2], [3, 4], [5, 6]],
        [(1, 2), (3, 4), (5, 6)],
        ((1, 2), (3, 4), (5, 6)),
        memoryview(block).cast("B").cast("d", (3, 2)),
        [array("d", [1, 2]), array("d", [3, 4]), array("d", [5, 6])],
        list(matrix),
        matrix,
        matrix.astype("i8"),
        numpy.asfortranarray(matrix),
        matrix[::-1][::-1],
        numpy.ma.asarray(matrix).data,
    ):
        assert numbers(program.rows(rows)) == expected


def test_one_number_stands_for_all_rows(kind):
    program = compile(lambda x, y: x * y)
    assert program.rows([1.0, 2.0, 3.0], 10) == [10.0, 20.0, 30.0]
    assert program.rows(numpy.float64(2.0), numpy.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert program.rows_value_and_grad([1.0, 2.0], 10.0)[1] == ([10.0, 10.0], [1.0, 2.0])


def test_many_columns_in_few_rows(kind):
    program = compile(lambda a, b: autograd.dot(a, b))
    a, b = numpy.arange(40.0).reshape(2, 20), numpy.arange(40.0, 80.0).reshape(2, 20)
    assert program.rows(a, b).tolist() == (a * b).sum(axis=1).tolist()


# --- Bad input ------------------------------------------------------------------------------------

MATRIX = [[1.0, 2.0], [3.0, 4.0]]
NOT_COLUMNS = [
    (([1.0, 2.0], [1.0]), ValueError, r"y has 1 rows, but x has 2"),
    (([], []), ValueError, r"x has no rows"),
    ((numpy.zeros(0), 1.0), ValueError, r"x has no rows"),
    ((array("d"), 1.0), ValueError, r"x has no rows"),
    ((1.0, 2.0), ValueError, r"f got no argument with rows"),
    (([1.0],), TypeError, r"f\(x, y\) takes 2 arguments, got 1"),
    (([1.0, "a"], 1.0), TypeError, r"x\[1\] is 'a'"),
    ((1.0, [1.0, None]), TypeError, r"y\[1\] is None"),
    (([1.0, [2.0]], 1.0), TypeError, r"x\[1\] is \[2.0\]"),
    (("ab", 1.0), TypeError, r"x is 'ab'"),
    ((b"ab", 1.0), TypeError, r"x is bytes"),
    (({1.0, 2.0}, 1.0), TypeError, r"x is \{1.0, 2.0\}"),
    (([1.0, 1j], 1.0), TypeError, r"x\[1\] is 1j"),
    (([1.0, Value(2.0)], 1.0), TypeError, r"x\[1\] is Value.*plain numbers"),
    ((Value(2.0), [1.0]), TypeError, r"x is Value.*plain numbers"),
    (([10**400], 1.0), OverflowError, r"x\[0\]: int too large"),
    (([1.0, math.nan], 1.0), ValueError, r"x is NaN in row 1"),
    ((numpy.array([1.0, 2.0, math.nan]), 1.0), ValueError, r"x is NaN in row 2"),
    ((array("d", [math.nan]), 1.0), ValueError, r"x is NaN in row 0"),
    ((1.0, [*[0.0] * 9000, math.nan]), ValueError, r"y is NaN in row 9000"),
    (([1.0], math.nan), ValueError, r"y is NaN in row 0"),
    ((numpy.array([1j]), 1.0), TypeError, r"x is an array of complex128"),
    ((numpy.array(["a"]), 1.0), TypeError, r"x is an array of <U1"),
    ((numpy.array([None]), 1.0), TypeError, r"x is an array of object"),
    ((numpy.array([1.0], dtype=">f8"), 1.0), TypeError, r"x is an array of >f8.*byte order"),
    ((numpy.array(["2020-01-01"], dtype="M8[D]"), 1.0), TypeError, r"x is an array of datetime64"),
    ((numpy.ma.masked_array([1.0], [True]), 1.0), TypeError, r"x is a masked array"),
    ((memoryview(b"ab").cast("c"), 1.0), TypeError, r"x is memoryview, a buffer of format"),
    (([math.inf, 0.0], "x"), TypeError, r"y is 'x'"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("args", "error", "message"), NOT_COLUMNS)
def test_bad_columns_are_named(args, error, message):
    def f(x, y):
        return x * y

    with pytest.raises(error, match=message):
        compile(f).rows(*args)


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([[1.0, 2.0], [3.0]], ValueError, r"x has rows of different lengths: row 1 has 1, row 0"),
        ([[1.0, 2.0], 3.0], TypeError, r"x\[1\] is 3.0, but x\[0\] is a row of 2"),
        ([[1.0, 2.0], [3.0, "a"]], TypeError, r"x\[1\]\[1\] is 'a'"),
        ([[[1.0], [2.0]], [[1.0], 2.0]], ValueError, r"x\[1\]\[1\] is 2.0, which does not"),
        ([([1.0],), ((1.0,),)], ValueError, r"x\[1\] is a tuple of 1 tuple of 1 number, but x"),
        ([{"a": 1.0}, {"b": 1.0}], ValueError, r"x\[1\] is {'b': 1.0}, which does not"),
        ([[1.0, 2.0], [3.0, math.nan]], ValueError, r"x\[1\] is NaN in row 1"),
        (numpy.array([[1.0, 2.0], [3.0, math.nan]]), ValueError, r"x\[1\] is NaN in row 1"),
        ({"a": [1.0, 2.0], "b": [1.0]}, ValueError, r"x\['b'\] has 1 rows, but x\['a'\] has 2"),
        ({"a": [1.0, math.nan]}, ValueError, r"x\['a'\] is NaN in row 1"),
        ({"a": [1.0, "b"]}, TypeError, r"x\['a'\]\[1\] is 'b'"),
    ],
)
def test_bad_rows_are_named(rows, error, message):
    with pytest.raises(error, match=message):
        compile(lambda x: 1.0).rows(rows)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([1.0, math.nan], ValueError, r"w\[1\] is NaN"),
        (numpy.array([1.0, math.nan]), ValueError, r"w\[1\] is NaN"),
        ([1.0, Value(2.0)], TypeError, r"w\[1\] is Value.*plain numbers"),
        ([1.0, "a"], TypeError, r"'a'"),
        (numpy.array(["a"]), TypeError, r"w is an array of <U1"),
    ],
)
def test_bad_uniform_arguments_are_named(weights, error, message):
    with pytest.raises(error, match=message):
        compile(lambda x, w: x * w[0] * w[1], uniform=1).rows([1.0, 2.0], weights)


def test_bad_options():
    program = compile(lambda x: x)
    for options, message in [
        ({"reduce": "max"}, "reduce is None, 'sum' or 'mean', not 'max'"),
        ({"not_finite": "ignore"}, "not_finite is 'raise' or 'keep'"),
        ({"threads": 0}, "threads is a number of threads"),
    ]:
        with pytest.raises(ValueError, match=message):
            program.rows([1.0], **options)
    with pytest.raises(TypeError, match="nothing that is the same for all rows"):
        program.rows_value_and_grad([1.0], reduce="sum")
    with pytest.raises(TypeError, match="a gradient needs one number"):
        compile(lambda x: [x, x]).rows_value_and_grad([1.0])
    with pytest.raises(ValueError, match="reduce is 'sum' or 'mean'"):
        program.rows_backward([1.0], reduce=None)


def test_branches_with_results_of_different_structure():
    with pytest.raises(TypeError, match="different structure"):
        compile(lambda x: x if x > 0 else [x]).rows([1.0, -1.0])


# --- Overflow and domains -------------------------------------------------------------------------


def test_the_first_bad_row_raises_what_eager_code_raises(kind):
    program = compile(lambda x: autograd.log(x) * 2.0)
    xs = [1.0 + k for k in range(500)]
    xs[307] = xs[411] = 0.0
    for reduce in (None, "sum"):
        with pytest.raises(ValueError, match=r"^row 307: math domain error"):
            program.rows(xs, reduce=reduce)
    found = program.rows(xs, not_finite="keep")
    assert found[306:308] == [2 * math.log(307.0), -math.inf]
    assert program.rows(xs, reduce="sum", not_finite="keep") == -math.inf


@pytest.mark.parametrize(
    ("f", "x", "error"),
    [
        (lambda x: 1.0 / x, 0.0, ZeroDivisionError),
        (lambda x: autograd.exp(x), 1000.0, OverflowError),
        (lambda x: x**0.5, -1.0, ValueError),
        (lambda x: x**-3.0, 0.0, ZeroDivisionError),
        (lambda x: autograd.acosh(x + 1.0), -0.5, ValueError),
        (lambda x: 1.0 / (1.0 + autograd.exp(x)), 1000.0, OverflowError),
        (lambda x: x**8, 1e200, OverflowError),
    ],
)
def test_errors_keep_their_type(kind, f, x, error):
    with pytest.raises(error, match=r"^row 1: "):
        compile(f).rows([1.0, x, 2.0])
    assert len(compile(f).rows([1.0, x, 2.0], not_finite="keep")) == 3


def test_errors_of_derivatives(kind):
    program = compile(lambda x: autograd.sqrt(x))
    assert program.rows([4.0, 0.0]) == [2.0, 0.0]
    with pytest.raises(ArithmeticError, match=r"^row 1: "):
        program.rows_value_and_grad([4.0, 0.0])
    _, gradient = program.rows_value_and_grad([4.0, 0.0], not_finite="keep")
    assert gradient == [0.25, math.inf]


def test_what_floats_do_without_an_error_is_kept(kind):
    program = compile(lambda x, w: x * 1e300 * w, uniform=1)
    assert program.rows([1.0, 1e10, -1e10], 1.0) == [1e300, math.inf, -math.inf]
    assert program.rows([1.0, 1e10], 1.0, reduce="sum") == math.inf
    assert compile(lambda x: x + 1.0).rows([math.inf, 1.0]) == [math.inf, 2.0]
    assert compile(lambda x: x**-2.0).rows([1.0, 1e160, 2.0])[1] == 1e160**-2.0


def test_an_overflow_of_the_sum_is_no_rows_fault(kind):
    assert compile(lambda x: x).rows([1.7e308, 1.7e308, -1e308], reduce="sum") == math.inf


def test_rows_of_another_branch_do_not_count_as_bad(kind):
    program = compile(lambda x: autograd.log(x) if x > 0.0 else x)
    assert program.rows([1.0, 0.0, -1.0, 1.0]) == [0.0, 0.0, -1.0, 0.0]
    assert program.rows([1.0, 0.0, -1.0, 1.0], reduce="sum") == -1.0


def test_the_first_bad_row_counts_whatever_its_branch(kind):
    def f(x):
        return autograd.log(x) if x >= 0.0 else 1.0 / (x + 1.0)

    with pytest.raises(ZeroDivisionError, match=r"^row 2: "):
        compile(f).rows([1.0, 1.0, -1.0, 0.0])
    program = compile(f)
    program.rows([1.0, -2.0])
    with pytest.raises(ValueError, match=r"^row 1: "):
        program.rows([1.0, 0.0, -1.0, 0.0])


def test_nothing_is_added_when_a_row_fails(kind):
    w = Value(1.0)
    program = compile(lambda x: w * autograd.log(x))
    program.rows([1.0])
    with pytest.raises(ValueError, match="row 1"):
        program.rows_backward([1.0, 0.0])
    assert w.grad == 0.0


def test_keep_records_on_a_row_that_can_be_recorded(kind):
    found = compile(lambda x: autograd.log(x)).rows([0.0, -1.0, 1.0], not_finite="keep")
    assert [str(x) for x in found] == ["-inf", "nan", "0.0"]
    with pytest.raises(ValueError, match=r"^row 0: "):
        compile(lambda x: autograd.log(x)).rows([0.0, -1.0], not_finite="keep")


def test_keep_lets_nan_through(kind):
    found = compile(lambda x: x * 2.0).rows([1.0, math.nan], not_finite="keep")
    assert [str(x) for x in found] == ["2.0", "nan"]


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__(one, two)


def test_errors_of_the_users_own_keep_their_type_too():
    def f(x):
        if x > 2.0:
            raise OddError(1, 2)
        return x

    with pytest.raises(OddError) as caught:
        compile(f).rows([1.0, 3.0])
    if sys.version_info >= (3, 11):
        assert caught.value.__notes__ == ["in row 1 of the batch"]


# --- Threads --------------------------------------------------------------------------------------


def test_results_do_not_depend_on_the_number_of_threads(kind):
    w = Value(0.3)
    program = compile(lambda x, y: autograd.tanh(w * x) * y)
    xs = [math.sin(k) for k in range(5000)]
    ys = [math.cos(k) for k in range(5000)]
    found = [program.rows_value_and_grad(xs, ys, reduce="mean", threads=n) for n in (1, 2, 3)]
    assert found[0] == found[1] == found[2]


def test_a_program_may_be_called_from_several_threads(kind):
    program = compile(lambda x, w: x * w, uniform=1)
    program.rows([1.0], 1.0)
    xs = array("d", range(3000))
    wrong = []

    def work(w):
        for _ in range(20):
            if program.rows(xs, w, reduce="sum") != sum(xs) * w:
                wrong.append(w)

    threads = [threading.Thread(target=work, args=(float(w),)) for w in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_lists_need_no_numpy(kind, single, monkeypatch):
    if kind == "numpy":
        pytest.skip("this is what runs with NumPy")
    f, columns = single
    expected = compile(f).rows_value_and_grad(*columns)
    total = compile(f).rows(*columns, reduce="mean")
    monkeypatch.delitem(sys.modules, "numpy")
    near(compile(f).rows_value_and_grad(*columns), expected)
    near(compile(f).rows(*columns, reduce="mean"), total)
    with pytest.raises(ValueError, match=r"^row 90: "):
        compile(lambda x: autograd.log(x)).rows([*[1.0] * 90, 0.0])
    with pytest.raises(ValueError, match="y is NaN in row 1"):
        compile(f).rows(columns[0][:2], [1.0, math.nan])
    assert "numpy" not in sys.modules
