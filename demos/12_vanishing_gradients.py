"""Vanishing gradients: what arrives at the first layer, by activation and by initial weights.

Each layer back multiplies δ by f′(z) and by weights. The slope of a sigmoid is 1/4 at most, so that
ten layers leave a millionth at best; tanh and relu have slopes up to 1. The weights have to fit:
too small, and gradients vanish whatever the activation. Xavier's and He's initializers choose them
so that sizes stay.

    python demos/12_vanishing_gradients.py
"""

from __future__ import annotations

from functools import cache

from showing import heading, run, say

from autograd import grad
from nn import MLP, Chart, activation_chart, activations, gradient_by_layer, initializers
from nn.charts import SERIES
from nn.data import moons

DEPTH, WIDTH = 8, 8
MODELS = {
    "sigmoid": ("sigmoid", "xavier_normal"),
    "tanh": ("tanh", "xavier_normal"),
    "relu": ("relu", "he_normal"),
    "tanh, too small": ("tanh", initializers.uniform(-0.1, 0.1)),
}


def main() -> None:
    heading("Activations and the largest slope of each")
    say(activation_chart(["step", "linear", "sigmoid", "tanh", "relu"]))
    heading(f"|δ| in {DEPTH} hidden layers of {WIDTH} units, on two moons")
    found = sizes()
    for name, layers in found.models.items():
        say(f"{name:20s}" + " ".join(f"{layer.delta:8.1e}" for layer in layers))
    heading("From the last layer to the first")
    for name, share in found.shrinks.items():
        say(f"{name:20s}|δ| becomes {share:.2g} of what it was")
    say(f"sigmoids alone multiply by at most 1/4 a layer: (1/4)^{DEPTH} = {0.25**DEPTH:.1e}")


def largest_slope(name: str) -> float:
    """Return the largest slope of an activation on a fine grid."""
    slope = grad(activations.BY_NAME[name].function)
    return max(slope(place / 100.0) for place in range(-500, 501))


@cache
def sizes():
    """Return how large δ is in each layer of each network, for one batch."""
    data = moons(40, noise=0.1)
    models = {
        name: MLP(2, [WIDTH] * DEPTH + [1], activation, initializer=draw, seed=1)
        for name, (activation, draw) in MODELS.items()
    }
    return gradient_by_layer(models, data.X, [float(y) for y in data.y], "bce_with_logits")


def picture() -> Chart:
    """Return the slopes of the activations, and |δ| in each layer, in the same colours."""
    z = [k / 20.0 for k in range(-80, 81)]
    found = sizes()

    def draw(figure) -> None:
        left, right = figure.subplots(1, 2)
        for (name, layers), colour in zip(found.models.items(), SERIES, strict=False):
            if name in activations.BY_NAME:
                slope = grad(activations.BY_NAME[name].function)
                left.plot(z, [slope(number) for number in z], color=colour)
            style = "-" if name in activations.BY_NAME else "--"
            delta = [layer.delta for layer in layers]
            right.semilogy(range(1, DEPTH + 2), delta, style, color=colour, label=name)
        left.set_title("slope f′(z)")
        left.set_xlabel("z")
        right.set_title("mean |δ|")
        right.set_xlabel("layer")
        figure.legend(loc="outside lower center", ncols=4, fontsize=9, columnspacing=1.2)

    return Chart(draw, (5.8, 3.3), "What is left of a gradient", repr(found))


if __name__ == "__main__":
    run(main, picture)
