"""Arrays at every door of verification: of any real type and shape, and what is refused."""

from array import array

import numpy as np
import pytest

from autograd import Value
from autograd.verification.gradcheck import (
    assert_grads,
    check_gradient,
    check_grads,
    check_parameters,
)
from autograd.verification.oracles.opinions import second_opinion
from autograd.verification.verdicts import GradientError

READ_ONLY = np.array([1.0, 2.0])
READ_ONLY.setflags(write=False)


def squares(x):
    return np.sum(np.asarray(x) * np.asarray(x))


def doubled(x):
    return 2.0 * np.asarray(x)


REAL = {
    "single": np.array([1, 2], dtype=np.float32),
    "half": np.array([1, 2], dtype=np.float16),
    "long": np.array([1, 2], dtype=np.longdouble),
    "whole": np.array([1, 2], dtype=np.int8),
    "no axis": np.array(3.0),
    "strided": np.arange(1.0, 9.0)[::4],
    "columns first": np.asfortranarray(np.arange(1.0, 5.0).reshape(2, 2)),
    "read only": READ_ONLY,
    "objects": np.array([1, 2.0], dtype=object),
    "of Values": np.array([Value(1.0), Value(2.0)], dtype=object),
}


@pytest.mark.parametrize("kind", REAL)
def test_arrays_of_real_numbers(kind):
    point = REAL[kind]
    report = check_gradient(squares, doubled, point)
    assert report.counts == {"PASS": point.size}
    assert report.subject == "claimed gradient"  # whatever the point is, f gets doubles
    assert check_grads(lambda x: np.sum(x * x), point, order=1).counts == {"PASS": point.size}


@pytest.mark.parametrize(
    ("error", "point", "said"),
    [
        (TypeError, np.array([1.0, None], dtype=object), r"\[1\] is None"),
        (TypeError, np.array([1.0, "a"], dtype=object), r"\[1\] is 'a'"),
        (TypeError, np.array(["a"]), "only real numbers"),
        (TypeError, np.array([1j]), "complex128; only real numbers"),
        (TypeError, np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime64"),
        (TypeError, np.ma.array([1.0, 2.0], mask=[False, True]), "fill or drop what is masked"),
        (ValueError, np.zeros((0, 3)), "no number"),
        (ValueError, np.array([[1.0], [np.nan]]), r"\[1, 0\] is nan"),
        (TypeError, [[1.0], [None]], r"\[1\]\[0\] is None"),
    ],
)
def test_what_is_no_array_of_real_numbers_is_refused_by_name(error, point, said):
    for call in (
        lambda: check_gradient(squares, doubled, point),
        lambda: check_grads(lambda x: np.sum(x * x), point),
        lambda: assert_grads(lambda x: np.sum(x * x), point),
    ):
        with pytest.raises(error, match=said) as caught:
            call()
        assert not isinstance(caught.value, GradientError)


@pytest.mark.parametrize(
    ("error", "gradient", "said"),
    [
        (ValueError, lambda m: 2.0 * m.T, r"shape \(3, 2\), m \(2, 3\): it is transposed"),
        (ValueError, lambda m: 2.0 * m[0], r"the gradient has shape \(3,\), m \(2, 3\)"),
        (TypeError, lambda m: 2j * m, "the gradient is an array of complex128"),
        (TypeError, lambda m: np.ma.array(m, mask=m > 0), "the gradient is a masked array"),
        (TypeError, lambda m: None, "the gradient is None"),
        (TypeError, lambda m: np.full((2, 3), None), r"the gradient\[0, 0\] is None"),
    ],
)
def test_gradients_of_another_form(error, gradient, said):
    def f(m):
        return np.sum(m * m)

    with pytest.raises(error, match=said):
        check_gradient(f, gradient, np.ones((2, 3)))


@pytest.mark.parametrize(
    ("error", "arguments", "said"),
    [
        (TypeError, (READ_ONLY, doubled, squares), "the function is array"),
        (TypeError, (squares, READ_ONLY, doubled), "number 1 of the point is <function doubled"),
        (ValueError, (lambda a, b: a @ b, lambda a, b: b, READ_ONLY, READ_ONLY), "list of 2, one"),
    ],
)
def test_arguments_in_another_order_or_number(error, arguments, said):
    if error is ValueError:
        arguments = arguments[0], lambda a, b: (b, a, a), *arguments[2:]
    with pytest.raises(error, match=said):
        check_gradient(*arguments)


def test_tables_keep_their_labels():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [1.0, 2.0], "b": [3, 4]}, index=["x", "y"])

    def f(t):
        return float((t["a"] * t.loc["y", "b"]).sum())

    def gradient(t):
        four = t.loc["y", "b"]
        return [[four, 0.0], [four, t["a"].sum()]]

    assert check_gradient(f, gradient, table).counts == {"PASS": 4}
    column = pandas.Series([1.0, 2.0], index=["x", "y"])
    assert check_gradient(lambda s: s["x"] * s["y"], lambda s: [s["y"], s["x"]], column)
    with pytest.raises(ValueError, match=r"missing values, the first at \[1\]; fill or drop"):
        check_gradient(squares, doubled, pandas.Series([1.0, None]))


