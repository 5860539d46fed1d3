"""`watch_weights`: weights over the time of training, and units that never part.

Units that start with equal weights get equal gradients, and stay equal for ever: a layer of them is
worth one unit. That is why weights start at random.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd import SGD, Optimizer
from nn.charts import SERIES, Chart, label_ends
from nn.tables import Table, Tabled, short_number
from nn.textbook.descents import checked_optimizer, optimizer_of
from nn.textbook.plain_layers import layers_of
from nn.validation import counted, describe, size


class WeightHistory(Tabled):
    """The weights of a model after every step of training.

    Attributes:
        losses: The loss before every step, and after the last.
        weights: `weights[l - 1][j][i]` is the list of what w_ij^(l) was, one number more than there
            were steps; after the last input comes the bias, if there is one.
    """

    def __init__(
        self, title: str, losses: list[float], weights: list[list[list[list[float]]]]
    ) -> None:
        self.losses = losses
        self.weights = weights
        self._title = title

    def identical_units(self, layer: int = 1) -> list[list[int]]:
        """Return the units of a layer, counted from 1, in groups that were the same all the time.

        The weights that lead to them are meant, to the last bit.

        Raises:
            ValueError: If there is no such layer.
        """
        groups: dict[Any, list[int]] = {}
        for unit, incoming in enumerate(self._layer(layer), start=1):
            groups.setdefault(tuple(map(tuple, incoming)), []).append(unit)
        return list(groups.values())

    def chart(self, layer: int = 1) -> Chart:
        """Return the weights of a layer over time as a picture, a colour for every unit.

        Units that were the same all the time are one, and named together.

        Raises:
            ValueError: If there is no such layer.
        """
        groups = self.identical_units(layer)

        def draw(figure: Any) -> None:
            axes, ends = figure.add_subplot(), []
            for group, colour in zip(groups, SERIES * len(groups), strict=False):
                incoming = self._layer(layer)[group[0] - 1]
                for history in incoming:
                    axes.plot(history, color=colour)
                ends.append((len(self.losses) - 1.0, incoming[0][-1], _units(group), colour))
            axes.set_xlabel("step")
            axes.set_ylabel(f"weights and biases of layer ({layer})")
            axes.margins(x=0.0)
            label_ends(axes, ends)

        same = max(map(len, groups)) > 1
        title = "Equal units stay equal" if same else "Units go ways of their own"
        return Chart(draw, (6.8, 3.8), title, repr(self))

    def _layer(self, layer: int) -> list[list[list[float]]]:
        if layer not in range(1, len(self.weights) + 1):
            raise ValueError(
                f"layer must be one of 1 to {len(self.weights)}, got {describe(layer)}"
            )
        return self.weights[layer - 1]

    def _table(self) -> Table:
        rows = []
        for number, units in enumerate(self.weights, start=1):
            told = ["; ".join(_units(group) for group in self.identical_units(number))]
            if len(told[0]) > 60:
                told = [counted(len(self.identical_units(number)), "different unit")]
            moved = max(abs(w[-1] - w[0]) for unit in units for w in unit)
            rows.append([f"({number})", str(len(units)), *told, short_number(moved)])
        first, last = short_number(self.losses[0]), short_number(self.losses[-1])
        steps = counted(len(self.losses) - 1, "step")
        title = f"{self._title}, {steps}: loss from {first} to {last}"
        return Table(title, ["layer", "units", "the same all the time", "largest move"], rows, 3)


def watch_weights(
    model: Any, loss: Callable[[], Any], *, optimizer: Optimizer | None = None, steps: int = 100
) -> WeightHistory:
    """Train a model, and return what its weights were after every step.

    Args:
        model: An `MLP`, a `Layer` or a `Neuron`; it is trained, and keeps the last weights.
        loss: Computes the loss from it, e.g. `lambda: mse(model(X), y)`.
        optimizer: An optimizer without parameters; SGD with a learning rate of 0.1, if not given.
        steps: How many steps it takes.

    Raises:
        TypeError: If the model, the loss or the optimizer is something else.
        ArithmeticError: If a step would lead to infinity.

    Example:
        >>> from nn import MLP, initializers, mse
        >>> model = MLP(2, [3, 1], "tanh", initializer=initializers.constant(0.5))
        >>> seen = watch_weights(model, lambda: mse(model([[0.0, 1.0], [1.0, 1.0]]), [0.0, 1.0]))
        >>> seen.identical_units()
        [[1, 2, 3]]
    """
    layers = layers_of(model)
    if not callable(loss):
        raise TypeError(f"loss must be a function without arguments, got {describe(loss)}")
    chosen = checked_optimizer(SGD(lr=0.1) if optimizer is None else optimizer, "optimizer")
    own = optimizer_of(chosen, model.parameters())
    program = autograd.compile(loss, parameters=model.parameters())
    histories: list[Any] = [
        [[[w.data] for w in (*unit.weights, unit.bias) if w is not None] for unit in neurons]
        for neurons, _ in layers
    ]
    losses = []
    for _ in range(size(steps, "steps")):
        model.zero_grad()
        losses.append(program.backward())
        own.step()
        for (neurons, _), layer in zip(layers, histories, strict=True):
            for unit, incoming in zip(neurons, layer, strict=True):
                kept = [w for w in (*unit.weights, unit.bias) if w is not None]
                for w, history in zip(kept, incoming, strict=True):
                    history.append(w.data)
    losses.append(program())
    return WeightHistory(repr(model), losses, histories)


def _units(group: list[int]) -> str:
    name = "unit" if len(group) == 1 else "units"
    return f"{name} {', '.join(map(str, group))}"
