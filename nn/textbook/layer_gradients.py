"""`gradient_by_layer`: how large gradients still are when they arrive at each layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value
from autograd import gradients as gradients_of
from nn import losses
from nn.charts import SERIES, Chart, label_ends
from nn.layers import Layer
from nn.networks import MLP
from nn.tables import Table, Tabled, short_number
from nn.textbook.output_errors import loss_named
from nn.textbook.plain_layers import layers_of
from nn.validation import describe


@dataclass(frozen=True)
class LayerMeans:
    """Mean sizes of the gradients of one layer.

    Attributes:
        layer: The layer, counted from 1.
        activation: Its activation.
        delta: The mean of |δ| = |∂L/∂z| over its units and all examples.
        weights: The mean of |∂L/∂w| over its weights.
    """

    layer: int
    activation: str
    delta: float
    weights: float


class GradientByLayer(Tabled):
    """Mean sizes of gradients, layer by layer, of one model or of several side by side.

    Attributes:
        models: For every model by its name, one entry per layer.
        loss: The loss of every model.
    """

    def __init__(self, models: dict[str, list[LayerMeans]], loss: dict[str, float]) -> None:
        self.models = models
        self.loss = loss

    @property
    def shrinks(self) -> dict[str, float]:
        """For every model, |δ| of the first layer as a share of that of the last."""
        return {
            name: layers[0].delta / layers[-1].delta if layers[-1].delta else math.nan
            for name, layers in self.models.items()
        }

    def chart(self) -> Chart:
        """Return |δ| and |∂L/∂w| per layer as a picture, on logarithmic scales."""

        def draw(figure: Any) -> None:
            panels = figure.subplots(1, 2)
            for axes, what, name in zip(
                panels, ("delta", "weights"), ("mean |δ| = |∂L/∂z|", "mean |∂L/∂w|"), strict=True
            ):
                _lines(axes, self.models, what)
                axes.set_title(name)
                axes.set_xlabel("layer")
            label_ends(panels[1], _ends(self.models, "weights"))

        return Chart(draw, (8.0, 3.8), "Gradients, layer by layer", repr(self))

    def _table(self) -> Table:
        several = len(self.models) > 1
        rows = [
            [
                *[name] * several,
                f"({one.layer})",
                one.activation,
                short_number(one.delta),
                short_number(one.weights),
            ]
            for name, layers in self.models.items()
            for one in layers
        ]
        notes = []
        for name, share in self.shrinks.items():
            of = f"{name}: " * several
            notes.append(
                f"{of}from the last layer to the first |δ| becomes {share:.2g} of what it was"
                if math.isfinite(share)
                else f"{of}no gradient at all: |δ| is 0"
            )
        header = [*["model"] * several, "layer", "activation", "mean |δ|", "mean |∂L/∂w|"]
        return Table("gradients by layer", header, rows, 2 + several, notes)


def gradient_by_layer(
    model: Any, X: Any, y: Any, loss: str | Callable[[Any, Any], Any] = "mse"
) -> GradientByLayer:
    """Return how large |δ^(l)| and the gradients of the weights are in every layer.

    Through many sigmoid layers gradients shrink, by f′ ≤ 1/4 at each. Nothing is changed: neither
    parameters nor their `.grad`.

    Args:
        model: An `MLP` or a `Layer`; or several, in a dict by the names to show them under.
        X: The rows of inputs.
        y: The targets, as the loss takes them.
        loss: The name of a loss in `nn`, or a function of outputs and targets.

    Raises:
        TypeError: If a model is something else, or computes its outputs in a way of its own.
        ValueError: If X or y do not fit, or no loss has this name.

    Example:
        >>> deep = MLP(2, [4, 4, 4, 1], "sigmoid", seed=1)
        >>> found = gradient_by_layer(deep, [[0.5, -1.0], [1.0, 2.0]], [0.0, 1.0])
        >>> found.shrinks["MLP"] < 0.1
        True
    """
    models = dict(model) if isinstance(model, Mapping) else {type(model).__name__: model}
    if not models:
        raise ValueError("there are no models to compare")
    chosen = _loss_of(loss)
    found: dict[str, list[LayerMeans]] = {}
    values: dict[str, float] = {}
    for name, one in models.items():
        if not isinstance(one, (MLP, Layer)):
            raise TypeError(f"gradient_by_layer takes an MLP or a Layer, got {describe(one)}")
        found[name], values[name] = _means(one, X, y, chosen)
    return GradientByLayer(found, values)


def _means(
    model: MLP | Layer, rows: Any, targets: Any, loss: Callable[[Any, Any], Any]
) -> tuple[list[LayerMeans], float]:
    trace = model.trace(rows)
    value = loss(trace.output, targets)
    if not isinstance(value, Value):
        raise TypeError(f"the loss must be a Value, got {describe(value)}")
    layers = layers_of(model)
    groups = [list(_nodes(trace.z[number])) for number in range(1, len(layers) + 1)]
    groups += [[w for neuron in neurons for w in neuron.weights] for neurons, _ in layers]
    slopes = iter(gradients_of(value, [node for group in groups for node in group]))
    sizes = [math.fsum(abs(next(slopes).data) for _ in group) / len(group) for group in groups]
    means = [
        LayerMeans(number, activation.name, sizes[number - 1], sizes[len(layers) + number - 1])
        for number, (_, activation) in enumerate(layers, start=1)
    ]
    return means, value.data


def _loss_of(loss: Any) -> Callable[[Any, Any], Any]:
    if isinstance(loss, str):
        loss_named(loss)
        chosen: Callable[[Any, Any], Any] = getattr(losses, loss)
        return chosen
    if not callable(loss):
        raise TypeError(f"loss must be a name or a function, got {describe(loss)}")
    given: Callable[[Any, Any], Any] = loss
    return given


def _nodes(nested: Any) -> Iterator[Value]:
    for item in nested:
        yield from _nodes(item) if isinstance(item, list) else [item]


def _lines(axes: Any, models: Mapping[str, Sequence[LayerMeans]], what: str) -> None:
    for layers, colour in zip(models.values(), SERIES * 9, strict=False):
        sizes = [getattr(one, what) or math.nan for one in layers]
        axes.plot([one.layer for one in layers], sizes, color=colour, marker="o", markersize=4)
    if any(getattr(one, what) for layers in models.values() for one in layers):
        axes.set_yscale("log")
    axes.set_xticks(range(1, max(map(len, models.values())) + 1))


def _ends(
    models: Mapping[str, Sequence[LayerMeans]], what: str
) -> list[tuple[float, float, str, str]]:
    ends: list[tuple[float, float, str, str]] = []
    for (name, layers), colour in zip(models.items(), SERIES * 9, strict=False):
        known = [one for one in layers if getattr(one, what)]
        if known and len(models) > 1:
            ends.append((known[-1].layer, getattr(known[-1], what), name, colour))
    return ends
