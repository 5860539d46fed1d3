"""A loss as a function of some of its parameters: compiled, checked, and everything put back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import autograd
from autograd import Value
from nn.validation import describe, finite

Loss = Callable[[], Any]


class LossProbe:
    """The loss at other parameters, within `moving()`, which puts them back where they were.

    The loss is compiled. Where that would be another function (a loss may read `.data`, or draw
    random numbers) the loss itself is called: a few points are tried both ways first.

    Args:
        loss: Computes the loss from the parameters, without arguments.
        parameters: Those that move.

    Raises:
        TypeError: If the loss is not a function, returns no number, or a parameter is not a `Value`
            that can be set.
        ValueError: If there are no parameters, one occurs twice, or the loss is not finite.
    """

    def __init__(self, loss: Loss, parameters: Sequence[Any]) -> None:
        if not callable(loss):
            raise TypeError(
                f"loss must be a function without arguments, e.g. lambda: mse(model(X), y), got "
                f"{describe(loss)}"
            )
        if callable(getattr(parameters, "parameters", None)):
            raise TypeError(
                f"parameters must be a list; pass model.parameters(), not {parameters!r}"
            )
        if isinstance(parameters, (Value, str)) or not isinstance(parameters, Iterable):
            raise TypeError(f"parameters must be a list of Values, got {describe(parameters)}")
        self.parameters = [_checked(p, place) for place, p in enumerate(parameters)]
        if not self.parameters:
            raise ValueError("there are no parameters to move")
        if len(set(map(id, self.parameters))) < len(self.parameters):
            raise ValueError("a parameter occurs twice; give different ones")
        self.loss = loss
        self.start = [parameter.data for parameter in self.parameters]
        with self.moving():
            self.start_loss = finite(self._eager(), "the loss")
            self._program = self._compiled()

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Put the parameters back at the end, whatever happens."""
        try:
            yield
        finally:
            self._set(self.start)

    def __call__(self, numbers: Sequence[float]) -> float:
        """Return the loss where the parameters are these numbers.

        Raises:
            ArithmeticError: What the loss raises there.
            ValueError: What the loss raises there.
        """
        self._set(numbers)
        return self._eager() if self._program is None else float(self._program())

    def or_nan(self, numbers: Sequence[float]) -> float:
        """Return the loss, or NaN where it is infinite, undefined or refused."""
        try:
            return self(numbers)
        except (ArithmeticError, ValueError):
            return float("nan")

    def _set(self, numbers: Sequence[float]) -> None:
        for parameter, number in zip(self.parameters, numbers, strict=True):
            parameter.data = number

    def _eager(self) -> float:
        with autograd.no_grad():
            found = self.loss()
        if isinstance(found, Value):
            found = found.data
        try:
            return float(found)
        except (TypeError, ValueError):
            raise TypeError(f"the loss must be one number, got {describe(found)}") from None

    def _compiled(self) -> Any:
        if not isinstance(self.loss(), Value):
            return None
        program = autograd.compile(self.loss)
        for move in (0.0, 0.5, -0.25):
            self._set([number + move for number in self.start])
            try:
                expected = self._eager()
            except (ArithmeticError, ValueError):
                continue
            if program() != expected:
                return None
        return program


def _checked(parameter: Any, place: int) -> Value:
    if not isinstance(parameter, Value):
        raise TypeError(
            f"parameters are Values, as model.parameters() has them, or names with model=; number "
            f"{place + 1} is {describe(parameter)}"
        )
    if not parameter.is_leaf or parameter.is_constant:
        raise TypeError(f"{parameter!r} is computed or constant: no parameter to move")
    return parameter


def parameter_of(parameter: Any, model: Any) -> Any:
    """Return a parameter given by its name in a model, or by itself.

    Raises:
        ValueError: If it is a name, and there is no model.
    """
    if not isinstance(parameter, str):
        return parameter
    if model is None:
        raise ValueError(f"{parameter!r} is a name; say in which model: model=...")
    return model[parameter]


def parameter_name(parameter: Value, place: int) -> str:
    """Return what a parameter is called."""
    return parameter.label or f"w{place}"
