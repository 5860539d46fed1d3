"""Optimizers of programs: what they are set to, and what they remember from step to step."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from copy import deepcopy
from math import isfinite, sqrt
from typing import Any

from autograd.program.train.optimizer_states import (
    check_labels,
    fields_of,
    labels_of,
    numbers_of_memory,
    steps_of,
    streams_read,
    streams_written,
)
from autograd.program.train.row_order import Streams
from autograd.selection import Value


class Optimizer:
    """Base class: the settings, and the memory of every parameter.

    An optimizer belongs to the parameters it first steps; it can step them through several
    programs, and goes on where it was, with its memory and with the order of the rows. Its settings
    may be changed between runs, and are checked then as at first.

    To go on later or elsewhere, bit for bit: copy or pickle program and optimizer together, or give
    the `state_dict()` of this one to a new one.

    Attributes:
        lr: The learning rate.
        weight_decay: How much of a parameter is added to its gradient.
        steps: How many steps were taken.
        state: The memory: `memories` numbers per parameter, one after the other.
        orders: Where the orders of the rows left off, by seed.
        changes: How often a setting became another.
    """

    kind = ""
    changes = 0
    _setting_names: tuple[str, ...] = ()

    def __init__(self, lr: float, weight_decay: float) -> None:
        self.lr = lr
        self.weight_decay = weight_decay
        self.steps = 0
        self.state = array("d")
        self.parameters: list[Value] = []
        self.orders: Streams = {}
        self._expected: list[str | None] | None = None  # labels of parameters yet to come

    def __copy__(self) -> Optimizer:
        copied = object.__new__(type(self))
        own = {"state": self.state[:], "parameters": self.parameters[:]}
        vars(copied).update(vars(self), **own, orders=deepcopy(self.orders))
        return copied

    def __setattr__(self, name: str, setting: Any) -> None:
        if name in _NO_SETTINGS:
            vars(self)[name] = setting
            return
        check, before = _CHECKS.get(name), vars(self).get(name)
        super().__setattr__(name, setting if check is None else check(setting, name))
        if vars(self).get(name) != before:
            vars(self)["changes"] = self.changes + 1

    @property
    def memories(self) -> int:
        """How many numbers are remembered per parameter."""
        raise NotImplementedError

    def settings(self) -> dict[str, float]:
        """Return the settings by the names that the machine gives them.

        Raises:
            ValueError: If there is no memory for a momentum that was none at first.
        """
        if len(self.state) != self.memories * len(self.parameters):
            raise ValueError(
                f"{self!r} has no memory for its momentum: make an optimizer with the momentum "
                "instead of changing it"
            )
        return {"rate": self.lr, "decay": self.weight_decay}

    def take(self, parameters: Sequence[Value]) -> None:
        """Make these the optimizer's parameters, or check that they are.

        Raises:
            ValueError: If it has others.
        """
        if not self.parameters:
            if self._expected is not None:
                check_labels(self._expected, [value.label for value in parameters], repr(self))
                self._expected = None
            else:
                self.state = array("d", bytes(8 * len(parameters) * self.memories))
            self.parameters = list(parameters)
        elif len(parameters) != len(self.parameters) or any(
            mine is not theirs for mine, theirs in zip(self.parameters, parameters, strict=True)
        ):
            raise ValueError(
                f"this {type(self).__name__} steps {len(self.parameters)} other parameters, or "
                "the same in another order; name them when compiling, "
                "compile(f, parameters=model.parameters()), or make an optimizer for each program. "
                "If it was copied or pickled without its program, give its state_dict() to a new "
                "optimizer"
            )

    def state_dict(self) -> dict[str, Any]:
        """Return settings, memory, steps and orders: plain data, which JSON can hold as well.

        Example:
            >>> w = Value(1.0, "w")
            >>> optimizer = SGD(lr=0.5, momentum=0.9)
            >>> optimizer.take([w])
            >>> numbers, memory = optimizer.moved([1.0], [2.0])
            >>> optimizer.remember(memory)
            >>> again = SGD(lr=0.1, momentum=0.9)
            >>> again.load_state_dict(optimizer.state_dict())
            >>> again, again.state, again.steps
            (SGD(lr=0.5, momentum=0.9), array('d', [2.0]), 1)
        """
        labels = [value.label for value in self.parameters]
        return {
            "kind": self.kind,
            "settings": {name: _plain(getattr(self, name)) for name in self._setting_names},
            "parameters": labels if self._expected is None else self._expected,
            "memory": self.state.tolist(),
            "steps": self.steps,
            "orders": streams_written(self.orders),
        }

    def load_state_dict(self, state: Any) -> None:
        """Go on as the optimizer did whose `state_dict()` this is.

        It may have stepped other parameters, as long as there were as many, by the same labels.

        Raises:
            ValueError: If the state is that of another kind of optimizer, or does not fit the
                parameters; then nothing is changed.
        """
        kind, settings, labels, memory, steps, orders = fields_of(
            state, "kind settings parameters memory steps orders"
        )
        if kind != self.kind:
            raise ValueError(f"this is the state of {kind!r}, not of {self.kind!r}")
        fresh = type(self)(**dict(zip(self._setting_names, fields_of(
            settings, " ".join(self._setting_names)), strict=True)))  # fmt: skip
        labels = labels_of(labels)
        if self.parameters:
            check_labels(labels, [value.label for value in self.parameters], repr(self))
        found = array("d", numbers_of_memory(memory, fresh.memories * len(labels)))
        loaded = {
            **{name: getattr(fresh, name) for name in self._setting_names},
            "state": found,
            "steps": steps_of(steps),
            "orders": streams_read(orders),
            "_expected": None if self.parameters or not labels else labels,
        }
        orders = loaded.pop("orders")
        for name, thing in loaded.items():
            setattr(self, name, thing)
        self.orders.clear()  # trainers that exist go on to say here where they are
        self.orders.update(orders)

    def moved(
        self, numbers: Sequence[float], gradient: Sequence[float]
    ) -> tuple[list[float], array[float]]:
        """Return the parameters and the memory after one more step; `remember` takes it."""
        raise NotImplementedError

    def remember(self, state: array[float]) -> None:
        """Have taken one more step."""
        self.state = state
        self.steps += 1

    def _decay_shown(self) -> str:
        return f", weight_decay={self.weight_decay}" if self.weight_decay else ""


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum v ← μ v + g and p ← p − η v.

    Args:
        lr: The learning rate η.
        momentum: μ, from 0 up to but not 1.
        nesterov: Whether the step is η (g + μ v), which looks ahead.
        weight_decay: λ; λ p is added to the gradient g.

    Raises:
        TypeError: If a setting is no number.
        ValueError: If one is out of its range.

    Example:
        >>> SGD(lr=0.5, momentum=0.9)
        SGD(lr=0.5, momentum=0.9)
    """

    kind = "sgd"
    _setting_names = ("lr", "momentum", "nesterov", "weight_decay")

    def __init__(
        self,
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr, weight_decay)
        self.momentum = momentum
        if nesterov and self.momentum == 0.0:
            raise ValueError("nesterov needs momentum above 0, e.g. momentum=0.9")
        self.nesterov = bool(nesterov)

    @property
    def memories(self) -> int:
        """One, the velocity, if there is momentum."""
        return int(self.momentum != 0.0)

    def settings(self) -> dict[str, float]:
        """Return the settings by the names that the machine gives them."""
        return {**super().settings(), "momentum": self.momentum, "nesterov": self.nesterov}

    def moved(
        self, numbers: Sequence[float], gradient: Sequence[float]
    ) -> tuple[list[float], array[float]]:
        """Return the parameters and the memory after one more step; `remember` takes it."""
        slopes = [g + self.weight_decay * p for g, p in zip(gradient, numbers, strict=True)]
        steps, state = slopes, self.state
        if self.momentum:
            velocities = [self.momentum * v + g for v, g in zip(state, slopes, strict=True)]
            steps, state = velocities, array("d", velocities)
            if self.nesterov:
                steps = [g + self.momentum * v for g, v in zip(slopes, velocities, strict=True)]
        return [p - self.lr * step for p, step in zip(numbers, steps, strict=True)], state

    def __repr__(self) -> str:
        momentum = f", momentum={self.momentum}" if self.momentum else ""
        nesterov = ", nesterov=True" if self.nesterov else ""
        return f"SGD(lr={self.lr}{momentum}{nesterov}{self._decay_shown()})"


