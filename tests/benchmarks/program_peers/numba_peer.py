"""numba, with value and gradient written by hand as loops."""

from __future__ import annotations

import math
from typing import Any

import cases
import numba
import numpy as np
from cases import Amount, Job
from numba import njit

VERSION = numba.__version__
Array = Any
RATE, PENALTY = cases.RATE, cases.PENALTY


def expression(_: Amount) -> Job:
    """Value of the README's expression."""

    @njit
    def f(a: float, b: float) -> float:
        c = 4 * (a + b) + 3 - a
        d = 3 * (a * b + b * b * b) + max(a + b, 0.0)
        e = c - 4 * d - max(b - a, 0.0)
        return e * e / 2 + 10 / (e * e)

    return Job(f"out = f({cases.A}, {cases.B})", {"f": f}, lambda out: [out])


def expression_gradient(_: Amount) -> Job:
    """Value and gradient of the README's expression."""

    @njit
    def f(a: float, b: float) -> tuple[float, float, float]:
        plus, minus = 1.0 if a + b > 0 else 0.0, 1.0 if b - a > 0 else 0.0
        c = 4 * (a + b) + 3 - a
        d = 3 * (a * b + b * b * b) + plus * (a + b)
        e = c - 4 * d - minus * (b - a)
        square = e * e
        slope = 2 * e * (0.5 - 10 / (square * square))
        down = slope * (3 - 12 * b - 4 * plus + minus)
        return square / 2 + 10 / square, down, slope * (4 - 12 * (a + 3 * b * b) - 4 * plus - minus)

    return Job(f"out = f({cases.A}, {cases.B})", {"f": f})


@njit(fastmath=True)
def _steps(p: Array, x: Array, t: Array, first: int, steps: int) -> None:
    """Make steps on one point at a time, in turn from the point `first`."""
    h = 16
    w1, b1, w2 = p[:32].reshape(h, 2), p[32:48], p[48:304].reshape(h, h)
    b2, w3 = p[304:320], p[320:336]
    h1, h2, d1 = np.empty(h), np.empty(h), np.empty(h)
    keep = 1.0 - 2.0 * PENALTY * RATE
    k = first
    for _ in range(steps):
        for j in range(h):
            h1[j] = max(b1[j] + w1[j, 0] * x[k, 0] + w1[j, 1] * x[k, 1], 0.0)
        score = p[336]
        for j in range(h):
            z = b2[j]
            for i in range(h):
                z += w2[j, i] * h1[i]
            h2[j] = max(z, 0.0)
            score += w3[j] * h2[j]
        move = -RATE * t[k] if 1.0 - t[k] * score > 0.0 else 0.0
        p[336] = keep * p[336] - move
        d1[:] = 0.0
        for j in range(h):
            delta = move * w3[j] if h2[j] > 0.0 else 0.0
            w3[j] = keep * w3[j] - move * h2[j]
            b2[j] = keep * b2[j] - delta
            for i in range(h):
                d1[i] += delta * w2[j, i]
                w2[j, i] = keep * w2[j, i] - delta * h1[i]
        for j in range(h):
            delta = d1[j] if h1[j] > 0.0 else 0.0
            w1[j, 0] = keep * w1[j, 0] - delta * x[k, 0]
            w1[j, 1] = keep * w1[j, 1] - delta * x[k, 1]
            b1[j] = keep * b1[j] - delta
        k = k + 1 if k + 1 < len(t) else 0


@njit(fastmath=True)
def _layer(w: Array, b: Array, x: Array, out: Array) -> None:
    """Set out to relu(w x + b), a column per point."""
    for j in range(len(w)):
        row = out[j]
        row[:] = b[j]
        for i in range(len(x)):
            for k in range(len(row)):
                row[k] += w[j, i] * x[i, k]
        for k in range(len(row)):
            row[k] = max(row[k], 0.0)


@njit(fastmath=True)
def _weights(delta: Array, x: Array, gradient: Array, bias: Array) -> None:
    """Set gradient to delta xᵀ and bias to the sums of delta's rows."""
    for j in range(len(delta)):
        for i in range(len(x)):
            total = 0.0
            for k in range(x.shape[1]):
                total += delta[j, k] * x[i, k]
            gradient[j, i] = total
        bias[j] = delta[j].sum()


