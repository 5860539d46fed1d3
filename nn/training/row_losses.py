"""The loss of a row: compiled, to train by; and as nodes, to check and to explain."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, gradients
from nn.measuring.compiled_models import is_known, loss_program_of
from nn.validation import describe


class RowLoss:
    """The loss of a model at one row, as a program and as nodes.

    Args:
        model: What turns the numbers of a row into outputs.
        loss: A function of outputs and target.
        parameters: What is trained.
        is_weighted: Whether a row comes with a weight, by which its loss is multiplied.
    """

    def __init__(
        self,
        model: Any,
        loss: Callable[[Any, Any], Value],
        parameters: Sequence[Value],
        is_weighted: bool = False,
    ) -> None:
        self.model, self.loss = model, loss
        self.parameters = list(parameters)
        self.program = loss_program_of(model, loss, self.parameters, is_weighted)

    def at(self, row: Any, target: Any, weight: float | None = None) -> Value:
        """Return the loss at one row."""
        loss = self.loss(self.model(row), target)
        return loss if weight is None else weight * loss

    def require_sense(self, example: tuple[Any, ...], compiled: bool) -> None:
        """Refuse a loss that no parameter decides, or, compiled, one that differs at every call.

        Raises:
            TypeError: If it is no Value.
            ValueError: If no parameter is in its graph, or two calls for a row give two losses.
        """
        if is_known(self.model, self.loss):
            return
        try:
            found = [self.loss(self.model(example[0]), example[1]) for _ in range(3)]
        except (ArithmeticError, ValueError):
            return  # which a step will tell
        if not all(isinstance(loss, Value) for loss in found):
            raise TypeError(
                f"the loss has to be one Value, computed from the model's parameters, got "
                f"{describe(found[0])}"
            )
        if compiled and len({repr(loss.data) for loss in found}) > 1:
            raise ValueError(
                "model and loss give another number for the same row at every call: they draw "
                "random numbers, which a compiled training would draw once and keep; train with "
                "compiled=False"
            )
        if not set(self.parameters).intersection(found[0].leaves()):
            raise ValueError(
                "the loss does not depend on any parameter of the model: on the way to it there is "
                "only .data, detach() or plain numbers"
            )

    def gradient(self, examples: Sequence[tuple[Any, ...]]) -> Gradient:
        """Return the mean over examples, by nodes: eager code's."""
        losses: list[float] = []
        sums: list[list[float]] = [[] for _ in self.parameters]
        for example in examples:
            loss = self.at(*example)
            losses.append(loss.data)
            for terms, derivative in zip(sums, gradients(loss, self.parameters), strict=True):
                terms.append(float(derivative.data))
        count = len(losses)
        return Gradient(
            math.fsum(losses) / count,
            [math.fsum(terms) / count for terms in sums],
            [math.fsum(map(abs, terms)) / count for terms in sums],
        )


class Gradient:
    """A mean of losses with its derivatives.

    Attributes:
        loss: The mean.
        numbers: The derivative by each parameter.
        sizes: The mean of the absolute derivatives: what rounding is measured by.
    """

    def __init__(self, loss: float, numbers: list[float], sizes: list[float]) -> None:
        self.loss, self.numbers, self.sizes = loss, numbers, sizes
