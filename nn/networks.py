"""The multi-layer perceptron: layers, each fed by the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import Group, Value
from nn.activations import Activation
from nn.activations import activation as activation_of
from nn.initializers import Initializer, source_of
from nn.inputs import checked_inputs
from nn.layers import ActivationChoice, Layer, summary
from nn.module import Module
from nn.validation import counted, row, size


class MLP(Module):
    """A multi-layer perceptron: fully connected layers, each fed by the one before.

    Layers are counted without the input: `len(model.layers) == len(nouts)`, and `model.layers[0]`
    is layer (1). By default the hidden layers are relu and the last one linear, as in micrograd.

    Args:
        nin: The number of inputs.
        nouts: The sizes of the layers, hidden ones first, the output layer last.
        activation: The activation of the hidden layers. A network with one layer has no hidden
            ones: there it is the activation of the output, so that
            `MLP(d, [1], activation="sigmoid")` is logistic regression.
        output_activation: The activation of the output layer.
        activations: One activation per layer, instead of the two arguments above.
        initializer: How weights are drawn: a name from `nn.initializers` or a function. The default
            is micrograd's, uniform between -1 and 1. Biases start at zero.
        seed: An integer, a `random.Random` to go on drawing from, or None for the module `random`.
        bias: Whether the neurons have biases.

    Raises:
        TypeError: For an argument of the wrong type.
        ValueError: For a size below 1, no layers, an unknown name, or activations that are not one
            per layer.

    Example:
        >>> model = MLP(2, [16, 16, 1], seed=1337)
        >>> model
        MLP(2 → 16 relu → 16 relu → 1 linear, 337 parameters)
        >>> model([1.0, -2.0]).label
        'z_1^(3)'
        >>> MLP(4, [8, 3], activation="tanh", output_activation="softmax")
        MLP(4 → 8 tanh → 3 softmax, 67 parameters)
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: ActivationChoice | None = None,
        output_activation: ActivationChoice | None = None,
        *,
        activations: Sequence[ActivationChoice] | None = None,
        initializer: str | Initializer = "uniform",
        seed: Any = None,
        bias: bool = True,
    ) -> None:
        sizes = [size(nin, "nin")]
        sizes += [
            size(count, f"nouts[{position}]")
            for position, count in enumerate(row(nouts, "nouts", of="layer sizes"))
        ]
        depth = len(sizes) - 1
        if depth == 0:
            raise ValueError("nouts is empty; a network needs at least an output layer, e.g. [1]")
        chosen = _choose_per_layer(depth, activation, output_activation, activations)
        source = source_of(seed)
        group = Group(type(self).__name__, "network")
        self.layers = [
            Layer(
                sizes[index - 1],
                sizes[index],
                activation=chosen[index - 1],
                initializer=initializer,
                seed=source,
                bias=bias,
                index=index,
                inside=group,
            )
            for index in range(1, depth + 1)
        ]

    def __call__(self, inputs: Sequence[Value | float]) -> Any:
        """Return the outputs for one example: a list, or with a single output unit its Value.

        Raises:
            TypeError: If the inputs are not a list of numbers.
            ValueError: If their number is wrong, or one is NaN or infinite.
        """
        outputs = self.forward(checked_inputs(inputs, self.nin, "MLP"))
        return outputs[0] if len(outputs) == 1 else outputs

    def forward(self, inputs: Sequence[Value]) -> list[Value]:
        """Return the list of outputs for inputs that need no check."""
        outputs = inputs
        for layer in self.layers:
            outputs = layer.forward(outputs)
        return list(outputs)

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return self.layers[0].nin

    @property
    def nouts(self) -> list[int]:
        """The sizes of the layers."""
        return [layer.nout for layer in self.layers]

    def __repr__(self) -> str:
        layers = [f"{layer.nout} {layer.activation.name}" for layer in self.layers]
        return summary(self, [str(self.nin), *layers])


def _choose_per_layer(
    depth: int,
    activation: ActivationChoice | None,
    output_activation: ActivationChoice | None,
    activations: Sequence[ActivationChoice] | None,
) -> list[Activation]:
    if activations is not None:
        if activation is not None or output_activation is not None:
            raise ValueError("give activations, or activation and output_activation, not both")
        given = row(activations, "activations", of="names or functions, one per layer")
        if len(given) != depth:
            raise ValueError(
                f"activations must name one activation per layer: got {len(given)} for "
                f"{counted(depth, 'layer')}"
            )
        return [
            activation_of(choice, f"activations[{position}]")
            for position, choice in enumerate(given)
        ]
    if output_activation is None:
        output_activation = "linear" if depth > 1 or activation is None else activation
    hidden = activation_of("relu" if activation is None else activation)
    return [hidden] * (depth - 1) + [activation_of(output_activation, "output_activation")]
