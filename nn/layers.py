"""Neurons and layers of neurons.

The net input of neuron j in layer l, and its activation, are

    z_j^(l) = sum_i w_ij^(l) a_i^(l-1) + b_j^(l),    a_j^(l) = f(z_j^(l)),    a_i^(0) = x_i

where the net input is one `dot` node. Nodes and parameters carry these names as labels (see
`notation`). Calling any of them checks the inputs and takes one example; `forward` is the same on
inputs that are known to be good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import Group, Value, dot
from nn.activations import Activation
from nn.activations import activation as activation_of
from nn.initializers import Initializer, source_of
from nn.initializers import initializer as initializer_of
from nn.inputs import checked_inputs
from nn.module import Module
from nn.notation import label
from nn.validation import counted, describe, finite, is_node, size

ActivationChoice = str | Callable[[Any], Any]


class Neuron(Module):
    """A unit: the weighted sum of its inputs plus a bias, passed through an activation function.

    Args:
        nin: The number of inputs.
        nonlin: micrograd's switch: True for relu, False for linear.
        activation: A name from `nn.activations` or a function; relu if neither is given. With
            "step" the neuron is Rosenblatt's perceptron.
        initializer: How the weights are drawn: a name from `nn.initializers` or a function. The
            bias starts at zero.
        seed: An integer, a `random.Random` to go on drawing from, or None for the module `random`.
        bias: Whether there is a bias; without one, an input that is always 1 can take its place.
        unit: The neuron's index j in its layer, for labels.
        layer: The index l of its layer, for labels.
        nout: The number of units in its layer, which some initializers take into account.
        inside: The group of its layer, for pictures.

    Raises:
        TypeError: For an argument of the wrong type.
        ValueError: For nin below 1, an unknown name, both nonlin and activation, or softmax.

    Example:
        >>> neuron = Neuron(2, activation="tanh", initializer="zeros")
        >>> neuron([1.0, -2.0]).data
        0.0
        >>> neuron
        Neuron(2 → tanh, 3 parameters)
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool | None = None,
        *,
        activation: ActivationChoice | None = None,
        initializer: str | Initializer = "uniform",
        seed: Any = None,
        bias: bool = True,
        unit: int | None = None,
        layer: int | None = None,
        nout: int = 1,
        inside: Group | None = None,
    ) -> None:
        nin = size(nin, "nin")
        nout = size(nout, "nout")
        chosen = _choose(nonlin, activation)
        if chosen.whole_layer:
            raise ValueError(
                f"{chosen.name} needs a whole layer of neurons; use it with Layer or MLP"
            )
        draw, source = initializer_of(initializer), source_of(seed)
        self.weights = [
            Value(
                finite(draw(source, nin, nout), "the initializer's result"),
                label("w", index, unit, layer=layer),
            )
            for index in range(1, nin + 1)
        ]
        self.bias = Value(0.0, label("b", unit, layer=layer)) if bias else None
        self.activation = chosen
        self._net_input_label = label("z", unit, layer=layer)
        self._activation_label = label("a", unit, layer=layer)
        name = "unit" if unit is None else f"unit {unit}"
        self._group = Group(name, "unit", index=unit, detail=chosen.name, parent=inside)
        self._net_input_group = Group("net input", "net input", parent=self._group)

    def __call__(self, inputs: Sequence[Value | float]) -> Value:
        """Return the neuron's activation for one example.

        Raises:
            TypeError: If the inputs are not a list of numbers.
            ValueError: If their number is wrong, or one is NaN or infinite.
        """
        return self.forward(checked_inputs(inputs, self.nin, "Neuron"))

    def forward(self, inputs: Sequence[Value]) -> Value:
        """Return the neuron's activation for inputs that need no check."""
        return self.activate(self.net_input(inputs))

    def net_input(self, inputs: Sequence[Value]) -> Value:
        """Return z = sum_i w_i x_i + b, one node."""
        net_input: Value = dot(self.weights, inputs, self.bias)
        if type(net_input) is Value:
            net_input.label = self._net_input_label
            net_input.group = self._net_input_group
        return net_input

    def activate(self, net_input: Value) -> Value:
        """Return a = f(z)."""
        return self.labelled(self.activation.function(net_input))

    def labelled(self, result: Value) -> Value:
        """Return the activation, named a_j^(l) unless it has a name already."""
        if type(result) is Value:
            if result.label is None:
                result.label = self._activation_label
            if result.group is None:
                result.group = self._group
        elif not is_node(result):
            raise TypeError(
                f"the activation {self.activation.name} must return a Value, got "
                f"{describe(result)}; write it with the functions of autograd"
            )
        return result

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return len(self.weights)

    @property
    def nonlin(self) -> bool:
        """Whether the activation is something other than linear: micrograd's switch."""
        return self.activation.name != "linear"

    @property
    def w(self) -> list[Value]:
        """The weights, under micrograd's name."""
        return self.weights

    @property
    def b(self) -> Value | None:
        """The bias, under micrograd's name."""
        return self.bias

    def __repr__(self) -> str:
        return summary(self, [str(self.nin), self.activation.name])


