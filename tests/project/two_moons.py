"""A strict user's program: data, a training loop, gradients, checks, a compiled loss, pictures."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import autograd
from autograd import (
    Program,
    Value,
    check_grads,
    draw,
    explain,
    grad,
    gradients,
    hessian,
    no_grad,
    path_sum,
    value_and_grad,
)
from autograd import sum as total
from nn import MLP, Adam, Module, Optimizer, accuracy, bce_with_logits, fit, mse
from nn.choices import ActivationName

Point = tuple[float, float]


@dataclass(frozen=True)
class Moons:
    points: list[Point]
    labels: list[int]

    def batch(self, size: int, source: random.Random) -> tuple[list[Point], list[int]]:
        chosen = source.sample(range(len(self.points)), size)
        return [self.points[i] for i in chosen], [self.labels[i] for i in chosen]


def moons(count: int, seed: int) -> Moons:
    source = random.Random(seed)
    points: list[Point] = []
    labels: list[int] = []
    for place in range(count):
        angle, label = math.pi * source.random(), place % 2
        x, y = math.cos(angle), math.sin(angle)
        point = (1.0 - x, 0.5 - y) if label else (x, y)
        points.append((point[0] + source.gauss(0.0, 0.1), point[1] + source.gauss(0.0, 0.1)))
        labels.append(label)
    return Moons(points, labels)


class Scaled(Module):
    """A module of one's own: a network behind a scale for each input."""

    def __init__(self, network: MLP) -> None:
        self.network = network
        self.scales = [Value(1.0, label=f"scale_{i}") for i in range(network.nin)]

    def __call__(self, inputs: Sequence[Value | float]) -> Value:
        [score] = self.network.forward([s * x for s, x in zip(self.scales, inputs, strict=True)])
        return score


def penalty(parameters: Sequence[Value], weight: float) -> Value:
    return weight * total(p * p for p in parameters)


def train(model: Scaled, data: Moons, optimizer: Optimizer, steps: int) -> list[float]:
    source = random.Random(0)
    losses: list[float] = []
    for _ in range(steps):
        points, labels = data.batch(8, source)
        scores = [model(point) for point in points]
        loss = bce_with_logits(scores, labels) + penalty(model.parameters(), 1e-4)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    return losses


def descend(model: Module, rate: float) -> None:
    for parameter in model.parameters():
        parameter.data -= rate * parameter.grad
        parameter.grad = 0


def rosenbrock(p: list[float]) -> float:
    return (1.0 - p[0]) ** 2 + 100.0 * (p[1] - p[0] ** 2) ** 2


def softly(x: Value) -> Value:
    return (x.tanh() + autograd.softplus(x)).clip(-2.0, 2.0)


def main(folder: Path) -> dict[str, float]:
    data = moons(40, seed=1)
    names: list[ActivationName] = ["tanh", "relu"]
    networks = {name: Scaled(MLP(2, [4, 1], name, initializer="auto", seed=1)) for name in names}
    model = networks["tanh"]
    losses = train(model, data, Adam(model.parameters(), lr=0.05), steps=30)
    descend(model, rate=0.01)

    slope: list[float] = grad(rosenbrock)([1.5, 2.0])
    value, slopes = value_and_grad(rosenbrock)([1.5, 2.0])
    curvature = hessian(rosenbrock)([1.5, 2.0])
    report = check_grads(rosenbrock, [1.5, 2.0])
    x = Value(0.5, label="x")
    y = softly(x)
    [first] = gradients(y, [x])

    line = MLP(1, [1], "linear", seed=2)

    def misfit(x: list[Value], target: Value) -> Value:
        return mse(line(x), target)

    program: Program = autograd.compile(misfit)
    product = autograd.compile(lambda a, b: a * b.tanh())
    slopes_of_product = product.value_and_grad(0.5, 2.0)
    check_grads(lambda a, b: a * b, 0.5, 2.0)
    cube: float = grad(lambda v: v**3)(2.0)
    jacobian: list[list[float]] = autograd.jacobian(lambda v: [v[0] * v[1], x * v[0]])([1.0, 2.0])
    rows, targets = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
    program.train(rows, targets, optimizer=Adam(lr=0.1), steps=50)
    fit(line, rows, targets, loss="mse", optimizer="adam", epochs=5, progress=False)
    with no_grad():
        right = accuracy(data.labels, [int(model(point) > 0.0) for point in data.points])
    loss = mse([model(point) for point in data.points[:2]], [0.0, 1.0])
    loss.backward()
    draw(y, highlight=x).save(folder / "y.svg")
    print(path_sum(x, y), explain(y, x), report, slopes_of_product, cube, jacobian, sep="\n")
    print(f"{y:.3f}, {curvature[0][0]:.1f}")
    return {
        "first": losses[0], "last": losses[-1], "right": right, "slope": slope[0],
        "again": slopes[0], "value": value, "dy/dx": first.data, "line": line([3.0]).data,
    }  # fmt: skip
