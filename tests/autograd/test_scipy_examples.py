"""More of SciPy's own examples, and of NIST's problems, with derivatives from here.

The examples are those of SciPy's documentation and tutorial, each with its function unchanged; the
problems those of https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml.
"""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import grad, hessian, hvp, jacobian, value_and_grad

optimize = pytest.importorskip("scipy.optimize")
integrate = pytest.importorskip("scipy.integrate")


def _numbers(text):
    return np.array([float(word) for word in text.split()])


_PRESSURE = "77.6 114.9 141.1 190.8 239.9 289.0 332.8 378.4 434.8 477.3 536.8 593.1 689.1 760"
_VOLUME = "10.07 14.73 17.94 23.93 29.61 35.18 40.02 44.82 50.76 55.05 61.01 66.40 75.47 81.78"
# Each with its model, data, start, certified parameters, their deviations, and the sum of squares.
NIST = {
    "Misra1b": (
        lambda x, b1, b2: b1 * (1 - (1 + b2 * x / 2) ** -2), _PRESSURE, _VOLUME, "500 0.0001",
        "3.3799746163E+02 3.9039091287E-04", "3.1643950207E+00 4.2547321834E-06", 7.5464681533e-02,
    ),
    "Misra1c": (
        lambda x, b1, b2: b1 * (1 - (1 + 2 * b2 * x) ** -0.5), _PRESSURE, _VOLUME, "500 0.0001",
        "6.3642725809E+02 2.0813627256E-04", "4.6638326572E+00 1.7728423155E-06", 4.0966836971e-02,
    ),
    "Misra1d": (
        lambda x, b1, b2: b1 * b2 * x / (1 + b2 * x), _PRESSURE, _VOLUME, "500 0.0001",
        "4.3736970754E+02 3.0227324449E-04", "3.6489174345E+00 2.9334354479E-06", 5.6419295283e-02,
    ),
    "DanWood": (
        lambda x, b1, b2: b1 * np.power(x, b2), "1.309 1.471 1.490 1.565 1.611 1.680",
        "2.138 3.421 3.597 4.340 4.882 5.660", "1 5", "7.6886226176E-01 3.8604055871E+00",
        "1.8281973860E-02 5.1726610913E-02", 4.3173084083e-03,
    ),
    "BoxBOD": (
        lambda x, b1, b2: -b1 * np.expm1(-b2 * x), "1 2 3 5 7 10", "109 149 149 191 213 224",
        "100 0.75", "2.1380940889E+02 5.4723748542E-01", "1.2354515176E+01 1.0455993237E-01",
        1.1680088766e03,
    ),
    "Rat42": (
        lambda x, b1, b2, b3: b1 / (1 + np.exp(b2 - b3 * x)), "9 14 21 28 42 57 63 70 79",
        "8.930 10.800 18.590 22.330 39.350 56.110 61.730 64.620 67.080", "75 2.5 0.07",
        "7.2462237576E+01 2.6180768402E+00 6.7359200066E-02",
        "1.7340283401E+00 8.8295217536E-02 3.4465663377E-03", 8.0565229338e00,
    ),
    "Rat43": (
        lambda x, b1, b2, b3, b4: b1 / (1 + np.exp(b2 - b3 * x)) ** (1 / b4),
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
        "16.08 33.83 65.80 97.20 191.55 326.20 386.87 520.53 590.03 651.92 724.93 699.56 689.96 "
        "637.56 717.41", "700 5 0.75 1.3",
        "6.9964151270E+02 5.2771253025E+00 7.5962938329E-01 1.2792483859E+00",
        "1.6302297817E+01 2.0828735829E+00 1.9566123451E-01 6.8761936385E-01", 8.7864049080e03,
    ),
    "MGH10": (
        lambda x, b1, b2, b3: b1 * np.exp(b2 / (x + b3)),
        "50 55 60 65 70 75 80 85 90 95 100 105 110 115 120 125",
        "34780 28610 23650 19630 16370 13720 11540 9744 8261 7030 6005 5147 4427 3820 3307 2872",
        "0.02 4000 250", "5.6096364710E-03 6.1813463463E+03 3.4522363462E+02",
        "1.5687892471E-04 2.3309021107E+01 7.8486103508E-01", 8.7945855171e01,
    ),
}  # fmt: skip