class Adam(Optimizer):
    """Adam: steps scaled by running means of the gradient and of its square, corrected at first.

        m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
        p ← p − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)

    Kingma and Ba 2015, algorithm 1; with `decoupled`, weight decay as Loshchilov and Hutter 2019.

    Args:
        lr: The learning rate η.
        betas: β₁ and β₂, from 0 up to but not 1.
        epsilon: ε, above 0.
        weight_decay: λ; λ p is added to the gradient.
        decoupled: Whether p is instead made smaller by the factor 1 − η λ (AdamW).

    Raises:
        TypeError: If a setting is no number.
        ValueError: If one is out of its range.
    """

    kind = "adam"
    _setting_names = ("lr", "betas", "epsilon", "weight_decay", "decoupled")

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ) -> None:
        super().__init__(lr, weight_decay)
        self.betas = betas
        self.epsilon = epsilon
        self.decoupled = bool(decoupled)

    @property
    def memories(self) -> int:
        """Two, the means of the gradient and of its square."""
        return 2

    def settings(self) -> dict[str, float]:
        """Return the settings by the names that the machine gives them."""
        return {
            **super().settings(),
            "beta1": self.betas[0],
            "beta2": self.betas[1],
            "epsilon": self.epsilon,
            "decoupled": self.decoupled,
        }

    def moved(
        self, numbers: Sequence[float], gradient: Sequence[float]
    ) -> tuple[list[float], array[float]]:
        """Return the parameters and the memory after one more step; `remember` takes it."""
        beta1, beta2 = self.betas
        first, second = 1.0 - beta1 ** (self.steps + 1), 1.0 - beta2 ** (self.steps + 1)
        coupled = 0.0 if self.decoupled else self.weight_decay
        kept = 1.0 - self.lr * self.weight_decay if self.decoupled else 1.0
        slopes = [g + coupled * p for g, p in zip(gradient, numbers, strict=True)]
        size = len(slopes)
        means = [
            beta1 * m + (1.0 - beta1) * g for m, g in zip(self.state[:size], slopes, strict=True)
        ]
        squares = [
            beta2 * v + (1.0 - beta2) * (g * g)
            for v, g in zip(self.state[size:], slopes, strict=True)
        ]
        moved = [
            p * kept - self.lr * (m / first) / (sqrt(v / second) + self.epsilon)
            for p, m, v in zip(numbers, means, squares, strict=True)
        ]
        return moved, array("d", means + squares)

    def __repr__(self) -> str:
        decoupled = ", decoupled=True" if self.decoupled else ""
        return f"Adam(lr={self.lr}, betas={self.betas}{self._decay_shown()}{decoupled})"


