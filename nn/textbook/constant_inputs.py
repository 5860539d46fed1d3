"""A bias as the weight of an input that is always 1: the lecture's w_0j."""

from __future__ import annotations

from nn.layers import Layer
from nn.neurons import Neuron
from nn.notation import label
from nn.validation import describe


def bias_as_input(module: Layer | Neuron) -> Layer | Neuron:
    """Return the same layer, or neuron, with each bias as the weight w_0j of a first input.

    z_j = sum_{i=1..n} w_ij x_i + b_j is z_j = sum_{i=0..n} w_ij x_i with x_0 = 1 and w_0j = b_j:
    `bias_as_input(layer)([1.0, *x])` is `layer(x)`, to the last bit.

    Args:
        module: What has biases; it stays as it is.

    Raises:
        TypeError: If it is neither a `Layer` nor a `Neuron`.
        ValueError: If it has no biases.

    Example:
        >>> neuron = Neuron(2, activation="tanh", initializer="zeros")
        >>> neuron.bias.data = 0.5
        >>> without = bias_as_input(neuron)
        >>> without, without([1.0, 3.0, 4.0]).data == neuron([3.0, 4.0]).data
        (Neuron(3 → tanh, 3 parameters), True)
    """
    if not isinstance(module, (Layer, Neuron)):
        raise TypeError(f"bias_as_input takes a Layer or a Neuron, got {describe(module)}")
    units = module.neurons if isinstance(module, Layer) else [module]
    if any(unit.bias is None for unit in units):
        raise ValueError(f"{module!r} has no biases")
    nin = module.nin + 1
    made: Layer | Neuron = (
        Layer(nin, module.nout, activation=module.activation, initializer="zeros", bias=False)
        if isinstance(module, Layer)
        else Neuron(nin, activation=module.activation, initializer="zeros", bias=False)
    )
    copies = made.neurons if isinstance(made, Layer) else [made]
    for j, (unit, copy) in enumerate(zip(units, copies, strict=True), start=1):
        known = [weight for weight in (unit.bias, *unit.weights) if weight is not None]
        for i, (weight, given) in enumerate(zip(copy.weights, known, strict=True)):
            weight.data = given.data
            weight.label = label("w", i, j if isinstance(module, Layer) else None)
    return made
