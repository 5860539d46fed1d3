"""The reverse sweep in the ways in which people have broken it; each is wrong in one place.

They serve the self-test of the gradient check, and as exercises: find the bug.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.graph import topological_order
from autograd.reverse import adjoints, local_derivatives
from autograd.selection import Value, values

Sweep = Callable[[Any], dict[Any, float]]


def sweep_overwriting(output: Any) -> dict[Any, float]:
    """Return adjoints where the last child wins: `=` instead of `+=`."""
    found = {output: 1.0}
    for node in reversed(topological_order(output)):
        for parent, derivative in zip(node.parents, local_derivatives(node), strict=True):
            if derivative is not None:
                found[parent] = derivative * found[node]
    return found


def sweep_without_order(output: Any) -> dict[Any, float]:
    """Return adjoints of a sweep that takes nodes as it meets them, not after their children."""
    found = {output: 1.0}
    seen, pending = {output}, [output]
    while pending:
        node = pending.pop()
        for parent, derivative in zip(node.parents, local_derivatives(node), strict=True):
            if derivative is not None:
                found[parent] = found.get(parent, 0.0) + derivative * found[node]
                if parent not in seen:
                    seen.add(parent)
                    pending.append(parent)
    return found


def sweep_over_sets(output: Any) -> dict[Any, float]:
    """Return adjoints where the operands are a set, so that `x * x` has one."""
    found = {output: 1.0}
    for node in reversed(topological_order(output)):
        once = dict(zip(node.parents, local_derivatives(node), strict=True))
        for parent, derivative in once.items():
            if derivative is not None:
                found[parent] = found.get(parent, 0.0) + derivative * found[node]
    return found


def sweep_without_chain(output: Any) -> dict[Any, float]:
    """Return sums of local derivatives: the adjoint of the child is left out."""
    found = {output: 1.0}
    for node in reversed(topological_order(output)):
        for parent, derivative in zip(node.parents, local_derivatives(node), strict=True):
            if derivative is not None:
                found[parent] = found.get(parent, 0.0) + derivative
    return found


def sweep_twice(output: Any) -> dict[Any, float]:
    """Return adjoints of a second sweep after which only the leaves had been set to zero."""
    found: dict[Any, float] = {}
    order = topological_order(output)
    for _ in range(2):
        found = {node: slope for node, slope in found.items() if node.parents}
        found[output] = 1.0
        for node in reversed(order):
            for parent, derivative in zip(node.parents, local_derivatives(node), strict=True):
                if derivative is not None:
                    found[parent] = found.get(parent, 0.0) + derivative * found[node]
    return found


def sweep_of_stale_data(output: Any) -> dict[Any, float]:
    """Return adjoints of the graph as it was before the latest step of its leaves."""
    before: dict[Any, Any] = {}
    for node in topological_order(output):
        if node.parents:
            before[node] = node.primitive.apply([before[parent] for parent in node.parents])
        else:
            before[node] = node.data if node.is_constant else Value(node.data + 0.1)
    found = adjoints(before[output])
    return {node: found.get(old, 0.0) for node, old in before.items() if isinstance(old, Value)}


SWEEPS: dict[str, tuple[Sweep, str]] = {
    "missing accumulation": (
        sweep_overwriting,
        "A node used twice keeps only the contribution of one use. Add: += instead of =.",
    ),
    "dropped topological order": (
        sweep_without_order,
        "A node hands its adjoint on before all its children have paid in, and what comes later is "
        "lost. Visit it after all of them: reverse topological order.",
    ),
    "operands in a set": (
        sweep_over_sets,
        "x * x has two operands, which are the same node; a set keeps one. Use a tuple.",
    ),
    "missing chain": (
        sweep_without_chain,
        "The chain rule is a product: multiply the local derivative by the child's adjoint.",
    ),
    "interior gradients not reset": (
        sweep_twice,
        "The second sweep starts from adjoints that the first one left in interior nodes. They "
        "belong to one sweep: start each from zero.",
    ),
    "stale data": (
        sweep_of_stale_data,
        "The graph was recorded before the parameters moved. Record it again, or refuse.",
    ),
}


def gradient_by(sweep: Sweep, f: Callable[[Sequence[Any]], Any]) -> Callable[[Any], list[float]]:
    """Return the gradient of f as that sweep computes it.

    Example:
        >>> from autograd.reverse import adjoints
        >>> def f(x):
        ...     a = 2.0 * x[0]
        ...     b = 3.0 * a
        ...     return b + a
        >>> gradient_by(sweep_without_order, f)([1.0]), gradient_by(adjoints, f)([1.0])
        ([2.0], [8.0])
    """

    def gradient(point: Sequence[float]) -> list[float]:
        inputs = values(point)
        found = sweep(f(inputs))
        return [found.get(node, 0.0) for node in inputs]

    return gradient
