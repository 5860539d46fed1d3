"""A model as plain numbers: the matrices, biases and activations that the formulas speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nn import activations
from nn.inputs import checked_inputs, checked_rows, holds_rows, listed
from nn.layers import Layer
from nn.networks import MLP
from nn.neurons import Neuron
from nn.textbook.unit_slopes import UNIT_FUNCTIONS
from nn.validation import describe

SOFTMAX = "softmax"


@dataclass(frozen=True)
class PlainLayer:
    """A layer as plain numbers.

    Attributes:
        weights: The matrix W: `weights[j][i]` leads from unit i of the layer before to unit j.
        biases: b_j for every unit; zeros for a layer without.
        activation: The name of f.
        neurons: Whose numbers they are.
    """

    weights: list[list[float]]
    biases: list[float]
    activation: str
    neurons: list[Neuron]


def plain_layers(model: Any) -> list[PlainLayer]:
    """Return the layers of a model, as plain numbers.

    Raises:
        TypeError: If it is no `MLP`, `Layer` or `Neuron`, or computes its outputs otherwise.
        ValueError: If an activation is a function of the user, whose derivative is not known here.
    """
    return [
        PlainLayer(
            [[w.data for w in neuron.weights] for neuron in neurons],
            [0.0 if neuron.bias is None else neuron.bias.data for neuron in neurons],
            _known(activation, number),
            neurons,
        )
        for number, (neurons, activation) in enumerate(layers_of(model), start=1)
    ]


def layers_of(model: Any) -> list[tuple[list[Neuron], activations.Activation]]:
    """Return the neurons and the activation of every layer; a neuron is a layer of one.

    Raises:
        TypeError: If it is no `MLP`, `Layer` or `Neuron`, or computes its outputs otherwise.
    """
    if not isinstance(model, (MLP, Layer, Neuron)):
        raise TypeError(f"the textbook knows MLP, Layer and Neuron, got {describe(model)}")
    if not model.is_plain:
        raise TypeError(
            f"this {type(model).__name__}, or a part of it, has its own way from inputs to "
            "outputs; the textbook knows z = W a + b, then a = f(z)"
        )
    if isinstance(model, Neuron):
        return [([model], model.activation)]
    layers = model.layers if isinstance(model, MLP) else [model]
    return [(list(layer.neurons), layer.activation) for layer in layers]


def plain_inputs(model: Any, x: Any) -> tuple[list[list[float]], bool]:
    """Return the inputs of every example as floats, and whether they are those of a batch.

    Raises:
        TypeError: If they are no numbers.
        ValueError: If a row differs in length from the model's inputs, one is NaN or infinite, or
            there are none.
    """
    given, kind = listed(x), type(model).__name__
    is_batch = holds_rows(given)
    if not given:
        raise ValueError(f"inputs is empty; this {kind} takes {model.nin} numbers, or rows of them")
    rows = (
        checked_rows(given, model.nin, kind)
        if is_batch
        else [checked_inputs(given, model.nin, kind)]
    )
    return [[node.data for node in row] for row in rows], is_batch


def _known(activation: activations.Activation, number: int) -> str:
    known = activations.BY_NAME.get(activation.name) == activation
    if not known or activation.name not in (*UNIT_FUNCTIONS, SOFTMAX):
        raise ValueError(
            f"layer ({number}) has the activation {activation.name}, a function whose derivative "
            f"the textbook does not know; it knows {', '.join([*UNIT_FUNCTIONS, SOFTMAX])}"
        )
    return activation.name
