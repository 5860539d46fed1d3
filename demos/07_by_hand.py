"""Backpropagation as the textbook writes it: deltas, matrices, and the engine side by side.

Three ways to the same numbers. Node by node: δ_k = (t_k − y_k) f′(net_k) at the output, and below
δ_j = f′(net_j) Σ w_jk δ_k; every weight moves by η δ y. Layer by layer: products of matrices, where
each step back reuses the one before. And the engine, which knows nothing of layers and walks the
graph. Finite differences say that all three are right. Parentheses count layers and brackets
examples: z_1^(2)[3] is the net input of unit 1 of layer 2 for the third example.

    python demos/07_by_hand.py
"""

from __future__ import annotations

import math

from showing import heading, run, say, symbol

from nn import MLP, SGD, layerwise, mse, squared_error
from nn.charts import SERIES, Chart
from nn.textbook.comparing import LayerwiseComparison

X, T = [0.5, -1.0], [1.0, 0.0]
ROWS, TARGETS = [X, [1.0, 2.0], [-0.5, 0.5]], [T, [0.0, 1.0], [1.0, 1.0]]


def main() -> None:
    heading("Squared error, E = ½ Σ (t − y)²")
    y = network()(X)
    terms = " + ".join(f"({t:g} − {a.data:.4f})²" for t, a in zip(T, y, strict=True))
    say(f"E = ½ ({terms}) = {squared_error(y, T).data:.6f}")
    say(f"mse, the mean in place of half the sum, of two outputs the same: {mse(y, T).data:.6f}")
    heading("Deltas, from the output back")
    for name, formula, number in deltas():
        say(f"{name} = {formula} = {number:+.6f}")
    heading("One step: every weight moves by η δ y, and E falls")
    for name, (moved, error) in steps().items():
        say(f"{name:22s}w_11^(1) = {moved[0]:.9f}   E = {error:.6f}")
    heading("Parentheses count layers, brackets examples")
    *each, total = examples()
    say("\n".join(f"∂E/∂{name} = {slope:+.6f}" for name, slope in each))
    say(f"They add up: ∂E/∂{total[0]} = {total[1]:+.6f}")
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


def steps(eta: float = 2.0) -> dict[str, tuple[list[float], float]]:
    """Return the weights, and E, before and after a step: the lecture's, and that of SGD."""
    model, by_engine = network(), network()
    before = [w.data for w in model.parameters()], squared_error(model(X), T).data
    slopes = {name: number for name, _, number in deltas()}
    for layer, inputs in ((1, X), (2, forward()[1][1])):
        for j in (1, 2):
            step = eta * slopes[f"δ_{j}^({layer})"]
            model[f"b_{j}^({layer})"].data += step
            for i, y in enumerate(inputs, start=1):
                model[f"w_{i}{j}^({layer})"].data += step * y
    squared_error(by_engine(X), T).backward()
    SGD(by_engine.parameters(), lr=eta).step()
    found = {"before": before}
    for name, one in {"w + η δ y": model, "SGD": by_engine}.items():
        found[name] = [w.data for w in one.parameters()], squared_error(one(X), T).data
    return found


def examples() -> list[tuple[str, float]]:
    """Return ∂E/∂z of the first output for every example of a batch; last that of its bias."""
    model = network()
    trace = model.trace(ROWS)
    squared_error(trace.output, TARGETS).backward()
    found = [(row[0].label, row[0].grad) for row in trace.z[2]]
    return [*found, ("b_1^(2)", model["b_1^(2)"].grad)]


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
        axes, below = figure.subplots(2, 1, height_ratios=[5, 3])
        for place, (name, numbers) in enumerate(ways.items()):
            axes.bar([k + 0.2 * place for k in range(len(rows))], numbers, 0.18, label=name)
        labels = [symbol(row.name) for row in rows]
        axes.set_xticks([k + 0.3 for k in range(len(rows))], labels, fontsize=11)
        axes.legend(fontsize=9)
        axes.set_ylabel("∂E/∂w")
        axes.grid(visible=False, axis="x")
        names, slopes = zip(*examples(), strict=True)
        below.barh(range(4), slopes, 0.7, color=[SERIES[0]] * 3 + [SERIES[1]])
        below.set_yticks(range(4), map(symbol, names), fontsize=11)
        below.invert_yaxis()
        below.set_xlabel("three examples, and their sum: ∂E/∂b")
        below.grid(visible=False, axis="y")

    return Chart(draw, (5.2, 4.8), "One gradient, four ways", repr(table()))


if __name__ == "__main__":
    run(main, picture)
