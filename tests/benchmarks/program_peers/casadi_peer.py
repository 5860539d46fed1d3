"""CasADi: symbolic scalars, run by its virtual machine, called through its fixed buffers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import casadi
import cases
from cases import Amount, Job

VERSION = casadi.__version__
Function = Any
Symbol = Any
Buffers = tuple[list["array[float]"], list["array[float]"], Any]


def prepared(function: Function) -> Function:
    """Return the function as it is run; the contestant that generates C puts its own here."""
    return function


def _buffers(function: Function) -> Buffers:
    """Return memory of inputs and outputs, and what runs the function on them."""
    function = prepared(function)
    buffer, trigger = function.buffer()
    sources = [array("d", bytes(8 * function.nnz_in(i))) for i in range(function.n_in())]
    results = [array("d", bytes(8 * function.nnz_out(i))) for i in range(function.n_out())]
    for place, memory in enumerate(sources):
        buffer.set_arg(place, memoryview(memory))
    for place, memory in enumerate(results):
        buffer.set_res(place, memoryview(memory))
    trigger.kept = buffer, sources, results  # CasADi keeps only their addresses
    return sources, results, trigger


def _relu(x: Symbol) -> Symbol:
    return casadi.fmax(x, 0.0)


def _expression(gradient: bool) -> Job:
    x = casadi.SX.sym("x", 2)
    g = cases.expression(x[0], x[1], _relu)
    outputs = [casadi.vertcat(g, casadi.gradient(g, x))] if gradient else [g]
    (source,), (out,), trigger = _buffers(casadi.Function("f", [x], outputs))
    names = {"x": source, "run": trigger, "out": out}
    return Job(f"x[0] = {cases.A}; x[1] = {cases.B}; run(); out[0]", names)


def expression(_: Amount) -> Job:
    """Value of the README's expression: two floats written, the call, one read."""
    return _expression(gradient=False)


def expression_gradient(_: Amount) -> Job:
    """Value and gradient of the README's expression: two floats written, the call, one read."""
    return _expression(gradient=True)


