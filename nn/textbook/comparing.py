"""`compare`: every gradient of a model four times, side by side, with a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd import Value
from autograd import gradients as engine_gradients
from nn import losses
from nn.tables import MOST_ROWS, Table, Tabled, short_number
from nn.textbook.finite_differences import Measurement, Place
from nn.textbook.layerwise_gradients import gradients
from nn.textbook.output_errors import loss_named
from nn.textbook.plain_layers import PlainLayer, plain_inputs, plain_layers
from nn.validation import counted, integer

# Of the largest gradient of its layer, or of the model: rounding alone stays far below.
_ROUNDING, _MEASURING = 1e-9, 1e-6
_MOST_PRODUCTS = 10_000_000  # of a weight and an input, in all losses that are measured


@dataclass(frozen=True)
class ComparedGradient:
    """The gradient of one weight, as four ways find it.

    Attributes:
        name: The weight.
        layer: Its layer, counted from 1.
        nodes: By node formulas.
        matrices: By matrices.
        engine: By `autograd`.
        difference: By finite differences; None where it was not measured, or at a kink.
        verdict: "agree", or what differs from the node formulas.

    Example:
        >>> from nn import MLP
        >>> row = compare(MLP(1, [1], "linear", initializer="zeros"), [3.0], 1.0).rows[0]
        >>> row.name, row.layer, row.nodes, row.matrices, row.engine, row.verdict
        ('w_11^(1)', 1, -3.0, -3.0, -3.0, 'agree')
    """

    name: str
    layer: int
    nodes: float
    matrices: float
    engine: float
    difference: float | None
    verdict: str


class LayerwiseComparison(Tabled):
    """Gradients of a model by node formulas, matrices, the engine and finite differences.

    Attributes:
        rows: One for every parameter, in the order of `model.parameters()`.
        loss: L.
        factors: How many numbers are multiplied on a path from L to a weight of layer l.
        deviation: The largest deviation among the first three, as a share of the layer's largest
            gradient.
        measured: How many were measured by finite differences.

    Example:
        >>> from nn import MLP
        >>> table = compare(MLP(2, [2, 1], "tanh", seed=1), [0.5, -1.0], 1.0)
        >>> table.agrees, len(table.rows), table.differing, table.deviation < 1e-12
        (True, 9, [], True)
    """

    def __init__(
        self, title: str, rows: Sequence[ComparedGradient], loss: float, factors: list[int]
    ) -> None:
        self.rows = list(rows)
        self.loss = loss
        self.factors = factors
        self.measured = sum(row.difference is not None for row in self.rows)
        scales = _largest(self.rows)
        self.deviation = max(
            (
                abs(other - row.nodes) / scales[row.layer]
                for row in self.rows
                for other in (row.matrices, row.engine)
                if scales[row.layer]
            ),
            default=0.0,
        )
        self._title = title

    @property
    def agrees(self) -> bool:
        """Whether all that was computed is the same but for rounding."""
        return not self.differing

    @property
    def differing(self) -> list[ComparedGradient]:
        """The rows that do not agree."""
        return [row for row in self.rows if not row.verdict.startswith("agree")]

    def _table(self) -> Table:
        first = self.rows if len(self.rows) <= MOST_ROWS else [*self.differing, *self.rows]
        shown = list(dict.fromkeys(first))[:MOST_ROWS]
        hidden = len(self.rows) - len(shown)
        cells = [
            [
                str(row.layer),
                row.name,
                *map(_number, (row.nodes, row.matrices, row.engine, row.difference)),
                row.verdict,
            ]
            for row in shown
        ]
        header = ["layer", "weight", "node formula", "matrices", "engine", "finite differences"]
        notes = [f"... and {hidden} more in .rows"] * (hidden > 0)
        return Table(self._title, [*header, "verdict"], cells, 2, [*notes, *self._notes()])

    def _notes(self) -> list[str]:
        depth = len(self.factors) - 1
        wrong = len(self.differing)
        verdict = f"{wrong} of {counted(len(self.rows), 'gradient')} differ"
        if not wrong:
            verdict = f"all agree; largest deviation {self.deviation:.1e} of a layer's largest"
        if self.measured < len(self.rows):
            verdict += f"; {self.measured} of {len(self.rows)} measured by finite differences"
        ways = ", ".join(f"({number}) {self.factors[number]}" for number in range(1, depth + 1))
        return [
            verdict,
            f"factors on a path from L to a weight of layer {ways}: the deeper, the more",
            f"δ of layer (1), from the right: {chain_told(depth)}",
            "the lecture's δ is −∂L/∂z, for squared error (t − y) f′(net): its step w + η δ y is "
            "the step w − η ∂L/∂w here",
        ]


def compare(
    model: Any, x: Any, t: Any, loss: str = "squared_error", *, differences: int | None = None
) -> LayerwiseComparison:
    """Compare the gradients of a model by the textbook, by the engine, and by measuring.

    Neither parameters nor their `.grad` change.

    Args:
        model: An `MLP`, a `Layer` or a `Neuron`.
        x: The numbers of one example, or rows of them.
        t: The target or targets, as the loss takes them.
        loss: The name of the loss, as `gradients` knows it.
        differences: How many weights at most are measured by finite differences, spread evenly
            over the model; by default as many as take a few seconds.

    Returns:
        A table to print, or to show in a notebook; `.agrees` is the verdict.

    Raises:
        TypeError: As `gradients`.
        ValueError: As `gradients`; or if differences is no count.

    Example:
        >>> from nn import MLP
        >>> table = compare(MLP(2, [2, 1], "tanh", seed=1), [0.5, -1.0], 1.0)
        >>> table.agrees, table.factors
        (True, [0, 5, 3])
    """
    most = integer(differences)
    if differences is not None and (most is None or most < 0):
        raise ValueError(f"differences must be a count of weights, got {differences!r}")
    nodes = gradients(model, x, t, loss, "nodes")
    matrices = gradients(model, x, t, loss, "matrices")
    layers, (rows, is_batch) = plain_layers(model), plain_inputs(model, x)
    named = model.named_parameters()
    places = _places(layers)
    found = _by_engine(model, x, t, loss, [parameter for _, parameter in named])
    measuring = Measurement(layers, rows, t, loss_named(loss), is_batch)
    affordable = _MOST_PRODUCTS // (4 * len(rows) * len(named))
    chosen = _spread(len(named), max(affordable, 10) if most is None else most)
    compared = [
        ComparedGradient(
            parameter.label or name,
            places[id(parameter)][0][0] + 1,
            nodes.parameters[position],
            matrices.parameters[position],
            found[position],
            measuring.slope(places[id(parameter)]) if position in chosen else None,
            "kink" if position in chosen else "",
        )
        for position, (name, parameter) in enumerate(named)
    ]
    examples = f", {counted(len(rows), 'example')}" * is_batch
    title = f"{model!r}{examples}, {loss} {short_number(nodes.loss)}"
    return LayerwiseComparison(title, _judged(compared), nodes.loss, nodes.factors)


def chain_told(depth: int) -> str:
    """Return the matrices that a sensitivity of the first layer is a product of.

    Example:
        >>> chain_told(2)
        'f′(z^(1)) W^(2)ᵀ f′(z^(2)) ∂L/∂a^(2)'
    """
    steps = " ".join(f"W^({layer})ᵀ f′(z^({layer}))" for layer in range(2, depth + 1))
    return " ".join(filter(None, ["f′(z^(1))", steps, f"∂L/∂a^({depth})"]))


def _by_engine(model: Any, x: Any, t: Any, loss: str, parameters: list[Value]) -> list[float]:
    output = model(x)
    return [found.data for found in engine_gradients(getattr(losses, loss)(output, t), parameters)]


def _places(layers: Sequence[PlainLayer]) -> dict[int, list[Place]]:
    """Return where every weight and bias stands: a shared one stands at several places."""
    places: dict[int, list[Place]] = {}
    for number, layer in enumerate(layers):
        for j, neuron in enumerate(layer.neurons):
            nodes = [*neuron.weights, *([] if neuron.bias is None else [neuron.bias])]
            for i, node in enumerate(nodes):
                places.setdefault(id(node), []).append((number, j, i))
    return places


def _judged(rows: Sequence[ComparedGradient]) -> list[ComparedGradient]:
    scales = _largest(rows)
    largest = max(scales.values(), default=0.0)
    judged = []
    for row in rows:
        wrong = [
            name
            for name, other in (("matrices", row.matrices), ("engine", row.engine))
            if not abs(other - row.nodes) <= _ROUNDING * scales[row.layer]
        ]
        measured = row.difference
        if measured is not None and not abs(measured - row.nodes) <= _MEASURING * largest + 1e-10:
            wrong.append("finite differences")
        verdict = f"{' and '.join(wrong)} differ" if wrong else "agree"
        if measured is None and row.verdict and not wrong:
            verdict = "agree, at a kink"
        judged.append(replace(row, verdict=verdict))
    return judged


def _largest(rows: Sequence[ComparedGradient]) -> dict[int, float]:
    """Return the largest gradient of every layer, as any of the three ways finds it."""
    scales: dict[int, float] = {}
    for row in rows:
        size = max(abs(row.nodes), abs(row.matrices), abs(row.engine))
        scales[row.layer] = max(scales.get(row.layer, 0.0), size)
    return scales


def _spread(count: int, most: int) -> set[int]:
    """Return at most so many of the positions below a count, at even distances."""
    if count <= most:
        return set(range(count))
    return {place * count // most for place in range(most)}


def _number(number: float | None) -> str:
    return "" if number is None else f"{number + 0.0:.6g}"