class Layer(Module):
    """A row of neurons that all see the same inputs.

    Args:
        nin: The number of inputs.
        nout: The number of neurons.
        nonlin: micrograd's switch: True for relu, False for linear.
        activation: As for `Neuron`; also "softmax", which acts on the whole layer.
        initializer: As for `Neuron`.
        seed: As for `Neuron`.
        bias: As for `Neuron`.
        index: The layer's index l, for labels.
        inside: The group of its network, for pictures.

    Raises:
        TypeError: For an argument of the wrong type.
        ValueError: For a size below 1, an unknown name, both nonlin and activation, or softmax over
            a single unit, which is always 1.

    Example:
        >>> layer = Layer(3, 2, activation="sigmoid", initializer="zeros")
        >>> [a.data for a in layer([1.0, 2.0, 3.0])]
        [0.5, 0.5]
        >>> layer
        Layer(3 → 2 sigmoid, 8 parameters)
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool | None = None,
        *,
        activation: ActivationChoice | None = None,
        initializer: str | Initializer = "uniform",
        seed: Any = None,
        bias: bool = True,
        index: int | None = None,
        inside: Group | None = None,
    ) -> None:
        nin, nout = size(nin, "nin"), size(nout, "nout")
        chosen = _choose(nonlin, activation)
        if chosen.whole_layer and nout == 1:
            raise ValueError(
                f"{chosen.name} over a single unit is always 1; use sigmoid, or one unit per class"
            )
        source = source_of(seed)
        draw = initializer_of(initializer)
        name = "layer" if index is None else f"layer ({index})"
        group = Group(name, "layer", index=index, detail=chosen.name, parent=inside)
        self.neurons = [
            Neuron(
                nin,
                activation="linear" if chosen.whole_layer else chosen,
                initializer=draw,
                seed=source,
                bias=bias,
                unit=unit,
                layer=index,
                nout=nout,
                inside=group,
            )
            for unit in range(1, nout + 1)
        ]
        self.activation = chosen

    def __call__(self, inputs: Sequence[Value | float]) -> Any:
        """Return the activations for one example: a list, or with a single neuron its Value.

        Raises:
            TypeError: If the inputs are not a list of numbers.
            ValueError: If their number is wrong, or one is NaN or infinite.
        """
        outputs = self.forward(checked_inputs(inputs, self.nin, "Layer"))
        return outputs[0] if len(outputs) == 1 else outputs

    def forward(self, inputs: Sequence[Value]) -> list[Value]:
        """Return the list of activations for inputs that need no check."""
        if not self.activation.whole_layer:
            return [neuron.forward(inputs) for neuron in self.neurons]
        net_inputs = [neuron.net_input(inputs) for neuron in self.neurons]
        results = self.activation.function(net_inputs)
        return [
            neuron.labelled(result) for neuron, result in zip(self.neurons, results, strict=True)
        ]

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return self.neurons[0].nin

    @property
    def nout(self) -> int:
        """The number of neurons."""
        return len(self.neurons)

    def __repr__(self) -> str:
        return summary(self, [str(self.nin), f"{self.nout} {self.activation.name}"])


def _choose(nonlin: bool | None, activation: ActivationChoice | None) -> Activation:
    if nonlin is not None and not isinstance(nonlin, (bool, int)):
        raise TypeError(
            f"nonlin is micrograd's switch, True or False, got {nonlin!r}; "
            f"name an activation with activation={nonlin!r}"
        )
    if activation is None:
        return activation_of("linear" if nonlin is not None and not nonlin else "relu")
    if nonlin is not None:
        raise ValueError(f"give nonlin or activation, not both: nonlin={nonlin}, {activation=}")
    return activation_of(activation)


def summary(module: Module, stages: Sequence[str]) -> str:
    """Return the short text that stands for a module: its stages and how many parameters."""
    count = counted(module.parameter_count, "parameter")
    return f"{type(module).__name__}({' → '.join(stages)}, {count})"