def moons_single(amount: Amount) -> Job:
    """Steps on one point at a time, at most a hundred in a loop inside."""
    p, x, t = casadi.SX.sym("p", 337), casadi.SX.sym("x", 2), casadi.SX.sym("t")
    out, place = x, 0
    for nin, nout in pairwise(cases.LAYERS):
        weights = casadi.reshape(p[place : place + nin * nout], nin, nout).T
        out = weights @ out + p[place + nin * nout : place + (nin + 1) * nout]
        place += (nin + 1) * nout
        out = _relu(out) if place < 337 else out
    loss = _relu(1.0 - t * out) + cases.PENALTY * casadi.dot(p, p)
    step = casadi.Function("step", [p, x, t], [p - cases.RATE * casadi.gradient(loss, p)])
    chunk = min(100, amount.single_steps)
    chunks = max(1, amount.single_steps // 100)
    (state, points, targets), (states,), trigger = _buffers(step.mapaccum("steps", chunk))
    data, classes = cases.moons()
    columns, rows = array("d", [x for point in data for x in point] * 2), array("d", classes * 2)
    state[:] = array("d", cases.network(cases.LAYERS))
    done = 0

    def train() -> array[float]:
        nonlocal done
        for _ in range(chunks):
            first = done % 100
            points[:] = columns[2 * first : 2 * (first + chunk)]
            targets[:] = rows[first : first + chunk]
            trigger()
            state[:] = states[-337:]
            done += chunk
        return state

    return Job("out = train()", {"train": train}, units=chunk * chunks)


def _rosenbrock(x: Symbol) -> Symbol:
    rise, rest = x[1:] - x[:-1] ** 2, 1.0 - x[:-1]
    return 100.0 * casadi.dot(rise, rise) + casadi.dot(rest, rest)


def _gradient() -> Buffers:
    x = casadi.SX.sym("x", 1000)
    return _buffers(casadi.Function("f", [x], [casadi.gradient(_rosenbrock(x), x)]))


def rosenbrock_list(_: Amount) -> Job:
    """Gradient from a list to a list, through the buffers."""
    (source,), (result,), trigger = _gradient()

    def gradient(numbers: list[float]) -> list[float]:
        source[:] = array("d", numbers)
        trigger()
        return result.tolist()

    return Job("out = f(x)", {"f": gradient, "x": cases.rosenbrock_point(1000)})


def rosenbrock_array(_: Amount) -> Job:
    """Gradient from buffer to buffer."""
    (source,), (out,), trigger = _gradient()
    source[:] = array("d", cases.rosenbrock_point(1000))
    return Job("run()", {"run": trigger, "out": out})


def rosenbrock_both(_: Amount) -> Job:
    """Value and gradient from buffer to buffer."""
    x = casadi.SX.sym("x", 1000)
    f = _rosenbrock(x)
    function = casadi.Function("f", [x], [casadi.vertcat(f, casadi.gradient(f, x))])
    (source,), (out,), trigger = _buffers(function)
    source[:] = array("d", cases.rosenbrock_point(1000))
    return Job("run()", {"run": trigger, "out": out})


def rosenbrock_hessian(_: Amount) -> Job:
    """Hessian, sparse: CasADi writes its 148 numbers that are not zero."""
    x = casadi.SX.sym("x", 50)
    function = casadi.Function("f", [x], [casadi.hessian(_rosenbrock(x), x)[0]])
    (source,), (out,), trigger = _buffers(function)
    source[:] = array("d", cases.rosenbrock_point(50))

    def dense(numbers: Iterable[float]) -> list[float]:
        matrix = casadi.DM(function.sparsity_out(0), list(numbers))
        return [float(number) for number in casadi.densify(matrix).full().ravel()]

    return Job("run()", {"run": trigger, "out": out}, dense)


def rosenbrock_hvp(_: Amount) -> Job:
    """Hessian times a direction, from buffers to a buffer."""
    x, v = casadi.SX.sym("x", 50), casadi.SX.sym("v", 50)
    product = casadi.jtimes(casadi.gradient(_rosenbrock(x), x), x, v)
    (point, direction), (out,), trigger = _buffers(casadi.Function("f", [x, v], [product]))
    point[:] = array("d", cases.rosenbrock_point(50))
    direction[:] = array("d", cases.rosenbrock_direction(50))
    return Job("run()", {"run": trigger, "out": out})


def _sparse(x: Symbol, matrix: Symbol) -> Job:
    function = casadi.Function("f", [x], [matrix])
    (source,), (out,), trigger = _buffers(function)
    source[:] = array("d", cases.rosenbrock_point(1000))

    def by_rows(numbers: Iterable[float]) -> list[float]:
        return list(casadi.DM(function.sparsity_out(0), list(numbers)).T.nonzeros())

    return Job("run()", {"run": trigger, "out": out}, by_rows)


def rosenbrock_sparse_hessian(_: Amount) -> Job:
    """The entries of the Hessian, column by column."""
    x = casadi.SX.sym("x", 1000)
    return _sparse(x, casadi.hessian(_rosenbrock(x), x)[0])


def rosenbrock_sparse_jacobian(_: Amount) -> Job:
    """The entries of the Jacobian, column by column."""
    x = casadi.SX.sym("x", 1000)
    residuals = casadi.vertcat(10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1])
    return _sparse(x, casadi.jacobian(residuals, x))


def options(amount: Amount) -> Job:
    """Prices and greeks, mapped over the columns, from buffer to buffer."""
    option = [casadi.SX.sym(name) for name in ("spot", "strike", "rate", "volatility", "time")]
    price = cases.call_price(*option, casadi)
    spot, _, rate, volatility, time = option
    delta, vega, theta, rho = (casadi.gradient(price, x) for x in (spot, volatility, time, rate))
    outputs = [price, delta, casadi.gradient(delta, spot), vega, -theta, rho]
    greeks = casadi.Function("greeks", option, outputs)
    sources, results, trigger = _buffers(greeks.map(amount.options))
    for source, column in zip(sources, cases.market(amount.options), strict=True):
        source[:] = column

    def flat(columns: list[array[float]]) -> list[float]:
        return [number for column in columns for number in column]

    return Job("run()", {"run": trigger, "out": results}, flat, amount.options)


def graph(amount: Amount) -> Job:
    """Value and gradient of a graph of many nodes, from nothing."""

    def answer() -> array[float]:
        x = casadi.SX.sym("x", len(cases.EIGHT))
        out = cases.deep([x[i] for i in range(8)], casadi.sin, amount.nodes)
        function = casadi.Function("f", [x], [casadi.vertcat(out, casadi.gradient(out, x))])
        (source,), (result,), trigger = _buffers(function)
        source[:] = array("d", cases.EIGHT)
        trigger()
        return result

    return Job("out = answer()", {"answer": answer})