def _number(setting: Any, name: str) -> float:
    if isinstance(setting, (list, tuple)):
        raise TypeError(
            f"{name} must be a number, got a {type(setting).__name__}; the optimizers of programs "
            "take no parameters: they step those of the program they train"
        )
    if isinstance(setting, bool) or not isinstance(setting, (int, float)):
        raise TypeError(f"{name} must be a number, got {setting!r}")
    if not isfinite(setting):
        raise ValueError(f"{name} must be finite, got {setting!r}")
    return float(setting)


def _positive(setting: Any, name: str) -> float:
    if not _number(setting, name) > 0.0:
        raise ValueError(f"{name} must be above 0, got {setting!r}")
    return float(setting)


def _not_negative(setting: Any, name: str) -> float:
    if not _number(setting, name) >= 0.0:
        raise ValueError(f"{name} must not be negative, got {setting!r}")
    return float(setting)


def _share(setting: Any, name: str) -> float:
    if not 0.0 <= _number(setting, name) < 1.0:
        raise ValueError(f"{name} must be from 0 up to but not 1, got {setting!r}")
    return float(setting)


def _shares(setting: Any, name: str) -> tuple[float, float]:
    if not isinstance(setting, (list, tuple)) or len(setting) != 2:
        raise TypeError(f"{name} must be two numbers, got {setting!r}")
    return _share(setting[0], f"{name}[0]"), _share(setting[1], f"{name}[1]")


def _plain(setting: Any) -> Any:
    return list(setting) if isinstance(setting, tuple) else setting


_NO_SETTINGS = frozenset(("steps", "state", "parameters", "orders", "_expected"))
_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "lr": _positive,
    "weight_decay": _not_negative,
    "momentum": _share,
    "betas": _shares,
    "epsilon": _positive,
}
