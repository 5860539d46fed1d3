"""`loss_surface`: a loss over two of its weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.streams import printed_anywhere
from nn.charts import Chart
from nn.tables import short_number
from nn.textbook.descents import Trajectory, trajectory
from nn.textbook.loss_probe import Loss, LossProbe, parameter_name, parameter_of
from nn.textbook.surface_charts import contour_drawing, height_drawing
from nn.validation import counted, describe, finite, row, size

_SPAN = 3.0


@printed_anywhere
@dataclass(frozen=True)
class LossSurface:
    """A loss over a grid of two weights.

    Attributes:
        names: What the weights are called.
        w1: The values of the first weight.
        w2: The values of the second.
        values: `values[j][i]` is the loss at w1[i] and w2[j]; NaN where it is not finite.
        present: Where the weights are, and the loss there.
        trajectories: Ways on the surface by name: pairs of weights.
    """

    names: tuple[str, str]
    w1: list[float]
    w2: list[float]
    values: list[list[float]]
    present: tuple[float, float, float]
    trajectories: dict[str, Trajectory]

    @property
    def minimum(self) -> tuple[float, float, float]:
        """The grid point with the smallest loss: both weights and the loss."""
        return min(self._points(), key=lambda point: point[2])

    @property
    def minima(self) -> list[tuple[float, float, float]]:
        """The grid points inside the edges that lie below all eight around them, lowest first."""
        found = [
            (self.w1[i], self.w2[j], self.values[j][i])
            for j in range(1, len(self.w2) - 1)
            for i in range(1, len(self.w1) - 1)
            if all(
                self.values[j][i] < self.values[j + down][i + right]
                for down in (-1, 0, 1)
                for right in (-1, 0, 1)
                if down or right
            )
        ]
        return sorted(found, key=lambda point: point[2])

    def chart(self) -> Chart:
        """Return the surface from above and in three dimensions, with the ways on it."""

        def draw(figure: Any) -> None:
            left, right = figure.subfigures(1, 2, width_ratios=[1.15, 1])
            contour_drawing(self, left)
            height_drawing(self, right)

        return Chart(draw, (9.6, 4.2), self._title(), repr(self))

    def contour(self) -> Chart:
        """Return the surface from above, with the ways on it."""
        return Chart(
            lambda figure: contour_drawing(self, figure), (6.0, 4.6), self._title(), repr(self)
        )

    def relief(self) -> Chart:
        """Return the surface in three dimensions, with the ways on it."""
        return Chart(
            lambda figure: height_drawing(self, figure), (6.0, 4.6), self._title(), repr(self)
        )

    def _repr_html_(self) -> str:
        return self.chart()._repr_html_()

    def _title(self) -> str:
        return f"The loss over {self.names[0]} and {self.names[1]}"

    def _points(self) -> list[tuple[float, float, float]]:
        return [
            (x, y, self.values[j][i])
            for j, y in enumerate(self.w2)
            for i, x in enumerate(self.w1)
            if math.isfinite(self.values[j][i])
        ]

    def __repr__(self) -> str:
        first, second = self.names
        known, lines = self._points(), []
        low, high = min(p[2] for p in known), max(p[2] for p in known)
        lines.append(
            f"loss over {first} from {short_number(self.w1[0])} to {short_number(self.w1[-1])} and "
            f"{second} from {short_number(self.w2[0])} to {short_number(self.w2[-1])}: "
            f"{short_number(low)} to {short_number(high)}"
        )
        lines.append(f"lowest {_told(self.minimum, self.names)}")
        lines.append(f"now {_told(self.present, self.names)}")
        others = self.minima
        if len(others) > 1:
            lines.append(
                f"{len(others)} minima on the grid, of losses "
                f"{', '.join(short_number(point[2]) for point in others[:6])}"
                f"{', ...' * (len(others) > 6)}"
            )
        lines += [
            f"{name}: {counted(len(way), 'point')}, from ({short_number(way[0][0])}, "
            f"{short_number(way[0][1])}) to ({short_number(way[-1][0])}, "
            f"{short_number(way[-1][1])})"
            for name, way in self.trajectories.items()
        ]
        missing = len(self.w1) * len(self.w2) - len(known)
        if missing:
            lines.append(f"no finite loss at {counted(missing, 'point')} of the grid")
        return "\n".join(lines)


def loss_surface(
    loss: Loss,
    w1: Any,
    w2: Any,
    *,
    model: Any = None,
    span: Any = None,
    steps: int = 41,
    trajectories: Mapping[str, Sequence[Sequence[float]]] | None = None,
) -> LossSurface:
    """Return the loss over two of its weights, all others as they are; it draws itself.

    The loss is compiled for it, and both weights end where they were.

    Args:
        loss: Computes the loss from the weights, e.g. `lambda: mse(model(X), y)`.
        w1: A weight, or its name in the model.
        w2: Another.
        model: Whose names they are.
        span: How far to go from the present weights, or from the trajectories, to each side: one
            number, or ((lowest, highest), (lowest, highest)).
        steps: How many values of each weight.
        trajectories: Ways to draw on it by name, as `descent_paths` returns them.

    Raises:
        TypeError: If the loss is not a function, a weight not a Value, or the trajectories no dict.
        ValueError: If a name stands without a model, both weights are one, span or steps make no
            grid, or the loss is finite nowhere on it, or not at the present weights.
        KeyError: If the model has no parameter of that name.

    Example:
        >>> from nn import MLP, mse
        >>> model = MLP(2, [1], initializer="zeros")
        >>> surface = loss_surface(
        ...     lambda: mse(model([[1.0, 0.0], [0.0, 1.0]]), [1.0, -2.0]),
        ...     "w_11^(1)", "w_21^(1)", model=model, steps=13)
        >>> surface.minimum
        (1.0, -2.0, 0.0)
    """
    chosen = [parameter_of(w1, model), parameter_of(w2, model)]
    if trajectories is not None and not isinstance(trajectories, Mapping):
        raise TypeError(
            f'trajectories must be a dict, {{"SGD": [(w1, w2), ...]}}, got {describe(trajectories)}'
        )
    ways = {
        name: trajectory(way, f"trajectories[{name!r}]")
        for name, way in (trajectories or {}).items()
    }
    count = size(steps, "steps")
    if count < 2:
        raise ValueError("steps must be at least 2: a grid has two sides")
    probe = LossProbe(loss, chosen)
    with probe.moving():
        x, y = (
            _values(low, high, count) for low, high in _ranges(span, probe.start, ways.values())
        )
        values = [[probe.or_nan((one, other)) for one in x] for other in y]
    if not any(math.isfinite(number) for line in values for number in line):
        raise ValueError("no point of the grid has a finite loss; try a smaller span")
    names = tuple(parameter_name(p, place) for place, p in enumerate(probe.parameters, start=1))
    present = (probe.start[0], probe.start[1], probe.start_loss)
    return LossSurface((names[0], names[1]), x, y, values, present, ways)


def _ranges(span: Any, start: Sequence[float], ways: Any) -> list[tuple[float, float]]:
    points = [tuple(start), *(point for way in ways for point in way)]
    if span is None or not isinstance(span, (list, tuple)):
        numbers = [sorted(point[axis] for point in points) for axis in (0, 1)]
        # Beside a way a margin of a quarter is enough.
        free = [max(1.0, 0.25 * (axis[-1] - axis[0])) if ways else _SPAN for axis in numbers]
        margins = free if span is None else [finite(span, "span")] * 2
        if min(margins) <= 0.0:
            raise ValueError(f"span must be positive, got {span}")
        return [
            (axis[0] - margin, axis[-1] + margin)
            for axis, margin in zip(numbers, margins, strict=True)
        ]
    pairs = [row(pair, f"span[{place}]") for place, pair in enumerate(span)]
    if len(pairs) != 2 or any(len(pair) != 2 or not pair[0] < pair[1] for pair in pairs):
        raise ValueError(
            f"span must be one number or ((lowest, highest), (lowest, highest)), got {span!r}"
        )
    return [(finite(low, "span"), finite(high, "span")) for low, high in pairs]


def _values(low: float, high: float, steps: int) -> list[float]:
    return [low + (high - low) * place / (steps - 1) for place in range(steps)]


def _told(point: Sequence[float], names: Sequence[str]) -> str:
    x, y, value = map(short_number, point)
    return f"{value} at {names[0]} = {x}, {names[1]} = {y}"
