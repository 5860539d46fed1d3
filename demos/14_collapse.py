"""Linear layers collapse: without a non-linearity, any number of them is one matrix.

W₃ (W₂ (W₁ x)) = (W₃ W₂ W₁) x. A network of linear layers, however deep, is one layer, and its
boundary a straight line. With a tanh between them nothing collapses, and the boundary bends. Only
then is depth worth anything.

    python demos/14_collapse.py
"""

from __future__ import annotations

from functools import cache

from showing import heading, plane, run, say

from nn import MLP, Adam, Chart, collapse
from nn.data import Dataset, circles

DEPTHS = {"1 layer": [1], "2 linear layers": [8, 1], "4 linear layers": [8, 8, 8, 1]}
DATA = circles(100, noise=0.08, factor=0.4)


def main() -> None:
    heading("Four linear layers are one matrix")
    model = MLP(3, [5, 4, 4, 2], "linear", seed=1)
    say(model)
    say(collapse(model))
    x = [0.3, -0.7, 1.1]
    say(f"the network says {[y.data for y in model(x)]}")
    say(f"the matrix says  {collapse(model)(x)}")

    heading("So depth alone does not help: one circle inside another")
    for name in DEPTHS:
        say(f"{name:20s}right about {accuracy(learn(name)):.0%}")
    say(f"{'tanh between two':20s}right about {accuracy(learn('tanh')):.0%}")

    heading("With a non-linearity there is no such matrix")
    say(refusal())


@cache
def learn(name: str) -> MLP:
    """Return a network that has learned which circle a point is on: as deep as told, or tanh."""
    model = MLP(2, DEPTHS.get(name, [8, 1]), "tanh" if name == "tanh" else "linear", seed=1)
    model.fit(
        *DATA, loss="bce_with_logits", optimizer=Adam(0.05), epochs=150, batch_size=100,
        progress=False,
    )  # fmt: skip
    return model


def accuracy(model: MLP, data: Dataset = DATA) -> float:
    """Return the share of points on the right side."""
    answers = zip(model.predict(data.X), data.y, strict=True)
    return sum(said == label for said, label in answers) / len(data)


def refusal() -> str:
    """Return what `collapse` says of a network with tanh."""
    try:
        return str(collapse(MLP(2, [8, 1], "tanh")))
    except ValueError as error:
        return str(error)


def picture() -> Chart:
    """Return what four linear layers and two with a tanh say over the plane."""
    panels = {"4 linear layers": learn("4 linear layers"), "2 layers, tanh": learn("tanh")}

    def draw(figure) -> None:
        for axes, (name, model) in zip(figure.subplots(1, 2), panels.items(), strict=True):
            plane(axes, lambda rows, model=model: [p[1] for p in model.predict_proba(rows)], DATA)
            axes.set_title(f"{name}: {accuracy(model):.0%}")

    text = "\n".join(f"{name}: {accuracy(model):.2f} right" for name, model in panels.items())
    return Chart(draw, (5.6, 3.1), "Depth without a non-linearity is one line", text)


if __name__ == "__main__":
    run(main, picture)
