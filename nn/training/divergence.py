"""Divergence: found, explained by the example and the node where it shows, and how to avoid it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, gradients, topological_order
from autograd.streams import for_stream
from nn.training.row_losses import RowLoss

# A loss so many times that of the first step is no longer learning.
HOPELESS = 1e6
_NEAR = 1.05  # the ratio of a learning rate that fails to one that does not, when the search ends
_SMALLEST = 1e-20  # learning rates below teach nothing


class DivergenceError(ArithmeticError):
    """A training left the numbers that can be computed with, or the hope to come back.

    Attributes:
        step: The number of the step, from 1 on.
        example: The row of X whose loss or gradient shows it first; None if it is the step itself.
        node: The name of the node.
        largest_lr: The largest learning rate found, to about 5 %, by which the whole training goes
            well, or as much of it as was tried: the message says how many steps. None if none was
            found.
        history: The `History` up to there.

    Example:
        >>> from nn import MLP, SGD
        >>> model = MLP(1, [1], seed=1)
        >>> try:
        ...     model.fit([[1.0], [2.0]], [1.0, 2.0], loss="mse", optimizer=SGD(1e9))
        ... except DivergenceError as error:
        ...     print(error.step > 1, error.largest_lr < 1e9, error.history.stopped)
        True True diverged
    """

    def __init__(
        self,
        message: str,
        step: int,
        example: int | None,
        node: str | None,
        largest_lr: float | None,
        history: Any,
    ) -> None:
        super().__init__(for_stream(message))
        self.step, self.example, self.node = step, example, node
        self.largest_lr, self.history = largest_lr, history

    def __reduce__(self) -> Any:
        own = (self.args[0], self.step, self.example, self.node, self.largest_lr, self.history)
        return type(self), own


class Culprit:
    """Where a batch shows that something is wrong.

    Attributes:
        example: Its place in the batch.
        node: The name of the node.
        text: What is wrong with it.
        is_all: Whether that says all there is to say.
    """

    def __init__(self, example: int, node: str | None, text: str, is_all: bool = True) -> None:
        self.example, self.node, self.text, self.is_all = example, node, text, is_all


def culprit_of(loss: RowLoss, examples: Sequence[tuple[Any, ...]], limit: float) -> Culprit | None:
    """Return the first example of a batch that cannot be computed, or whose numbers are too large.

    Args:
        loss: The loss of a row.
        examples: Those of the batch: each a row with its target, and perhaps its weight.
        limit: From where on a number is too large.
    """
    for place, example in enumerate(examples):
        try:
            output = loss.at(*example)
            derivatives = gradients(output, loss.parameters)
        except (ArithmeticError, ValueError) as error:
            found = _outputs_out_of_bounds(loss, example[0])
            if found is not None:
                return Culprit(place, found.label or found.op, f"{_called(found)} is {found.data}")
            if isinstance(error, ValueError):
                continue
            return Culprit(place, None, f"{type(error).__name__}: {error}")
        for parameter, derivative in zip(loss.parameters, derivatives, strict=True):
            if not math.isfinite(derivative.data):
                name = parameter.label or "a parameter"
                return Culprit(place, parameter.label, f"∂L/∂{name} is {derivative.data}")
        found = _too_large(output, limit)
        if found is not None:
            text = f"{_called(found)} is {found.data:.3g}"
            return Culprit(place, found.label or found.op, text, is_all=False)
    return None


def _called(node: Value) -> str:
    return f"{node.op} ({node.label})" if node.label else str(node.op)


def _outputs_out_of_bounds(loss: RowLoss, row: Any) -> Value | None:
    """Return the first node below the outputs for a row that is NaN or infinite."""
    try:
        outputs = loss.model(row)
    except (ArithmeticError, ValueError):
        return None
    for output in outputs if isinstance(outputs, (list, tuple)) else [outputs]:
        found = _too_large(output, sys.float_info.max)
        if found is not None:
            return found
    return None


def _too_large(output: Value, limit: float) -> Value | None:
    """Return the first node in the order of the computation that is too large."""
    for node in topological_order(output):
        if node.parents and not abs(node.data) <= limit:
            return node
    return None


def largest_rate(survives: Callable[[float], bool], rate: float) -> float | None:
    """Return the largest learning rate below one that does not survive, to about 5 %.

    Args:
        survives: Takes the steps with a learning rate, and says whether that goes well.
        rate: The one that does not.

    Returns:
        A rate of three digits that survived; None if there is none above 1e-20.

    Example:
        >>> largest_rate(lambda rate: rate < 0.3, 1.0), largest_rate(lambda rate: rate < 2, 1e300)
        (0.297, 1.97)
        >>> largest_rate(lambda rate: False, 1.0)
    """
    high, factor = rate, 4.0
    low = _rounded_down(high / factor)
    while not survives(low):
        if low <= _SMALLEST:
            return None
        high, factor = low, factor * factor
        low = max(_rounded_down(high / factor), _SMALLEST)
    while high > _NEAR * low:
        middle = _rounded_down(math.sqrt(low) * math.sqrt(high))
        if survives(middle):
            low = middle
        else:
            high = middle
    return low


def _rounded_down(rate: float) -> float:
    """Return the largest number of three digits that is not above a rate."""
    mantissa, exponent = f"{rate:.16e}".split("e")
    return float(f"{mantissa[:4]}e{exponent}")
