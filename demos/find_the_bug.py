"""Find the bug: six broken backward sweeps, each wrong in one place, and the check that finds them.

The seventh is a real one. A popular port of microgpt dropped the topological order: for a = 2x,
b = 3a, c = b + a it says dc/dx = 2, and its loss still falls. The true answer is 8.

    python demos/find_the_bug.py                what each sweep computes, and its source
    python demos/find_the_bug.py --solutions    where the bug is
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

# From a checkout that is not installed; an installed package comes first.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from autograd import GradientError, check_gradient, check_grads, selftest
from autograd.verification.broken_sweeps import SWEEPS, Sweep, gradient_by


class PortedValue:
    """The port's Value, reduced to what the bug needs: + and *, and backward without an order."""

    def __init__(
        self,
        data: float,
        children: tuple[PortedValue, ...] = (),
        slopes: tuple[float, ...] = (),
    ) -> None:
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


def show(number: int, sweep: Sweep) -> None:
    """Print one exercise: its source without the sentence that gives it away, and the verdict."""
    source = inspect.getsource(sweep).splitlines()
    docstring = next(place for place, line in enumerate(source) if '"""' in line)
    print(f"--- Exercise {number} " + "-" * 60)
    print("\n".join(["def sweep(output):", *source[docstring + 1 :]]))
    print(f"\n{complaint(exercise, gradient_by(sweep, exercise), [0.7, -1.3])}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the exercises or their solutions."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--solutions", action="store_true", help="say where the bugs are")
    if parser.parse_args(arguments).solutions:
        for number, (name, (_, solution)) in enumerate(SWEEPS.items(), start=1):
            print(f"{number}. {name}: {solution}")
        print(f"The port: {SWEEPS['dropped topological order'][1]}")
        return
    for number, (sweep, _) in enumerate(SWEEPS.values(), start=1):
        show(number, sweep)
    print("--- The port of microgpt " + "-" * 50)
    print("a = 2x, b = 3a, c = b + a:", complaint(ported_value, ported_gradient, 1.0), sep="\n")
    print("\nThe same expression here:")
    print(check_grads(lambda x: 3.0 * (2.0 * x) + 2.0 * x, 1.0))
    print(f"\nAnd who checks the checker? {selftest()}")


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    main()
