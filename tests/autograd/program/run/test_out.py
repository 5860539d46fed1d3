"""Results of calls in a buffer of the caller's: the same numbers, in order, or a clear error."""

from __future__ import annotations

import ctypes
import math
from array import array

import pytest

import autograd
from autograd import Value
from autograd.program.compiling import compile

np = pytest.importorskip("numpy")

SQUARES = compile(lambda x, y: (x * y, [x**2, y**2]))
PRODUCT = compile(lambda x, y: x * y + x**2)
OF_ARRAYS = compile(lambda xs: (100.0 * (xs[1:] - xs[:-1] ** 2) ** 2 + (1.0 - xs[:-1]) ** 2).sum())

BUFFERS = {
    "array": lambda n: array("d", [-1.0] * n),
    "NumPy": lambda n: np.full(n, -1.0),
    "memoryview": lambda n: memoryview(bytearray(8 * n)).cast("d"),
    "a part": lambda n: memoryview(array("d", [-1.0] * (n + 2)))[1:-1],
    "NumPy, two axes": lambda n: np.full((1, n), -1.0),
}


@pytest.mark.parametrize("make", BUFFERS.values(), ids=BUFFERS)
def test_results_are_written_in_order(make):
    for _ in range(3):  # slowly, then by the machine
        out = make(3)
        assert SQUARES(3.0, 4.0, out=out) is out
        assert np.ravel(out).tolist() == [12.0, 9.0, 16.0]
        out = make(3)
        assert PRODUCT.value_and_grad(3.0, 4.0, out=out) is out
        assert np.ravel(out).tolist() == [21.0, 10.0, 3.0]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_arrays_in_and_out(size):
    xs = np.linspace(-1.0, 1.25, size)
    for _ in range(3):
        value, gradient = OF_ARRAYS.value_and_grad(xs)
        out = np.zeros(size + 1)
        OF_ARRAYS.value_and_grad(xs, out=out)
        assert out.tolist() == [value, *gradient]


def test_the_buffer_may_be_where_the_arguments_are():
    double = compile(lambda xs: [2.0 * x for x in xs])
    for _ in range(3):
        xs = array("d", [1.0, 2.0, 3.0])
        assert double(xs, out=xs) == array("d", [2.0, 4.0, 6.0])


def test_none_is_no_buffer():
    assert PRODUCT(3.0, 4.0, out=None) == 21.0
    assert PRODUCT.value_and_grad(3.0, 4.0, out=None) == (21.0, (10.0, 3.0))


def test_arguments_by_name_go_with_it():
    out = array("d", [0.0])
    assert PRODUCT(y=4.0, x=3.0, out=out) is out
    assert out[0] == 21.0
    assert PRODUCT.value_and_grad(y=4.0, x=3.0, out=(both := array("d", [0.0] * 3))) is both
    assert list(both) == [21.0, 10.0, 3.0]


def test_where_the_machine_leaves_a_point_to_eager_code():
    clipped = compile(lambda x: [autograd.where(x > 0.0, x, 0.0), math.inf])
    for _ in range(3):
        out = array("d", [0.0, 0.0])
        assert list(clipped(2.0, out=out)) == [2.0, math.inf]


def test_methods_have_it_too():
    class Line:
        def __init__(self):
            self.slope = Value(2.0)

        @compile
        def __call__(self, x):
            return self.slope * x

    out = array("d", [0.0])
    assert Line()(3.0, out=out) is out
    assert out[0] == 6.0


# --- A function's own argument of that name -------------------------------------------------------


def test_an_argument_of_that_name_is_the_functions():
    scaled = compile(lambda x, out: x * out)
    assert scaled(3.0, out=4.0) == 12.0
    assert scaled.value_and_grad(3.0, out=4.0) == (12.0, (4.0, 3.0))
    assert compile(lambda x, *, out=2.0: x * out)(3.0, out=5.0) == 15.0
    assert compile(lambda x, **rest: x * rest["out"])(3.0, out=5.0) == 15.0


def test_an_argument_by_position_only_leaves_the_name():
    def scaled(x, out, /):
        return x * out

    assert list(compile(scaled)(3.0, 4.0, out=array("d", [0.0]))) == [12.0]


# --- What is refused ------------------------------------------------------------------------------


def read_only():
    out = np.zeros(3)
    out.flags.writeable = False
    return out


REFUSED = {
    "no buffer": (lambda: [0.0] * 3, TypeError, "out is list; .* buffers of doubles"),
    "floats": (lambda: array("f", [0.0] * 3), TypeError, "'f', not doubles"),
    "whole numbers": (lambda: np.zeros(3, int), TypeError, "not doubles"),
    "bytes": (lambda: bytearray(24), TypeError, "'B', not doubles"),
    "of C": (lambda: (ctypes.c_double * 3)(), TypeError, "'<d', not doubles"),
    "read-only": (read_only, ValueError, "read-only"),
    "bytes, read-only": (lambda: memoryview(bytes(24)).cast("d"), ValueError, "read-only"),
    "not contiguous": (lambda: np.zeros(6)[::2], ValueError, "not contiguous"),
    "short": (lambda: array("d", [0.0] * 2), ValueError, "2 places, but the result has 3 numbers"),
    "long": (lambda: np.zeros((2, 2)), ValueError, "4 places, but the result has 3 numbers"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_other_buffers_are_refused_and_left_as_they_are(case):
    make, error, message = case
    for _ in range(3):
        for call in (SQUARES, PRODUCT.value_and_grad):
            out = make()
            before = bytes(memoryview(out)) if error is not TypeError else None
            with pytest.raises(error, match=message):
                call(3.0, 4.0, out=out)
            assert before is None or bytes(memoryview(out)) == before


def test_values_do_not_go_into_buffers():
    with pytest.raises(TypeError, match="plain numbers"):
        PRODUCT(Value(3.0), 4.0, out=array("d", [0.0]))


def test_sparse_matrices_do_not_go_into_buffers():
    jacobian, at = autograd.sparse_jacobian(lambda xs: xs**2), np.array([1.0, 2.0])
    for entries in (compile(jacobian), compile(lambda xs: jacobian(xs))):
        for _ in range(3):
            with pytest.raises(TypeError, match=r"sparse matrix.*no place for its zeros"):
                entries(at, out=np.zeros(2))
            assert entries(at).dense().tolist() == [[2.0, 0.0], [0.0, 4.0]]
