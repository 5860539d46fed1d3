"""Order and reachability in a graph; all it asks of a node is its parents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar


class Node(Protocol):
    """Anything that was computed from `parents` (empty for a leaf)."""

    @property
    def parents(self) -> Sequence[Any]:
        """The operands, in order and with multiplicity."""


N = TypeVar("N", bound=Node)


def topological_order(*outputs: N) -> list[N]:
    """Return every node the outputs depend on, each once, parents before their children.

    Depth-first and iterative, so a chain of a million nodes needs no recursion; the order depends
    only on the graph and on the order of operands, so it is the same from run to run.

    Raises:
        TypeError: If an output is no node.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> y = x * x
        >>> [node.op or node.label for node in topological_order(y)]
        ['x', '*']
    """
    for output in outputs:
        if not hasattr(output, "parents"):
            raise TypeError(
                f"an output must be a Value, got {type(output).__name__} {output!r:.60}; of "
                "several give topological_order(*outputs)"
            )
    order: list[N] = []
    seen: set[N] = set()
    pending: list[Any] = list(reversed(outputs))
    while pending:
        node = pending.pop()
        if type(node) is list:  # everything below this node has been placed
            order.append(node[0])
        elif node not in seen:
            seen.add(node)
            parents = node.parents
            if parents:
                pending.append([node])
                pending.extend(reversed(parents))
            else:
                order.append(node)
    return order


def dependents(order: Iterable[N], sources: Iterable[N]) -> set[N]:
    """Return the nodes of a topological order that are, or depend on, one of the sources."""
    reached = set(sources)
    for node in order:
        if node not in reached and not reached.isdisjoint(node.parents):
            reached.add(node)
    return reached
