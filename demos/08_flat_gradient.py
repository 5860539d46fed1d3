"""Sigmoid and squared error: no gradient where it is most wrong. Cross-entropy: the largest there.

For a sigmoid with squared error ∂L/∂z = (a − t) a (1 − a): the last factor vanishes when a is near
0, even if t is 1. Cross-entropy divides by exactly that factor, so that ∂L/∂z = a − t: the more
wrong, the steeper. It is the negative log-likelihood of the labels. The same holds for a softmax.

    python demos/08_flat_gradient.py
"""

from __future__ import annotations

from showing import heading, run, say

from autograd import Value, explain, sigmoid, softmax
from nn import bce, bce_with_logits, cross_entropy, nll, output_gradients, squared_error
from nn.charts import SERIES, Chart

WRONG = -6.0  # a net input whose unit should have said 1


def main() -> None:
    heading("Why: what the derivative is made of")
    for name, loss in {"squared error": squared_error, "cross-entropy": bce}.items():
        z = Value(WRONG, label="z")
        a = sigmoid(z)
        a.label = "a"
        output = loss(a, 1.0)
        output.backward()
        say(f"{name}, t = 1, z = {WRONG:g}, a = {a.data:.5f}: ∂L/∂z = {z.grad:.6f}")
        say("\n".join(str(explain(output, z)).splitlines()[1:6]))

    heading("|∂L/∂z| over z, and the way down from there")
    for activation in ("sigmoid", "softmax"):
        say(output_gradients(activation))

    heading("One loss under four names")
    for name, loss in names().items():
        say(f"{name:32s}{loss:.12f}")


def slope(loss, z: float, t: float) -> float:
    """Return ∂L/∂z of a loss of a sigmoid."""
    node = Value(z)
    loss(sigmoid(node), t).backward()
    return node.grad


def names(z: float = WRONG) -> dict[str, float]:
    """Return binary cross-entropy for t = 1 as four losses compute it."""
    node = Value(z)
    both = [1.0 - sigmoid(node), sigmoid(node)]
    return {
        "bce(sigmoid(z), 1)": bce(sigmoid(node), 1.0).data,
        "bce_with_logits(z, 1)": bce_with_logits(node, 1.0).data,
        "nll([1 − sigmoid(z), …], 1)": nll(both, 1).data,
        "cross_entropy([0, z], 1)": cross_entropy([Value(0.0), node], 1).data,
    }


def softmax_slopes(z: list[float], t: int) -> tuple[list[float], list[float]]:
    """Return ∂L/∂z of softmax and cross-entropy, and a − t, number by number."""
    nodes = [Value(number) for number in z]
    cross_entropy(nodes, t).backward()
    a = [node.data for node in softmax([Value(number) for number in z])]
    return [node.grad for node in nodes], [p - (k == t) for k, p in enumerate(a)]


def picture() -> Chart:
    """Return both gradients over z, and both ways down from the most wrong z, for both outputs."""
    found = [output_gradients(activation) for activation in ("sigmoid", "softmax")]

    def draw(figure) -> None:
        for row, one in zip(figure.subplots(2, 2, sharex="col", sharey=True), found, strict=True):
            for (name, slopes), colour in zip(one.gradients.items(), SERIES, strict=False):
                row[0].plot(one.z, slopes, color=colour, label=name)
                row[1].plot(one.errors[name], color=colour)
            row[0].set_title(f"{one.activation}: |∂L/∂z|")
            row[1].set_title(f"error t − a, from z = {one.z[0]:g}")
        row[0].set_xlabel("z of the unit whose target is 1")
        row[1].set_xlabel(f"step of gradient descent, η = {one.rate:g}")
        handles = row[0].get_lines()
        figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=11)

    text = "\n\n".join(map(repr, found))
    return Chart(draw, (6.2, 5.0), "What a very wrong output is told", text)


if __name__ == "__main__":
    run(main, picture)
