"""Compile it, read it, compare the speed: a function recorded once is a program.

Recording a graph costs more than computing it. A program is recorded once and runs without
recording again; its listing is all it does, gradient and all. It gives the numbers of eager code,
takes branches as they come, and trains a network with all steps inside the machine.

    python demos/15_compile.py
"""

from __future__ import annotations

import time

from showing import heading, run, say

from autograd import Value, compile, engine, topological_order
from nn import MLP, Adam, Chart, bce_with_logits
from nn.charts import SERIES
from nn.data import moons

MOONS = moons(100, noise=0.18, seed=1)


def main() -> None:
    heading("Read it: the value, then the gradient")
    program = compile(f)
    value, gradient = program.value_and_grad(0.5, 3.0)
    say(f"f(x, y) = tanh(x y) + x² at (0.5, 3) is {value:.6f}, its gradient")
    say("({:.6f}, {:.6f})".format(*gradient))
    say(program.listing(gradient=True))

    heading("A branch is recorded the way it goes, and once more where it goes otherwise")
    program = compile(huber)
    for x in (0.5, 3.0):
        say(f"huber({x}) = {program(x)}")
        say(program)
    say(f"rows are sorted by branch: {program.rows([-2.0, -0.5, 0.0, 0.5, 2.0])}")

    heading("The same steps, eager and compiled")
    for name, way in {"eager": eager, "compiled": compiled}.items():
        began = time.perf_counter()
        losses = way(20)
        pace = (time.perf_counter() - began) / 20
        say(f"{name:10s}loss {losses[-1]:.12f} after 20 steps of {1e3 * pace:.2f} ms ({engine})")
    began = time.perf_counter()
    compiled(1000)
    say(f"1000 steps more, compiling included: {time.perf_counter() - began:.2f} s")

    heading("Why: what there is to do for one point")
    for name, count in work().items():
        say(f"{count:6d}  {name}")


def f(x, y):
    """Return tanh(x y) + x²."""
    return (x * y).tanh() + x**2


def huber(x):
    """Return x²/2 near zero, |x| − 1/2 farther away."""
    return 0.5 * x * x if abs(x) < 1.0 else abs(x) - 0.5


def network() -> MLP:
    """Return the 2-16-16-1 network of micrograd's demo."""
    return MLP(2, [16, 16, 1], "tanh", initializer="xavier_uniform", seed=1)


def eager(steps: int) -> list[float]:
    """Train with a new graph at every step; return the losses."""
    model, losses = network(), []
    optimizer = Adam(model.parameters(), lr=0.03)
    for _ in range(steps):
        loss = bce_with_logits(model(MOONS.X), MOONS.y)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    return losses


def compiled(steps: int) -> list[float]:
    """Train with the loss of a point as a program; return the losses."""
    model = network()
    program = compile(lambda x, label: bce_with_logits(model(x), label))
    labels = [float(label) for label in MOONS.y]
    return list(program.train(MOONS.X, labels, optimizer=Adam(lr=0.03), steps=steps))


def work() -> dict[str, int]:
    """Return how much there is to do for the loss of one point, and for its gradient."""
    model = network()
    loss = bce_with_logits(model([Value(0.5), Value(-1.0)]), 1.0)
    nodes = topological_order(loss)
    program = compile(lambda x, label: bce_with_logits(model(x), label))
    program([0.5, -1.0], 1.0)
    products = sum(len(neuron.weights) for layer in model.layers for neuron in layer.neurons)
    listed = program.listing(gradient=True, lines=None).splitlines()
    return {
        "additions and multiplications, a node for each": 2 * products,
        "nodes here: a net input is one": sum(not node.is_leaf for node in nodes),
        "instructions of the program": program.instructions,
        "instructions, with the gradient of 337 parameters": sum(" = " in line for line in listed),
    }


def picture() -> Chart:
    """Return what there is to do as bars."""
    counts = work()
    names = ["+ and ×, each a node", "nodes here", "instructions", "with the gradient"]

    def draw(figure) -> None:
        axes = figure.add_subplot()
        bars = axes.barh(names[::-1], list(counts.values())[::-1], color=SERIES[0], height=0.6)
        axes.bar_label(bars, padding=4)
        axes.margins(x=0.12)
        axes.grid(visible=False)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)

    text = "\n".join(f"{count} {name}" for name, count in counts.items())
    return Chart(draw, (5.4, 2.4), "One point through 2-16-16-1: things to do", text)


if __name__ == "__main__":
    run(main, picture)