@pytest.mark.parametrize("problem", NIST.values(), ids=NIST)
def test_regression_problems_of_nist(problem):
    model, x, y, start, certified, deviations, squares = problem
    x, y, start, certified, deviations = map(_numbers, (x, y, start, certified, deviations))

    def residuals(p):
        return model(x, *p) - y

    for derivative in (jacobian(residuals), autograd.compile(jacobian(residuals))):
        found = optimize.least_squares(
            residuals, start, jac=derivative, x_scale="jac", method="lm",
            xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=5000,
        )  # fmt: skip
        assert 2 * found.cost == pytest.approx(squares, rel=1e-8)
        assert found.x == pytest.approx(certified, rel=1e-6)
        covariance = np.linalg.inv(found.jac.T @ found.jac) * squares / (len(x) - len(start))
        assert np.sqrt(np.diag(covariance)) == pytest.approx(deviations, rel=1e-5)


def rosen(x):
    return sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def test_nonlinear_constraints_of_trust_constr():
    def cons_f(x):
        return [x[0] ** 2 + x[1], x[0] ** 2 - x[1]]

    constraint = optimize.NonlinearConstraint(
        cons_f, -np.inf, 1, jac=jacobian(cons_f),
        hess=lambda x, v: hessian(lambda x: np.dot(v, cons_f(x)))(x),
    )  # fmt: skip
    linear = optimize.LinearConstraint([[1, 2], [2, 1]], [-np.inf, 1], [1, 1])
    for hess in ({"hess": hessian(rosen)}, {"hessp": lambda x, p: hvp(rosen, (x,), (p,))[0]}):
        found = optimize.minimize(
            rosen, np.array([0.5, 0]), method="trust-constr", jac=grad(rosen), **hess,
            constraints=[linear, constraint], bounds=optimize.Bounds([0, -0.5], [1.0, 2.0]),
        )  # fmt: skip
        assert found.x == pytest.approx([0.41494531, 0.17010937], abs=1e-5)


def test_a_system_of_least_squares_and_its_broyden_matrix():
    def broyden(x):
        f = (3 - x) * x + 1
        f[1:] -= x[:-1]
        f[:-1] -= 2 * x[1:]
        return f

    start = -np.ones(100)
    found = optimize.least_squares(broyden, start, jac=jacobian(broyden))
    assert found.cost == pytest.approx(0.0, abs=1e-15)
    sparse = autograd.sparse_jacobian(broyden)(start)
    matrix = pytest.importorskip("scipy.sparse").csr_array(sparse.csr, shape=sparse.shape)
    assert np.allclose(jacobian(broyden)(start), matrix.toarray())
    assert matrix.nnz == 298


def test_robust_losses_and_boxes():
    rng = np.random.default_rng(1)
    t = np.linspace(0, 10, 15)
    y = 0.5 + 2.0 * np.exp(t * -1.0) + 0.1 * rng.standard_normal(15)
    y[[3, 8]] += 5.0

    def fun(x, t, y):
        return x[0] + x[1] * np.exp(x[2] * t) - y

    found = optimize.least_squares(
        fun, np.ones(3), jac=jacobian(fun), loss="soft_l1", f_scale=0.1, args=(t, y)
    )
    again = optimize.least_squares(fun, np.ones(3), loss="soft_l1", f_scale=0.1, args=(t, y))
    assert found.x == pytest.approx(again.x, abs=1e-4)


