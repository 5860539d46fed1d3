"""The truth that all contestants are checked against: this project's eager engine, plainly used."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cases
from cases import Amount, Job

import autograd
from autograd import Value, dot, gradients, logsumexp, mean, relu, values

Numbers = list[float]


def _job(answer: Callable[[], Any]) -> Job:
    return Job("out = answer()", {"answer": answer})


def expression(_: Amount) -> Job:
    """Value of the README's expression."""
    return _job(lambda: [cases.expression(Value(cases.A), Value(cases.B), relu).data])


def expression_gradient(_: Amount) -> Job:
    """Value and gradient of the README's expression."""

    def answer() -> Numbers:
        a, b = Value(cases.A), Value(cases.B)
        g = cases.expression(a, b, relu)
        g.backward()
        return [g.data, a.grad, b.grad]

    return _job(answer)


def layers(parameters: Sequence[Value], sizes: Sequence[int]) -> Callable[[Any], list[Value]]:
    """Return a network with relu between its layers, over parameters in the shared order."""
    parts, place = [], 0
    for nin, nout in pairwise(sizes):
        rows = [parameters[place + nin * j : place + nin * (j + 1)] for j in range(nout)]
        parts.append((rows, parameters[place + nin * nout : place + (nin + 1) * nout]))
        place += (nin + 1) * nout

    def network(x: Any) -> list[Value]:
        for depth, (rows, biases) in enumerate(parts):
            x = [dot(row, x, bias) for row, bias in zip(rows, biases, strict=True)]
            if depth < len(parts) - 1:
                x = [relu(z) for z in x]
        return x

    return network


def _moons(batches: Callable[[int], Sequence[int]], steps: int) -> Job:
    points, classes = cases.moons()
    parameters = values(cases.network(cases.LAYERS))
    network = layers(parameters, cases.LAYERS)
    done = 0

    def answer() -> Numbers:
        nonlocal done
        for _ in range(steps):
            batch = batches(done)
            done += 1
            losses = [relu(1.0 - classes[k] * network(points[k])[0]) for k in batch]
            loss = mean(losses) + cases.PENALTY * dot(parameters, parameters)
            loss.backward()
            for p in parameters:
                p.data -= cases.RATE * p.grad
                p.grad = 0.0
        return [p.data for p in parameters]

    return _job(answer)


def moons_inside(amount: Amount) -> Job:
    """Full-batch steps."""
    return _moons(lambda _: range(100), amount.moons_steps)


def moons_call(_: Amount) -> Job:
    """One full-batch step a call."""
    return _moons(lambda _: range(100), 1)


def moons_single(amount: Amount) -> Job:
    """Steps on one point at a time."""
    return _moons(lambda step: [step % 100], amount.single_steps)


class Adam:
    """Adam as its paper has it, on plain floats."""

    def __init__(self, parameters: Sequence[Value], settings: tuple[float, ...]) -> None:
        self.parameters, self.settings, self.steps = parameters, settings, 0
        self.first, self.second = [0.0] * len(parameters), [0.0] * len(parameters)

    def step(self) -> None:
        """Move every parameter and forget its gradient."""
        self.steps += 1
        lr, beta1, beta2, epsilon = self.settings
        for k, p in enumerate(self.parameters):
            self.first[k] = beta1 * self.first[k] + (1.0 - beta1) * p.grad
            self.second[k] = beta2 * self.second[k] + (1.0 - beta2) * p.grad**2
            m = self.first[k] / (1.0 - beta1**self.steps)
            v = self.second[k] / (1.0 - beta2**self.steps)
            p.data -= lr * m / (math.sqrt(v) + epsilon)
            p.grad = 0.0


