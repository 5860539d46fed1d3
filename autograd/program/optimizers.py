"""Optimizers of programs: what they are set to, and what they remember from step to step."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from math import isfinite, sqrt
from typing import Any

from autograd.selection import Value


class Optimizer:
    """Base class: the settings, and the memory of every parameter.

    An optimizer belongs to the parameters it first steps; it can step them through several
    programs, and goes on where it was. Its settings may be changed between runs, and are checked
    then as at first.

    Attributes:
        lr: The learning rate.
        weight_decay: How much of a parameter is added to its gradient.
        steps: How many steps were taken.
        state: The memory: `memories` numbers per parameter, one after the other.
        changes: How often a setting became another.
    """

    kind = ""
    changes = 0

    def __init__(self, lr: float, weight_decay: float) -> None:
        self.lr = lr
        self.weight_decay = weight_decay
        self.steps = 0
        self.state = array("d")
        self.parameters: list[Value] = []

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
            self.parameters = list(parameters)
            self.state = array("d", bytes(8 * len(parameters) * self.memories))
        elif len(parameters) != len(self.parameters) or any(
            mine is not theirs for mine, theirs in zip(self.parameters, parameters, strict=True)
        ):
            raise ValueError(
                f"this {type(self).__name__} steps {len(self.parameters)} other parameters, or "
                "the same in another order; name them when compiling, "
                "compile(f, parameters=model.parameters()), or make an optimizer for each program"
            )

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
            velocities = [self.momentum * v + g for v, g in zip(self.state, slopes, strict=True)]
            state = array("d", velocities)
            steps = velocities
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
        t = self.steps + 1
        beta1, beta2 = self.betas
        first, second = 1.0 - beta1**t, 1.0 - beta2**t
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


_NO_SETTINGS = frozenset(("steps", "state", "parameters"))
_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "lr": _positive,
    "weight_decay": _not_negative,
    "momentum": _share,
    "betas": _shares,
    "epsilon": _positive,
}
