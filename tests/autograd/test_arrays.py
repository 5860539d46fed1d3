"""Arrays in, arrays out: grad and its like, operations, NumPy's functions of arrays of Values."""

from __future__ import annotations

import copy
import inspect
import math
import pickle

import numpy as np
import pytest

import autograd
from autograd import (
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    values,
    vjp,
)
from autograd.arrays import array_of
from autograd.tangents import saves_time, tangents
from autograd.value import Value as ReferenceValue
from tests.array_differences import differences

X = np.array([0.5, -1.5, 2.0])


def of_values(*numbers):
    return array_of(values(numbers), (len(numbers),))


class Holder:
    """Anything with `__array__`, as a tensor of another library."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array

    def __repr__(self):
        return f"Holder({self.array!r})"


def _read_only():
    x = X.copy()
    x.flags.writeable = False
    return x


# --- What is given --------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [
    X, X.astype(np.float32), X.astype(np.float16), X.astype(np.longdouble), X.astype(">f8"),
    np.array([3, -1, 2], dtype=np.int8), np.array([3, 1, 2], dtype=np.uint64),
    np.array([True, False, True]), np.array(2.0), np.zeros((2, 1, 3)) + X, X[::-1],
    np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.arange(12.0).reshape(3, 4)[::2, 1::2],
    _read_only(), Holder(X), Holder(np.float32(X)), np.array([1, 2.5, 3], dtype=object),
], ids=lambda x: f"{type(x).__name__}-{np.asarray(x).dtype}-{np.asarray(x).shape}")  # fmt: skip
def test_arrays_of_any_real_type_and_shape(given):
    seen = []

    def f(x):
        seen.append(x)
        return np.sum(np.square(x) + 3 * x)

    plain = np.asarray(given).astype(float)
    value, gradient = value_and_grad(f)(given)
    assert (type(value), type(gradient)) == (float, np.ndarray)
    assert value == pytest.approx(np.sum(plain**2 + 3 * plain))
    assert (gradient.dtype, gradient.shape) == (np.float64, plain.shape)
    assert np.allclose(gradient, 2 * plain + 3)
    assert all(x.shape == plain.shape and x.dtype == object for x in seen)
    assert all(isinstance(element, Value) for x in seen for element in x.flat)


def test_columns_and_tables_of_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
    assert grad(lambda t: np.sum(t**2))(frame).tolist() == [[2.0, 1.0], [4.0, 3.0]]
    column = pandas.Series([1.0, 2.0], index=["x", "y"], dtype="Float64")
    assert grad(lambda c: np.sum(c**2))(column).tolist() == [2.0, 4.0]
    assert np.allclose(grad(lambda c: np.sum(c * frame["b"].to_numpy()))(frame.a), [0.5, 1.5])
    scaled = frame["b"] * Value(2.0)
    assert [x.data for x in scaled] == [1.0, 3.0]
    assert [x.data for x in np.multiply(Value(2.0), frame["b"])] == [1.0, 3.0]
    for missing in (pandas.Series([1.0, None, 2.0]), pandas.Series([1, None], dtype="Int64")):
        with pytest.raises(ValueError, match=r"^c has missing values, the first at \[1\]; fill"):
            grad(lambda c: c)(missing)
    with pytest.raises(ValueError, match=r"^t has missing values, the first at \[0, 1\]"):
        grad(lambda t: t)(pandas.DataFrame({"a": [1.0], "b": [None]}))
    for wrong in (pandas.Series(["a", "b"]), pandas.Series(pandas.to_datetime(["2020-01-01"]))):
        with pytest.raises(TypeError, match=r"^c"):
            grad(lambda c: c)(wrong)


@pytest.mark.parametrize(("given", "error", "words"), [
    (np.array([1.0, None]), TypeError, r"^weights\[1\] is None; expected a number"),
    (np.array([[1.0, "2"]], dtype=object), TypeError, r"^weights\[0, 1\] is '2'; expected"),
    (np.array(["1.0"]), TypeError, r"^weights is an array of <U3; only real numbers"),
    (np.array([1j]), TypeError, r"^weights is an array of complex128; only real"),
    (np.array([1j, 2], dtype=object), TypeError, r"^weights\[0\] is 1j"),
    (np.array(["2020-01-01"], "M8[D]"), TypeError, r"^weights is an array of datetime64\[D\]"),
    (np.array([1], "m8[s]"), TypeError, r"^weights is an array of timedelta64\[s\]"),
    (np.zeros(2, [("a", float)]), TypeError, r"^weights is an array of "),
    (np.ma.array([1.0, 2.0], mask=[0, 1]), TypeError, r"^weights is a masked array; fill or drop"),
    (np.ma.array([1.0, None], mask=[0, 1]), TypeError, r"^weights is a masked array"),
    (np.zeros(0), ValueError, r"^weights is an array of shape \(0,\): there is no number in it"),
    ([np.zeros((2, 0))], ValueError, r"^weights\[0\] is an array of shape \(2, 0\)"),
    (np.array([[1.0], [2.0, 3.0]], dtype=object), TypeError, r"^weights\[0\] is \[1.0\]; expected"),
    ({"b": np.array([None])}, TypeError, r"^weights\['b'\]\[0\] is None"),
    (Holder("no array"), TypeError, r"^weights"),
], ids=str)  # fmt: skip
@pytest.mark.parametrize("take", [grad, value_and_grad, jacobian, hessian])
def test_what_is_no_array_of_real_numbers_is_refused_by_name(take, given, error, words):
    with pytest.raises(error, match=words):
        take(lambda weights: 1.0)(given)


@pytest.mark.parametrize("given", [np.array([None]), np.zeros(0), np.array([1j])], ids=str)
def test_products_refuse_the_same(given):
    for call in (
        lambda: jvp(lambda x: x, (given,), (X,)),
        lambda: jvp(lambda x: x, (X[:1],), (given,)),
        lambda: hvp(np.sum, (given,), (X,)),
        lambda: vjp(lambda x: x, given),
        lambda: vjp(lambda x: x, X[:1])[1](given),
    ):
        with pytest.raises((TypeError, ValueError), match=r"primals|tangents|x|argument|cotangent"):
            call()
    with pytest.raises(TypeError, match="needs Values as inputs"):
        gradients(Value(1.0), np.ones(2))


@pytest.mark.skipif(ReferenceValue is Value, reason="the reference engine is the only one")
def test_values_of_the_other_engine_are_refused():
    mixed = np.array([ReferenceValue(1.0), Value(2.0)], dtype=object)
    for call in (lambda: grad(np.sum)(mixed), lambda: jvp(np.sum, (mixed,), (X[:2],))):
        with pytest.raises(
            TypeError, match=r"\[0\] is a Value of autograd.value, but autograd.nat"
        ):
            call()


def test_a_table_that_counts_what_is_missing_is_asked():
    class Table(Holder):  # as one of Polars, whose missing values NumPy reads as NaN
        def null_count(self):
            return Holder(np.array([[0, 1]]))

    with pytest.raises(ValueError, match=r"^t has missing values; fill or drop them first"):
        grad(lambda t: np.sum(t))(Table(np.array([[1.0, np.nan]])))


def test_derivatives_are_called_like_their_functions():
    def f(x, n=3, *, scale=2.0):
        return scale * sum(x**i for i in range(n))

    for door in (grad, value_and_grad, jacobian, hessian):
        derivative = door(f)
        assert str(inspect.signature(derivative)) == "(x, n=3, *, scale=2.0)"
        program = autograd.compile(derivative, static="n")
        assert program(1.5, scale=1.0) == derivative(1.5, 3, scale=1.0)
        with pytest.raises(ValueError, match="0 arguments without a name; give those"):
            derivative(x=1.5)
    with pytest.raises(TypeError, match=r"^weights is an array of complex128"):
        autograd.compile(jacobian(lambda weights: weights))(np.array([1j]))


def test_a_tensor_that_cannot_be_read_says_why():
    class Attached:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("requires grad")

    with pytest.raises(TypeError, match="w is a Attached that NumPy cannot read: requires grad"):
        grad(lambda w: w)(Attached())


# --- What comes back ------------------------------------------------------------------------------


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def waves(x):
    return np.outer(np.sin(x), np.exp(x)) @ x + np.tanh(x)


def test_shapes_of_jacobians_and_hessians():
    x = X.reshape(3, 1)
    for mode in ("auto", "reverse", "forward"):
        found = jacobian(lambda x: np.outer(x, np.exp(x))[:, :2], mode=mode)(x)
        assert found.shape == (3, 2, 3, 1)
        assert np.allclose(
            found, differences(lambda x: np.outer(x, np.exp(x))[:, :2], x), atol=1e-7
        )
        assert np.allclose(jacobian(waves, mode=mode)(X), differences(waves, X), atol=1e-7)
        assert jacobian(np.sum, mode=mode)(x).tolist() == [[1.0]] * 3
        assert jacobian(lambda x: [x[0, 0], 2.0], mode=mode)(x)[1].tolist() == [[0.0]] * 3
    bent = hessian(lambda x: np.sum(x**3) * x[0, 0])(x)
    assert bent.shape == (3, 1, 3, 1)
    assert np.allclose(bent, differences(grad(lambda x: np.sum(x**3) * x[0, 0]), x), atol=1e-6)
    assert np.allclose(hessian(rosenbrock)(X), differences(grad(rosenbrock), X), rtol=1e-6)


def test_products_with_jacobians_and_hessians():
    matrix, curvature, v = jacobian(waves)(X), hessian(rosenbrock)(X), np.array([1, 0, -2])
    value, tangent = jvp(waves, (X,), (v,))
    assert np.allclose(value, waves(X))
    assert np.allclose(tangent, matrix @ v)
    value, pullback = vjp(waves, X)
    assert np.allclose(value, waves(X))
    assert np.allclose(pullback(v)[0], v @ matrix)
    assert np.allclose(hvp(rosenbrock, (X,), (v,))[0], curvature @ v)
    for wrong in (X[:2], X.reshape(3, 1), 1.0):
        with pytest.raises(TypeError, match="does not have the structure of an array of shape"):
            pullback(wrong)


def test_structures_hold_arrays():
    parameters = {"w": np.ones((2, 3)), "b": [0.5, np.zeros(2)]}

    def predict(p, x):
        return np.tanh(p["w"] @ x + p["b"][1] * p["b"][0])

    found = grad(lambda p, x: np.sum(predict(p, x) ** 2))(parameters, X)
    assert found["w"].shape == (2, 3)
    assert (type(found["b"][0]), found["b"][1].shape) == (float, (2,))
    (of_p, of_x), of_number = jacobian(lambda p, x: (predict(p, x), x[0]), (0, 1))(parameters, X)
    scale, shift = of_p["b"]
    shapes = (of_p["w"].shape, scale.shape, shift.shape, of_x.shape)
    assert shapes == ((2, 2, 3), (2,), (2, 2), (2, 3))
    assert of_number[1].tolist() == [1.0, 0.0, 0.0]


def test_scalars_beside_an_array_are_its_last_axis():
    def model(x, a, b):
        return a * np.exp(-b * x)

    found = jacobian(model, (1, 2))(X, 2.0, 0.3)
    assert np.allclose(found, np.stack([np.exp(-0.3 * X), -2.0 * X * np.exp(-0.3 * X)], axis=-1))
    assert jacobian(model, 1)(X, 2.0, 0.3).shape == (3,)


def test_one_number_may_stand_in_an_array_of_any_shape():
    for shape in ((), (1,), (1, 1)):
        value, gradient = value_and_grad(lambda x, s=shape: array_of([np.sum(x**2)], s))(X)
        assert np.shape(value) == shape
        assert np.allclose(gradient, 2 * X)
    with pytest.raises(TypeError, match=r"got an array of shape \(3,\); use jacobian"):
        grad(lambda x: x**2)(X)


def test_gradients_of_arrays_of_values():
    w, b = array_of(values([1.0, 2.0]), (1, 2)), Value(3.0)
    loss = np.sum(w**2 * b)
    of_w, of_b = gradients(loss, [w, b])
    assert [[x.data for x in row] for row in of_w] == [[6.0, 12.0]]
    assert of_b.data == 5.0
    assert gradients(array_of([loss], (1,)), w).shape == (1, 2)


def test_values_in_an_array_give_values():
    xs = of_values(1.0, 2.0)
    slope = grad(lambda x: np.sum(x**3))(xs)
    assert all(isinstance(g, Value) for g in slope)
    np.sum(slope).backward()
    assert [x.grad for x in xs] == [6.0, 12.0]
    assert jacobian(lambda x: x**2)(xs)[0, 0].data == 2.0


def test_a_jacobian_gives_floats_where_f_uses_values_from_outside():
    scale = Value(3.0)
    for mode in ("auto", "reverse"):
        found = jacobian(lambda x: scale * x**2, mode=mode)(X)
        assert found.dtype == np.float64
        assert np.allclose(found, np.diag(6.0 * X))
    assert jacobian(lambda x: [scale * x])(2.0) == [3.0]
    # Those of an enclosing differentiation are not outside.
    assert grad(lambda s: jacobian(lambda x: [s * s * x])(2.0)[0])(3.0) == 6.0
    assert grad(lambda s: np.sum(jacobian(lambda x: s * x**2)(X)))(3.0) == 2.0 * np.sum(X)


def test_many_results_of_few_inputs_are_swept_forward():
    points = np.linspace(0.1, 3.0, 300)

    def f(p):
        shared = p[0]
        for _ in range(1000):
            shared = np.sin(shared) * 1.5
        return shared * points

    leaf = values([0.7])
    assert saves_time(f(leaf), leaf)
    by_sweep = jacobian(f)(np.array([0.7]))
    assert by_sweep.shape == (300, 1)
    assert np.allclose(by_sweep, jacobian(f, mode="forward")(np.array([0.7])), rtol=1e-13)
    x, y, small = values([2.0, 3.0, 1e-300])
    rows = tangents([x * y, autograd.exp(y), x, 4.0, (x * y).detach(), x + x], [x, y])
    assert rows == [[3.0, 2.0], [0.0, math.exp(3.0)], [1.0, 0.0], [0.0] * 2, [0.0] * 2, [2.0, 0.0]]
    with pytest.raises(ArithmeticError, match="overflows"):
        tangents([small * 1e200 * 1e200], [small])
    with pytest.raises(ArithmeticError, match="sqrt"):
        tangents([autograd.sqrt(0.0 * x)], [x])


# --- NumPy's functions ----------------------------------------------------------------------------

SMOOTH = [
    "exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "square", "reciprocal",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh",
    "arctanh", "absolute", "fabs", "negative", "positive", "conjugate", "deg2rad", "rad2deg",
    "radians", "degrees", "sign", "rint", "floor", "ceil", "trunc",
]  # fmt: skip
OF_TWO = [
    "add", "subtract", "multiply", "divide", "power", "float_power", "hypot", "arctan2",
    "logaddexp", "logaddexp2", "maximum", "minimum", "fmax", "fmin", "heaviside",
]  # fmt: skip


@pytest.mark.parametrize("name", SMOOTH)
def test_functions_of_one_array(name):
    f, x = getattr(np, name), np.array([0.3, 0.75])
    assert np.allclose(jacobian(f)(x), differences(f, x), atol=1e-8)
    value, tangent = jvp(f, (x,), (np.ones(2),))
    assert np.allclose(value, f(x), rtol=1e-15)
    assert np.allclose(tangent, np.diag(differences(f, x)), atol=1e-8)
    single = f(Value(0.3))  # a Value beside no array
    assert single.data == pytest.approx(f(0.3), rel=1e-15)


@pytest.mark.parametrize("name", SMOOTH[:-3])
def test_arrays_of_any_objects_ask_for_methods(name):
    plain = np.array([Value(0.3), Value(0.75)], dtype=object)
    found = getattr(np, name)(plain)
    assert [float(getattr(x, "data", x)) for x in found] == pytest.approx(
        list(getattr(np, name)(np.array([0.3, 0.75]))), rel=1e-15
    )


@pytest.mark.parametrize("name", OF_TWO)
def test_functions_of_two_arrays(name):
    f, x = getattr(np, name), np.array([[0.3, 0.75], [1.2, 0.4]])
    assert np.allclose(jacobian(lambda x: f(x[0], x[1]))(x), differences(lambda x: f(*x), x))
    other = np.array([[0.2], [0.9]])  # is broadcast
    assert np.allclose(
        jacobian(lambda x: f(x[0], other))(x), differences(lambda x: f(x[0], other), x)
    )
    assert np.allclose(jacobian(lambda x: f(0.5, x))(x), differences(lambda x: f(0.5, x), x))
    assert f(Value(0.3), 0.5).data == pytest.approx(f(0.3, 0.5), rel=1e-15)


def test_rounding_an_array_of_any_objects_is_refused_as_math_floor_is():
    # NumPy asks `math.floor` of each, which would give whole numbers without a gradient.
    for f in (np.floor, np.ceil, np.trunc):
        with pytest.raises(TypeError, match=r"lose the gradient|__trunc__"):
            f(np.array([Value(1.5)], dtype=object))


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "rint"])
def test_rounding_is_that_of_numpy_and_flat(name):
    numbers = [
        0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, -0.3, 1e16 + 2,
        4503599627370495.5, -4503599627370495.5, math.inf, -math.inf, math.nan, 3.0,
    ]  # fmt: skip
    found = getattr(np, name)(of_values(*numbers))
    assert [repr(x.data) for x in found] == [repr(float(x)) for x in getattr(np, name)(numbers)]
    assert grad(lambda x: np.sum(getattr(np, name)(x)))(np.array([1.5, 2.2])).tolist() == [0.0, 0.0]
    assert autograd.rint(2.5) == 2.0


def test_questions_are_answered_by_yes_or_no():
    numbers = [1.0, -math.inf, math.inf, math.nan, 0.0]
    xs = of_values(*numbers)
    for name in ("isnan", "isinf", "isfinite"):
        found = getattr(np, name)(xs)
        assert found.dtype == bool
        assert found.tolist() == getattr(np, name)(numbers).tolist()
        assert [getattr(np, name)(x) for x in xs] == found.tolist()
    assert np.all(np.isfinite(xs[:1]))
    assert np.where(np.isnan(xs), 0.0, xs)[3] == 0.0


def test_what_numpy_compares_otherwise():
    xs = of_values(math.nan, 1.0)
    assert math.isnan(np.maximum(xs, 2.0)[0].data)  # its loop over objects says 2.0
    assert np.fmax(xs, 2.0).tolist() == [2.0, 2.0]
    assert math.isnan(np.max(xs).data)
    assert grad(lambda x: np.max(x))(np.array([[1.0, 3.0], [2.0, 0.0]])).tolist() == [
        [0.0, 1.0], [0.0, 0.0],
    ]  # fmt: skip
    assert grad(lambda x: np.sum(np.maximum(x, 1.0)))(np.array([1.0, 2.0])).tolist() == [0.5, 1.0]


OF_NUMPY = {
    "sum": np.sum, "mean": lambda x: np.mean(x, axis=1), "var": np.var,
    "std": lambda x: np.std(x, axis=0, ddof=1), "prod": lambda x: np.prod(x, axis=0),
    "cumsum": np.cumsum, "cumprod": np.cumprod, "max": lambda x: np.max(x, axis=0), "ptp": np.ptp,
    "min": lambda x: np.min(x), "median": np.median, "average": lambda x: np.average(x, axis=0),
    "round": lambda x: np.round(x, 1), "clip": lambda x: np.clip(x, 0.4, None),
    "clip both": lambda x: np.clip(x, 0.4, 1.0), "abs": lambda x: abs(-x),
    "norm": np.linalg.norm, "norms": lambda x: np.linalg.norm(x, axis=1),
    "1-norm": lambda x: np.linalg.norm(x, 1), "inf-norm": lambda x: np.linalg.norm(x[0], np.inf),
    "matmul": lambda x: x @ x.T, "dot": lambda x: np.dot(x, [1.0, 2.0, 3.0]), "T": lambda x: x.T,
    "matrix and vector": lambda x: np.ones((4, 3)) @ x[0], "inner": lambda x: np.inner(x, x),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, x), "outer": lambda x: np.outer(x, x),
    "where": lambda x: np.exp(np.where(x > 0.6, x**2, 0.0)), "diff": np.diff,
    "select": lambda x: np.select([x > 0.6], [x], 0.0), "stack": lambda x: np.stack([x, x**2]),
    "concatenate": lambda x: np.concatenate([x[0], np.ones(2)]), "sort": np.sort,
    "index": lambda x: x[[1, 0], [0, 2]], "mask": lambda x: x[x > 0.6] * 2.0, "kron": np.kron,
    "polyval": lambda x: np.polyval([1.0, 2.0, 3.0], x), "trace": lambda x: np.trace(x @ x.T),
    "cross": lambda x: np.cross(x[0], x[1]), "power": lambda x: np.linalg.matrix_power(x @ x.T, 2),
    "sinc": np.sinc, "methods": lambda x: x.reshape(3, 2).sum(axis=0).cumsum().mean() * x.std(),
    "trapezoid": lambda x: np.sum((x[:, 1:] + x[:, :-1]) / 2.0), "flip": np.flip,
    "convolve": lambda x: np.convolve(x[0], [1.0, 2.0]), "tile": lambda x: np.tile(x, 2),
    "masked sum": lambda x: np.sum(x**2, where=x > 0.6), "list": lambda x: [1.0, 2.0] @ x,
    "masked mean": lambda x: np.mean(x**2, axis=1, where=x > 0.25), "nanstd": np.nanstd,
    "masked prod": lambda x: np.prod(x, axis=0, where=x > 0.6), "linspace": lambda x: np.linspace(
        x[0, 0], x[1, 2], 5
    ),
    "nansum": np.nansum, "quotient": lambda x: (2 / x - x / 3) ** 2, "2 ** x": lambda x: 2**x,
    "real": lambda x: np.real(x) * np.conj(x) + np.imag(x), "parts": lambda x: x.real + x.imag * x,
}  # fmt: skip
del OF_NUMPY["kron"]


@pytest.mark.parametrize("f", OF_NUMPY.values(), ids=OF_NUMPY)
def test_functions_of_numpy(f):
    x = np.array([[0.3, 0.72, 1.3], [0.9, 0.53, 0.2]])
    found = jacobian(f)(x)
    assert found.dtype == np.float64
    assert np.allclose(found, differences(f, x), atol=1e-7)
    with no_grad():
        value = jvp(f, (x,), (x,))[0]
    assert np.allclose(np.asarray(value, dtype=float), f(x), rtol=1e-14)


LINEAR = {
    "solve": lambda a: np.linalg.solve(a, [1.0, 2.0, 3.0]), "inv": np.linalg.inv,
    "solve for columns": lambda a: np.linalg.solve(a, np.ones((3, 2)) + a[:, :2]),
    "solve for a vector": lambda a: np.linalg.solve(np.eye(3) + 1.0, a[0]),
    "det": np.linalg.det, "slogdet": lambda a: np.linalg.slogdet(a)[1],
    "cholesky": lambda a: np.linalg.cholesky(a @ a.T),
}  # fmt: skip


@pytest.mark.parametrize("f", LINEAR.values(), ids=LINEAR)
def test_linear_algebra(f):
    a = np.array([[0.2, 1.5, -0.3], [1.1, 0.4, 0.7], [-0.6, 0.9, 2.0]])  # pivots change places
    assert np.allclose(jvp(f, (a,), (a,))[0], f(a), rtol=1e-13)
    assert np.allclose(jacobian(f)(a), differences(f, a), atol=1e-6)


@pytest.mark.parametrize(("f", "words"), [
    (lambda a: np.linalg.solve(a[:2], [1.0, 2.0]), "square"),
    (lambda a: np.linalg.inv(a * 0), "singular"),
    (lambda a: np.linalg.solve(a, [1.0, 2.0]), "3 rows"), (lambda a: np.linalg.det(a[0]), "square"),
    (lambda a: np.linalg.cholesky(-a @ a.T), "positive definite"),
])  # fmt: skip
def test_linear_algebra_refuses_what_has_no_answer(f, words):
    with pytest.raises(np.linalg.LinAlgError, match=words):  # as NumPy's own
        grad(lambda a: np.sum(f(a)))(np.eye(3))


@pytest.mark.parametrize(("f", "name"), [
    (lambda x: np.modf(x), "modf"), (lambda x: np.signbit(x), "signbit"),
    (lambda x: np.copysign(x, 1.0), "copysign"),
    (lambda x: np.linalg.eigvalsh(np.diag(x)), "numpy.linalg.eigvalsh"),
    (lambda x: np.fmod(x, 1.0), "function fmod"), (lambda x: np.mod(x, 1.0), "np.floor"),
    (lambda x: np.fft.fft(x), "numpy.fft.fft"), (lambda x: np.nextafter(x, 1.0), "nextafter"),
    (lambda x: np.modf(x[0]), "modf"), (lambda x: np.linalg.norm(x[None], "nuc"), "linalg.norm"),
])  # fmt: skip
def test_a_function_without_a_rule_is_refused_by_its_name(f, name):
    with pytest.raises(TypeError, match=name):
        jacobian(f)(X)


def test_a_gradient_is_not_lost_on_the_way_to_floats():
    for lose in (lambda x: x.astype(float), lambda x: np.sum(np.array(x, dtype=float))):
        with pytest.raises(TypeError, match="would lose the gradient"):
            grad(lose)(X)


def test_an_array_of_floats_takes_no_values():
    def filled(x):
        result = np.zeros(len(x))
        result[0] = x[1] * x[2]
        return result.sum()

    def added(x):
        result = np.zeros(len(x))
        result += x
        return result.sum()

    for f in (filled, added):
        with pytest.raises(TypeError, match=r"gradient.*dtype=object"):
            grad(f)(X)

    def kept(x):
        result = np.zeros_like(x)
        result[0] = x[1] * x[2]
        result += x
        return result.sum()

    assert grad(kept)(X).tolist() == [1.0, 1.0 + X[2], 1.0 + X[1]]
    places = np.zeros(3, dtype=bool)
    assert grad(lambda x: np.sum(np.greater(x, 0.0, out=places) * x))(X).tolist() == [1.0, 0.0, 1.0]


def test_functions_of_scipy_that_the_rule_book_has():
    special = pytest.importorskip("scipy.special")
    x = np.array([0.3, 0.75])
    for f in (special.expit, special.erf, special.erfc, special.gammaln, special.psi):
        assert np.allclose(jacobian(f)(x), differences(f, x), atol=1e-7)
    assert np.allclose(jacobian(special.softmax)(x), differences(special.softmax, x), atol=1e-7)
    with pytest.raises(TypeError, match="universal function j0 has no rule"):
        jacobian(special.j0)(x)


# --- Operations -----------------------------------------------------------------------------------


def test_operations_are_elementwise():
    assert autograd.tanh(X).tolist() == [math.tanh(x) for x in X]
    assert autograd.tanh(np.array([[1], [2]])).shape == (2, 1)
    assert autograd.maximum(X, np.array([[0.0], [1.0]])).shape == (2, 3)
    assert autograd.leaky_relu(X, slope=0.5).tolist() == [0.5, -0.75, 2.0]
    assert autograd.tanh(np.array(1.0)) == math.tanh(1.0)
    assert autograd.maximum(Value(1.0), np.array(2.0)).data == 2.0
    assert autograd.tanh(np.array(Value(1.0))).data == math.tanh(1.0)
    gradient = grad(lambda x: np.sum(autograd.where(X > 0, x**2, autograd.clip(x, -1.0, 1.0))))(X)
    assert gradient.tolist() == [1.0, 0.0, 4.0]
    assert Value(0.0).maximum(X)[2].data == 2.0
    three = autograd.clip(X, Value(-1.0), Value(1.0))
    assert [x.data for x in three] == [0.5, -1.0, 1.0]
    assert autograd.dot(X, X) == pytest.approx(X @ X)
    assert autograd.sum(of_values(1.0, 2.0)).data == 3.0


@pytest.mark.parametrize("call", [
    lambda: autograd.tanh(np.array([None])), lambda: autograd.tanh(np.array(["a"])),
    lambda: autograd.tanh(np.ma.array([1.0])), lambda: autograd.maximum(X, [1.0, 2.0, 3.0]),
    lambda: autograd.sum(np.ones((2, 2))), lambda: autograd.sum([Value(1.0), np.ones(2)]),
    lambda: autograd.maximum(Value(1.0), np.array([1j])),
])  # fmt: skip
def test_operations_refuse_what_is_no_array_of_real_numbers(call):
    with pytest.raises(
        TypeError, match=r"an operand|in a row for xs, got an array of shape \(2, 2\)"
    ):
        call()


def test_an_error_of_an_element_is_that_of_the_operation():
    with pytest.raises(ValueError, match=r"in log of -1\.5"):
        autograd.log(X)
    with pytest.raises(ValueError, match="broadcast"):
        autograd.maximum(X, np.ones(2))


def test_arithmetic_with_arrays_on_either_side():
    v = Value(2.0)
    for result in (v * X, X * v, v + X, X - v, v / X, X**2 * v, np.float32(2.0) * v * X):
        assert all(isinstance(x, Value) for x in result)
    assert (v > X).tolist() == [True, True, False]
    assert (v == np.array([2.0, 3.0])).tolist() == [True, False]
    total = np.zeros(3)
    with pytest.raises(TypeError, match="float64"):
        total += v


def test_arrays_of_values_are_copied_and_pickled_as_arrays():
    xs = of_values(1.0, 2.0)
    for made in (copy.copy(xs), copy.deepcopy(xs), pickle.loads(pickle.dumps(xs))):
        assert made.dtype == object
        assert [x.data for x in made] == [1.0, 2.0]
    assert repr(xs).startswith("array([Value(data=1.0, grad=0.0)")
