"""Backpropagation as the textbook writes it: deltas, matrices, and the engine side by side.

Three ways to the same numbers. Node by node: δ_k = (t_k − y_k) f′(net_k) at the output, and below
δ_j = f′(net_j) Σ w_jk δ_k; every weight moves by η δ y. Layer by layer: products of matrices, where
each step back reuses the one before. And the engine, which knows nothing of layers and walks the
graph. Finite differences say that all three are right.

    python demos/07_by_hand.py
"""

from __future__ import annotations

import math

from showing import heading, run, say, symbol

from nn import MLP, layerwise, squared_error
from nn.charts import Chart
from nn.textbook.comparing import LayerwiseComparison

X, T = [0.5, -1.0], [1.0, 0.0]


def main() -> None:
    heading("Squared error, E = ½ Σ (t − y)²")
    say(f"E = {squared_error(network()(X), T).data:.6f}")
    heading("Deltas, from the output back")
    for name, formula, number in deltas():
        say(f"{name} = {formula} = {number:+.6f}")
    heading("Every weight, four ways")
    say(table())
    heading("The deeper a weight, the more factors on its paths")
    for layers in (2, 3, 4, 5):
        model = MLP(2, [2] * layers, "sigmoid", seed=1)
        factors = layerwise.gradients(model, X, T).factors[1:]
        say(f"{layers} layers: {factors} factors, layer by layer")


def network() -> MLP:
    """Return a 2-2-2 network of sigmoids."""
    return MLP(2, [2, 2], "sigmoid", "sigmoid", seed=1)


def forward() -> tuple[list[list[list[float]]], list[list[float]]]:
    """Return the weights of each layer, and the activations, in plain floats."""
    model, activations, weights = network(), [X], []
    for layer in model.layers:
        weights.append([[w.data for w in neuron.weights] for neuron in layer.neurons])
        nets = [
            sum(w * y for w, y in zip(row, activations[-1], strict=True)) + neuron.bias.data
            for row, neuron in zip(weights[-1], layer.neurons, strict=True)
        ]
        activations.append([1.0 / (1.0 + math.exp(-net)) for net in nets])
    return weights, activations


def deltas() -> list[tuple[str, str, float]]:
    """Return the lecture's sensitivities with their formulas; f′(net) of a sigmoid is y (1 − y)."""
    weights, (_, hidden, outputs) = forward()
    last = [(t - y) * y * (1.0 - y) for t, y in zip(T, outputs, strict=True)]
    first = [
        y * (1.0 - y) * sum(weights[1][k][j] * last[k] for k in range(2))
        for j, y in enumerate(hidden)
    ]
    rows = [
        (f"δ_{k + 1}^(2)", f"({t:g} − {y:.4f}) {y:.4f} (1 − {y:.4f})", delta)
        for k, (t, y, delta) in enumerate(zip(T, outputs, last, strict=True))
    ]
    for j, (y, delta) in enumerate(zip(hidden, first, strict=True)):
        carried = " + ".join(f"{weights[1][k][j]:.4f} · {last[k]:.4f}" for k in range(2))
        rows.append((f"δ_{j + 1}^(1)", f"{y:.4f} (1 − {y:.4f}) ({carried})", delta))
    return rows


def table() -> LayerwiseComparison:
    """Return every gradient by nodes, by matrices, by the engine and by finite differences."""
    return layerwise.compare(network(), X, T)


def picture() -> Chart:
    """Return every gradient as a group of four bars: they are of one height."""
    rows = table().rows
    ways = {
        "node formulas": [row.nodes for row in rows],
        "matrices": [row.matrices for row in rows],
        "engine": [row.engine for row in rows],
        "finite differences": [row.difference for row in rows],
    }

    def draw(figure) -> None:
        axes = figure.add_subplot()
        for place, (name, numbers) in enumerate(ways.items()):
            axes.bar([k + 0.2 * place for k in range(len(rows))], numbers, 0.18, label=name)
        labels = [symbol(row.name) for row in rows]
        axes.set_xticks([k + 0.3 for k in range(len(rows))], labels, fontsize=9)
        axes.legend(fontsize=9)
        axes.set_ylabel("∂E/∂w")
        axes.grid(visible=False, axis="x")

    return Chart(draw, (5.6, 3.2), "One gradient, four ways", repr(table()))


if __name__ == "__main__":
    run(main, picture)
