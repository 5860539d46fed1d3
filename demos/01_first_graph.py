"""A first graph: numbers that remember how they were made, and what each of them matters.

y = tanh(w x) + w² is computed as always. But every number in it is a node that knows which numbers
it was made of, so that one walk back from y finds, for every node, the slope of y: by how much y
changes for a small change of that node. Nothing here is about networks: it is calculus.

    python demos/01_first_graph.py
"""

from __future__ import annotations

import math

from showing import heading, run, say

from autograd import Value, draw, path_sum

W, X = 0.5, 3.0


def main() -> None:
    heading("Compute")
    y, w, x = graph()
    say(f"w = {W}, x = {X}: y = tanh(w x) + w² = {y.data:.6f}")
    say(draw(y).tree())

    heading("One walk back gives all slopes")
    say("From y, of slope 1, every node hands its slope back to what it was made of, times the")
    say("local slope of its own step. No slope is computed twice, however many begin at w or x.")
    say(f"∂y/∂w = {w.grad:.6f}    ∂y/∂x = {x.grad:.6f}")

    heading("A slope says what a nudge does")
    say("   nudge of w     change of y   slope × nudge      difference")
    for nudge, change, predicted in nudges():
        say(f"{nudge:12g}  {change:+14.9f}  {predicted:+14.9f}  {change - predicted:+14.9f}")
    say("A nudge ten times smaller is predicted a hundred times better: that is a slope.")

    heading("w matters in two ways, and they add up")
    say(path_sum(w, y))
    say("Along a path the local slopes are multiplied, over the paths they are added.")

    heading("The same by hand")
    say(f"∂y/∂w = x (1 − tanh²(w x)) + 2 w = {by_hand()[0]:.6f}")
    say(f"∂y/∂x = w (1 − tanh²(w x))       = {by_hand()[1]:.6f}")


def graph() -> tuple[Value, Value, Value]:
    """Return y with its gradients, and w and x."""
    w, x = Value(W, label="w"), Value(X, label="x")
    y = (w * x).tanh() + w**2
    y.label = "y"
    y.backward()
    return y, w, x


def by_hand() -> tuple[float, float]:
    """Return ∂y/∂w and ∂y/∂x as calculus has them."""
    slope_of_tanh = 1.0 - math.tanh(W * X) ** 2
    return X * slope_of_tanh + 2.0 * W, W * slope_of_tanh


def nudges() -> list[tuple[float, float, float]]:
    """Return nudges of w, each with the change of y and with what the slope predicts."""
    y, w, _ = graph()
    moved = [(nudge, math.tanh((W + nudge) * X) + (W + nudge) ** 2) for nudge in (0.1, 0.01, 0.001)]
    return [(nudge, value - y.data, w.grad * nudge) for nudge, value in moved]


def picture():
    """Return the graph with both paths from w in colour."""
    y, w, _ = graph()
    return draw(y, highlight=w, drawn_by="built-in")


if __name__ == "__main__":
    run(main, picture)
