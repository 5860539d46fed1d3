"""NumPy, with value and gradient written by hand. It has no loop of its own: Python's counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cases
import numpy as np
from cases import Amount, Job

VERSION = np.__version__
Array = Any


def unflatten(numbers: Array, sizes: tuple[int, ...]) -> list[tuple[Array, Array]]:
    """Return weights and biases of every layer as views of one vector."""
    parts, place = [], 0
    for nin, nout in pairwise(sizes):
        weights = numbers[place : place + nin * nout].reshape(nout, nin)
        parts.append((weights, numbers[place + nin * nout : place + (nin + 1) * nout]))
        place += (nin + 1) * nout
    return parts


def _moons_step() -> Callable[[Array, Array], Array]:
    """Return a step of gradient descent on some rows, in place."""
    p = np.array(cases.network(cases.LAYERS))
    g = np.empty_like(p)
    (w1, b1), (w2, b2), (w3, b3) = unflatten(p, cases.LAYERS)
    (g1, c1), (g2, c2), (g3, c3) = unflatten(g, cases.LAYERS)

    def step(x: Array, t: Array) -> Array:
        h1 = np.maximum(x @ w1.T + b1, 0.0)
        h2 = np.maximum(h1 @ w2.T + b2, 0.0)
        scores = (h2 @ w3.T + b3)[:, 0]
        slopes = np.where(1.0 - t * scores > 0.0, -t, 0.0)[:, None] / len(t)
        np.matmul(slopes.T, h2, out=g3)
        slopes.sum(0, out=c3)
        delta = slopes @ w3 * (h2 > 0.0)
        np.matmul(delta.T, h1, out=g2)
        delta.sum(0, out=c2)
        delta = delta @ w2 * (h1 > 0.0)
        np.matmul(delta.T, x, out=g1)
        delta.sum(0, out=c1)
        p[:] -= cases.RATE * (g + 2.0 * cases.PENALTY * p)
        return p

    return step


def moons_inside(amount: Amount) -> Job:
    """Full-batch steps in a Python loop."""
    step, (x, t) = _moons_step(), map(np.array, cases.moons())
    steps = min(amount.moons_steps, 100)

    def train() -> Array:
        for _ in range(steps):
            p = step(x, t)
        return p

    return Job("out = train()", {"train": train}, units=steps)


def moons_call(_: Amount) -> Job:
    """One full-batch step a call."""
    x, t = map(np.array, cases.moons())
    return Job("out = step(x, t)", {"step": _moons_step(), "x": x, "t": t})


def moons_single(amount: Amount) -> Job:
    """Steps on one point at a time in a Python loop."""
    step, (x, t) = _moons_step(), map(np.array, cases.moons())
    done = 0

    def train() -> Array:
        nonlocal done
        for _ in range(min(amount.single_steps, 1000)):
            k = done % len(t)
            done += 1
            p = step(x[k : k + 1], t[k : k + 1])
        return p

    return Job("out = train()", {"train": train}, units=min(amount.single_steps, 1000))


def digits(amount: Amount) -> Job:
    """Steps of Adam in a Python loop."""
    pixels, labels = cases.digits()
    x, t = np.array(pixels).reshape(-1, cases.DIGITS[0]), np.array(labels)
    rows = np.arange(cases.BATCH)
    lr, beta1, beta2, epsilon = cases.ADAM
    p = np.array(cases.network(cases.DIGITS))
    g, m, v = np.empty_like(p), np.zeros_like(p), np.zeros_like(p)
    (w1, b1), (w2, b2) = unflatten(p, cases.DIGITS)
    (g1, c1), (g2, c2) = unflatten(g, cases.DIGITS)
    steps, done = min(amount.digits_steps, 56), 0

    def step() -> None:
        nonlocal done
        first = done * cases.BATCH % len(t)
        inputs, targets = x[first : first + cases.BATCH], t[first : first + cases.BATCH]
        h = np.maximum(inputs @ w1.T + b1, 0.0)
        z = h @ w2.T + b2
        e = np.exp(z - z.max(1, keepdims=True))
        e /= e.sum(1, keepdims=True)
        e[rows, targets] -= 1.0
        e /= cases.BATCH
        np.matmul(e.T, h, out=g2)
        e.sum(0, out=c2)
        delta = e @ w2 * (h > 0.0)
        np.matmul(delta.T, inputs, out=g1)
        delta.sum(0, out=c1)
        done += 1
        m[:] = beta1 * m + (1.0 - beta1) * g
        v[:] = beta2 * v + (1.0 - beta2) * g * g
        p[:] -= lr / (1.0 - beta1**done) * m / (np.sqrt(v / (1.0 - beta2**done)) + epsilon)

    def train() -> Array:
        for _ in range(steps):
            step()
        return p

    return Job("out = train()", {"train": train}, units=steps)


def _gradient(x: Array) -> Array:
    g = np.empty_like(x)
    rise = x[1:] - x[:-1] * x[:-1]
    g[:-1] = -400.0 * x[:-1] * rise - 2.0 * (1.0 - x[:-1])
    g[-1] = 0.0
    g[1:] += 200.0 * rise
    return g


def _both(x: Array) -> tuple[float, Array]:
    g = np.empty_like(x)
    rise, rest = x[1:] - x[:-1] * x[:-1], 1.0 - x[:-1]
    g[:-1] = -400.0 * x[:-1] * rise - 2.0 * rest
    g[-1] = 0.0
    g[1:] += 200.0 * rise
    return 100.0 * rise.dot(rise) + rest.dot(rest), g


def rosenbrock_list(_: Amount) -> Job:
    """Gradient from a list to a list."""
    names = {"f": _gradient, "x": cases.rosenbrock_point(1000), "array": np.array}
    return Job("out = f(array(x)).tolist()", names)


def rosenbrock_array(_: Amount) -> Job:
    """Gradient from an array to an array."""
    return Job("out = f(x)", {"f": _gradient, "x": np.array(cases.rosenbrock_point(1000))})


def rosenbrock_both(_: Amount) -> Job:
    """Value and gradient from an array."""
    names = {"f": _both, "x": np.array(cases.rosenbrock_point(1000))}
    return Job("out = f(x)", names, lambda out: [out[0], *out[1]])


def rosenbrock_hessian(_: Amount) -> Job:
    """Dense Hessian."""

    def hessian(x: Array) -> Array:
        n = len(x)
        out = np.zeros((n, n))
        flat = out.reshape(-1)
        flat[1 :: n + 1] = flat[n :: n + 1] = -400.0 * x[:-1]
        flat[:: n + 1][:-1] = 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
        flat[:: n + 1][1:] += 200.0
        return out

    x = np.array(cases.rosenbrock_point(50))
    return Job("out = f(x)", {"f": hessian, "x": x}, np.ravel)


def erf(x: Array) -> Array:
    """Return erf by W. J. Cody's rational approximations (1969), to about 1e-15."""
    size = np.abs(x)
    square = x * x
    small = x * _ratio(square, _SMALL)
    clipped = np.clip(size, 0.46875, 6.0)
    middle = np.exp(-clipped * clipped) * _ratio(clipped, _MIDDLE)
    inverse = 1.0 / (clipped * clipped)
    tail = inverse * _ratio(inverse, _LARGE)
    large = np.exp(-clipped * clipped) / clipped * (0.5641895835477563 - tail)
    beyond = np.sign(x) * (1.0 - np.where(size <= 4.0, middle, large))
    return np.where(size <= 0.46875, small, beyond)