@njit(fastmath=True)
def _full_steps(p: Array, x: Array, t: Array, steps: int) -> None:
    """Make steps on all points, batch-major: the innermost loops run over the points."""
    h, n = 16, len(t)
    w1, b1, w2 = p[:32].reshape(h, 2), p[32:48], p[48:304].reshape(h, h)
    b2, w3 = p[304:320], p[320:336]
    g = np.zeros(337)
    g1, c1, g2 = g[:32].reshape(h, 2), g[32:48], g[48:304].reshape(h, h)
    c2, g3 = g[304:320], g[320:336]
    h1, h2, d1, d2 = np.empty((h, n)), np.empty((h, n)), np.empty((h, n)), np.empty((h, n))
    slopes = np.empty(n)
    for _ in range(steps):
        _layer(w1, b1, x, h1)
        _layer(w2, b2, h1, h2)
        slopes[:] = p[336]
        for j in range(h):
            for k in range(n):
                slopes[k] += w3[j] * h2[j, k]
        for k in range(n):
            slopes[k] = -t[k] / n if 1.0 - t[k] * slopes[k] > 0.0 else 0.0
        g[336] = slopes.sum()
        for j in range(h):
            total = 0.0
            for k in range(n):
                total += slopes[k] * h2[j, k]
                d2[j, k] = w3[j] * slopes[k] if h2[j, k] > 0.0 else 0.0
            g3[j] = total
        _weights(d2, h1, g2, c2)
        for i in range(h):
            row = d1[i]
            row[:] = 0.0
            for j in range(h):
                for k in range(n):
                    row[k] += w2[j, i] * d2[j, k]
            for k in range(n):
                row[k] = row[k] if h1[i, k] > 0.0 else 0.0
        _weights(d1, x, g1, c1)
        for i in range(337):
            p[i] -= RATE * (g[i] + 2.0 * PENALTY * p[i])


def _moons(steps: int) -> Job:
    x, t = map(np.array, cases.moons())
    x, p = np.ascontiguousarray(x.T), np.array(cases.network(cases.LAYERS))
    names = {"train": _full_steps, "x": x, "t": t, "out": p, "steps": steps}
    return Job("train(out, x, t, steps)", names, units=steps)


def moons_inside(amount: Amount) -> Job:
    """Full-batch steps in a compiled loop."""
    return _moons(amount.moons_steps)


def moons_call(_: Amount) -> Job:
    """One full-batch step a call."""
    return _moons(1)


def moons_single(amount: Amount) -> Job:
    """Steps on one point at a time in a compiled loop."""
    x, t = map(np.array, cases.moons())
    p = np.array(cases.network(cases.LAYERS))
    steps, done = amount.single_steps, 0

    def train() -> Array:
        nonlocal done
        _steps(p, x, t, done % len(t), steps)
        done += steps
        return p

    return Job("out = train()", {"train": train}, units=steps)


@njit(fastmath=True)
def _gradient(x: Array) -> Array:
    n = len(x)
    g = np.empty(n)
    g[0] = -400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0])
    for i in range(1, n - 1):
        rise = x[i + 1] - x[i] * x[i]
        g[i] = 200 * (x[i] - x[i - 1] * x[i - 1]) - 400 * x[i] * rise - 2 * (1 - x[i])
    g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2])
    return g


@njit(fastmath=True)
def _both(x: Array) -> tuple[float, Array]:
    value, g = 0.0, np.zeros(len(x))
    for i in range(len(x) - 1):
        rise, rest = x[i + 1] - x[i] * x[i], 1 - x[i]
        value += 100 * rise * rise + rest * rest
        g[i] -= 400 * x[i] * rise + 2 * rest
        g[i + 1] += 200 * rise
    return value, g


def rosenbrock_list(_: Amount) -> Job:
    """Gradient from a list to a list, through an array."""
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

    @njit(fastmath=True)
    def hessian(x: Array) -> Array:
        n = len(x)
        out = np.zeros((n, n))
        for i in range(n - 1):
            out[i, i] += 1200 * x[i] * x[i] - 400 * x[i + 1] + 2
            out[i, i + 1] = out[i + 1, i] = -400 * x[i]
            out[i + 1, i + 1] += 200
        return out

    x = np.array(cases.rosenbrock_point(50))
    return Job("out = f(x)", {"f": hessian, "x": x}, np.ravel)


def options(amount: Amount) -> Job:
    """Prices and greeks, columns in, columns out."""

    @njit(fastmath=True, error_model="numpy")
    def greeks(spot: Array, strike: Array, rate: Array, volatility: Array, time: Array) -> Array:
        out = np.empty((6, len(spot)))
        for i in range(len(spot)):
            root = math.sqrt(time[i])
            width = volatility[i] * root
            drift = rate[i] + 0.5 * volatility[i] * volatility[i]
            upper = (math.log(spot[i] / strike[i]) + drift * time[i]) / width
            above = 0.5 + 0.5 * math.erf(upper * 0.7071067811865476)
            below = 0.5 + 0.5 * math.erf((upper - width) * 0.7071067811865476)
            density = math.exp(-0.5 * upper * upper) * 0.3989422804014327
            paid = strike[i] * math.exp(-rate[i] * time[i]) * below
            out[0, i] = spot[i] * above - paid
            out[1, i] = above
            out[2, i] = density / (spot[i] * width)
            out[3, i] = spot[i] * density * root
            out[4, i] = -0.5 * spot[i] * density * volatility[i] / root - rate[i] * paid
            out[5, i] = time[i] * paid
        return out

    columns = [np.array(column) for column in cases.market(amount.options)]
    names = {"f": greeks, "columns": columns}
    return Job("out = f(*columns)", names, np.ravel, units=amount.options)
