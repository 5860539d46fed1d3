"""PyTorch, eager, one thread. It has no loop of its own: Python's counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cases
import torch
from cases import Amount, Job

VERSION = torch.__version__
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
Tensor = Any


def expression(_: Amount) -> Job:
    """Value of the README's expression, of two floats."""

    def value(a: float, b: float) -> float:
        return cases.expression(torch.tensor(a), torch.tensor(b), torch.relu).item()

    return Job(f"out = f({cases.A}, {cases.B})", {"f": value}, lambda out: [out])


def expression_gradient(_: Amount) -> Job:
    """Value and gradient of the README's expression, of two floats."""

    def value_and_gradient(a: float, b: float) -> tuple[float, float, float]:
        x, y = torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)
        g = cases.expression(x, y, torch.relu)
        g.backward()
        return g.item(), x.grad.item(), y.grad.item()

    return Job(f"out = f({cases.A}, {cases.B})", {"f": value_and_gradient})


def _layers(sizes: tuple[int, ...]) -> tuple[list[Tensor], Callable[[Tensor], Tensor]]:
    numbers, place, parameters = torch.tensor(cases.network(sizes)), 0, []
    for nin, nout in pairwise(sizes):
        parameters.append(numbers[place : place + nin * nout].reshape(nout, nin).clone())
        parameters.append(numbers[place + nin * nout : place + (nin + 1) * nout].clone())
        place += (nin + 1) * nout
    for p in parameters:
        p.requires_grad_()

    def network(x: Tensor) -> Tensor:
        for place in range(0, len(parameters), 2):
            x = torch.addmm(parameters[place + 1], x, parameters[place].T)
            if place < len(parameters) - 2:
                x = torch.relu(x)
        return x

    return parameters, network


def _flat(parameters: list[Tensor]) -> list[float]:
    return torch.cat([p.detach().ravel() for p in parameters]).tolist()


def _moons_step() -> Callable[[Tensor, Tensor], list[Tensor]]:
    parameters, network = _layers(cases.LAYERS)
    optimizer = torch.optim.SGD(parameters, lr=cases.RATE, weight_decay=2.0 * cases.PENALTY)

    def step(x: Tensor, t: Tensor) -> list[Tensor]:
        optimizer.zero_grad()
        torch.relu(1.0 - t * network(x)[:, 0]).mean().backward()
        optimizer.step()
        return parameters

    return step


def _moons() -> tuple[Tensor, Tensor]:
    points, classes = cases.moons()
    return torch.tensor(points), torch.tensor(classes)


def moons_inside(amount: Amount) -> Job:
    """Full-batch steps in a Python loop."""
    step, (x, t) = _moons_step(), _moons()
    steps = min(amount.moons_steps, 100)

    def train() -> list[Tensor]:
        for _ in range(steps):
            parameters = step(x, t)
        return parameters

    return Job("out = train()", {"train": train}, _flat, steps)


def moons_call(_: Amount) -> Job:
    """One full-batch step a call."""
    x, t = _moons()
    return Job("out = step(x, t)", {"step": _moons_step(), "x": x, "t": t}, _flat)


def moons_single(amount: Amount) -> Job:
    """Steps on one point at a time in a Python loop."""
    step, (x, t) = _moons_step(), _moons()
    steps, done = min(amount.single_steps, 1000), 0

    def train() -> list[Tensor]:
        nonlocal done
        for _ in range(steps):
            k = done % len(t)
            done += 1
            parameters = step(x[k : k + 1], t[k : k + 1])
        return parameters

    return Job("out = train()", {"train": train}, _flat, steps)


def _adam(parameters: list[Tensor], settings: tuple[float, float, float, float]) -> Any:
    lr, beta1, beta2, epsilon = settings
    return torch.optim.Adam(parameters, lr=lr, betas=(beta1, beta2), eps=epsilon)


def digits(amount: Amount) -> Job:
    """Steps of Adam in a Python loop."""
    pixels, labels = cases.digits()
    x, t = torch.tensor(pixels).reshape(-1, cases.DIGITS[0]), torch.tensor(labels)
    parameters, network = _layers(cases.DIGITS)
    optimizer, done = _adam(parameters, cases.ADAM), 0
    steps = min(amount.digits_steps, 56)

    def train() -> list[Tensor]:
        nonlocal done
        for _ in range(steps):
            first = done * cases.BATCH % len(t)
            rows = slice(first, first + cases.BATCH)
            done += 1
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(x[rows]), t[rows]).backward()
            optimizer.step()
        return parameters

    return Job("out = train()", {"train": train}, _flat, steps)