def _ratio(x: Array, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> Array:
    above, below = coefficients
    upper, lower = above[0], below[0]
    for a, b in zip(above[1:], below[1:], strict=True):
        upper, lower = upper * x + a, lower * x + b
    return upper / lower


_SMALL = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
     3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2,
     1.28261652607737228e3, 2.84423683343917062e3),
)  # fmt: skip
_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
     6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
     1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2,
     5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
     4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
_LARGE = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0,
     5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip


def options(amount: Amount) -> Job:
    """Prices and greeks, columns in, columns out."""

    def greeks(spot: Array, strike: Array, rate: Array, volatility: Array, time: Array) -> Array:
        root = np.sqrt(time)
        spread = volatility * root
        upper = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * time) / spread
        above = 0.5 + 0.5 * erf(upper * 0.7071067811865476)
        below = 0.5 + 0.5 * erf((upper - spread) * 0.7071067811865476)
        density = np.exp(-0.5 * upper * upper) * 0.3989422804014327
        paid = strike * np.exp(-rate * time) * below
        vega = spot * density * root
        theta = -0.5 * spot * density * volatility / root - rate * paid
        return spot * above - paid, above, density / (spot * spread), vega, theta, time * paid

    columns = [np.array(column) for column in cases.market(amount.options)]
    names = {"f": greeks, "columns": columns}
    return Job("out = f(*columns)", names, np.ravel, units=amount.options)
