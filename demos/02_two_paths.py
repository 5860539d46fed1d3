"""Two paths: how a weight of the first layer reaches the loss, and what the paths share.

A network is a function in layers of units: a unit adds up its inputs, each times a weight, and a
bias, and bends the sum z with a tanh (the last one does not). The loss L says how far the output is
from what it should be. In the lecture's 2-2-2-1 network w_11^(1), the weight from input 1 to unit 1
of layer 1, reaches L through both units of layer 2. Multiply the slopes along a path, add over the
paths: that is ∂L/∂w.

Reverse mode walks back from L once and finds the slope of L at every unit. All paths through a
unit go on from there, those of this weight and of all others. Path by path it is found again and
again; forward mode, one walk from each weight to L, repeats it for every weight.

    python demos/02_two_paths.py
"""

from __future__ import annotations

from collections import Counter

from showing import heading, run, say

from autograd import (
    Value,
    count_paths,
    draw,
    multiplications,
    path_sum,
    topological_order,
    use_counts,
)
from nn import MLP, squared_error


def main() -> None:
    loss, weight = lecture_network()
    heading(f"{weight.label} reaches {loss.label} along two paths")
    say(path_sum(weight, loss))
    say(f"backward() says: {weight.grad:.4g}")

    heading("How many of these paths use a node")
    say("  ".join(f"{label} {count}" for label, count in shared(loss, weight).items()))

    heading("What reverse mode reuses: the slope of L at a unit, found once")
    for name, slope, uses in reused():
        say(f"∂L/∂{name} = {slope:+.4f}, for {uses:2d} paths of the parameters")

    heading("What it costs: multiplications of local derivatives, for all parameters at once")
    say("hidden layers of 3   paths of one weight   path by path   forward   reverse")
    for depth, count, by_path, forward, reverse in costs():
        say(f"{depth:18d}   {count:19d}   {by_path:12d}   {forward:7d}   {reverse:7d}")
    say("With every layer the paths are three times as many. Reverse mode adds the same few steps.")


def lecture_network() -> tuple[Value, Value]:
    """Return the loss of the 2-2-2-1 network on one example, and its weight w_11^(1)."""
    model = MLP(2, [2, 2, 1], activation="tanh", seed=3)
    loss = squared_error(model([0.5, -1.0]), 1.0)
    loss.label = "L"
    loss.backward()
    return loss, model.layers[0].neurons[0].weights[0]


def shared(loss: Value, weight: Value) -> dict[str, int]:
    """Return for every unit's activation how many paths from the weight go through it."""
    counts = use_counts(weight, loss).nodes.items()
    return {node.label: uses for node, uses in counts if node.label.startswith("a_")}


def reused() -> list[tuple[str, float, int]]:
    """Return for every unit the slope of L there, and how many paths of all parameters use it."""
    loss, _ = lecture_network()
    found: Counter[Value] = Counter()
    for leaf in loss.leaves():
        if leaf.label.startswith(("w_", "b_")):
            found.update(use_counts(leaf, loss).nodes)
    units = [node for node in topological_order(loss) if node.label.startswith("z_")]
    return [(unit.label, unit.grad, found[unit]) for unit in reversed(units)]


def costs(depths: range = range(1, 7)) -> list[tuple[int, int, int, int, int]]:
    """Return for networks of growing depth the paths of a weight, and what three ways cost."""
    rows = []
    for depth in depths:
        model = MLP(3, [3] * depth + [1], "tanh", seed=1)
        loss = squared_error(model([0.5, -1.0, 0.2]), 1.0)
        loss.backward()
        count = count_paths(model["w_11^(1)"], loss)
        cost = multiplications(loss)
        rows.append((depth, count, cost.path_by_path, cost.forward, cost.reverse))
    return rows


def picture():
    """Return the lecture's figure: both paths in colour, what they share thick."""
    loss, weight = lecture_network()
    return draw(loss, highlight=weight, narrow=True, drawn_by="built-in")


if __name__ == "__main__":
    run(main, picture)
