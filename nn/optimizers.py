"""Optimizers: what is done with the gradients that backpropagation computed.

Backpropagation computes gradients and knows nothing of learning; an optimizer reads them and steps.
A step is computed for all parameters before any is changed, so that a step that fails changes
nothing.

A copy or pickle of an optimizer alone holds copies of the parameters that no model uses: to step
them is an error. Copied or pickled together with its model it goes on; and `load_state_dict` takes
the memory to an optimizer of any model of the same parameters.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

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

    # Of a subclass with a state: what else it is made with, and its lists of numbers, `_velocities`
    # as "velocities"; () if there are none.
    _setting_names: ClassVar[tuple[str, ...]] = ("lr",)
    _memory_names: ClassVar[tuple[str, ...] | None] = None
    _gradients_restored: list[float] | None = None  # of a copy, until it was seen in use

    def __init__(self, parameters: Iterable[Value], lr: float) -> None:
        self.parameters = _checked_parameters(parameters)
        self.lr = lr

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A copy, deep or not, or from a pickle. Lists are its own.
        own = {name: thing[:] for name, thing in state.items() if isinstance(thing, list)}
        vars(self).update(state, **own)
        self._gradients_restored = [parameter.grad for parameter in self.parameters]

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
            ValueError: If this is a copy whose parameters no model uses.
        """
        if self._gradients_restored is not None:
            self._refuse_orphans(self._gradients_restored)
            self._gradients_restored = None
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
        if self._gradients_restored is not None:
            self._gradients_restored = [0.0] * len(self.parameters)

    def state_dict(self) -> dict[str, Any]:
        """Return the settings and the memory as plain data, which JSON can hold as well.

        Example:
            >>> p = Value(1.0, "p")
            >>> SGD([p], lr=0.25, momentum=0.5).state_dict()["memory"]
            {'velocities': [0.0]}
        """
        if self._memory_names is None:
            raise NotImplementedError(f"{type(self).__name__} does not say what it remembers")
        return {
            "kind": type(self).__name__,
            "settings": {name: getattr(self, name) for name in self._setting_names},
            "parameters": [parameter.label for parameter in self.parameters],
            "memory": {name: list(getattr(self, f"_{name}")) for name in self._memory_names},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on as the optimizer did whose `state_dict()` this is, with the parameters of this one.

        Raises:
            TypeError: If a number in it is not one.
            ValueError: If the state is that of another kind of optimizer or does not fit the
                parameters; then nothing is changed.
        """
        memory = _checked_state(state, self.state_dict())
        fresh = type(self)(self.parameters, **state["settings"])  # which checks them
        vars(self).update(vars(fresh))
        vars(self).update({f"_{name}": numbers for name, numbers in memory.items()})

    def _refuse_orphans(self, restored: list[float]) -> None:
        """Refuse to step parameters that nobody else holds and no gradient has come to."""
        holders, alone = _reference_counts(self.parameters), _reference_counts([Value(0.0)])[0]
        for position, parameter in enumerate(self.parameters):
            if holders[position] <= alone and parameter.grad == restored[position]:
                raise ValueError(
                    f"{_name(parameter, position)} of this copied or restored {type(self).__name__}"
                    " is a copy that no model uses: copy or pickle model and optimizer together, "
                    "or make an optimizer of model.parameters() and give it the state_dict() of "
                    "this one; nothing was updated"
                )

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

    _setting_names = ("lr", "momentum", "nesterov", "weight_decay")
    _memory_names = ("velocities",)

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


def _reference_counts(values: list[Value]) -> list[int]:
    return [sys.getrefcount(value) for value in values]


def _checked_state(state: Any, own: dict[str, Any]) -> dict[str, list[float]]:
    """Return the memory in a state, if it fits an optimizer whose own state is given."""
    if not isinstance(state, Mapping) or set(state) != set(own):
        raise ValueError(f"a state has {', '.join(own)}, got {describe(state)}")
    if state["kind"] != own["kind"]:
        raise ValueError(f"this is the state of {state['kind']!r}, not of {own['kind']!r}")
    labels, mine = state["parameters"], own["parameters"]
    if not isinstance(labels, list) or len(labels) != len(mine):
        count = len(labels) if isinstance(labels, list) else describe(labels)
        raise ValueError(f"this is the state of {count} parameters, not of {len(mine)}")
    for position, (theirs, label) in enumerate(zip(labels, mine, strict=True)):
        if None not in (theirs, label) and theirs != label:
            raise ValueError(
                f"this is the state of other parameters: parameters[{position}] was {theirs!r}, "
                f"and is {label!r}"
            )
    for part in ("settings", "memory"):
        if not isinstance(state[part], Mapping) or set(state[part]) != set(own[part]):
            raise ValueError(f"{part} of the state has to have {', '.join(own[part])}")
    memory = {}
    for name, numbers in state["memory"].items():
        if not isinstance(numbers, list) or len(numbers) != len(mine):
            raise ValueError(f"{name} of the state has to be a list of {len(mine)} numbers")
        memory[name] = [finite(number, f"{name}[{i}]") for i, number in enumerate(numbers)]
    return memory


def _name(parameter: Value, position: int) -> str:
    place = f"parameters[{position}]"
    return place if parameter.label is None else f"{place} ({parameter.label})"


def _not_negative(number: Any, name: str) -> float:
    checked = finite(number, name)
    if checked < 0.0:
        raise ValueError(f"{name} must not be negative, got {checked:g}")
    return checked
