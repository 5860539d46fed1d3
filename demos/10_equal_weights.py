"""Zero weights, equal weights: hidden units that start alike stay alike for ever.

Units with the same weights get the same δ, so the same gradient, so the same weights after the
step. However many there are, they are worth one. If all weights are zero it is worse: δ of the
hidden layer is a product with the weights above it, which are zero, and nothing moves but the last
bias. That is why weights start at small random numbers.

    python demos/10_equal_weights.py
"""

from __future__ import annotations

from showing import heading, run, say

from nn import MLP, SGD, Chart, initializers, mse, watch_weights
from nn.charts import SERIES
from nn.data import xor
from nn.textbook.weight_histories import WeightHistory

STARTS = {
    "all zero": initializers.constant(0.0),
    "all 0.5": initializers.constant(0.5),
    "random": "xavier_uniform",
}


def main() -> None:
    for name in STARTS:
        heading(f"XOR from weights that are {name}")
        seen = train(name)
        say(seen)
        say(f"hidden units that were one and the same: {seen.identical_units()}")
    heading("Three units that are alike are worth one: predictions for the four corners")
    for name in STARTS:
        say(f"{name:10s}" + "  ".join(f"{y:+.2f}" for y in predictions(name)))


def train(name: str, steps: int = 300, seed: int = 7) -> WeightHistory:
    """Return the weights of a 2-3-1 network at every step of learning XOR."""
    return watched(name, steps, seed)[1]


def predictions(name: str) -> list[float]:
    """Return what the network says of the corners in the end."""
    model, _ = watched(name)
    return [y.data for y in model(xor().X)]


def watched(name: str, steps: int = 300, seed: int = 7) -> tuple[MLP, WeightHistory]:
    """Return a network that was trained from one of the starts, and the history of its weights."""
    X, y = xor()
    model = MLP(2, [3, 1], "tanh", initializer=STARTS[name], seed=seed)
    optimizer = SGD(lr=0.1, momentum=0.9)
    return model, watch_weights(model, lambda: mse(model(X), y), optimizer=optimizer, steps=steps)


def picture() -> Chart:
    """Return the weights of the hidden layer over time from each start, a colour for each unit."""
    histories = {name: train(name) for name in STARTS}

    def draw(figure) -> None:
        panels = figure.subplots(1, 3, sharey=True)
        for axes, (name, seen) in zip(panels, histories.items(), strict=True):
            for group, colour in zip(seen.identical_units(), SERIES, strict=False):
                for history in seen.weights[0][group[0] - 1]:
                    axes.plot(history, color=colour)
            axes.set_title(f"{name}: {len(seen.identical_units())} of 3")
            axes.set_xlabel("step")
        panels[0].set_ylabel("weights and biases, layer (1)")

    text = "\n".join(f"{name}: {seen.identical_units()}" for name, seen in histories.items())
    return Chart(draw, (5.6, 3.0), "Units that start alike stay alike", text)


if __name__ == "__main__":
    run(main, picture)
