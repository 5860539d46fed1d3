"""SciPy's optimizers with gradients from here: its own examples, and NIST's regression problems.

The problems are those of https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml, with the data,
the starting values and the certified values given there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import autograd
from autograd import Value, grad, hessian, hvp, jacobian, value_and_grad

optimize = pytest.importorskip("scipy.optimize")


class Problem(NamedTuple):
    model: object
    x: np.ndarray
    y: np.ndarray
    start: list
    certified: list
    deviations: list
    squares: float


def _numbers(text):
    return np.array([float(word) for word in text.split()])


def _misra(x, b1, b2):
    return b1 * (1 - np.exp(-b2 * x))


def _osborne(x, b1, b2, b3, b4):
    return b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4)


def _eckerle(x, b1, b2, b3):
    return b1 / b2 * np.exp(-0.5 * ((x - b3) / b2) ** 2)


def _thurber(x, b1, b2, b3, b4, b5, b6, b7):
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


NIST = {
    "Misra1a": Problem(
        _misra,
        _numbers(
            "77.6 114.9 141.1 190.8 239.9 289.0 332.8 378.4 434.8 477.3 536.8 593.1 689.1 "
            "760"
        ),
        _numbers(
            "10.07 14.73 17.94 23.93 29.61 35.18 40.02 44.82 50.76 55.05 61.01 66.40 75.47 "
            "81.78"
        ),
        [250, 0.0005],
        [2.3894212918e02, 5.5015643181e-04],
        [2.7070075241e00, 7.2668688436e-06],
        1.2455138894e-01,
    ),
    "MGH09": Problem(
        _osborne,
        _numbers(
            "4 2 1 0.5 0.25 0.167 0.125 0.1 0.0833 0.0714 0.0625"
        ),
        _numbers(
            "1.957e-1 1.947e-1 1.735e-1 1.6e-1 8.44e-2 6.27e-2 4.56e-2 3.42e-2 3.23e-2 "
            "2.35e-2 2.46e-2"
        ),
        [0.25, 0.39, 0.415, 0.39],
        [1.9280693458e-01, 1.9128232873e-01, 1.2305650693e-01, 1.3606233068e-01],
        [1.1435312227e-02, 1.9633220911e-01, 8.0842031232e-02, 9.0025542308e-02],
        3.0750560385e-04,
    ),
    "Eckerle4": Problem(
        _eckerle,
        _numbers(
            "400 405 410 415 420 425 430 435 436.5 438 439.5 441 442.5 444 445.5 447 448.5 "
            "450 451.5 453 454.5 456 457.5 459 460.5 462 463.5 465 470 475 480 485 490 495 "
            "500"
        ),
        _numbers(
            "0.0001575 0.0001699 0.0002350 0.0003102 0.0004917 0.0008710 0.0017418 "
            "0.0046400 0.0065895 0.0097302 0.0149002 0.0237310 0.0401683 0.0712559 "
            "0.1264458 0.2073413 0.2902366 0.3445623 0.3698049 0.3668534 0.3106727 "
            "0.2078154 0.1164354 0.0616764 0.0337200 0.0194023 0.0117831 0.0074357 "
            "0.0022732 0.0008800 0.0004579 0.0002345 0.0001586 0.0001143 0.0000710"
        ),
        [1.5, 5, 450],
        [1.5543827178e00, 4.0888321754e00, 4.5154121844e02],
        [1.5408051163e-02, 4.6803020753e-02, 4.6800518816e-02],
        1.4635887487e-03,
    ),
    "Thurber": Problem(
        _thurber,
        _numbers(
            "-3.067 -2.981 -2.921 -2.912 -2.840 -2.797 -2.702 -2.699 -2.633 -2.481 -2.363 "
            "-2.322 -1.501 -1.460 -1.274 -1.212 -1.100 -1.046 -0.915 -0.714 -0.566 -0.545 "
            "-0.400 -0.309 -0.109 -0.103 0.010 0.119 0.377 0.790 0.963 1.006 1.115 1.572 "
            "1.841 2.047 2.200"
        ),
        _numbers(
            "80.574 84.248 87.264 87.195 89.076 89.608 89.868 90.101 92.405 95.854 100.696 "
            "101.060 401.672 390.724 567.534 635.316 733.054 759.087 894.206 990.785 "
            "1090.109 1080.914 1122.643 1178.351 1260.531 1273.514 1288.339 1327.543 "
            "1353.863 1414.509 1425.208 1421.384 1442.962 1464.350 1468.705 1447.894 "
            "1457.628"
        ),
        [1300, 1500, 500, 75, 1, 0.4, 0.05],
        [1.2881396800e03, 1.4910792535e03, 5.8323836877e02, 7.5416644291e01, 9.6629502864e-01,
         3.9797285797e-01, 4.9727297349e-02],
        [4.6647963344e00, 3.9571156086e01, 2.8698696102e01, 5.5675370270e00, 3.1333340687e-02,
         1.4984928198e-02, 6.5842344623e-03],
        5.6427082397e03,
    ),
}  # fmt: skip


@pytest.mark.parametrize("problem", NIST.values(), ids=NIST)
def test_regression_problems_of_nist(problem):
    def residuals(p):
        return problem.model(problem.x, *p) - problem.y

    found = optimize.least_squares(
        residuals, problem.start, jac=jacobian(residuals), x_scale="jac",
        xtol=1e-15, ftol=1e-15, gtol=1e-15,
    )  # fmt: skip
    assert 2 * found.cost == pytest.approx(problem.squares, rel=1e-9)
    assert found.x == pytest.approx(problem.certified, rel=1e-7)
    # As SciPy calls a model and its derivatives: points, then parameters one by one.
    by_parameters = jacobian(problem.model, tuple(range(1, len(problem.start) + 1)))
    fitted, covariance = optimize.curve_fit(
        problem.model, problem.x, problem.y, problem.start, jac=by_parameters,
        ftol=1e-15, xtol=1e-15,
    )  # fmt: skip
    assert fitted == pytest.approx(problem.certified, rel=1e-6)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(problem.deviations, rel=1e-5)


# --- SciPy's own examples -------------------------------------------------------------------------


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


START = np.array([1.3, 0.7, 0.8])


def test_derivatives_are_those_that_scipy_has_by_hand():
    assert np.allclose(grad(rosenbrock)(START), optimize.rosen_der(START), rtol=1e-14)
    assert np.allclose(hessian(rosenbrock)(START), optimize.rosen_hess(START), rtol=1e-13)
    product = hvp(rosenbrock, (START,), (np.arange(3),))[0]
    assert np.allclose(product, optimize.rosen_hess_prod(START, np.arange(3)), rtol=1e-13)
    # The function that SciPy ships, too, which takes whatever NumPy takes.
    assert np.allclose(grad(optimize.rosen)(START), optimize.rosen_der(START), rtol=1e-14)
    assert optimize.check_grad(rosenbrock, grad(rosenbrock), START) < 1e-4


@pytest.mark.parametrize(("method", "more"), [
    ("BFGS", {"jac": grad(rosenbrock)}), ("L-BFGS-B", {"jac": grad(rosenbrock)}),
    ("Newton-CG", {"jac": grad(rosenbrock), "hess": hessian(rosenbrock)}),
    ("trust-exact", {"jac": grad(rosenbrock), "hess": hessian(rosenbrock)}),
    ("trust-ncg", {"jac": grad(rosenbrock),
                   "hessp": lambda x, v: hvp(rosenbrock, (x,), (v,))[0]}),
])  # fmt: skip
def test_minimize(method, more):
    found = optimize.minimize(rosenbrock, START, method=method, tol=1e-9, **more)
    assert found.x == pytest.approx(np.ones(3), abs=1e-5)


def test_value_and_gradient_from_one_call():
    found = optimize.minimize(value_and_grad(rosenbrock), START, jac=True)
    assert found.x == pytest.approx(np.ones(3), abs=1e-4)


def test_constraints_of_the_tutorial():
    # scipy.optimize, tutorial: "Sequential Least SQuares Programming".
    inequality = {"type": "ineq"}
    inequality["fun"] = lambda x: np.array(
        [1 - x[0] - 2 * x[1], 1 - x[0] ** 2 - x[1], 1 - x[0] ** 2 + x[1]]
    )
    inequality["jac"] = jacobian(inequality["fun"])
    equality = {"type": "eq", "fun": lambda x: np.array([2 * x[0] + x[1] - 1])}
    equality["jac"] = jacobian(equality["fun"])
    found = optimize.minimize(
        rosenbrock, np.array([0.5, 0]), method="SLSQP", jac=grad(rosenbrock),
        constraints=[equality, inequality], bounds=optimize.Bounds([0, -0.5], [1.0, 2.0]),
        options={"ftol": 1e-9},
    )  # fmt: skip
    assert found.x == pytest.approx([0.41494475, 0.1701105], abs=1e-6)


def test_roots_of_the_tutorial():
    def equations(x):
        return [x[0] * np.cos(x[1]) - 4, x[1] * x[0] - x[1] - 5]

    for method in ("hybr", "lm"):
        found = optimize.root(equations, [1, 1], jac=jacobian(equations), method=method)
        assert found.x == pytest.approx([6.50409711, 0.90841421], abs=1e-7)
    single = optimize.root_scalar(
        lambda x: x**3 - 1, x0=0.2, fprime=grad(lambda x: x**3 - 1), method="newton"
    )
    assert single.root == pytest.approx(1.0)
    assert optimize.newton(np.cos, 1.0, grad(np.cos)) == pytest.approx(np.pi / 2)


def test_functions_of_one_element_as_scipy_passes_them():
    found = optimize.minimize(lambda x: (x - 3) ** 2, 1.0, jac=grad(lambda x: (x - 3) ** 2))
    assert found.x == pytest.approx([3.0])
    found = optimize.minimize(value_and_grad(lambda x: (x - 3) ** 2), [1.0], jac=True)
    assert found.x == pytest.approx([3.0])


def test_a_logistic_regression_with_matrices():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(40, 3)).astype(np.float32)
    classes = (inputs @ [1.0, -2.0, 0.5] + rng.normal(size=40) > 0).astype(int)

    def loss(w):
        margins = np.where(classes == 1, 1.0, -1.0) * (inputs @ w)
        return np.mean(np.logaddexp(0.0, -margins)) + 0.01 * np.linalg.norm(w) ** 2

    start = np.full(3, 0.1)
    found = optimize.minimize(
        loss, start, jac=grad(loss), hess=hessian(loss), method="trust-exact", tol=1e-9
    )
    shares = 1 / (1 + np.exp(-(inputs @ found.x)))
    assert inputs.T @ (shares - classes) / 40 + 0.02 * found.x == pytest.approx(
        np.zeros(3), abs=1e-5
    )
    assert np.allclose(
        hessian(loss)(found.x),
        (inputs.T * shares * (1 - shares)) @ inputs / 40 + 0.02 * np.eye(3), atol=1e-6,
    )  # fmt: skip


def test_residuals_that_close_over_values():
    x, scale = np.linspace(0.0, 1.0, 30), Value(2.0, label="scale")

    def residuals(p):
        return p[0] * np.exp(-p[1] * x) + scale * p[2] - 3.0

    found = jacobian(residuals)(np.array([1.0, 0.5, 2.0]))
    assert (found.shape, found.dtype) == ((30, 3), np.float64)
    assert np.allclose(found[:, 2], 2.0)
    assert np.allclose(found[:, 1], -x * np.exp(-0.5 * x))


def test_operations_in_a_model_of_arrays():
    x = np.linspace(-1.0, 1.0, 9)
    y = np.tanh(1.5 * x + 0.25)
    fitted, _ = optimize.curve_fit(
        lambda x, a, b: np.tanh(a * x + b), x, y, [1.0, 0.0],
        jac=jacobian(lambda x, a, b: autograd.tanh(a * x + b), (1, 2)),
    )  # fmt: skip
    assert fitted == pytest.approx([1.5, 0.25], rel=1e-8)
