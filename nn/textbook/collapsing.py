"""`collapse`: linear layers, however many, are one matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nn import activations
from nn.inputs import checked_inputs, checked_rows, holds_rows, listed
from nn.layers import Layer
from nn.tables import Table, Tabled, short_number
from nn.textbook.plain_layers import layers_of


@dataclass(frozen=True, repr=False)
class Collapsed(Tabled):
    """One matrix and bias that do what several linear layers did.

    Attributes:
        weights: The matrix W^(L) ... W^(1): `weights[j][i]` leads from input i to output j.
        bias: The bias of every output.
    """

    weights: list[list[float]]
    bias: list[float]

    def __call__(self, inputs: Any) -> Any:
        """Return W x + b for one example, or for each row of a batch, rounded once.

        With a single output it is a number, otherwise a list, as `MLP` returns them.

        Raises:
            TypeError: If the inputs are no numbers.
            ValueError: If their number is wrong, or one is NaN or infinite.
        """
        given, nin = listed(inputs), len(self.weights[0])
        if holds_rows(given):
            return [self._of(row) for row in checked_rows(given, nin, "matrix")]
        return self._of(checked_inputs(given, nin, "matrix"))

    def layer(self) -> Layer:
        """Return a linear `Layer` with these weights and biases."""
        made = Layer(
            len(self.weights[0]), len(self.weights), activation="linear", initializer="zeros"
        )
        for neuron, row, bias in zip(made.neurons, self.weights, self.bias, strict=True):
            for weight, number in zip(neuron.weights, row, strict=True):
                weight.data = number
            if neuron.bias is not None:
                neuron.bias.data = bias
        return made

    def _of(self, row: Sequence[Any]) -> float | list[float]:
        x = [[Fraction(node.data)] for node in row]
        z = [
            float(product + Fraction(bias))
            for (product,), bias in zip(_product(_exact(self.weights), x), self.bias, strict=True)
        ]
        return z[0] if len(z) == 1 else z

    def _table(self) -> Table:
        nin, nout = len(self.weights[0]), len(self.weights)
        header = ["output", *(f"x_{i}" for i in range(1, nin + 1)), "bias"]
        rows = [
            [f"z_{j}", *map(short_number, row), short_number(bias)]
            for j, (row, bias) in enumerate(zip(self.weights, self.bias, strict=True), start=1)
        ]
        return Table(f"one matrix: {nin} → {nout} linear", header, rows, words=1)


def collapse(model: Any) -> Collapsed:
    """Return the one matrix and bias that linear layers collapse to.

    W^(2) (W^(1) x + b^(1)) + b^(2) = (W^(2) W^(1)) x + (W^(2) b^(1) + b^(2)), and so on: without a
    non-linearity between them, layers add nothing. The matrix is computed exactly and rounded once.

    Args:
        model: An `MLP`, a `Layer` or a `Neuron`.

    Raises:
        TypeError: If it is none of these, or computes its outputs in a way of its own.
        ValueError: If a layer is not linear; the error names the first one. Or if a number of the
            matrix is beyond any float.

    Example:
        >>> from nn import MLP
        >>> model = MLP(3, [5, 4, 2], "linear", seed=1)
        >>> matrix = collapse(model)
        >>> len(matrix.weights), len(matrix.weights[0]), matrix.layer()
        (2, 3, Layer(3 → 2 linear, 8 parameters))
        >>> collapse(MLP(3, [5, 4, 2], "tanh"))
        Traceback (most recent call last):
          ...
        ValueError: layer (1) is tanh, not linear: W^(2) tanh(W^(1) x) is no matrix times x
    """
    layers = layers_of(model)
    for number, (_, activation) in enumerate(layers, start=1):
        if activation != activations.BY_NAME["linear"]:
            name = activation.name
            raise ValueError(
                f"layer ({number}) is {name}, not linear: W^({number + 1}) {name}(W^({number}) x) "
                "is no matrix times x"
            )
    matrix: list[list[Fraction]] | None = None
    offset: list[Fraction] = []
    for neurons, _ in layers:
        weights = _exact([[w.data for w in neuron.weights] for neuron in neurons])
        own = [Fraction(0 if neuron.bias is None else neuron.bias.data) for neuron in neurons]
        if matrix is None:
            matrix, offset = weights, own
            continue
        carried = _product(weights, [[number] for number in offset])
        matrix = _product(weights, matrix)
        offset = [number + bias for (number,), bias in zip(carried, own, strict=True)]
    try:
        return Collapsed(
            [[float(number) for number in row] for row in matrix or []], list(map(float, offset))
        )
    except OverflowError:
        raise ValueError("the product of the matrices is beyond any float") from None


def _exact(matrix: Sequence[Sequence[float]]) -> list[list[Fraction]]:
    return [[Fraction(number) for number in row] for row in matrix]


def _product(
    left: Sequence[Sequence[Fraction]], right: Sequence[Sequence[Fraction]]
) -> list[list[Fraction]]:
    columns = list(zip(*right, strict=True))
    return [
        [sum((x * y for x, y in zip(row, column, strict=True)), Fraction()) for column in columns]
        for row in left
    ]
