"""Ways of optimizers over two weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import autograd
from autograd import Optimizer, Value
from nn.textbook.loss_probe import Loss, LossProbe, parameter_of
from nn.validation import describe, finite, row, size

Trajectory = list[tuple[float, float]]


def descent_paths(
    loss: Loss,
    w1: Any,
    w2: Any,
    optimizers: Mapping[str, Optimizer],
    *,
    model: Any = None,
    start: Sequence[float] | None = None,
    steps: int = 100,
) -> dict[str, Trajectory]:
    """Return the ways that optimizers go over two weights, all others as they are.

    Weights and gradients end where they were; the optimizers themselves remember nothing of it.

    Args:
        loss: Computes the loss from the weights.
        w1: A weight, or its name in the model.
        w2: Another.
        optimizers: Optimizers without parameters, by the name of the way: `{"SGD": SGD(lr=0.1)}`.
        model: Whose names they are.
        start: Where all begin, a pair; where the weights are, if not given.
        steps: How many steps each takes.

    Returns:
        For every name steps + 1 pairs of weights; fewer where a step would not be finite.

    Raises:
        TypeError: If the loss is not a function, a weight not a Value, an optimizer not one, or
            they have no names.
        ValueError: If the loss is not finite where the weights are.

    Example:
        >>> from autograd import SGD, Value
        >>> a, b = Value(1.0), Value(2.0)
        >>> descent_paths(lambda: a * a + b * b, a, b, {"SGD": SGD(lr=0.25)}, steps=2)
        {'SGD': [(1.0, 2.0), (0.5, 1.0), (0.25, 0.5)]}
    """
    if not isinstance(optimizers, Mapping):
        raise TypeError(
            f'optimizers must be a dict, {{"SGD": SGD(lr=0.1)}}, got {describe(optimizers)}'
        )
    for name, optimizer in optimizers.items():
        checked_optimizer(optimizer, f"optimizers[{name!r}]")
    count = size(steps, "steps")
    chosen = [parameter_of(w1, model), parameter_of(w2, model)]
    probe = LossProbe(loss, chosen)
    with probe.moving():
        (begin,) = trajectory([probe.start if start is None else start], "start")
        program = autograd.compile(loss, parameters=probe.parameters)
        gradients = [parameter.grad for parameter in probe.parameters]
        try:
            return {
                name: _way(program, probe, begin, optimizer, count)
                for name, optimizer in optimizers.items()
            }
        finally:
            for parameter, gradient in zip(probe.parameters, gradients, strict=True):
                parameter.grad = gradient


def _way(
    program: Any, probe: LossProbe, begin: tuple[float, float], optimizer: Optimizer, steps: int
) -> Trajectory:
    first, second = probe.parameters
    own = optimizer_of(optimizer, probe.parameters)
    first.data, second.data = begin
    way = [begin]
    for _ in range(steps):
        first.grad = second.grad = 0.0
        try:
            program.backward()
            own.step()
        except ArithmeticError:
            break  # the way leads to infinity: it ends at the last finite point
        way.append((first.data, second.data))
    return way


def trajectory(way: Any, name: str) -> Trajectory:
    """Return a way as pairs of floats.

    Raises:
        TypeError: If it is not made of pairs of numbers.
        ValueError: If there are none, or a number is not finite.
    """
    points = [tuple(row(point, name)) for point in row(way, name, of="pairs of weights")]
    if not points or any(len(point) != 2 for point in points):
        raise ValueError(f"{name} must be pairs of weights, one at least")
    return [(finite(x, name), finite(y, name)) for x, y in points]


def checked_optimizer(optimizer: Any, name: str) -> Optimizer:
    """Return what is an optimizer.

    Raises:
        TypeError: If it is none.
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{name} must be an optimizer such as SGD(lr=0.1), got {describe(optimizer)}"
        )
    return optimizer


def optimizer_of(optimizer: Optimizer, parameters: Sequence[Value]) -> Optimizer:
    """Return an optimizer of the same kind and settings for these parameters."""
    made: Optimizer = type(optimizer)(parameters, **optimizer.state_dict()["settings"])
    return made