def test_stiff_equations():
    def robertson(t, x):
        a, b, c = x
        return [-0.04 * a + 1e4 * b * c, 0.04 * a - 1e4 * b * c - 3e7 * b**2, 3e7 * b**2]

    of_x = jacobian(robertson, 1)
    by_hand = [[-0.04, 2.0, 1.0], [0.04, -2.0 - 6e7 * 1e-4, -1.0], [0.0, 6e7 * 1e-4, 0.0]]
    assert np.allclose(of_x(0.0, np.array([1.0, 1e-4, 2e-4])), by_hand)
    for method in ("BDF", "Radau", "LSODA"):
        found = integrate.solve_ivp(
            robertson, (0, 40), [1, 0, 0], method=method, jac=of_x, rtol=1e-8, atol=1e-10
        )
        assert found.y[:, -1] == pytest.approx([0.7158271, 9.185535e-6, 0.2841637], rel=1e-5)

    def pendulum(y, t, b, c):
        theta, omega = y
        return [omega, -b * omega - c * np.sin(theta)]

    times, start = np.linspace(0, 10, 101), [np.pi - 0.1, 0.0]
    one, other = (
        integrate.odeint(pendulum, start, times, args=(0.25, 5.0), Dfun=Dfun)
        for Dfun in (None, jacobian(pendulum))
    )
    assert np.allclose(one, other, atol=1e-5)


def test_global_searches_take_value_and_gradient_from_one_call():
    def func2d(x):
        return np.cos(14.5 * x[0] - 0.3) + (x[1] + 0.2) * x[1] + (x[0] + 0.2) * x[0]

    found = optimize.basinhopping(
        value_and_grad(func2d), [1.0, 1.0], niter=60, rng=1,
        minimizer_kwargs={"method": "L-BFGS-B", "jac": True},
    )  # fmt: skip
    assert found.x == pytest.approx([-0.1951, -0.1], abs=1e-3)
    assert found.fun == pytest.approx(-1.0109, abs=1e-4)


def test_the_older_functions():
    fprime = grad(rosen)
    start = np.array([1.3, 0.7, 0.8])
    assert optimize.fmin_bfgs(rosen, start, fprime, disp=False) == pytest.approx(1, abs=1e-4)
    assert optimize.fmin_ncg(
        rosen, start, fprime, fhess=hessian(rosen), avextol=1e-9, disp=False
    ) == pytest.approx(1, abs=1e-5)
    assert optimize.fmin_tnc(rosen, start, fprime, disp=0)[0] == pytest.approx(1, abs=1e-2)

    def func(x):
        return [x[0] * np.cos(x[1]) - 4, x[1] * x[0] - x[1] - 5]

    found = optimize.fsolve(func, [1, 1], fprime=jacobian(func))
    assert np.allclose(func(found), 0.0, atol=1e-9)
    halley = optimize.newton(lambda x: x**3 - 1, 1.5, grad(lambda x: x**3 - 1),
                             fprime2=grad(grad(lambda x: x**3 - 1)))  # fmt: skip
    assert halley == pytest.approx(1.0)


def test_likelihoods_and_quantiles_of_arrays():
    rng = np.random.default_rng(2)
    sample = rng.gamma(3.0, 2.0, size=200)

    def negative_log_likelihood(p):
        shape, scale = np.exp(p)
        return np.sum(
            autograd.lgamma(shape) + shape * np.log(scale) - (shape - 1) * np.log(sample)
            + sample / scale
        )  # fmt: skip

    stats = pytest.importorskip("scipy.stats")
    found = optimize.minimize(
        negative_log_likelihood, np.zeros(2), jac=grad(negative_log_likelihood),
        hess=hessian(negative_log_likelihood), method="trust-exact", tol=1e-10,
    )  # fmt: skip
    shape, _, scale = stats.gamma.fit(sample, floc=0)
    assert np.exp(found.x) == pytest.approx([shape, scale], rel=1e-4)

    # A signal through a table of calibration, whose knots are sought.
    knots, signal = np.array([0.0, 1.0, 2.0, 3.0]), np.linspace(0.1, 2.9, 40)
    truth = np.array([0.0, 0.8, 2.5, 2.7])
    measured = np.interp(signal, knots, truth)
    by_table = optimize.least_squares(
        lambda heights: np.interp(signal, knots, heights) - measured, np.zeros(4),
        jac=jacobian(lambda heights: np.interp(signal, knots, heights)),
    )  # fmt: skip
    assert by_table.x == pytest.approx(truth, abs=1e-10)
