"""Why reverse topological order, and why +=: what goes wrong otherwise.

a = 2x, b = 3a, c = a + b. Since a is used twice, its gradient arrives in two parts, 1 straight from
c and 3 through b. If a hands on to x before both are there, or if the second part replaces the
first, x gets a wrong gradient. Only if nothing is shared does it go well. In reverse topological
order a node's turn comes after that of all that use it: then all parts of its gradient are there.

    python demos/03_topological_order.py
"""

from __future__ import annotations

from showing import heading, run, say

from autograd import Value, backward_steps, draw
from autograd.sweeps import BackwardSteps

TRUTH = 8.0  # c = 2x + 3 · 2x = 8x
WAYS = {
    "reverse topological order, +=": {},
    "each node as soon as it is met": {"order": "depth-first"},
    "level by level": {"order": "breadth-first"},
    "again for every part that arrives": {"order": "recursive"},
    "= in place of +=": {"accumulate": False},
}


def main() -> None:
    heading("The right way")
    say(backward_steps(graph()[0]))
    heading("As soon as a node is met: a hands on while 3 is still to come")
    say(sweep("each node as soon as it is met"))
    heading("= in place of +=: the second part replaces the first")
    say(sweep("= in place of +="))

    heading(f"What x gets: {TRUTH:g} is right")
    for way, gradient in outcomes().items():
        say(f"{way:34s}{gradient:5g}   {'right' if gradient == TRUTH else 'wrong'}")

    heading("The same ways on a tree, where nothing is used twice")
    say(", ".join(f"{gradient:g}" for gradient in outcomes(tree).values()))
    say("All are right: that is why such a bug can live through many small examples.")


def graph(x: float = 1.0) -> tuple[Value, Value]:
    """Return c and x of the example: a is used twice."""
    leaf = Value(x, label="x")
    a = 2.0 * leaf
    a.label = "a"
    b = 3.0 * a
    b.label = "b"
    c = a + b
    c.label = "c"
    return c, leaf


def tree(x: float = 1.0) -> tuple[Value, Value]:
    """Return 2 · 4 x and x: a chain, in which every node is used once."""
    leaf = Value(x, label="x")
    return 2.0 * (4.0 * leaf), leaf


def sweep(way: str, example=graph) -> BackwardSteps:
    """Return one of the ways, step by step."""
    return backward_steps(example()[0], **WAYS[way])


def outcomes(example=graph) -> dict[str, float]:
    """Return the gradient that x gets in each of the ways."""
    found = {}
    for way, options in WAYS.items():
        output, leaf = example()
        found[way] = backward_steps(output, **options).gradients[leaf]
    return found


def picture():
    """Return the moment at which it goes wrong: a hands on 1, while 3 is still to come."""
    steps = sweep("each node as soon as it is met")
    wrong = steps.first_wrong
    return draw(steps, step=wrong.number, drawn_by="built-in")


if __name__ == "__main__":
    run(main, picture)
