"""Summaries: what a model is made of, and how large its weights and gradients are."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograd.streams import printed_anywhere
from nn.tables import MOST_ROWS, Table, Tabled, short_number


@printed_anywhere
@dataclass
class ModulePart:
    """A layer, or another part of a model that owns parameters.

    Attributes:
        name: What it is called in the model.
        shape: Its inputs → units; empty if it is no layer.
        activation: The name of its activation function.
        weights: Its parameters, without the biases.
        biases: Its biases.
    """

    name: str
    shape: str = ""
    activation: str = ""
    weights: list[Any] = field(default_factory=list)
    biases: list[Any] = field(default_factory=list)

    @property
    def parameters(self) -> list[Any]:
        """Weights and biases."""
        return [*self.weights, *self.biases]


class Summary(Tabled):
    """The parts of a model with their parameters; print it, or show it in a notebook.

    Once there are gradients there is a column for them. Means are of absolute values, and over the
    weights alone: biases start at zero.

    Attributes:
        parts: The layers, and other parts that own parameters, in order.

    Example:
        >>> from nn import MLP
        >>> print(MLP(2, [16, 1], "tanh", initializer="zeros").summary())
        MLP(2 → 16 tanh → 1 linear, 65 parameters)
          layer      inputs → units  activation  parameters  weights + biases  mean |w|
          layer (1)  2 → 16          tanh                48           32 + 16         0
          layer (2)  16 → 1          linear              17            16 + 1         0
          total                                          65           48 + 17         0
    """

    def __init__(self, title: str, parts: Iterable[ModulePart]) -> None:
        self.parts = tuple(parts)
        self._title = title

    def _table(self) -> Table:
        header = ["layer", "inputs → units", "activation", "parameters", "weights + biases"]
        header.append("mean |w|")
        total = ModulePart("total")
        for part in self.parts:
            total.weights += part.weights
            total.biases += part.biases
        with_gradients = any(parameter.grad != 0.0 for parameter in total.parameters)
        if with_gradients:
            header.append("mean |∂L/∂w|")
        shown = self.parts[:MOST_ROWS]
        rows = [_cells(part, with_gradients) for part in (*shown, total)]
        hidden = len(self.parts) - len(shown)
        notes = [f"... and {hidden} more in .parts"] * (hidden > 0)
        return Table(self._title, header, rows, 3, notes)


def _cells(part: ModulePart, with_gradients: bool) -> list[str]:
    cells = [part.name, part.shape, part.activation, str(len(part.parameters))]
    cells.append(f"{len(part.weights)} + {len(part.biases)}")
    cells.append(_mean_size(w.data for w in part.weights))
    if with_gradients:
        cells.append(_mean_size(w.grad for w in part.weights))
    return cells


def _mean_size(numbers: Iterable[float]) -> str:
    sizes = list(map(abs, numbers))
    # Divided before they are added: their sum may be beyond any float.
    return short_number(math.fsum(size / len(sizes) for size in sizes)) if sizes else ""
