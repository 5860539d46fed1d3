"""`output_gradients`: what the loss tells an output unit that is very wrong.

After a sigmoid or a softmax the squared error is flat where the prediction is most wrong, and
cross-entropy is steep: its derivative by the net input is simply a − t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import autograd
from autograd import SGD, Value, sigmoid, softmax
from nn.charts import SERIES, Chart, label_ends
from nn.losses import bce_with_logits, cross_entropy, squared_error
from nn.tables import Table, Tabled, short_number
from nn.validation import describe, finite, size

SQUARED, CROSS = "squared error", "cross-entropy"
_POINTS = 81


@dataclass(frozen=True, repr=False)
class OutputGradients(Tabled):
    """Gradients at an output unit whose target is 1, for two losses.

    Attributes:
        activation: "sigmoid" or "softmax".
        z: Net inputs of the unit, from very wrong to right; in a softmax those of the others are 0.
        gradients: |∂L/∂z| at each, by the name of the loss.
        errors: t − a after every step of gradient descent on the net inputs, by the name of the
            loss, from the first z on.
        rate: The learning rate of the descent.
    """

    activation: str
    z: list[float]
    gradients: dict[str, list[float]]
    errors: dict[str, list[float]]
    rate: float

    def chart(self) -> Chart:
        """Return both gradients over z, and both descents, as a picture."""

        def draw(figure: Any) -> None:
            left, right = figure.subplots(1, 2)
            for (name, slopes), colour in zip(self.gradients.items(), SERIES, strict=False):
                left.plot(self.z, slopes, color=colour)
                right.plot(self.errors[name], color=colour)
            left.set_xlabel("z of the unit whose target is 1")
            left.set_title("|∂L/∂z|")
            right.set_xlabel(f"step of gradient descent, η = {self.rate:g}")
            right.set_title(f"error t − a, from z = {self.z[0]:g}")
            right.set_ylim(-0.03, 1.05)
            right.margins(x=0.0)
            ends = [
                (len(errors) - 1.0, errors[-1], name, colour)
                for (name, errors), colour in zip(self.errors.items(), SERIES, strict=False)
            ]
            label_ends(right, ends)

        title = f"{self.activation.capitalize()}: what a wrong output is told"
        return Chart(draw, (8.0, 3.6), title, repr(self))

    def _table(self) -> Table:
        places = [k * (len(self.z) - 1) // 8 for k in range(9)]
        rows = [
            [
                short_number(self.z[place]),
                *(short_number(slopes[place]) for slopes in self.gradients.values()),
            ]
            for place in places
        ]
        notes = [
            f"{name}: from z = {self.z[0]:g} the error is {short_number(errors[-1])} after "
            f"{len(errors) - 1} steps"
            for name, errors in self.errors.items()
        ]
        title = f"|∂L/∂z| after a {self.activation}, target 1"
        return Table(title, ["z", *self.gradients], rows, notes=notes)


def output_gradients(
    activation: str = "sigmoid",
    *,
    span: float = 8.0,
    classes: int = 3,
    rate: float = 1.0,
    steps: int = 200,
) -> OutputGradients:
    """Return |∂L/∂z| at an output unit with target 1, after squared error and cross-entropy.

    With squared error it is |(a − t) f′(z)| and vanishes where a is most wrong; with cross-entropy
    it is |a − t|. Both are also followed downhill from the most wrong z.

    Args:
        activation: "sigmoid" or "softmax".
        span: z goes from −span to span.
        classes: Of a softmax, how many there are.
        rate: The learning rate η of the descent.
        steps: How many steps it takes.

    Raises:
        ValueError: If the activation is another, or a number is out of range.

    Example:
        >>> found = output_gradients(span=8.0)
        >>> found.gradients["squared error"][0] < 0.001, found.gradients["cross-entropy"][0] > 0.999
        (True, True)
        >>> found.errors["squared error"][-1] > 0.9, found.errors["cross-entropy"][-1] < 0.01
        (True, True)
    """
    if activation not in ("sigmoid", "softmax"):
        raise ValueError(f'activation must be "sigmoid" or "softmax", got {describe(activation)}')
    reach, eta = finite(span, "span"), finite(rate, "rate")
    if reach <= 0.0 or eta <= 0.0:
        raise ValueError(f"span and rate must be positive, got {span} and {rate}")
    others = 0 if activation == "sigmoid" else size(classes, "classes") - 1
    if activation == "softmax" and not others:
        raise ValueError("a softmax has at least two classes")
    z = [reach * (2.0 * place / (_POINTS - 1) - 1.0) for place in range(_POINTS)]
    return OutputGradients(
        activation,
        z,
        {name: [_slope(name, number, others) for number in z] for name in (SQUARED, CROSS)},
        {
            name: _descent(name, -reach, others, eta, size(steps, "steps"))
            for name in (SQUARED, CROSS)
        },
        eta,
    )


def _loss(name: str, z: Sequence[Value]) -> Value:
    if len(z) == 1:
        return bce_with_logits(z[0], 1) if name == CROSS else squared_error(sigmoid(z[0]), 1.0)
    if name == CROSS:
        return cross_entropy(z, 0)
    return squared_error(softmax(z), [1.0] + [0.0] * (len(z) - 1))


def _slope(name: str, number: float, others: int) -> float:
    z = [Value(number), *(Value(0.0) for _ in range(others))]
    (slope,) = autograd.gradients(_loss(name, z), z[:1])
    return abs(slope.data)


def _descent(name: str, number: float, others: int, rate: float, steps: int) -> list[float]:
    z = [Value(number), *(Value(0.0) for _ in range(others))]
    optimizer, errors = SGD(z, lr=rate), [_error(z)]
    program = autograd.compile(lambda: _loss(name, z), parameters=z)
    for _ in range(steps):
        optimizer.zero_grad()
        program.backward()
        optimizer.step()
        errors.append(_error(z))
    return errors


def _error(z: Sequence[Value]) -> float:
    with autograd.no_grad():
        return 1.0 - float((softmax(z)[0] if len(z) > 1 else sigmoid(z[0])).data)
