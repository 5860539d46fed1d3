"""Verify a gradient, and find the bug: six wrong sweeps, and one that many people run.

A gradient can be wrong while what it is to lower, the loss, still falls. The check is older than
backpropagation: move one input a little, and see by how much the output changes. A backward sweep
is the walk of 01 to 03, from the output back to all slopes. Below are six, each wrong in one place,
with what the check says; find the bug before you read the solutions. A popular port of microgpt
dropped the topological order: for a = 2x, b = 3a, c = b + a it says dc/dx = 2.

    python demos/04_find_the_bug.py
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence

from showing import heading, run, say

from autograd import GradientError, check_gradient, check_grads, grad, selftest
from autograd.verification.broken_sweeps import SWEEPS, gradient_by
from nn.charts import QUIET, SERIES, Chart

POINT = 0.5


def main() -> None:
    heading("A gradient that is right")
    say(check_grads(exercise, [0.7, -1.3]))
    for number, (sweep, _) in enumerate(SWEEPS.values(), start=1):
        heading(f"Exercise {number}")
        # Without the sentence that gives it away.
        source = inspect.getsource(sweep).splitlines()
        docstring = next(place for place, line in enumerate(source) if '"""' in line)
        say("\n".join(["def sweep(output):", *source[docstring + 1 :]]))
        say(complaint(exercise, gradient_by(sweep, exercise), [0.7, -1.3]))
    heading("The port of microgpt: a = 2x, b = 3a, c = b + a")
    say(complaint(ported_value, ported_gradient, 1.0))
    heading("And who checks the checker? Every rule is broken in turn, and it has to notice")
    say(selftest())
    heading("Solutions")
    for number, (name, (_, solution)) in enumerate(SWEEPS.items(), start=1):
        say(f"{number}. {name}: {solution}")


def exercise(x: Sequence[float]) -> float:
    """Return a number computed from two others, with shared parts: plain floats or Values."""
    shared = x[0] * 2.0 + x[1]
    square = shared * shared
    return square * 3.0 + shared + square * x[0]


def complaint(function: Callable[..., float], gradient: Callable[..., object], at: object) -> str:
    """Return what the gradient check says about a gradient: a table, or the first failures."""
    try:
        return str(check_gradient(function, gradient, at))
    except GradientError as error:
        return str(error)


class PortedValue:
    """The port's Value, reduced to what the bug needs: + and *, and backward without an order."""

    def __init__(self, data: float, children: tuple = (), slopes: tuple = ()) -> None:
        self.data, self.grad = data, 0.0
        self.children, self.slopes = children, slopes

    def __add__(self, other: PortedValue) -> PortedValue:
        return PortedValue(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: PortedValue) -> PortedValue:
        return PortedValue(self.data * other.data, (self, other), (other.data, self.data))

    def backward(self) -> None:
        """Hand gradients down in the order in which nodes are met."""
        self.grad = 1.0
        pending, seen = [self], {self}
        while pending:
            node = pending.pop()
            for child, slope in zip(node.children, node.slopes, strict=True):
                child.grad += slope * node.grad
                if child not in seen:
                    seen.add(child)
                    pending.append(child)


def ported(x: float) -> tuple[PortedValue, PortedValue]:
    """Return c and x of the port's counterexample: a = 2x, b = 3a, c = b + a."""
    leaf = PortedValue(x)
    a = PortedValue(2.0) * leaf
    b = PortedValue(3.0) * a
    return b + a, leaf


def ported_value(x: float) -> float:
    """Return c as the port computes it, which is right."""
    return ported(x)[0].data


def ported_gradient(x: float) -> float:
    """Return dc/dx as the port computes it."""
    output, leaf = ported(x)
    output.backward()
    return leaf.grad


def f(x: float) -> float:
    """Return x³ / (1 + x²), whose slope the picture measures."""
    return x * x * x / (1.0 + x * x)


def measured(step: float) -> tuple[float, float]:
    """Return how far off one-sided and two-sided differences with a step are."""
    truth = grad(f)(POINT)
    one_sided = (f(POINT + step) - f(POINT)) / step
    two_sided = (f(POINT + step) - f(POINT - step)) / (2.0 * step)
    return abs(one_sided - truth), abs(two_sided - truth)


def picture() -> Chart:
    """Return how far off differences are, for steps of all sizes."""
    steps = [10.0 ** (-k / 4) for k in range(49)]
    errors = list(zip(*map(measured, steps), strict=True))

    def draw(figure) -> None:
        axes = figure.add_subplot()
        for name, off, colour in zip(("one-sided", "two-sided"), errors, SERIES, strict=False):
            axes.loglog(steps, [max(error, 1e-16) for error in off], color=colour, label=name)
        planted = 1e-6 * abs(grad(f)(POINT))
        axes.axhline(planted, color=QUIET, linestyle="--", label="a rule wrong by a millionth")
        axes.set_xlabel("step: on the left rounding, on the right the curve itself")
        axes.set_ylabel("error of the difference")
        axes.legend(loc="upper center", fontsize=9)

    best = [min(off) for off in errors]
    text = "smallest errors: one-sided {:.0e}, two-sided {:.0e}".format(*map(_power, best))
    return Chart(draw, (5.4, 3.6), "Which step measures a slope best?", text)


def _power(number: float) -> float:
    return 10.0 ** math.ceil(math.log10(max(number, 1e-16)))


if __name__ == "__main__":
    run(main, picture)
