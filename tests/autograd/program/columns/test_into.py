"""Results of rows in buffers of the caller's."""

from __future__ import annotations

from array import array

import pytest

from autograd import sparse_jacobian
from autograd.program.compiling import compile

numpy = pytest.importorskip("numpy")


def twice(x, y):
    return {"product": x * y, "rest": [x + y, x - y]}


X, Y = numpy.array([1.0, 2.0, 3.0]), numpy.array([4.0, 5.0, 6.0])
PRODUCT, REST = [4.0, 10.0, 18.0], [[5.0, -3.0], [7.0, -3.0], [9.0, -3.0]]


@pytest.mark.parametrize("given", [(X, Y), (X.tolist(), Y.tolist()), (array("d", X), Y)])
def test_results_are_written_and_the_buffers_returned(given):
    program = compile(twice)
    table = numpy.zeros((3, 9))
    outs = [
        {"product": numpy.empty(3), "rest": numpy.empty((3, 2))},
        {"product": array("d", bytes(24)), "rest": numpy.empty((3, 2), order="F")},
        {"product": table[:, 3], "rest": table[:, 4:8:2]},
        {"product": numpy.empty(6)[::-2], "rest": memoryview(numpy.empty((3, 2)))},
    ]
    for out in outs + outs:
        assert program.rows(*given, out=out) is out
        assert list(out["product"]) == PRODUCT
        assert numpy.asarray(out["rest"]).tolist() == REST
    assert not table[:, [0, 1, 2, 5, 7, 8]].any()


def test_values_and_derivatives_are_written():
    program = compile(lambda x, y: x * y)
    for _ in range(3):
        out = numpy.empty(3), (numpy.empty(3), numpy.empty(3))
        assert program.rows_value_and_grad(X, Y, out=out) is out
        assert [out[0].tolist(), out[1][0].tolist(), out[1][1].tolist()] == [
            PRODUCT, Y.tolist(), X.tolist(),
        ]  # fmt: skip
    jacobian = compile(lambda x, a: x * a[0] + a[1], uniform="a")
    for _ in range(2):
        block = numpy.empty((3, 2))
        jacobian.rows_value_and_grad(X, [2.0, 1.0], by="uniform", out=(numpy.empty(3), block))
        assert block.tolist() == [[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]]


def test_results_may_replace_what_they_are_made_of():
    program = compile(lambda x: 10.0 * x)
    for _ in range(3):
        x = numpy.arange(100.0)
        program.rows(x, out=x)
        assert x.tolist() == [10.0 * i for i in range(100)]
        program.rows(x[:-1], out=x[1:])
        assert x.tolist() == [0.0] + [100.0 * i for i in range(99)]


@pytest.mark.parametrize("calls", [0, 2])
def test_what_takes_no_results_is_refused(calls):
    read_only = numpy.empty(3)
    read_only.flags.writeable = False
    program, pair = compile(lambda x: x * 2.0), compile(lambda x: (x, x))
    for _ in range(calls):
        program.rows(X)
        pair.rows(X)
    refused = [
        (read_only, ValueError, "out is read-only"),
        (bytes(24), TypeError, "out holds items of format 'B', not doubles"),
        (numpy.empty(3, dtype=numpy.float32), TypeError, "out holds items of format 'f'"),
        (numpy.empty(4), ValueError, r"out has shape \(4,\), the results \(3,\)"),
        (numpy.empty((3, 1)), ValueError, r"out has shape \(3, 1\), the results \(3,\)"),
        ([0.0] * 3, TypeError, "out is list; results are written into buffers of doubles"),
    ]
    for out, error, message in refused:
        with pytest.raises(error, match=message):
            program.rows(X, out=out)
    for out, message in [(X, "the results are a tuple of 2"), ((X,), "a tuple of 2")]:
        with pytest.raises(TypeError, match=message):
            pair.rows(X, out=out)
    with pytest.raises(ValueError, match=r"out\[1\] has shape \(2,\)"):
        pair.rows(X, out=(numpy.empty(3), numpy.empty(2)))
    with pytest.raises(ValueError, match="leave it out with reduce"):
        program.rows(X, reduce="sum", out=numpy.empty(1))
    with pytest.raises(TypeError, match=r"out is 5; the results are a dict of \['a'\]"):
        compile(lambda x: {"a": x}).rows(X, out=5)


def test_sparse_matrices_are_given_back_and_not_written():
    entries = compile(lambda x: sparse_jacobian(lambda v: [v[0] * v[1], v[2]])(x))
    table = numpy.arange(6.0).reshape(2, 3)
    first, second = entries.rows(table), entries.rows(table)
    assert first.data.tolist() == second.data.tolist() == [[1.0, 0.0, 1.0], [4.0, 3.0, 1.0]]
    with pytest.raises(TypeError, match="sparse matrices are not written"):
        entries.rows(table, out=numpy.empty((2, 3)))


def test_without_numpy(monkeypatch):
    program = compile(lambda x, y: (x * y, [x, y]))
    monkeypatch.setattr("autograd.program.columns.into.loaded_numpy", lambda: None)
    table = memoryview(array("d", bytes(32))).cast("B").cast("d", (2, 2))
    out = array("d", bytes(16)), table
    program.rows([1.0, 2.0], [3.0, 4.0], out=out)
    assert out[0] == array("d", [3.0, 8.0])
    assert table.tolist() == [[1.0, 3.0], [2.0, 4.0]]
