"""Other people's gradients: NumPy, PyTorch, JAX, plain lists."""

import math
import random
from collections import namedtuple

import numpy as np
import pytest

from autograd.verification.gradcheck import check_gradient
from autograd.verification.verdicts import GradientError


def rosenbrock(x):
    return float(np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))


def rosenbrock_gradient(x):
    found = np.zeros_like(x)
    found[:-1] = -400.0 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2.0 * (1.0 - x[:-1])
    found[1:] += 200.0 * (x[1:] - x[:-1] ** 2)
    return found


def test_a_numpy_gradient_passes():
    report = check_gradient(rosenbrock, rosenbrock_gradient, np.linspace(0.5, 1.5, 7))
    assert report.counts == {"PASS": 7}
    assert report.comparisons[3].path == "point[3]"


@pytest.mark.parametrize("projections", [None, 2])
def test_a_numpy_gradient_wrong_at_one_place_by_a_millionth_fails_there(projections):
    def wrong(x):
        found = rosenbrock_gradient(x)
        found[30] *= 1.0 + 1e-6
        return found

    point = np.linspace(0.5, 1.5, 40)
    with pytest.raises(GradientError) as caught:
        check_gradient(rosenbrock, wrong, point, projections=projections)
    assert [row.path for row in caught.value.report.failures] == ["point[30]"]
    assert "FAIL  point[30]: gradient claims" in str(caught.value)


def test_arrays_keep_their_shape_and_point_is_not_changed():
    matrix = np.arange(1.0, 7.0).reshape(2, 3)
    seen = []

    def frobenius(m):
        seen.append((type(m), m.shape, m.dtype))
        return np.sqrt((m**2).sum())

    report = check_gradient(frobenius, lambda m: m / frobenius(m), matrix)
    assert [row.path for row in report.comparisons][:4] == [
        "m[0, 0]",
        "m[0, 1]",
        "m[0, 2]",
        "m[1, 0]",
    ]
    assert set(seen) == {(np.ndarray, (2, 3), np.dtype("float64"))}
    assert matrix.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


def test_integers_are_varied_as_floats():
    assert check_gradient(lambda x: x @ x, lambda x: 2 * x, np.array([1, 2])).verdict == "PASS"
    assert check_gradient(lambda x: x * x, 6, 3).verdict == "PASS"


def test_structures_of_arrays_and_floats_with_the_gradient_as_numbers():
    Layer = namedtuple("Layer", "w b")
    point = {"layer": Layer(np.array([1.0, 2.0]), 0.5), "scale": (3.0,)}

    def f(p):
        return p["scale"][0] * (p["layer"].w.sum() + p["layer"].b)

    gradient = {"layer": Layer([3.0, 3.0], 3.0), "scale": [3.5]}
    report = check_gradient(f, gradient, point)
    assert [row.path for row in report.comparisons] == [
        "point['layer'].w[0]",
        "point['layer'].w[1]",
        "point['layer'].b",
        "point['scale'][0]",
    ]
    assert report.verdict == "PASS"


def test_a_single_float():
    assert check_gradient(math.sin, math.cos, 1.0).verdict == "PASS"
    with pytest.raises(GradientError, match="FAIL  point: gradient claims"):
        check_gradient(math.sin, lambda x: -math.cos(x), 1.0)


def test_single_precision_is_inconclusive_unless_less_is_asked_for():
    def single(x):
        return float(np.sin(np.float32(x)))

    with pytest.raises(GradientError, match="INCONCLUSIVE"):
        check_gradient(single, math.cos, 1.0)
    assert check_gradient(single, math.cos, 1.0, precision=1e-2).verdict == "PASS"
    with pytest.raises(GradientError, match="FAIL"):
        check_gradient(single, lambda x: 1.1 * math.cos(x), 1.0, precision=1e-2)


def in_place(x):
    x *= 2.0
    return float(x.sum())


@pytest.mark.parametrize(
    ("error", "function", "gradient", "point", "said"),
    [
        (ValueError, in_place, lambda x: 2.0 + 0 * x, np.ones(2), "changed its argument"),
        (ValueError, lambda x: x.pop(), lambda x: [1.0], [1.0], "changed its argument"),
        (TypeError, lambda x: x, lambda x: x, np.ones(2), "the result of the function: .*array"),
        (TypeError, lambda x: None, lambda x: x, 1.0, "the result of the function: .*None"),
        (TypeError, lambda x: 1j, lambda x: x, 1.0, "complex"),
        (
            ValueError,
            np.sum,
            lambda x: np.ones(3),
            np.ones(2),
            r"the gradient has shape \(3,\), point \(2,\)",
        ),
        (ValueError, np.sum, lambda x: 1.0, np.ones(2), "not have the structure"),
        (TypeError, np.sum, lambda x: ["a", "b"], np.ones(2), "the gradient"),
        (ValueError, lambda x: math.inf, lambda x: 1.0, 1.0, "f is inf"),
        (ValueError, lambda x: x * random.random(), lambda x: 1.0, 1.0, "f is random"),
        (ValueError, lambda x: 1.0, lambda x: [], [], "no number in the point"),
        (ValueError, lambda x: x, lambda x: 1.0, math.nan, "point is nan"),
        (ZeroDivisionError, lambda x: 1.0 / x, lambda x: 1.0, 0.0, "division by zero"),
        (KeyError, lambda x: {}["missing"], lambda x: 1.0, 0.0, "missing"),
    ],
)
def test_bad_input(error, function, gradient, point, said):
    with pytest.raises(error, match=said) as caught:
        check_gradient(function, gradient, point)
    assert not isinstance(caught.value, GradientError)


def test_a_gradient_that_is_not_finite_fails():
    with pytest.raises(GradientError, match="gradient claims nan"):
        check_gradient(math.sin, math.nan, 1.0)


def test_pytorch():
    torch = pytest.importorskip("torch")

    def f(x):
        return torch.tanh(torch.tensor(x, dtype=torch.float64)).prod()

    def gradient(x):
        leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        torch.tanh(leaf).prod().backward()
        return leaf.grad

    assert check_gradient(f, gradient, [0.5, -1.0, 2.0]).verdict == "PASS"
    with pytest.raises(GradientError, match=r"point\[0\]"):
        check_gradient(f, lambda x: gradient(x) * 1.00001, [0.5, -1.0, 2.0])


def test_jax():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)

    def f(x):
        return jax.numpy.tanh(x).prod()

    assert check_gradient(f, jax.grad(f), np.array([0.5, -1.0, 2.0])).verdict == "PASS"


def test_where_python_turns_complex_the_domain_ends():
    report = check_gradient(lambda v: v[0] ** 1.5 + v[0], [1.0], [0.0])
    assert report.verdict == "PASS"
    assert report.comparisons[0].measured.side == "right"
    with pytest.raises(TypeError, match=r"complex number .* only real numbers"):
        check_gradient(lambda v: v[0] ** 0.5, [1.0], [-1.0])


@pytest.mark.parametrize("result", [[1.0, 2.0], (1.0,), {"a": 1.0}])
def test_several_results_are_told_what_to_do(result):
    with pytest.raises(TypeError, match="check one of its numbers at a time"):
        check_gradient(lambda v: result, [1.0], [1.0])
