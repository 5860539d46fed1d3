"""The multi-layer perceptron: layers, each fed by the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from autograd import Group, Value
from autograd.streams import printed_anywhere
from nn.activations import Activation
from nn.activations import activation as activation_of
from nn.choices import InitializerName
from nn.initializers import Initializer, source_of
from nn.inputs import checked_inputs, checked_rows, holds_rows, listed
from nn.layers import Layer
from nn.module import Module, computes_as, short_text
from nn.neurons import ActivationChoice
from nn.traces import Trace, require_plain, trace_layers
from nn.validation import counted, describe, row, size


@printed_anywhere
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
            is what suits each layer's activation (He for relu, Glorot for tanh, sigmoid and linear;
            see the table there) where a seed is given, and without one micrograd's, uniform
            between -1 and 1; "auto" and "micrograd" name either. Biases start at zero.
        seed: An integer, a `random.Random` to go on drawing from, or None for the module `random`,
            as in micrograd: `random.seed(1337)` before `MLP(2, [16, 16, 1])` gives micrograd's
            weights.
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
        >>> MLP(3, [4, 4, 1], "tanh", "tanh")  # the micrograd lecture's: steps of 0.1 fit it
        MLP(3 → 4 tanh → 4 tanh → 1 tanh, 41 parameters)
        >>> model.nin, model.nouts, model.is_plain
        (2, [16, 16, 1], True)
        >>> len(model.forward([1.0, -2.0])), len(model.forward_batch([[1.0, -2.0], [3.0, 4.0]]))
        (1, 2)
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: ActivationChoice | None = None,
        output_activation: ActivationChoice | None = None,
        *,
        activations: Sequence[ActivationChoice] | None = None,
        initializer: InitializerName | Initializer | None = None,
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

    @overload
    def __call__(self, inputs: Sequence[Sequence[Value | float]]) -> list[Any]: ...

    @overload
    def __call__(self, inputs: Any) -> Any: ...

    def __call__(self, inputs: Any) -> Any:
        """Return the outputs for one example: a list, or with a single output unit its Value.

        Args:
            inputs: The numbers of one example; or a batch: a list or array of rows, a table. For a
                batch there is one such result per row. Names of its nodes end with the number of
                the row, counted from 1: a_1^(2)[5].

        Raises:
            TypeError: If the inputs are neither a list of numbers nor rows of numbers.
            ValueError: If their number is wrong, or one is NaN or infinite.

        Example:
            >>> model = MLP(2, [3, 1], "tanh", seed=1)
            >>> [y.label for y in model([[0.5, -1.0], [1.0, 2.0]])]
            ['z_1^(2)[1]', 'z_1^(2)[2]']
        """
        given = listed(inputs)
        if holds_rows(given):
            rows = self.forward_batch(checked_rows(given, self.nin, "MLP"))
            return [row[0] for row in rows] if len(rows[0]) == 1 else rows
        outputs = self.forward(checked_inputs(given, self.nin, "MLP"))
        return outputs[0] if len(outputs) == 1 else outputs

    def forward(self, inputs: Sequence[Value]) -> list[Value]:
        """Return the list of outputs for inputs that need no check."""
        outputs = inputs
        for layer in self.layers:
            outputs = layer.forward(outputs)
        return list(outputs)

    def forward_batch(self, rows: Sequence[Sequence[Value]]) -> list[list[Value]]:
        """Return the list of outputs for every row of a batch that needs no check."""
        if not computes_as(self, MLP, "forward"):
            return [self.forward(row) for row in rows]
        for layer in self.layers:
            known = isinstance(layer, Layer)
            rows = layer.forward_batch(rows) if known else [layer.forward(row) for row in rows]
        return [list(row) for row in rows]

    @property
    def is_plain(self) -> bool:
        """Whether its layers compute z and a as they do here, and no subclass otherwise."""
        if not computes_as(self, MLP, "forward"):
            return False
        return all(isinstance(layer, Layer) and layer.is_plain for layer in self.layers)

    def trace(self, inputs: Any) -> Trace:
        """Return all z and a for one example, or for every row of a batch, as a table.

        With delta = ∂L/∂z, once a loss of the trace's output was differentiated.

        Raises:
            TypeError: As a call does; or if a subclass computes z or a otherwise.
            ValueError: As a call does.

        Example:
            >>> print(MLP(1, [2, 1], "tanh", initializer="zeros").trace([3.0]))
            MLP(1 → 2 tanh → 1 linear, 7 parameters)
              layer  unit  z  a
                  0     1     3
                  1     1  0  0
                  1     2  0  0
                  2     1  0  0
        """
        require_plain(self)
        given = listed(inputs)
        is_batch, narrow = holds_rows(given), len(self.layers[-1].neurons) == 1
        check: Any = checked_rows if is_batch else checked_inputs
        return trace_layers(self, self.layers, check(given, self.nin, "MLP"), is_batch, narrow)

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
        return short_text(self, [str(self.nin), *layers])


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
    if isinstance(activation, (list, tuple)):
        raise TypeError(
            f"activation is one for all hidden layers, got {describe(activation)}; for one per "
            "layer write activations=[...]"
        )
    if output_activation is None:
        output_activation = "linear" if depth > 1 or activation is None else activation
    hidden = activation_of("relu" if activation is None else activation)
    return [hidden] * (depth - 1) + [activation_of(output_activation, "output_activation")]
