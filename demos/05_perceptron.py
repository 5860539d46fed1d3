"""The perceptron and its limit: a unit that fires past a threshold, and what no line can do.

Rosenblatt's unit sums weighted inputs and a bias, and fires if the sum is positive. It learns from
mistakes alone: an example that it gets wrong is added to its weights, or taken from them. For AND
the mistakes come to an end. For XOR they never do, since no straight line has both (0, 1) and
(1, 0) on one side, and (0, 0) and (1, 1) on the other. The bias is one more weight, of an input
that is always 1.

    python demos/05_perceptron.py
"""

from __future__ import annotations

from showing import heading, run, say

from nn import Layer, Neuron, Perceptron
from nn.charts import QUIET, SERIES, Chart
from nn.textbook.constant_inputs import bias_as_input

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
LABELS = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def main() -> None:
    heading("A unit that fires past a threshold")
    unit = neuron([1.0, 1.0], -1.5)
    for corner in CORNERS:
        net = sum(corner) - 1.5
        say(f"{corner}: z = 1 x₁ + 1 x₂ − 1.5 = {net:+.1f}, a = step(z) = {unit(corner).data:.0f}")

    for name in LABELS:
        heading(f"Rosenblatt's rule learns {name}")
        say(learn(name))

    heading("The bias is the weight of an input that is always 1")
    both = two_forms()
    say(f"with a bias:            {both[0]}")
    say(f"with one input more:    {both[1]}")


def neuron(weights: list[float], bias: float) -> Neuron:
    """Return a unit with these numbers, and the step function."""
    unit = Neuron(len(weights), activation="step", initializer="zeros")
    for w, number in zip(unit.weights, weights, strict=True):
        w.data = number
    unit.bias.data = bias
    return unit


def learn(name: str, epochs: int = 20, seed: int | None = None):
    """Return how the rule went on one of the three truth tables, from zero or random weights."""
    return Perceptron(2, seed=seed).fit(CORNERS, LABELS[name], epochs=epochs)


def two_forms() -> tuple[list[float], list[float]]:
    """Return what a layer answers with biases, and as a layer without, of one input more."""
    layer = Layer(2, 1, activation="sigmoid", seed=1)
    layer.neurons[0].bias.data = 0.7
    without = bias_as_input(layer)
    return (
        [layer(corner).data for corner in CORNERS],
        [without([1.0, *corner]).data for corner in CORNERS],
    )


def line(weights: tuple[float, ...], left: float, right: float) -> list[tuple[float, float]]:
    """Return two points of b + w₁ x₁ + w₂ x₂ = 0, at the sides of a picture or above and below."""
    bias, first, second = weights
    if second:
        return [(x, -(bias + first * x) / second) for x in (left, right)]
    return [(-bias / first, y) for y in (left, right)] if first else []


def picture() -> Chart:
    """Return AND with the line that was found, and XOR with all lines that were tried."""

    def panel(axes, name: str, found, tried) -> None:
        for weights in tried:
            axes.plot(*zip(*line(weights, -0.5, 1.5), strict=True), color=QUIET, linewidth=0.9)
        if found is not None:
            axes.plot(*zip(*line(found, -0.5, 1.5), strict=True), color=SERIES[2])
        for corner, label in zip(CORNERS, LABELS[name], strict=True):
            marker = {"marker": "o", "markersize": 9, "color": SERIES[label]}
            axes.plot(*corner, **marker, fillstyle="full" if label else "none")
        axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=[0, 1], yticks=[0, 1])
        axes.set_xlabel("x₁")
        axes.set_ylabel("x₂")
        axes.set_aspect("equal")

    def draw(figure) -> None:
        left, right = figure.subplots(1, 2)
        history = learn("AND").weights
        panel(left, "AND", history[-1], history[1:-1])
        panel(right, "XOR", None, [learn("XOR", seed=seed).weights[-1] for seed in range(10)])
        left.set_title("AND: epochs, then a line")
        right.set_title("XOR: ten starts, no line")

    text = "\n".join(f"{name}: mistakes {learn(name).mistakes}" for name in ("AND", "XOR"))
    return Chart(draw, (5.4, 3.3), "Rosenblatt's rule", text)


if __name__ == "__main__":
    run(main, picture)
