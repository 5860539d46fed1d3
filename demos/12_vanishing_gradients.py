"""Vanishing gradients: what arrives at the first layer, by activation and by initial weights.

Each layer back multiplies δ by f′(z) and by weights. The slope of a sigmoid is 1/4 at most, so that
ten layers leave a millionth at best; tanh and relu have slopes up to 1. The weights have to fit:
too small, and gradients vanish whatever the activation. Xavier's and He's initializers choose them
so that sizes stay; with weights that are too large gradients explode.

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
KINDS = ["step", "linear", "sigmoid", "tanh", "relu"]
ACTIVATIONS = {
    "sigmoid": ("sigmoid", "xavier_normal"),
    "tanh": ("tanh", "xavier_normal"),
    "relu": ("relu", "he_normal"),
}
INITIALIZERS = {
    "Xavier": ("tanh", "xavier_normal"),
    "between ±0.1": ("tanh", initializers.uniform(-0.1, 0.1)),
    "between ±1": ("tanh", initializers.uniform(-1.0, 1.0)),
    "between ±5": ("tanh", initializers.uniform(-5.0, 5.0)),
}


def main() -> None:
    heading("Activations and the largest slope of each")
    say(activation_chart(KINDS))
    for told, models in {
        "by activation": ACTIVATIONS,
        "through tanh, by the first weights": INITIALIZERS,
    }.items():
        heading(f"|δ| in {DEPTH} hidden layers of {WIDTH} units, on two moons, {told}")
        found = sizes(tuple(models.items()))
        for name, layers in found.models.items():
            say(f"{name:14s}" + " ".join(f"{layer.delta:8.1e}" for layer in layers))
        for name, share in found.shrinks.items():
            say(f"{name:14s}|δ| in the first layer is {share:.2g} of that in the last")
    say(f"sigmoids alone multiply by at most 1/4 a layer: (1/4)^{DEPTH} = {0.25**DEPTH:.1e}")


def largest_slope(name: str) -> float:
    """Return the largest slope of an activation on a fine grid."""
    slope = grad(activations.BY_NAME[name].function)
    return max(slope(place / 100.0) for place in range(-500, 501))


@cache
def sizes(models: tuple):
    """Return how large δ is in each layer of each network, for one batch."""
    data = moons(40, noise=0.1)
    networks = {
        name: MLP(2, [WIDTH] * DEPTH + [1], activation, initializer=draw, seed=1)
        for name, (activation, draw) in models
    }
    return gradient_by_layer(networks, data.X, [float(y) for y in data.y], "bce_with_logits")


def picture() -> Chart:
    """Return the activations and their slopes, and |δ| layer by layer for two comparisons."""
    z = [k / 20.0 for k in range(-80, 81)]
    colours = dict(zip(KINDS, SERIES[4:2:-1] + SERIES, strict=False))
    found = [sizes(tuple(models.items())) for models in (ACTIVATIONS, INITIALIZERS)]

    def draw(figure) -> None:
        (left, right), below = figure.subplots(2, 2)
        for name, colour in colours.items():
            style = {"color": colour, "linewidth": 1.6 if name in ACTIVATIONS else 1.0}
            function = activations.BY_NAME[name].function
            left.plot(z, [function(number) for number in z], label=name, **style)
            right.plot(z, [grad(function)(number) for number in z], **style)
        left.set(title="a = f(z)", ylim=(-1.2, 2.2))
        right.set(title="slope f′(z)", ylim=(-0.05, 1.1))
        for axes, models, title in zip(
            below, found, ["|δ| by activation", "|δ|, tanh, by first weights"], strict=True
        ):
            for (name, layers), colour in zip(models.models.items(), SERIES, strict=False):
                delta = [layer.delta for layer in layers]
                colour = colours.get(name, colour)
                axes.semilogy(range(1, DEPTH + 2), delta, color=colour, label=name)
            axes.set(title=title, xlabel="layer", ylim=(1e-10, 1.0))
        left.legend(fontsize=9, handlelength=1.0)
        below[1].legend(fontsize=9, handlelength=1.0)

    text = "\n\n".join(map(repr, found))
    return Chart(draw, (6.2, 5.4), "What is left of a gradient", text)


if __name__ == "__main__":
    run(main, picture)