def test_arrays_of_the_standard_library_are_made_anew():
    point = array("d", [1.0, 2.0])
    report = check_gradient(lambda x: x[0] * x[1], lambda x: [x[1], x[0]], point)
    assert report.counts == {"PASS": 2}
    assert list(point) == [1.0, 2.0]


def test_every_call_gets_an_array_of_its_own_and_the_point_stays():
    kept, point = [], np.array([[1.0, 2.0], [3.0, 4.0]])

    def f(m):
        kept.append((m, m.copy()))
        return np.sum(m**3)

    check_gradient(f, lambda m: 3.0 * m * m, point)
    assert all((seen == copy).all() for seen, copy in kept)
    assert point.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_functions_of_values_take_arrays_of_several_shapes():
    w, x = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0.5, -1.0])
    report = check_grads(lambda p, x: np.sum(np.tanh(p["w"] @ x)), {"w": w}, x, order=1)
    paths = [row.path for row in report.comparisons]
    assert paths[:2] + paths[-1:] == ["args[0]['w'][0, 0]", "args[0]['w'][0, 1]", "args[1][1]"]
    assert_grads(lambda w, x: np.sum(np.tanh(w @ x)) ** 2, w, x)


def test_parameters_in_arrays():
    w = np.array([[Value(1.0), Value(-0.5)]], dtype=object)
    b = Value(0.3, label="b")

    def loss():
        return np.sum(np.tanh(w * 2.0)) + b * b

    for parameters in ({"w": w, "b": b}, [("w", w), ("b", b)]):
        report = check_parameters(loss, parameters, order=1)
        assert [row.path for row in report.comparisons] == ["w[0, 0]", "w[0, 1]", "b"]
    assert check_parameters(loss, w, order=1).comparisons[1].path == "parameters[0, 1]"
    with pytest.raises(TypeError, match=r"w\[0\] must be a Value, got 1.0"):
        check_parameters(loss, {"w": np.array([1.0])})
    with pytest.raises(ValueError, match=r"v\[0, 0\] is the same Value as w\[0, 0\]"):
        check_parameters(loss, {"w": w, "v": w})


def test_second_opinions_on_arrays():
    w = np.array([[Value(1.0), Value(-0.5)]], dtype=object)
    output = np.sum(w * w * 3.0)
    for inputs in (w, [w], {"w": w}, w[0].tolist()):
        found = second_opinion(output, inputs)
        assert found.verdict == "PASS"
        assert found.gradient == (6.0, -3.0)
    with pytest.raises(ValueError, match=r"inputs\[2\] is the same Value as inputs\[0\]"):
        second_opinion(output, [w, w])
    with pytest.raises(ValueError, match="no inputs"):
        second_opinion(output, np.array([], dtype=object))
