"""Functions that are not good to the last bit: single precision, solvers, printed digits."""

import math

import numpy as np
import pytest

from autograd.verification.gradcheck import check_gradient
from autograd.verification.verdicts import GradientError

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7], [-0.2, 0.8, 0.1]], dtype=np.float32)
POINT = np.array([0.3, -0.8, 0.6])


def single(w):
    return np.tanh(X @ w.astype(np.float32)).sum()


def single_gradient(w):
    return X.T @ (1.0 - np.tanh(X @ w.astype(np.float32)) ** 2)


def complaint(function, gradient, *point, **options):
    with pytest.raises(GradientError) as caught:
        check_gradient(function, gradient, *point, **options)
    return str(caught.value)


def test_the_type_of_the_result_sets_the_precision_and_line_one_says_so():
    report = check_gradient(single, single_gradient, POINT)
    assert repr(report).startswith("claimed gradient in float32: 3 PASS\n")
    message = complaint(single, lambda w: 1.05 * single_gradient(w), POINT)
    assert "(claimed gradient in float32)" in message.splitlines()[0]
    assert message.splitlines()[-1].startswith("  all claims are 1.050 x the differences")
    half = check_gradient(lambda x: np.float16(x**2), lambda x: 2.0 * x, 1.5)
    assert half.subject == "claimed gradient in float16"
    assert "FAIL" in complaint(lambda x: np.float16(x**2), lambda x: 3.0 * x, 1.5)


def test_claims_in_single_precision_of_a_function_in_double():
    def f(w):
        return np.tanh(X.astype(float) @ w).sum()

    assert check_gradient(f, single_gradient, POINT).subject == "claimed gradient in float32"
    assert "FAIL" in complaint(f, lambda w: single_gradient(w) * np.float32(1.01), POINT)


def test_asked_for_more_than_single_precision_has_nothing_is_confirmed():
    assert "INCONCLUSIVE" in complaint(single, single_gradient, POINT, precision=1e-7)


def test_of_many_inputs_in_single_precision_directions_are_confirmed_and_what_they_see_is_told():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(4, 400)).astype(np.float32)
    w = rng.normal(size=400)

    def f(w):
        return np.tanh(data @ w.astype(np.float32) / np.float32(20.0)).sum()

    def gradient(w):
        t = np.tanh(data @ w.astype(np.float32) / np.float32(20.0))
        return data.T @ (1.0 - t * t) / np.float32(20.0)

    report = check_gradient(f, gradient, w)
    assert report.counts == {"PASS": 2}
    assert "would show" in report.notes[-1]

    def wrong(w):
        found = gradient(w)
        found[123] += 1.0
        return found

    assert "only point[123] is wrong" in complaint(f, wrong, w)


def test_tensors_are_made_anew_of_their_own_type():
    class Tensor:  # what PyTorch offers
        def __init__(self, numbers):
            self.numbers = np.asarray(numbers, dtype=np.float32)

        shape = property(lambda self: self.numbers.shape)
        dtype = "torch.float32"

        def __array__(self, dtype=None, copy=None):
            return self.numbers.astype(dtype or np.float32)

        def tolist(self):
            return self.numbers.tolist()

        def new_tensor(self, numbers):
            return Tensor(numbers)

        def reshape(self, shape):
            return Tensor(self.numbers.reshape(shape))

        def item(self):
            return self.numbers.item()

    def f(w):
        assert type(w) is Tensor
        return Tensor(np.square(w.numbers).sum(dtype=np.float32))

    report = check_gradient(f, lambda w: Tensor(2 * w.numbers), Tensor([[0.5, -1.0], [2.0, 3.0]]))
    assert report.subject == "claimed gradient in float32"
    assert [row.path for row in report.comparisons] == ["w[0, 0]", "w[0, 1]", "w[1, 0]", "w[1, 1]"]


def test_numbers_of_single_precision_without_a_type_get_a_hint():
    message = complaint(lambda x: float(np.sin(np.float32(x))), math.cos, 1.0)
    assert "the values of f have the 24 bits of float32" in message


# --- Values that are known to a tolerance only ----------------------------------------------------


def solved(a, tolerance=1e-5):
    """x + a x³ = 1 by bisection: good to the tolerance."""
    low, high = 0.0, 1.0
    while high - low > tolerance:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if middle + a * middle**3 < 1.0 else (low, middle)
    return 0.5 * (low + high)


def solved_gradient(a):
    x = solved(a, 1e-15)
    return -(x**3) / (1.0 + 3.0 * a * x * x)


def test_a_solver_is_confirmed_and_refuted_by_its_tolerance():
    assert check_gradient(solved, solved_gradient, 0.7, f_error=1e-5).verdict == "PASS"
    assert "FAIL" in complaint(solved, lambda a: 1.1 * solved_gradient(a), 0.7, f_error=1e-5)
    assert "INCONCLUSIVE" in complaint(solved, solved_gradient, 0.7)


def test_scatter_that_may_be_a_tolerance_gets_a_hint_that_can_be_followed():
    def scattered(x):
        return math.sin(x) + 1e-8 * (hash(x) % 1000) / 1000

    message = complaint(scattered, math.cos, 1.0)
    assert "f scatters by about" in message
    asked = float(message.rpartition("f_error=")[2])
    assert 1e-9 < asked < 1e-6
    assert check_gradient(scattered, math.cos, 1.0, f_error=asked).verdict == "PASS"
    assert "FAIL" in complaint(scattered, lambda x: 1.05 * math.cos(x), 1.0, f_error=asked)
