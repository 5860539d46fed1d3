"""The neuron: a weighted sum of its inputs, passed through an activation function.

The net input of neuron j in layer l, and its activation, are

    z_j^(l) = sum_i w_ij^(l) a_i^(l-1) + b_j^(l),    a_j^(l) = f(z_j^(l)),    a_i^(0) = x_i

where the net input is one `dot` node. Nodes and parameters carry these names as labels (see
`notation`). Calling a neuron checks the inputs and takes one example or a batch; `forward` is the
same for one example that is known to be good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, overload

from autograd import Group, Value, dot
from autograd.streams import printed_anywhere
from nn.activations import Activation
from nn.activations import activation as activation_of
from nn.choices import ActivationName, InitializerName
from nn.initializers import Initializer, initializer_for, source_of
from nn.inputs import checked_inputs, checked_rows, holds_rows, listed
from nn.module import Module, computes_as, short_text
from nn.notation import label, names_in_batch
from nn.summaries import ModulePart
from nn.traces import Trace, require_plain
from nn.validation import describe, finite, is_node, size

ActivationChoice = ActivationName | Callable[[Any], Any]


@printed_anywhere
class Neuron(Module):
    """A unit: the weighted sum of its inputs plus a bias, passed through an activation function.

    Args:
        nin: The number of inputs.
        nonlin: micrograd's switch, True for relu, False for linear; or the activation.
        activation: A name from `nn.activations` or a function; relu if neither is given. With
            "step" the neuron is Rosenblatt's perceptron.
        initializer: How the weights are drawn: a name from `nn.initializers` or a function. The
            default is what suits the activation (He for relu, Glorot for tanh, sigmoid and linear;
            see the table there) where a seed is given, and without one micrograd's, uniform
            between -1 and 1; "auto" and "micrograd" name either. The bias starts at zero.
        seed: An integer, a `random.Random` to go on drawing from, or None for the module `random`,
            as in micrograd.
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
        >>> z = neuron.net_input([1.0, -2.0])
        >>> z.label, neuron.activate(z).label, neuron.forward([1.0, -2.0]).data
        ('z', 'a', 0.0)
        >>> zs = neuron.net_inputs([[1.0, -2.0], [0.0, 1.0]])
        >>> [a.label for a in neuron.activations(zs)], len(neuron.forward_batch([[1.0, -2.0]]))
        (['a[1]', 'a[2]'], 1)
        >>> neuron.nin, neuron.nonlin, neuron.is_plain
        (2, True, True)
        >>> neuron.w is neuron.weights, neuron.b is neuron.bias
        (True, True)
        >>> print(neuron.trace([1.0, -2.0]))
        Neuron(2 → tanh, 3 parameters)
          layer  unit  z   a
              0     1      1
              0     2     -2
              1     1  0   0
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool | ActivationChoice | None = None,
        *,
        activation: ActivationChoice | None = None,
        initializer: InitializerName | Initializer | None = None,
        seed: Any = None,
        bias: bool = True,
        unit: int | None = None,
        layer: int | None = None,
        nout: int = 1,
        inside: Group | None = None,
    ) -> None:
        nin = size(nin, "nin")
        nout = size(nout, "nout")
        chosen = chosen_activation(nonlin, activation)
        if chosen.whole_layer:
            raise ValueError(
                f"{chosen.name} needs a whole layer of neurons; use it with Layer or MLP"
            )
        source = source_of(seed)
        draw = initializer_for(chosen, initializer, source)
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

    @overload
    def __call__(self, inputs: Sequence[Value | float]) -> Value: ...

    @overload
    def __call__(self, inputs: Sequence[Sequence[Value | float]]) -> list[Value]: ...

    @overload
    def __call__(self, inputs: Any) -> Any: ...

    def __call__(self, inputs: Any) -> Any:
        """Return the neuron's activation for one example, or one for each row of a batch.

        Args:
            inputs: The numbers of one example; or a batch: a list or array of rows, a table. Names
                of a batch's nodes end with the number of the row, counted from 1: a[5].

        Raises:
            TypeError: If the inputs are neither a list of numbers nor rows of numbers.
            ValueError: If their number is wrong, or one is NaN or infinite.
        """
        given = listed(inputs)
        if holds_rows(given):
            return self.forward_batch(checked_rows(given, self.nin, "Neuron"))
        return self.forward(checked_inputs(given, self.nin, "Neuron"))

    def forward(self, inputs: Sequence[Value]) -> Value:
        """Return the neuron's activation for inputs that need no check."""
        return self.activate(self.net_input(inputs))

    def forward_batch(self, rows: Sequence[Sequence[Value]]) -> list[Value]:
        """Return the activation for every row of a batch that needs no check."""
        if not self.is_plain:
            return [self.forward(row) for row in rows]
        return self.activations(self.net_inputs(rows))

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

    @property
    def is_plain(self) -> bool:
        """Whether no subclass computes z or a otherwise."""
        return computes_as(self, Neuron, "forward", "net_input", "activate", "labelled")

    def net_inputs(self, rows: Sequence[Sequence[Value]]) -> list[Value]:
        """Return the net input for every row of a batch, named z_j^(l)[n]."""
        found = list(map(dot, repeat(self.weights), rows, repeat(self.bias)))
        names, group = names_in_batch(self._net_input_label, len(found)), self._net_input_group
        for net_input, name in zip(found, names, strict=True):
            if type(net_input) is Value:
                net_input.label = name
                net_input.group = group
        return found

    def activations(self, net_inputs: Sequence[Value]) -> list[Value]:
        """Return the activation for every net input of a batch, named a_j^(l)[n]."""
        return self.labelled_batch(list(map(self.activation.function, net_inputs)))

    def labelled_batch(self, results: list[Value]) -> list[Value]:
        """Return the activations of a batch, named a_j^(l)[n] unless they have names already."""
        names, group = names_in_batch(self._activation_label, len(results)), self._group
        for result, name in zip(results, names, strict=True):
            if type(result) is Value and not result.label:
                result.label = name
                result.group = group
            else:
                self.labelled(result)
        return results

    def labelled(self, result: Value) -> Value:
        """Return the activation, named a_j^(l) unless it has a name already."""
        if type(result) is Value:
            # What has no name was made by the function just now, whatever block that stood in.
            if not result.label:
                result.label = self._activation_label
                result.group = self._group
            elif result.group is None:
                result.group = self._group
        elif not is_node(result):
            raise TypeError(
                f"the activation {self.activation.name} must return a Value, got "
                f"{describe(result)}; write it with the functions of autograd"
            )
        return result

    def trace(self, inputs: Any) -> Trace:
        """Return z and a for one example, or for every row of a batch, as a table.

        With delta = ∂L/∂z, once a loss of the trace's output was differentiated.

        Raises:
            TypeError: As a call does; or if a subclass computes z or a otherwise.
            ValueError: As a call does.
        """
        require_plain(self)
        given = listed(inputs)
        if holds_rows(given):
            rows = checked_rows(given, self.nin, "Neuron")
            z = self.net_inputs(rows)
            a = self.activations(z)
            columns = [[[one] for one in column] for column in (z, a)]
            return Trace(repr(self), a, [[], columns[0]], [rows, columns[1]], is_batch=True)
        nodes = checked_inputs(given, self.nin, "Neuron")
        net_input = self.net_input(nodes)
        activation = self.activate(net_input)
        return Trace(repr(self), activation, [[], [net_input]], [nodes, [activation]])

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

    def _part(self, path: str) -> ModulePart:
        return ModulePart(path or "neuron", f"{self.nin} → 1", self.activation.name)

    def __repr__(self) -> str:
        return short_text(self, [str(self.nin), self.activation.name])


def chosen_activation(
    nonlin: bool | ActivationChoice | None, activation: ActivationChoice | None
) -> Activation:
    """Return the activation that a name or function, or micrograd's switch, chooses."""
    if nonlin is not None and activation is not None:
        raise ValueError(f"give nonlin or activation, not both: {nonlin=}, {activation=}")
    if nonlin is not None and not isinstance(nonlin, (bool, int)):
        activation = nonlin
    elif activation is None:
        activation = "linear" if nonlin is not None and not nonlin else "relu"
    return activation_of(activation)
