"""An MLP solves XOR and two moons: layers between input and output bend the boundary.

One line cannot separate XOR, two hidden units can: each draws a line of its own, and the output
combines them. Fully connected layers, fed forward; layers are counted without the input, so that
logistic regression is a network of one. Backpropagation computes the gradient; what moves the
weights is an optimizer, and the same gradients serve any of them.

    python demos/06_mlp.py
"""

from __future__ import annotations

from showing import heading, plane, run, say

from nn import MLP, SGD, Adam, bce_with_logits, minimize
from nn.charts import Chart
from nn.data import Dataset, moons, xor

MOONS = moons(100, noise=0.15)
OPTIMIZERS = {
    "SGD": lambda: SGD(0.5),
    "momentum": lambda: SGD(0.5, momentum=0.9),
    "Adam": lambda: Adam(0.05),
}


def main() -> None:
    heading("XOR, by one layer and by two")
    for name, sizes in {"logistic regression": [1], "two hidden units": [2, 1]}.items():
        model, history = learn(xor(), sizes)
        scores = [f"{z.data:+.1f}" for z in model(xor().X)]
        say(f"{name:20s}{len(model.layers)} layer(s), loss {history['loss'][-1]:.4f}, z = {scores}")
    say(hidden_table())

    heading("Two moons")
    for sizes in ([1], [16, 16, 1]):
        model, history = learn(MOONS, sizes)
        say(f"{model}: accuracy {accuracy(model, MOONS):.1%}")

    heading("The same gradients, moved along by different optimizers")
    for name, loss in descents().items():
        say(f"{name:12s}loss after 100 epochs {loss:.4f}")
    if (scipy := by_scipy()) is not None:
        say(f"{'L-BFGS':12s}loss at its end       {scipy:.4f}   (of SciPy)")


def learn(data: Dataset, sizes: list[int], optimizer=None, epochs: int = 300):
    """Return a network that has learned to tell two classes apart, and its history."""
    model = MLP(2, sizes, "tanh" if len(sizes) > 1 else "linear", seed=4)
    history = model.fit(
        *data, optimizer=optimizer or Adam(0.05), epochs=epochs, batch_size=len(data),
        loss="bce_with_logits", progress=False,
    )  # fmt: skip
    return model, history


def hidden_table() -> str:
    """Return what the hidden units make of the corners: there, one line is enough."""
    model, _ = learn(xor(), [2, 1])
    lines = ["x₁ x₂   a_1^(1)  a_2^(1)   z_1^(2)   class"]
    for row, label in zip(*xor(), strict=True):
        trace = model.trace(row)
        first, second = (node.data for node in trace.a[1])
        lines.append(
            f"{row[0]:2.0f} {row[1]:2.0f}   {first:+7.3f}  {second:+7.3f}   "
            f"{trace.output.data:+7.2f}   {label}"
        )
    return "\n".join(lines)


def accuracy(model: MLP, data: Dataset) -> float:
    """Return the share of rows on the right side."""
    right = [(z.data > 0.0) == bool(y) for z, y in zip(model(data.X), data.y, strict=True)]
    return sum(right) / len(right)


def descents() -> dict[str, float]:
    """Return the loss that each optimizer reaches on two moons in 100 epochs."""
    return {
        name: learn(MOONS, [8, 1], optimizer(), epochs=100)[1]["loss"][-1]
        for name, optimizer in OPTIMIZERS.items()
    }


def by_scipy() -> float | None:
    """Return the loss that SciPy's L-BFGS reaches with the same gradients; None without SciPy."""
    data, model = MOONS, MLP(2, [8, 1], "tanh", seed=4)
    try:
        minimize(model, *data, loss="bce_with_logits")
    except ImportError:
        return None
    return bce_with_logits(model(data.X), [float(y) for y in data.y]).data


def picture() -> Chart:
    """Return what both networks say over the plane."""
    found = [
        ("XOR: 2-2-1", xor(), learn(xor(), [2, 1])[0]),
        (
            "two moons: 2-16-16-1",
            MOONS,
            learn(MOONS, [16, 16, 1])[0],
        ),
    ]

    def draw(figure) -> None:
        for axes, (name, data, model) in zip(figure.subplots(1, 2), found, strict=True):
            plane(axes, lambda rows, model=model: [p[1] for p in model.predict_proba(rows)], data)
            axes.set_title(name)

    text = "\n".join(f"{name}: accuracy {accuracy(model, data):.3f}" for name, data, model in found)
    return Chart(draw, (5.6, 3.0), "Hidden layers bend the boundary", text)


if __name__ == "__main__":
    run(main, picture)
