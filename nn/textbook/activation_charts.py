"""`activation_chart`: activations, each with its derivative."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import value_and_grad
from nn.activations import BY_NAME, Activation, activation
from nn.charts import SERIES, Chart
from nn.tables import short_number
from nn.validation import row

_REACH, _STEPS = 4.0, 80


def activation_chart(names: Sequence[str | Callable[[Any], Any]] | None = None) -> Chart:
    """Return a picture of activations a = f(z), each with its derivative f′(z), dashed.

    A softmax is drawn as that of z and 0, by its first output.

    Args:
        names: Names from `nn.activations`, or functions of one net input; all but softmax, if not
            given.

    Raises:
        TypeError: If one is neither a name nor a function.
        ValueError: If a name is unknown, or there are none.

    Example:
        >>> print(activation_chart(["step", "sigmoid"]))
        Activations f(z) and, dashed, their derivatives f′(z)
        step: f from 0 to 1, f′ from 0 to 0 for z from -4 to 4
        sigmoid: f from 0.01799 to 0.982, f′ from 0.01766 to 0.25 for z from -4 to 4
    """
    given = row(names, "names", of="names") if names is not None else list(BY_NAME)[:-1]
    chosen = [activation(one, f"names[{place}]") for place, one in enumerate(given)]
    if not chosen:
        raise ValueError("names is empty; leave it out for all activations")
    curves = [(one.name, [_curve(one, half) for half in (-1.0, 1.0)]) for one in chosen]
    columns = min(4, len(chosen))
    lines = math.ceil(len(chosen) / columns)

    def draw(figure: Any) -> None:
        panels = list(figure.subplots(lines, columns, squeeze=False, sharex=True).flat)
        for axes, (name, halves) in zip(panels, curves, strict=False):
            for points in halves:
                z, f, slope = zip(*points, strict=True)
                axes.plot(z, f, color=SERIES[0])
                axes.plot(z, slope, color=SERIES[1], linestyle="--")
            axes.set_title(name)
            axes.set_ylim(-1.3, 2.2)
            axes.set_xticks([-_REACH, 0.0, _REACH])
            axes.tick_params(labelbottom=True)
        for axes in panels[len(curves) :]:
            axes.set_visible(False)
        figure.supxlabel("z", fontsize=10)

    text = "\n".join(_told(name, halves) for name, halves in curves)
    size = (2.1 * columns + 0.3, 1.75 * lines + 0.7)
    return Chart(draw, size, "Activations f(z) and, dashed, their derivatives f′(z)", text)


def _curve(chosen: Activation, half: float) -> list[tuple[float, float, float]]:
    """Return z, f and f′ on one side of 0, where some functions jump; 0 is on the left."""

    def f(z: Any) -> Any:
        return chosen.function([z, 0.0])[0] if chosen.whole_layer else chosen.function(z)

    slopes, points = value_and_grad(f), []
    first = 0.0 if half < 0.0 else 1e-9
    for place in range(_STEPS + 1):
        z = half * max(first, _REACH * place / _STEPS)
        value, slope = slopes(z)
        points.append((z, value, slope))
    return sorted(points)


def _told(name: str, halves: Sequence[Sequence[tuple[float, float, float]]]) -> str:
    points = [point for half in halves for point in half]
    (f_low, f_high), (low, high) = (
        (short_number(min(column)), short_number(max(column)))
        for column in ([point[1] for point in points], [point[2] for point in points])
    )
    return (
        f"{name}: f from {f_low} to {f_high}, f′ from {low} to {high} for z from "
        f"{-_REACH:g} to {_REACH:g}"
    )
