"""Handwritten digits: softmax regression, and what a hidden layer adds.

Ten classes that exclude each other: a softmax turns ten net inputs into probabilities that add up
to 1, and cross-entropy is minus the logarithm of the right one. Without a hidden layer that is
softmax regression: ten templates of weights, one for each digit, which can be looked at. A hidden
layer of 32 units makes fewer mistakes.

    python demos/13_digits.py        (with scikit-learn, which has the digits)
"""

from __future__ import annotations

from functools import cache

from showing import heading, run, say

from nn import MLP, SGD, Adam, Chart, History, confusion_matrix
from nn.data import Dataset, digits

SIZES = {"softmax regression": [10], "one hidden layer": [32, 10]}


def main() -> None:
    train, test = data()
    heading("The digits")
    say(f"{len(train)} to learn from, {len(test)} for the test; 8 × 8 pixels, 0 is paper, 1 is ink")
    say(drawn(test.X[0]))
    say(f"this is a {test.y[0]}")
    for name in SIZES:
        heading(name)
        model, history = learn(name)
        say(model)
        say(history)
        say(f"right about {accuracy(model, test):.1%} of the digits it has never seen")
    heading("What is mistaken for what, with a hidden layer")
    say(confusion_matrix(test.y, learn("one hidden layer")[0].predict(test.X)))


@cache
def data() -> tuple[Dataset, Dataset]:
    """Return digits to learn from, and a fifth of them for the test."""
    return digits(scaled=True).split(0.2, seed=1)


@cache
def learn(name: str, epochs: int = 20) -> tuple[MLP, History]:
    """Return one of the networks, trained, and its history."""
    train, _ = data()
    hidden = len(SIZES[name]) > 1
    model = MLP(
        64,
        SIZES[name],
        "tanh" if hidden else "linear",
        seed=1 if hidden else None,
        initializer=None if hidden else "zeros",
    )
    history = model.fit(
        *train,
        loss="cross_entropy",
        optimizer=Adam(0.01) if hidden else SGD(0.1, momentum=0.9),
        epochs=epochs,
        seed=1,
        progress=False,
    )
    return model, history


def accuracy(model: MLP, rows: Dataset) -> float:
    """Return the share of rows whose digit is told."""
    answers = zip(model.predict(rows.X), rows.y, strict=True)
    return sum(said == digit for said, digit in answers) / len(rows)


def drawn(pixels: list[float]) -> str:
    """Return a digit in letters."""
    shades = " .:+*#"
    rows = [pixels[start : start + 8] for start in range(0, 64, 8)]
    return "\n".join("".join(2 * shades[round(5 * ink)] for ink in row) for row in rows)


def templates() -> list[list[float]]:
    """Return the weights of softmax regression: for each digit 64 of them."""
    model, _ = learn("softmax regression")
    return [[w.data for w in neuron.weights] for neuron in model.layers[0].neurons]


def picture() -> Chart:
    """Return the templates: orange speaks for the digit, blue against it."""
    _, test = data()
    shares = {name: accuracy(learn(name)[0], test) for name in SIZES}

    def draw(figure) -> None:
        from matplotlib.colors import LinearSegmentedColormap

        colours = LinearSegmentedColormap.from_list("sides", ["#1C7FC0", "#F4F4F4", "#CF5A14"])
        for digit, (axes, weights) in enumerate(
            zip(figure.subplots(2, 5).flat, templates(), strict=True)
        ):
            largest = max(map(abs, weights))
            grid = [weights[start : start + 8] for start in range(0, 64, 8)]
            sides = {"vmin": -largest, "vmax": largest}
            axes.imshow(grid, cmap=colours, interpolation="none", **sides)
            axes.set_title(str(digit), loc="center")
            axes.set_axis_off()

    text = "\n".join(f"{name}: {share:.3f} right" for name, share in shares.items())
    return Chart(draw, (5.4, 2.8), "Softmax regression: what speaks for each digit", text)


if __name__ == "__main__":
    run(main, picture)
