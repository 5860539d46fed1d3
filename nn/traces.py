"""Traces: every net input and activation of a model, by layer, and what the loss makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nn.tables import MOST_ROWS, Table, Tabled, short_number
from nn.validation import counted, integer


class Trace(Tabled):
    """All z and a of a model for one example, or for every example of a batch.

    Layers are counted as in the lecture: 1 is the first one with weights, and 0 the inputs, which
    have activations, a_i^(0) = x_i, and no net inputs. Within a layer Python counts: unit j stands
    at [j - 1]. Once the loss was differentiated, delta = ∂L/∂z is known, too.

    Attributes:
        output: What the model returns: a Value, a list of them, or one of these per row.
        z: The net inputs: `z[l][j]` is a Value; of a batch, `z[l][n][j]`. `z[0]` is empty.
        a: The activations, in the same way; `a[0]` are the inputs.

    Example:
        >>> from nn import MLP, squared_error
        >>> model = MLP(2, [2, 1], "tanh", initializer="zeros")
        >>> trace = model.trace([0.5, -1.0])
        >>> squared_error(trace.output, 1.0).backward()
        >>> print(trace)
        MLP(2 → 2 tanh → 1 linear, 9 parameters)
          layer  unit  z    a   δ
              0     1     0.5
              0     2      -1
              1     1  0    0   0
              1     2  0    0   0
              2     1  0    0  -1
        >>> trace.z[2][0].label, trace.delta[2][0]
        ('z_1^(2)', -1.0)
    """

    def __init__(
        self,
        title: str,
        output: Any,
        net_inputs: Sequence[Any],
        activations: Sequence[Any],
        is_batch: bool = False,
    ) -> None:
        self.output = output
        self.z = list(net_inputs)
        self.a = list(activations)
        self._title = title
        self._is_batch = is_batch

    @property
    def delta(self) -> list[Any]:
        """∂L/∂z of every unit, in the order of `z`: zeros before `backward()`."""
        if not self._is_batch:
            return [[z.grad for z in layer] for layer in self.z]
        return [[[z.grad for z in row] for row in layer] for layer in self.z]

    def __len__(self) -> int:
        """The number of examples."""
        return len(self.a[0]) if self._is_batch else 1

    def __getitem__(self, position: int) -> Trace:
        """Return the trace of one example of a batch, as `inputs[position]` is its row.

        Raises:
            TypeError: If it is the trace of one example, or the position no integer.
            IndexError: If the batch has no such row.
        """
        if not self._is_batch:
            raise TypeError("this is the trace of one example; ask for .z, .a, .delta, .output")
        asked = integer(position)
        if asked is None:
            raise TypeError(f"ask for one example by its place, an integer, got {position!r:.80}")
        if not -len(self) <= asked < len(self):
            raise IndexError(f"the batch has {counted(len(self), 'row')}; there is no [{asked}]")
        place = asked % len(self)
        return Trace(
            f"{self._title}, example [{place + 1}]",
            self.output[place],
            [layer[place] if layer else [] for layer in self.z],
            [layer[place] for layer in self.a],
        )

    def _table(self) -> Table:
        units = sum(len(layer[0] if self._is_batch else layer) for layer in self.a)
        count = min(len(self), max(1, MOST_ROWS // units)) if self._is_batch else 1
        with_delta = any(delta != 0.0 for layer in self.delta for delta in _flat(layer))
        header = ["example"] * self._is_batch + ["layer", "unit", "z", "a"] + ["δ"] * with_delta
        rows = []
        for n in range(count):
            example = [f"[{n + 1}]"] * self._is_batch
            one = self[n] if self._is_batch else self
            rows += [[*example, *cells] for cells in one._rows(with_delta)]
        hidden = len(self) - count
        notes = [f"... and {hidden} more examples: trace[n] is the trace of one"] * (hidden > 0)
        return Table(self._title, header, rows, notes=notes)

    def _rows(self, with_delta: bool) -> list[list[str]]:
        rows = []
        for number, (net_inputs, activations) in enumerate(zip(self.z, self.a, strict=True)):
            for unit, a in enumerate(activations):
                z = net_inputs[unit] if net_inputs else None
                cells = [str(number), str(unit + 1), "" if z is None else short_number(z.data)]
                cells.append(short_number(a.data))
                if with_delta:
                    cells.append("" if z is None else short_number(z.grad))
                rows.append(cells)
        return rows


def _flat(layer: list[Any]) -> Iterator[float]:
    for item in layer:
        yield from item if isinstance(item, list) else [item]


def require_plain(module: Any) -> None:
    """Raise a TypeError if a module, or a part of it, computes its outputs in a way of its own."""
    if not module.is_plain:
        raise TypeError(
            f"this {type(module).__name__}, or a part of it, has its own way from inputs to "
            "outputs; a trace knows the one of Neuron, Layer and MLP: z, then a"
        )


def trace_layers(
    model: Any, layers: Sequence[Any], inputs: list[Any], is_batch: bool, narrow: bool
) -> Trace:
    """Return the trace of layers, each fed by the one before.

    Args:
        model: Whose they are.
        layers: What has `net_input` and `activate`, and for batches `net_inputs`, `activations`.
        inputs: The nodes of one example, or those of each row.
        is_batch: Which of the two.
        narrow: Whether the model returns the only unit of its last layer, and not a list.
    """
    net_inputs: list[Any] = [[]]
    activations: list[Any] = [inputs]
    for layer in layers:
        below = activations[-1]
        z = layer.net_inputs(below) if is_batch else layer.net_input(below)
        net_inputs.append(z)
        activations.append(layer.activations(z) if is_batch else layer.activate(z))
    output = activations[-1]
    if narrow:
        output = [row[0] for row in output] if is_batch else output[0]
    return Trace(repr(model), output, net_inputs, activations, is_batch)
