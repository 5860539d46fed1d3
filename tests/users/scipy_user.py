"""Gives SciPy's solvers exact derivatives of functions written with NumPy."""

import numpy as np
from scipy import optimize

from autograd import grad, hessian, hvp, jacobian, value_and_grad


def rosen(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


start = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
np.testing.assert_allclose(grad(rosen)(start), optimize.rosen_der(start), rtol=1e-13)
np.testing.assert_allclose(hessian(rosen)(start), optimize.rosen_hess(start), atol=1e-10)

solutions = {
    "BFGS": optimize.minimize(rosen, start, method="BFGS", jac=grad(rosen)),
    "L-BFGS-B": optimize.minimize(value_and_grad(rosen), start, method="L-BFGS-B", jac=True),
    "Newton-CG": optimize.minimize(
        rosen, start, method="Newton-CG", jac=grad(rosen), hess=hessian(rosen), tol=1e-9
    ),
    "trust-exact": optimize.minimize(
        rosen, start, method="trust-exact", jac=grad(rosen), hess=hessian(rosen)
    ),
    "trust-ncg": optimize.minimize(
        rosen, start, method="trust-ncg", jac=grad(rosen),
        hessp=lambda x, p: hvp(rosen, (x,), (p,))[0],
    ),
}  # fmt: skip
for method, found in solutions.items():
    print(f"{method:12} {found.nit:3} iterations, off by {np.abs(found.x - 1.0).max():.1e}")
    assert np.abs(found.x - 1.0).max() < 2e-4

# A curve through measured points, two ways.
time = np.linspace(0.0, 10.0, 30)
measured = 2.5 * np.exp(-0.4 * time) + 0.3


def decay(t, height, rate, floor):
    return height * np.exp(-rate * t) + floor


def residuals(p):
    return decay(time, *p) - measured


fitted = optimize.least_squares(residuals, [1.0, 1.0, 0.0], jac=jacobian(residuals)).x
np.testing.assert_allclose(fitted, [2.5, 0.4, 0.3], rtol=1e-8)


def jac(t, *p):
    return jacobian(lambda p: decay(t, *p))(np.array(p))


fitted, covariance = optimize.curve_fit(decay, time, measured, p0=[1.0, 1.0, 0.0], jac=jac)
np.testing.assert_allclose(fitted, [2.5, 0.4, 0.3], rtol=1e-8)


# Two equations, two unknowns, as in SciPy's documentation.
def equations(x):
    return [x[0] * np.cos(x[1]) - 4.0, x[1] * x[0] - x[1] - 5.0]


root = optimize.root(equations, [1.0, 1.0], jac=jacobian(equations)).x
np.testing.assert_allclose(root, [6.50409711, 0.90841421], rtol=1e-8)
