"""Debugging: a NaN, a dead relu, and a derivative of your own that is wrong.

Three things that go wrong in every project. A number that is not finite spreads to the loss: who
began? A relu that is never positive lets no gradient through, and so never learns again: which one,
and what does it cut off? And a rule you wrote yourself is off by a sign: which operation is it?

    python demos/19_debugging.py
"""

from __future__ import annotations

import math

from showing import heading, run, say

from autograd import (
    AnomalyError,
    GradientError,
    Primitive,
    Value,
    blame,
    check_grads,
    detect_anomaly,
    draw,
    exp,
    path_sum,
)
from nn import MLP, dead_units, mse

X = [[0.5, -1.0], [1.0, 2.0], [-0.5, 0.5]]


def main() -> None:
    heading("A learning rate that is too large: at some step the loss is infinite. Who began?")
    step, loss = diverging()
    say(f"step {step}: the loss is {loss.data}")
    say(blame(loss))
    heading("A rate a hundred times smaller")
    say(f"the loss after 999 steps is {diverging(rate=0.01)[1].data:.1e}")
    heading("The same, watched while it happens")
    say(watched())

    heading("A relu unit that is dead")
    model = dying()
    say(f"dead units, by layer: {dead_units(model, X)}")
    loss = mse(model(X), [1.0, 0.0, 0.0])
    loss.backward()
    say(path_sum("w_12^(1)", loss))
    say(f"gradients of its weights: {[w.grad for w in model.layers[0].neurons[1].weights]}")
    heading("Brought back: its bias at 0")
    say(f"dead units, by layer: {dead_units(revived(), X)}")

    heading("A rule of your own, with the wrong sign")
    say(verdict(wrong_softplus))
    heading("Repaired")
    say(verdict(right_softplus))


def diverging(rate: float = 1.0) -> tuple[int, Value]:
    """Return the first step at which the loss is not finite, with a rate that is too large."""
    w = Value(0.5, label="w")
    step, loss = 1, error_of(w)
    while math.isfinite(loss.data) and step < 1000:
        w.zero_grad()
        loss.backward()
        w.data -= rate * w.grad
        step, loss = step + 1, error_of(w)
    return step, loss


def error_of(w: Value) -> Value:
    """Return the squared error of w x for 2 x, at three points."""
    errors = [w * x - 2.0 * x for x in (1.0, 2.0, 3.0)]
    loss = sum(error * error for error in errors)
    loss.label = "loss"
    return loss


def watched() -> str:
    """Return what `detect_anomaly` says about a sweep."""
    with detect_anomaly():
        w = Value(1e200, label="w")
        try:
            (w * w - 1.0).tanh().backward()
        except AnomalyError as error:
            return str(error)
    return "nothing"


def dying() -> MLP:
    """Return a network whose second hidden unit one step too long has driven to its death."""
    model = MLP(2, [3, 1], "relu", seed=1)
    model["b_2^(1)"] = -10.0
    return model


def revived() -> MLP:
    """Return the same network with that unit at its threshold."""
    model = dying()
    model["b_2^(1)"] = 0.0
    return model


def softplus(x: float) -> float:
    """Return log(1 + exp(x)), which does not overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


wrong_softplus = Primitive("softplus", softplus, (lambda _, x: 1.0 / (1.0 + exp(x)),))
right_softplus = Primitive("softplus", softplus, (lambda _, x: 1.0 / (1.0 + exp(-x)),))


def verdict(rule: Primitive) -> str:
    """Return what the gradient check says of a function that uses a rule."""
    try:
        return str(check_grads(lambda x, y: rule(x * y) * y, 0.7, -1.2, order=1))
    except GradientError as error:
        return str(error)


def picture():
    """Return the network with the dead unit: what leads through it is dashed."""
    model = dying()
    loss = mse(model(X[0]), 1.0)
    loss.label = "L"
    loss.backward()
    return draw(loss, highlight="w_12^(1)", level="neuron", narrow=True, drawn_by="built-in")


if __name__ == "__main__":
    run(main, picture)
