"""Optimizers: what is done with the gradients that backpropagation computed.

Backpropagation computes gradients and knows nothing of learning; an optimizer reads them and steps.
A step is computed for all parameters before any is changed, so that a step that fails changes
nothing.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from autograd import Value
from nn.module import Module
from nn.validation import describe, finite


class Optimizer(ABC):
    """Base class: holds the parameters, checks gradients, and applies the step of a subclass.

    Args:
        parameters: The parameters to step, as `model.parameters()` returns them.
        lr: The learning rate eta, which may be changed between steps.

    Raises:
        TypeError: If the parameters are not a list of Values.
        ValueError: If there are none, one occurs twice or is not a leaf, or lr is negative.
    """

    def __init__(self, parameters: Iterable[Value], lr: float) -> None:
        self.parameters = _checked_parameters(parameters)
        self.lr = lr

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self._lr

    @lr.setter
    def lr(self, rate: float) -> None:
        self._lr = _not_negative(rate, "lr")

    def step(self) -> None:
        """Change every parameter once, following its gradient.

        Raises:
            ArithmeticError: If a gradient, or a parameter after the step, is NaN or infinite; then
                nothing is changed.
        """
        for position, parameter in enumerate(self.parameters):
            if not math.isfinite(parameter.grad):
                raise ArithmeticError(
                    f"the gradient of {_name(parameter, position)} is {parameter.grad}; nothing "
                    "was updated"
                )
        self._move([float(parameter.grad) for parameter in self.parameters])

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    @abstractmethod
    def _move(self, gradients: list[float]) -> None:
        """Change the parameters, given their finite gradients."""

    def _assign(self, numbers: list[float]) -> None:
        """Give the parameters their new numbers, all or none."""
        for position, (parameter, number) in enumerate(zip(self.parameters, numbers, strict=True)):
            if not math.isfinite(number):
                raise ArithmeticError(
                    f"the step would make {_name(parameter, position)} {number}; nothing was "
                    f"updated, try a learning rate below {self.lr:g}"
                )
        for parameter, number in zip(self.parameters, numbers, strict=True):
            parameter.data = number


class SGD(Optimizer):
    """Gradient descent, on whatever examples the gradients come from, with optional momentum.

    With gradient g, parameter p and velocity v (zero at first):

        g ← g + weight_decay p,    v ← momentum v + g,    p ← p - lr v

    and with Nesterov's momentum p ← p - lr (g + momentum v). Without momentum v is g.

    Args:
        parameters: The parameters to step, as `model.parameters()` returns them.
        lr: The learning rate eta.
        momentum: How much of the velocity is kept, at least 0 and below 1.
        nesterov: Whether to look ahead (Nesterov, 1983; as formulated by Sutskever et al., 2013).
        weight_decay: The factor of an added penalty weight_decay/2 sum p².

    Raises:
        TypeError: If the parameters are not a list of Values, or a number is not one.
        ValueError: If there are no parameters, one occurs twice or is not a leaf, a number is out
            of its range, or nesterov is asked for without momentum.

    Example:
        >>> p = Value(1.0)
        >>> optimizer = SGD([p], lr=0.25)
        >>> (p * p).backward()
        >>> optimizer.step()
        >>> p.data
        0.5
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = _not_negative(momentum, "momentum")
        if self.momentum >= 1.0:
            raise ValueError(f"momentum must be below 1, got {momentum}")
        if nesterov and self.momentum == 0.0:
            raise ValueError("nesterov needs momentum above 0, e.g. momentum=0.9")
        self.nesterov = bool(nesterov)
        self.weight_decay = _not_negative(weight_decay, "weight_decay")
        self._velocities = [0.0] * len(self.parameters)

    def _move(self, gradients: list[float]) -> None:
        lr, momentum, decay = self.lr, self.momentum, self.weight_decay
        slopes = [
            gradient + decay * parameter.data
            for gradient, parameter in zip(gradients, self.parameters, strict=True)
        ]
        velocities = [
            momentum * velocity + slope
            for velocity, slope in zip(self._velocities, slopes, strict=True)
        ]
        directions = velocities
        if self.nesterov:
            directions = [
                slope + momentum * velocity
                for slope, velocity in zip(slopes, velocities, strict=True)
            ]
        self._assign(
            [
                parameter.data - lr * direction
                for parameter, direction in zip(self.parameters, directions, strict=True)
            ]
        )
        self._velocities = velocities


def _checked_parameters(parameters: Any) -> list[Value]:
    if isinstance(parameters, Module):
        raise TypeError(
            f"parameters must be a list of Values; pass model.parameters(), not {parameters!r}"
        )
    if isinstance(parameters, (Value, str)) or not isinstance(parameters, Iterable):
        raise TypeError(f"parameters must be a list of Values, got {describe(parameters)}")
    checked = list(parameters)
    if not checked:
        raise ValueError("parameters is empty; there is nothing to optimize")
    seen: set[int] = set()
    for position, parameter in enumerate(checked):
        if not isinstance(parameter, Value):
            raise TypeError(f"parameters[{position}] must be a Value, got {describe(parameter)}")
        if parameter.is_constant or not parameter.is_leaf:
            raise ValueError(
                f"{_name(parameter, position)} is not a parameter: it is computed or constant, and "
                "only a Value made by Value(number) can be stepped"
            )
        if id(parameter) in seen:
            raise ValueError(
                f"{_name(parameter, position)} occurs twice and would be stepped twice"
            )
        seen.add(id(parameter))
    return checked


def _name(parameter: Value, position: int) -> str:
    place = f"parameters[{position}]"
    return place if parameter.label is None else f"{place} ({parameter.label})"


def _not_negative(number: Any, name: str) -> float:
    checked = finite(number, name)
    if checked < 0.0:
        raise ValueError(f"{name} must not be negative, got {checked:g}")
    return checked
