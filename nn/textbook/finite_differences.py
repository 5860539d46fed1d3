"""Derivatives measured, not derived: from losses at weights moved a little, in node formulas.

Five points, (8 (L(w+h) − L(w−h)) − (L(w+2h) − L(w−2h))) / 12h, leave an error of h⁴. Where a unit
goes over a kink on the way, a smaller step is tried; a weight that is at a kink has no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from nn.textbook import node_form
from nn.textbook.output_errors import Loss
from nn.textbook.plain_layers import PlainLayer
from nn.textbook.unit_slopes import UNIT_FUNCTIONS

Place = tuple[int, int, int]  # layer, unit, input; after the last input comes the bias
_STEPS = (1e-3, 1e-6)


class Measurement:
    """The loss as a function of weights, on plain floats.

    Args:
        layers: The layers.
        rows: The inputs of every example.
        targets: The targets, as the loss takes them.
        loss: The loss.
        is_batch: Whether the rows are those of a batch.
    """

    def __init__(
        self,
        layers: Sequence[PlainLayer],
        rows: list[list[float]],
        targets: Any,
        loss: Loss,
        is_batch: bool,
    ) -> None:
        self._layers = [
            replace(layer, weights=deepcopy(layer.weights), biases=list(layer.biases))
            for layer in layers
        ]
        self._rows, self._targets = rows, targets
        self._loss, self._is_batch = loss, is_batch
        self._hinges = loss.formula.endswith("else 0")
        _, self._sides = self._at(())

    def slope(self, places: Iterable[Place]) -> float | None:
        """Return ∂L/∂w of the weight at these places, or None at a kink or an edge of the loss."""
        known = list(places)
        size = max(1.0, abs(self._read(known[0])))
        for step in _STEPS:
            h = step * size
            try:
                found = [self._at(known, move) for move in (h, -h, 2.0 * h, -2.0 * h)]
            except ValueError:  # the loss is infinite or undefined there
                continue
            if all(sides == self._sides for _, sides in found):
                up, down, far_up, far_down = (value for value, _ in found)
                return (8.0 * (up - down) - (far_up - far_down)) / (12.0 * h)
        return None

    def _at(self, places: Sequence[Place], move: float = 0.0) -> tuple[float, list[bool]]:
        """Return the loss with a weight moved, and on which side of its kink every unit is."""
        before = [self._read(place) for place in places]
        for place, number in zip(places, before, strict=True):
            self._write(place, number + move)
        try:
            z, a = node_form.forward(self._layers, self._rows)
            error = self._loss.error(a[-1], self._targets, self._is_batch)
        finally:
            for place, number in zip(places, before, strict=True):
                self._write(place, number)
        sides = [
            number > 0.0
            for layer, examples in zip(self._layers, z[1:], strict=True)
            if layer.activation in _KINKED
            for row in examples
            for number in row
        ]
        sides += [slope != 0.0 for row in error.slopes for slope in row] if self._hinges else []
        return error.value, sides

    def _read(self, place: Place) -> float:
        layer, j, i = place
        row = self._layers[layer].weights[j]
        return row[i] if i < len(row) else self._layers[layer].biases[j]

    def _write(self, place: Place, number: float) -> None:
        layer, j, i = place
        row = self._layers[layer].weights[j]
        if i < len(row):
            row[i] = number
        else:
            self._layers[layer].biases[j] = number


_KINKED = frozenset(name for name, function in UNIT_FUNCTIONS.items() if function.kink)
