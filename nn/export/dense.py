"""A model as plain layers: what has to be carried for a = f(W x + b), layer after layer.

It knows `Neuron`, `Layer` and `MLP`, and subclasses that compute as these do.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from nn.activations import Activation
from nn.layers import Layer
from nn.networks import MLP
from nn.neurons import Neuron
from nn.validation import counted


@dataclass(frozen=True)
class Dense:
    """A layer with its numbers.

    Attributes:
        weights: units × inputs.
        biases: One per unit; None for a layer without.
        activation: f.
        source: The `Layer`, or the `Neuron`, that these numbers are of.
    """

    weights: list[list[float]]
    biases: list[float] | None
    activation: Activation
    source: Layer | Neuron

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return len(self.weights[0])

    @property
    def units(self) -> int:
        """The number of units."""
        return len(self.weights)

    @property
    def parameter_count(self) -> int:
        """The number of weights and biases."""
        return self.units * (self.inputs + (self.biases is not None))


def is_dense(model: Any) -> bool:
    """Return whether a model computes as `Neuron`, `Layer` and `MLP` do.

    Example:
        >>> is_dense(MLP(2, [1])), is_dense(3)
        (True, False)
    """
    return isinstance(model, (Neuron, Layer, MLP)) and model.is_plain


def sources_of(model: Neuron | Layer | MLP) -> list[tuple[str, Layer | Neuron]]:
    """Return the layers of a model with the prefix of their parameters' names.

    Example:
        >>> [prefix for prefix, layer in sources_of(MLP(2, [3, 1]))]
        ['layers.0.', 'layers.1.']
    """
    if isinstance(model, MLP):
        return [(f"layers.{position}.", layer) for position, layer in enumerate(model.layers)]
    return [("", model)]


def neurons_of(source: Layer | Neuron) -> list[Neuron]:
    """Return the units of a layer; of a neuron itself."""
    return source.neurons if isinstance(source, Layer) else [source]


def dense_layers(model: Any) -> list[Dense]:
    """Return the layers of a model as numbers.

    Raises:
        TypeError: If the model computes its outputs in a way of its own.
        ValueError: If units of a layer differ in what they have, layers do not fit together, or a
            parameter is NaN or infinite.

    Example:
        >>> layer, = dense_layers(MLP(2, [1], "sigmoid", initializer="zeros"))
        >>> layer.weights, layer.biases, layer.activation.name
        ([[0.0, 0.0]], [0.0], 'sigmoid')
    """
    if not is_dense(model):
        raise TypeError(
            f"{type(model).__name__} has its own way from inputs to outputs; what is carried away "
            "is a Neuron, Layer or MLP. state_dict(model) keeps the parameters of any module"
        )
    layers: list[Dense] = []
    for prefix, source in sources_of(model):
        layer = _dense(prefix, source)
        if layers and layer.inputs != layers[-1].units:
            raise ValueError(
                f"{prefix.rstrip('.')} takes {counted(layer.inputs, 'number')}, the layer before "
                f"it has {counted(layers[-1].units, 'unit')}"
            )
        layers.append(layer)
    return layers


def _dense(prefix: str, source: Layer | Neuron) -> Dense:
    neurons = neurons_of(source)
    first = neurons[0]
    layer_wide = source.activation.whole_layer
    for position, neuron in enumerate(neurons):
        where = f"{prefix}neurons.{position}" if isinstance(source, Layer) else "the neuron"
        if len(neuron.weights) != len(first.weights):
            raise ValueError(f"{where} has {len(neuron.weights)} weights, not {first.nin}")
        if (neuron.bias is None) != (first.bias is None):
            raise ValueError(f"{where} differs from the units before it: only one has a bias")
        if neuron.activation != source.activation and not layer_wide:
            raise ValueError(
                f"{where} has the activation {neuron.activation.name}, its layer "
                f"{source.activation.name}"
            )
    weights = [[value.data for value in neuron.weights] for neuron in neurons]
    biases = [neuron.bias.data for neuron in neurons if neuron.bias is not None]
    for unit, row in enumerate(weights):
        for index, number in enumerate(row):
            if not isfinite(number):
                raise ValueError(f"{prefix}weight[{unit}][{index}] is {number}; {_DIVERGED}")
    for unit, number in enumerate(biases):
        if not isfinite(number):
            raise ValueError(f"{prefix}bias[{unit}] is {number}; {_DIVERGED}")
    return Dense(weights, biases or None, source.activation, source)


_DIVERGED = "a model with such parameters is not written: its training diverged"
