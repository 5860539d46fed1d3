"""How many paths lead from a value to an output, and how many of them use each node and edge.

A network has exponentially many paths, but counting them needs only sums over a topological order:
exact whole numbers, however many. An operand used twice is two edges, so `x * x` has two paths.
Constants are on no path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd.graph import topological_order
from autograd.selection import Value


@dataclass(frozen=True, eq=False)
class UseCounts:
    """How many of the paths from a source to an output use each node and each edge.

    Attributes:
        count: The number of paths.
        nodes: Node to number of paths through it; only nodes on some path are listed.
        edges: (node, operand index) to number of paths that enter the node through that operand.
    """

    count: int
    nodes: dict[Any, int]
    edges: dict[tuple[Any, int], int]


@dataclass(frozen=True)
class Multiplications:
    """Multiplications of local derivatives that a gradient costs, by way of computing it.

    Attributes:
        path_by_path: Every path on its own: m - 1 for a path of m edges.
        forward: Forward mode: one sweep per source, one multiplication per edge on a path,
            save the edges that leave the source, where the tangent is still 1.
        reverse: Reverse mode: one sweep for all sources, one multiplication per edge on a path,
            save the edges that enter the output, where the adjoint is still 1.
    """

    path_by_path: int
    forward: int
    reverse: int


def count_paths(source: Any, output: Any) -> int:
    """Return the number of paths from `source` to `output`, exactly, however many there are.

    paths(node) = Σ over operands paths(operand), with paths(source) = 1: one pass over the graph.
    The result is 0 where the source does not reach the output or is a constant.

    Raises:
        TypeError: If source or output is not a Value.

    Example:
        >>> from autograd import Value
        >>> from autograd import count_paths
        >>> x = total = Value(1.0)
        >>> for _ in range(60):
        ...     total = total + total
        >>> count_paths(x, total) == 2**60
        True
    """
    require_values(source, output)
    return _arrivals(source, topological_order(output)).get(output, 0)


def use_counts(source: Any, output: Any) -> UseCounts:
    """Count for every node and edge how many paths from `source` to `output` use it.

    (paths from the source to here) × (paths from here to the output): two passes over the graph.

    Raises:
        TypeError: If source or output is not a Value.

    Example:
        >>> from autograd import Value
        >>> from autograd import use_counts
        >>> w = Value(3.0)
        >>> shared = w.tanh()
        >>> use_counts(w, shared + shared).nodes[shared]
        2
    """
    require_values(source, output)
    order = topological_order(output)
    arriving = _arrivals(source, order)
    if output not in arriving:
        return UseCounts(0, {}, {})
    leaving = {output: 1}
    edges = {}
    for node in reversed(order):
        onward = leaving.get(node, 0)
        if onward and node is not source:
            for operand, parent in enumerate(node.parents):
                if parent in arriving:
                    leaving[parent] = leaving.get(parent, 0) + onward
                    edges[node, operand] = arriving[parent] * onward
    nodes = {node: arriving[node] * leaving[node] for node in order if node in leaving}
    return UseCounts(arriving[output], nodes, edges)


def multiplications(output: Any, *sources: Any) -> Multiplications:
    """Count the multiplications of the gradient of `output` path by path, forward and in reverse.

    Args:
        sources: The values to differentiate by; by default every leaf that is not a constant.

    Raises:
        TypeError: If output or a source is not a Value.

    Example:
        >>> from autograd import Value
        >>> from autograd import multiplications
        >>> x = total = Value(1.0)
        >>> for _ in range(10):
        ...     total = total + total
        >>> multiplications(total)
        Multiplications(path_by_path=9216, forward=18, reverse=18)
    """
    require_values(output, output)
    order = topological_order(output)
    if not sources:
        sources = tuple(node for node in order if not node.parents and not node.is_constant)
    path_by_path = forward = 0
    swept: set[tuple[Any, int]] = set()
    for source in dict.fromkeys(sources):
        uses = use_counts(source, output)
        # Every path of m edges is counted m times by its edges and takes m - 1 multiplications.
        if source is not output:
            path_by_path += sum(uses.edges.values()) - uses.count
        forward += sum(node.parents[operand] is not source for node, operand in uses.edges)
        swept.update(uses.edges)
    reverse = sum(node is not output for node, _ in swept)
    return Multiplications(path_by_path, forward, reverse)


def require_values(source: Any, output: Any) -> None:
    """Raise a TypeError unless both ends of a path are Values."""
    for name, value in (("source", source), ("output", output)):
        if not isinstance(value, Value):
            raise TypeError(
                f"the {name} of a path must be a Value, not {type(value).__name__} {value!r:.80}"
            )


def _arrivals(source: Any, order: list[Any]) -> dict[Any, int]:
    """The number of paths from the source to each node that it reaches; never to a constant."""
    arriving: dict[Any, int] = {} if source.is_constant else {source: 1}
    for node in order:
        if node is not source and not node.is_constant:
            count = 0
            for parent in node.parents:
                count += arriving.get(parent, 0)
            if count:
                arriving[node] = count
    return arriving