def digits(amount: Amount) -> Job:
    """Steps of Adam on batches of 32."""
    pixels, labels = cases.digits()
    parameters = values(cases.network(cases.DIGITS))
    network, optimizer = layers(parameters, cases.DIGITS), Adam(parameters, cases.ADAM)

    def answer() -> Numbers:
        for _ in range(amount.digits_steps):
            first = optimizer.steps * cases.BATCH % len(labels)
            losses = []
            for k in range(first, first + cases.BATCH):
                logits = network(pixels[64 * k : 64 * (k + 1)].tolist())
                losses.append(logsumexp(logits) - logits[labels[k]])
            mean(losses).backward()
            optimizer.step()
        return [p.data for p in parameters]

    return _job(answer)


def rosenbrock_list(_: Amount) -> Job:
    """Gradient of a thousand numbers."""
    return _job(lambda: autograd.grad(cases.rosenbrock)(cases.rosenbrock_point(1000)))


rosenbrock_array = rosenbrock_list


def rosenbrock_both(_: Amount) -> Job:
    """Value and gradient of a thousand numbers."""

    def answer() -> list[float]:
        value, gradient = autograd.value_and_grad(cases.rosenbrock)(cases.rosenbrock_point(1000))
        return [value, *gradient]

    return _job(answer)


def rosenbrock_hessian(_: Amount) -> Job:
    """Dense Hessian of fifty numbers."""
    rows = autograd.hessian(cases.rosenbrock)
    return _job(lambda: [h for row in rows(cases.rosenbrock_point(50)) for h in row])


def rosenbrock_hvp(_: Amount) -> Job:
    """Hessian of fifty numbers times a direction."""
    x, v = cases.rosenbrock_point(50), cases.rosenbrock_direction(50)
    return _job(lambda: autograd.hvp(cases.rosenbrock, (x,), (v,))[0])


def rosenbrock_sparse_hessian(_: Amount) -> Job:
    """The entries of the Hessian, row by row."""
    x = cases.rosenbrock_point(1000)
    return _job(lambda: autograd.sparse_hessian(cases.rosenbrock)(x).data)


def rosenbrock_sparse_jacobian(_: Amount) -> Job:
    """The entries of the Jacobian, row by row."""
    x = cases.rosenbrock_point(1000)
    return _job(lambda: autograd.sparse_jacobian(cases.rosenbrock_residuals)(x).data)


def greeks(spot: Any, strike: Any, rate: Any, volatility: Any, time: Any) -> list[Any]:
    """Return price, delta, gamma, vega, theta (by calendar time) and rho of an option."""
    price = cases.call_price(spot, strike, rate, volatility, time, autograd)
    delta, vega, theta, rho = gradients(price, [spot, volatility, time, rate])
    (gamma,) = gradients(delta, [spot])
    return [price, delta, gamma, vega, -theta, rho]


def options(amount: Amount) -> Job:
    """Prices and greeks, column after column."""
    rows = list(zip(*cases.market(amount.options), strict=True))

    def answer() -> Numbers:
        found = [[node.data for node in greeks(*values(row))] for row in rows]
        return [number for column in zip(*found, strict=True) for number in column]

    return _job(answer)


def microgpt(amount: Amount) -> Job:
    """Steps of Adam of demos/microgpt.py on one sequence of 16 positions."""
    sys.path.append(str(Path(__file__).resolve().parents[3] / "demos"))
    import microgpt as demo

    model = demo.Transformer(cases.VOCABULARY, random.Random(0))
    parameters = model.parameters()
    for p, number in zip(parameters, cases.transformer(), strict=True):
        p.data = number
    optimizer = Adam(parameters, cases.TRANSFORMER_ADAM)

    def answer() -> Numbers:
        for _ in range(amount.transformer_steps):
            demo.loss_of(model, [cases.tokens()]).backward()
            optimizer.step()
        return [p.data for p in parameters]

    return _job(answer)


def graph(amount: Amount) -> Job:
    """Value and gradient of a graph of many nodes."""

    def answer() -> Numbers:
        xs = values(cases.EIGHT)
        out = cases.deep(xs, autograd.sin, amount.nodes)
        out.backward()
        return [out.data, *(x.grad for x in xs)]

    return _job(answer)
