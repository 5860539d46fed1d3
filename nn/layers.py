"""Layers: rows of neurons that all see the same inputs.

Calling a layer checks the inputs and takes one example or a batch; `forward` is the same for one
example that is known to be good.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from autograd import Group, Value
from autograd.streams import printed_anywhere
from nn.choices import InitializerName
from nn.initializers import Initializer, initializer_for, source_of
from nn.inputs import checked_inputs, checked_rows, holds_rows, listed
from nn.module import Module, computes_as, short_text
from nn.neurons import ActivationChoice, Neuron, chosen_activation
from nn.summaries import ModulePart
from nn.traces import Trace, require_plain, trace_layers
from nn.validation import size


@printed_anywhere
class Layer(Module):
    """A row of neurons that all see the same inputs.

    Args:
        nin: The number of inputs.
        nout: The number of neurons.
        nonlin: micrograd's switch, True for relu, False for linear; or the activation.
        activation: As for `Neuron`; also "softmax", which acts on the whole layer.
        initializer, seed, bias: As for `Neuron`.
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
        >>> z = layer.net_input([1.0, 2.0, 3.0])
        >>> [one.data for one in z], [a.data for a in layer.activate(z)]
        ([0.0, 0.0], [0.5, 0.5])
        >>> layer.nin, layer.nout, layer.is_plain
        (3, 2, True)
        >>> layer.trace([1.0, 2.0, 3.0]).output[0].data
        0.5
        >>> rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
        >>> [[a.label for a in row] for row in layer.activations(layer.net_inputs(rows))]
        [['a_1[1]', 'a_2[1]'], ['a_1[2]', 'a_2[2]']]
        >>> [len(row) for row in layer.forward_batch(rows)], len(layer.forward(rows[0]))
        ([2, 2], 2)
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool | ActivationChoice | None = None,
        *,
        activation: ActivationChoice | None = None,
        initializer: InitializerName | Initializer | None = None,
        seed: Any = None,
        bias: bool = True,
        index: int | None = None,
        inside: Group | None = None,
    ) -> None:
        nin, nout = size(nin, "nin"), size(nout, "nout")
        chosen = chosen_activation(nonlin, activation)
        if chosen.whole_layer and nout == 1:
            raise ValueError(
                f"{chosen.name} over a single unit is always 1; use sigmoid, or one unit per class"
            )
        source = source_of(seed)
        draw = initializer_for(chosen, initializer, source)
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
        self._index = index

    @overload
    def __call__(self, inputs: Sequence[Sequence[Value | float]]) -> list[Any]: ...

    @overload
    def __call__(self, inputs: Any) -> Any: ...

    def __call__(self, inputs: Any) -> Any:
        """Return the activations for one example: a list, or with a single neuron its Value.

        Args:
            inputs: The numbers of one example; or a batch: a list or array of rows, a table. For a
                batch there is one such result per row. Names of its nodes end with the number of
                the row, counted from 1: a_1[5].

        Raises:
            TypeError: If the inputs are neither a list of numbers nor rows of numbers.
            ValueError: If their number is wrong, or one is NaN or infinite.
        """
        given = listed(inputs)
        if holds_rows(given):
            rows = self.forward_batch(checked_rows(given, self.nin, "Layer"))
            return [row[0] for row in rows] if len(rows[0]) == 1 else rows
        outputs = self.forward(checked_inputs(given, self.nin, "Layer"))
        return outputs[0] if len(outputs) == 1 else outputs

    def forward(self, inputs: Sequence[Value]) -> list[Value]:
        """Return the list of activations for inputs that need no check."""
        if not self.activation.whole_layer:
            return [neuron.forward(inputs) for neuron in self.neurons]
        return self.activate(self.net_input(inputs))

    def net_input(self, inputs: Sequence[Value]) -> list[Value]:
        """Return the net input of every neuron."""
        return [neuron.net_input(inputs) for neuron in self.neurons]

    def activate(self, net_inputs: Sequence[Value]) -> list[Value]:
        """Return the activation of every neuron, from its net input or from those of all."""
        if not self.activation.whole_layer:
            pairs = zip(self.neurons, net_inputs, strict=True)
            return [neuron.activate(net_input) for neuron, net_input in pairs]
        pairs = zip(self.neurons, self.activation.function(list(net_inputs)), strict=True)
        return [neuron.labelled(result) for neuron, result in pairs]

    def forward_batch(self, rows: Sequence[Sequence[Value]]) -> list[list[Value]]:
        """Return the list of activations for every row of a batch that needs no check."""
        if not self.is_plain:
            return [self.forward(row) for row in rows]
        return self.activations(self.net_inputs(rows))

    @property
    def is_plain(self) -> bool:
        """Whether it computes z and a of its neurons, and no subclass computes otherwise."""
        if not computes_as(self, Layer, "forward", "net_input", "activate"):
            return False
        return all(isinstance(unit, Neuron) and unit.is_plain for unit in self.neurons)

    def net_inputs(self, rows: Sequence[Sequence[Value]]) -> list[list[Value]]:
        """Return the net inputs for every row of a batch, named z_j^(l)[n]."""
        return _turned([neuron.net_inputs(rows) for neuron in self.neurons])

    def activations(self, net_inputs: Sequence[Sequence[Value]]) -> list[list[Value]]:
        """Return the activations for every row of net inputs of a batch, named a_j^(l)[n]."""
        columns = _turned(net_inputs)
        if not self.activation.whole_layer:
            pairs = zip(self.neurons, columns, strict=True)
            return _turned([neuron.activations(column) for neuron, column in pairs])
        columns = _turned([self.activation.function(list(row)) for row in net_inputs])
        pairs = zip(self.neurons, columns, strict=True)
        return _turned([neuron.labelled_batch(column) for neuron, column in pairs])

    def trace(self, inputs: Any) -> Trace:
        """Return all z and a for one example, or for every row of a batch, as a table.

        With delta = ∂L/∂z, once a loss of the trace's output was differentiated.

        Raises:
            TypeError: As a call does; or if a subclass computes z or a otherwise.
            ValueError: As a call does.
        """
        require_plain(self)
        given = listed(inputs)
        is_batch, narrow = holds_rows(given), len(self.neurons) == 1
        check: Any = checked_rows if is_batch else checked_inputs
        return trace_layers(self, [self], check(given, self.nin, "Layer"), is_batch, narrow)

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return self.neurons[0].nin

    @property
    def nout(self) -> int:
        """The number of neurons."""
        return len(self.neurons)

    def _part(self, path: str) -> ModulePart:
        shape, activation = f"{self.nin} → {self.nout}", self.activation.name
        if self._index is None:
            return ModulePart(path or "layer", shape, activation)
        # Where it stands in a network its number says more than its place in a list.
        network = path.removesuffix(f"layers.{self._index - 1}").removesuffix(".")
        name = f"layer ({self._index})"
        return ModulePart(f"{network}: {name}" if network else name, shape, activation)

    def __repr__(self) -> str:
        return short_text(self, [str(self.nin), f"{self.nout} {self.activation.name}"])


def _turned(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the columns of rows, and the rows of columns."""
    return list(map(list, zip(*rows, strict=True)))
