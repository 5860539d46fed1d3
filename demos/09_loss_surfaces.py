"""Convex and non-convex: what a loss looks like over two weights, and how optimizers walk on it.

The loss of linear, Adaline, logistic and softmax regression is a bowl: it lies below all its
chords, and every way down ends at the bottom. With a hidden layer it is not: there are plateaus,
ridges and several minima, and where a walk ends depends on where it began, on the learning rate,
and on the optimizer.

    python demos/09_loss_surfaces.py
"""

from __future__ import annotations

import math
from functools import cache

from showing import heading, run, say, symbol

from nn import (
    MLP,
    SGD,
    Adam,
    Chart,
    RMSprop,
    bce_with_logits,
    convexity,
    cross_entropy,
    descent_paths,
    loss_surface,
    mse,
    squared_error,
)
from nn.charts import SERIES
from nn.data import blobs
from nn.textbook.surface_charts import contour_levels

POINTS = [[-1.5], [-0.75], [0.0], [0.75], [1.5]]
HEIGHTS = [math.tanh(1.5 * x) for (x,) in POINTS]
OPTIMIZERS = {
    "SGD": SGD(0.1),
    "momentum": SGD(0.1, momentum=0.9),
    "Nesterov": SGD(0.1, momentum=0.9, nesterov=True),
    "RMSprop": RMSprop(0.1),
    "Adam": Adam(0.2),
}
COLOURS = SERIES[1:6]
START = (-2.5, 2.5)
STARTS, RATES = (START, (-0.1, 0.2), (1.0, 3.0)), (0.02, 0.2, 1.0)


def main() -> None:
    heading("Looked for along 200 random segments: does the loss rise above a chord?")
    for name, (loss, parameters) in losses().items():
        say(f"{name}: {convexity(loss, parameters)}")
    heading("Logistic regression over its two weights")
    say(bowl())
    heading("A network over two of its weights")
    say(landscape())
    heading("First weights and learning rate: the loss after 60 steps of SGD on the network")
    say("first weights   " + "".join(f"   rate {rate:<5g}" for rate in RATES))
    for start in STARTS:
        say(f"{start!s:16s}" + "".join(f"{ends()[start, rate]:13.4f}" for rate in RATES))


def losses():
    """Return losses with their parameters: four regressions, and two networks."""
    X, y = blobs(30, [[-1.0, 0.0], [1.0, 0.5], [0.0, 1.5]], deviation=0.8, seed=1)
    side = [float(label == 1) for label in y]
    numbers = [first - 0.5 * second for first, second in X]
    line, unit, three = MLP(2, [1], seed=1), MLP(2, [1], seed=2), MLP(2, [3], seed=3)
    deep = MLP(2, [2, 1], "tanh", seed=4)
    return {
        "linear regression": (lambda: mse(line(X), numbers), line.parameters()),
        "Adaline": (lambda: squared_error(line(X), side), line.parameters()),
        "logistic regression": (lambda: bce_with_logits(unit(X), side), unit.parameters()),
        "softmax regression": (lambda: cross_entropy(three(X), y), three.parameters()),
        "network, squared error": (lambda: mse(deep(X), numbers), deep.parameters()),
        "network, cross-entropy": (lambda: bce_with_logits(deep(X), side), deep.parameters()),
    }


def bowl():
    """Return the surface of logistic regression, with the ways of the optimizers."""
    X, y = blobs(30, [[-1.0, 0.0], [1.0, 0.5]], deviation=1.2, seed=1)
    model = MLP(2, [1], seed=2)
    return surface(lambda: bce_with_logits(model(X), y), model, "w_11^(1)", "w_21^(1)")


def landscape():
    """Return the surface of y = w₂ tanh(w₁ x): w₁, w₂ > 0 does what w₁, w₂ < 0 does."""
    model = MLP(1, [1, 1], "tanh", seed=1)
    return surface(lambda: mse(model(POINTS), HEIGHTS), model, "w_11^(1)", "w_11^(2)")


@cache
def ends() -> dict[tuple[tuple[float, float], float], float]:
    """Return the loss of the network where SGD is in the end, by its start and learning rate."""
    model, found = MLP(1, [1, 1], "tanh", seed=1), {}
    for start in STARTS:
        ways = descent_paths(
            lambda: mse(model(POINTS), HEIGHTS), "w_11^(1)", "w_11^(2)",
            {f"{rate:g}": SGD(rate) for rate in RATES}, model=model, start=start, steps=60,
        )  # fmt: skip
        for rate, (*_, (w1, w2)) in zip(RATES, ways.values(), strict=True):
            outputs = [w2 * math.tanh(w1 * x) for (x,) in POINTS]
            found[start, rate] = mse(outputs, HEIGHTS)
    return found


def surface(loss, model: MLP, first: str, second: str):
    """Return a loss over two weights, with the ways of all optimizers from one start."""
    ways = descent_paths(loss, first, second, OPTIMIZERS, model=model, start=START, steps=60)
    return loss_surface(
        loss,
        first,
        second,
        model=model,
        span=((-4.0, 4.0), (-4.0, 4.0)),
        steps=33,
        trajectories=ways,
    )


def picture() -> Chart:
    """Return both surfaces from above, the paler the lower, with the ways on them."""
    surfaces = {"Logistic regression: a bowl": bowl(), "A network: two minima": landscape()}

    def draw(figure) -> None:
        panels = figure.subplots(1, 2)
        for axes, (title, found) in zip(panels, surfaces.items(), strict=True):
            levels = contour_levels(found.values)
            axes.contourf(found.w1, found.w2, found.values, levels, cmap="Blues", extend="both")
            for (name, way), colour in zip(found.trajectories.items(), COLOURS, strict=True):
                axes.plot(*zip(*way, strict=True), color=colour, label=name)
                axes.plot(*way[-1], "*", color=colour, markersize=10, markeredgecolor="white")
            axes.plot(*START, "o", color="#1F2933")
            axes.set_title(title)
            axes.set_xlabel(symbol(found.names[0]))
            axes.set_ylabel(symbol(found.names[1]), labelpad=-2)
            axes.grid(visible=False)
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5,
            fontsize=9, columnspacing=1.0, handlelength=1.0,
        )  # fmt: skip

    text = "\n".join(f"{title}\n{found!r}" for title, found in surfaces.items())
    return Chart(draw, (5.8, 3.4), "The same five optimizers, on two losses", text)


if __name__ == "__main__":
    run(main, picture)