def _rosenbrock(x: Tensor) -> Tensor:
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def _gradient(x: Tensor) -> Tensor:
    x = x.detach().requires_grad_()
    return torch.autograd.grad(_rosenbrock(x), x)[0]


def rosenbrock_list(_: Amount) -> Job:
    """Gradient from a list to a list."""
    names = {"f": _gradient, "x": cases.rosenbrock_point(1000), "tensor": torch.tensor}
    return Job("out = f(tensor(x)).tolist()", names)


def rosenbrock_array(_: Amount) -> Job:
    """Gradient from a tensor to a tensor."""
    return Job("out = f(x)", {"f": _gradient, "x": torch.tensor(cases.rosenbrock_point(1000))})


def rosenbrock_hessian(_: Amount) -> Job:
    """Dense Hessian."""
    hessian = torch.func.hessian(_rosenbrock)
    x = torch.tensor(cases.rosenbrock_point(50))
    return Job("out = f(x)", {"f": hessian, "x": x}, torch.ravel)


def options(amount: Amount) -> Job:
    """Prices and greeks by two sweeps."""

    def greeks(*columns: Tensor) -> list[Tensor]:
        spot, strike, rate, volatility, time = (c.detach().requires_grad_() for c in columns)
        price = cases.call_price(spot, strike, rate, volatility, time, torch)
        inputs = [spot, volatility, time, rate]
        total = price.sum()
        delta, vega, theta, rho = torch.autograd.grad(total, inputs, create_graph=True)
        (gamma,) = torch.autograd.grad(delta.sum(), [spot])
        return [price, delta, gamma, vega, -theta, rho]

    columns = [torch.tensor(column) for column in cases.market(amount.options)]
    names = {"f": greeks, "columns": columns}
    return Job("out = f(*columns)", names, _flat, amount.options)


def microgpt(amount: Amount) -> Job:
    """Steps of Adam of demos/microgpt.py in tensors, one sequence of 16 positions."""
    numbers, place, matrices = torch.tensor(cases.transformer()), 0, {}
    for name, rows, columns in cases.TRANSFORMER:
        matrix = numbers[place : place + rows * columns].reshape(rows, columns).clone()
        matrices[name] = matrix.requires_grad_()
        place += rows * columns
    parameters = list(matrices.values())
    optimizer = _adam(parameters, cases.TRANSFORMER_ADAM)
    sequence = torch.tensor(cases.tokens())
    hidden = torch.ones(cases.CONTEXT, cases.CONTEXT, dtype=torch.bool).triu(1)
    size = cases.EMBEDDING // cases.HEADS

    def normalised(x: Tensor) -> Tensor:
        return x * ((x * x).mean(-1, keepdim=True) + 1e-5) ** -0.5

    def heads(x: Tensor) -> Tensor:
        return x.reshape(cases.CONTEXT, cases.HEADS, size).transpose(0, 1)

    def step() -> None:
        optimizer.zero_grad()
        states = normalised(matrices["token"][sequence[:-1]] + matrices["position"])
        inputs = normalised(states)
        query, key, value = (heads(inputs @ matrices[n].T) for n in ("query", "key", "value"))
        scores = (query @ key.transpose(1, 2) * size**-0.5).masked_fill(hidden, -torch.inf)
        gathered = (scores.softmax(-1) @ value).transpose(0, 1).reshape(states.shape)
        states = states + gathered @ matrices["attended"].T
        widened = torch.relu(normalised(states) @ matrices["widen"].T)
        states = states + widened @ matrices["narrow"].T
        logits = states @ matrices["logits"].T
        torch.nn.functional.cross_entropy(logits, sequence[1:]).backward()
        optimizer.step()

    def train() -> list[Tensor]:
        for _ in range(amount.transformer_steps):
            step()
        return parameters

    return Job("out = train()", {"train": train}, _flat, amount.transformer_steps)
