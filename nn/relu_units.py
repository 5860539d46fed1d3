"""Dead units: relu units that let nothing through, whichever row they see, and so never learn.

Layers and networks are computed in plain floats, and a row only as far as there are units that have
not fired yet. Any other model is called, and its relu units are known by the groups of its nodes.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from math import isfinite
from operator import mul
from typing import Any

from autograd import Group, Value, dot, engine, no_grad, topological_order
from nn.activations import BY_NAME
from nn.callers import level_of_user
from nn.inputs import checked_inputs, holds_rows, listed
from nn.layers import Layer
from nn.module import Module
from nn.networks import MLP
from nn.remembering import Remembered
from nn.validation import describe, is_node, is_scalar

Rows = list[list[float]]
Unit = tuple[list[float], float]  # weights and bias
ReluLayer = tuple[int, str, list[int], int]  # number and name, its dead units, how many it has


class DeadLayerWarning(UserWarning):
    """All units of a relu layer are dead: no weight below it has a gradient."""


def dead_units(model: Module, inputs: Any) -> dict[int, list[int]]:
    """Return for each relu layer which of its units let nothing through for any of the rows.

    A unit counts as dead if z ≤ 0 for every row. The gradient of its weights is then zero.

    Args:
        model: A network, a layer, or any module that is made of them.
        inputs: Rows of numbers, as for a call of the model.

    Returns:
        The numbers j of the dead units, by the number l of their layer; both count from 1. Layers
        of a module of your own that are in no `MLP` are numbered in the order in which they are
        computed.

    Raises:
        TypeError: If the inputs are no rows of numbers, or the model is no module.
        ValueError: If there are no rows, a row has the wrong length, or a number is not finite.

    Example:
        >>> model = MLP(2, [3, 1], seed=1)
        >>> model["b_2^(1)"] = -10.0
        >>> dead_units(model, [[0.5, -1.0], [1.0, 2.0], [-0.5, 0.5]])
        {1: [2]}
    """
    return {number: dead for number, _, dead, _ in _relu_layers(model, inputs)}


def warn_of_dead_layers(model: Module, inputs: Any) -> list[int]:
    """Warn, once per model, of relu layers all of whose units are dead, and return their numbers.

    Args:
        model: As for `dead_units`.
        inputs: As for `dead_units`: the first batch.

    Raises:
        TypeError, ValueError: As for `dead_units`.

    Example:
        >>> warn_of_dead_layers(MLP(2, [3, 1], seed=1), [[0.5, -1.0], [1.0, 2.0], [-0.5, 0.5]])
        []
    """
    return _warned(model, _relu_layers(model, inputs), _BEFORE)


def count_dead_units(model: Module, rows: Rows) -> int:
    """Return how many relu units are dead; warn, once per model, of layers that died in training.

    Args:
        model: As for `dead_units`.
        rows: Lists of finite floats of the right length, at least one: they are not checked.

    Example:
        >>> model = MLP(2, [3, 1], seed=1)
        >>> model["b_2^(1)"] = -10.0
        >>> count_dead_units(model, [[0.5, -1.0], [1.0, 2.0]])
        1
    """
    is_plain = isinstance(model, (MLP, Layer)) and model.is_plain
    layers = _in_floats(_layers_of(model), rows) if is_plain else _in_graphs(model, rows)
    _warned(model, layers, _DURING)
    return sum(len(dead) for _, _, dead, _ in layers)


# What to do, where a layer is dead from the beginning, and where steps killed it.
_BEFORE = 'try another seed, initializer="auto", inputs of mean 0 and deviation 1, or leaky_relu'
_DURING = (
    "steps that were too long have led there: try a smaller learning rate, clip=1.0, or leaky_relu"
)


def _warned(model: Module, layers: Sequence[ReluLayer], advice: str) -> list[int]:
    """Warn of the dead ones among some layers, and return their numbers."""
    found = [(number, name, count) for number, name, dead, count in layers if len(dead) == count]
    if found and not _WARNED.get(model):
        _WARNED.set(model, True)
        parts = [f"{_all_of(count)} of {name}" for _, name, count in found]
        verb = "lets" if [count for *_, count in found] == [1] else "let"
        warnings.warn(
            f"{' and '.join(parts)} {verb} nothing through for any of the rows that were looked "
            "at: with relu their weights have no gradient, nor has anything before them, and they "
            f"will not learn; {advice}",
            DeadLayerWarning,
            stacklevel=level_of_user(),
        )
    return [number for number, _, _ in found]


_WARNED: Remembered[bool] = Remembered()


def _all_of(units: int) -> str:
    return "the only unit" if units == 1 else f"all {units} units"


def _relu_layers(model: Module, inputs: Any) -> list[ReluLayer]:
    """Return for each relu layer its number and name, its dead units, and how many it has."""
    if not isinstance(model, Module):
        raise TypeError(f"model must be a module of nn, got {describe(model)}")
    given = listed(inputs)
    if not given:
        raise ValueError("inputs is empty; dead units are found by at least one row")
    if not holds_rows(given):
        raise TypeError("inputs must be rows of numbers, got the numbers of one example: [inputs]")
    if isinstance(model, (MLP, Layer)) and model.is_plain:
        rows = _plain_rows(given, model.nin, type(model).__name__)
        return _in_floats(_layers_of(model), rows)
    return _in_graphs(model, given)


def _layers_of(model: Any) -> list[Layer]:
    """Return the layers of a network up to the last one of relu, above which nothing is asked."""
    layers = [model] if isinstance(model, Layer) else list(model.layers)
    while layers and layers[-1].activation.name != "relu":
        layers.pop()
    return layers


def _plain_rows(rows: Sequence[Any], nin: int, owner: str) -> Rows:
    usual = [float] * nin
    return [
        row
        if type(row) is list and list(map(type, row)) == usual and all(map(isfinite, row))
        else [x.data for x in checked_inputs(listed(row), nin, owner, place)]
        for place, row in enumerate(rows, start=1)
    ]


def _in_floats(layers: Sequence[Layer], rows: Rows) -> list[ReluLayer]:
    found = []
    below: Iterable[list[float]] = rows
    for number, layer in enumerate(layers, start=1):
        units = [
            ([w.data for w in unit.weights], 0.0 if unit.bias is None else unit.bias.data)
            for unit in layer.neurons
        ]
        if layer.activation.name == "relu":
            quiet = list(range(len(units)))
            for row in below:
                # What is no number is no sign of a dead unit.
                quiet = [j for j in quiet if _net_input(units[j], row) <= 0.0]
                if not quiet:
                    break
            found.append((number, f"layer ({number})", [j + 1 for j in quiet], len(units)))
        below = _Kept(map(partial(_outputs, layer, units), below))
    return found


class _Kept:
    """What an iterator yields, kept so that one may begin again; no more is asked for than used."""

    def __init__(self, source: Iterator[list[float]]) -> None:
        self._source = source
        self._known: Rows = []

    def __iter__(self) -> Iterator[list[float]]:
        yield from self._known
        for row in self._source:
            self._known.append(row)
            yield row


def _outputs(layer: Layer, units: Sequence[Unit], row: list[float]) -> list[float]:
    net_inputs = [_net_input(unit, row) for unit in units]
    if layer.activation == BY_NAME.get(layer.activation.name):
        function: Any = layer.activation.function
        wide = layer.activation.whole_layer
        return list(function(net_inputs) if wide else map(function, net_inputs))
    # A function of the user's own may ask for what only a Value has.
    with no_grad():
        return [a.data for a in layer.activate([Value(z) for z in net_inputs])]


def _net_input(unit: Unit, row: list[float]) -> float:
    weights, bias = unit
    # The engine in plain Python adds exactly, which takes its time.
    return dot(weights, row, bias) if engine == "native" else sum(map(mul, weights, row), bias)


def _in_graphs(model: Any, rows: Sequence[Any]) -> list[ReluLayer]:
    units: dict[Group, dict[Group, bool]] = {}  # for each layer its units: whether they fired
    for row in rows:
        for node in topological_order(*_nodes(model(row))):
            unit = node.group
            if unit is not None and unit.kind == "unit" and unit.detail == "relu":
                fired = units.setdefault(unit.parent or unit, {})
                fired[unit] = fired.get(unit, False) or not node.data <= 0.0
        if units and all(map(all, map(dict.values, units.values()))):
            break
    indices = [layer.index for layer in units]
    numbered = None not in indices and len(set(indices)) == len(indices)
    return [
        (
            layer.index if numbered and layer.index else place,
            layer.name,
            [u.index or j for j, (u, fired) in enumerate(units[layer].items(), 1) if not fired],
            len(units[layer]),
        )
        for place, layer in enumerate(units, start=1)
    ]


def _nodes(outputs: Any) -> Iterator[Any]:
    """Yield the nodes among the outputs of any model."""
    if is_node(outputs):
        yield outputs
    elif not is_scalar(outputs):
        for output in outputs.values() if isinstance(outputs, dict) else outputs:
            yield from _nodes(output)
