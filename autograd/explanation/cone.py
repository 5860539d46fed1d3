"""What lies between a source and an output: the nodes on its paths, their exits and adjoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.path_finding.cone import require_values
from autograd.path_finding.counts import UseCounts, refuse_swapped, uses_between


class Between:
    """All paths from a source to an output.

    Attributes:
        source: Where they begin.
        output: Where they end.
        uses: How many of them use each node and edge.
        adjoints: For each node on a path, d output / d node.
    """

    def __init__(self, source: Any, output: Any, uses: UseCounts) -> None:
        self.source = source
        self.output = output
        self.uses = uses
        nodes = list(uses.nodes)
        self.adjoints: dict[Any, float] = dict(zip(nodes, output.adjoints_of(nodes), strict=True))
        self._exits: dict[Any, list[tuple[Any, int]]] = {}
        before, parents = None, ()
        for edge in uses.edges:  # those into a node stand together
            node, operand = edge
            if node is not before:
                before, parents = node, node.parents
            self._exits.setdefault(parents[operand], []).append(edge)
        self._place = {node: position for position, node in enumerate(nodes)}

    def exits(self, node: Any) -> Sequence[tuple[Any, int]]:
        """Return where paths go from a node: the next node, and which operand of it this is."""
        found = self._exits.get(node, [])
        return sorted(found, key=lambda edge: (self._place[edge[0]], edge[1]))

    def entries(self, node: Any, most: int = 2) -> int:
        """Return how many operands of a node are on a path; counting stops at `most`."""
        count = 0
        for operand in range(len(node.parents)):
            count += (node, operand) in self.uses.edges
            if count == most:
                break
        return count

    @property
    def multiplications(self) -> tuple[int, int]:
        """How often reverse mode multiplies, and path by path: as `multiplications`.

        With the paths counted already, as they are here, that needs no other pass over the graph.
        """
        edges = self.uses.edges
        # Every path of m edges is counted m times by its edges and takes m - 1 multiplications.
        path_by_path = sum(edges.values()) - self.uses.count if edges else 0
        return sum(node is not self.output for node, _ in edges), path_by_path

    @property
    def gradient(self) -> float:
        """∂output/∂source."""
        return self.adjoints[self.source]

    @property
    def nodes(self) -> list[Any]:
        """The nodes, the source first, the output last."""
        return list(self._place)


def cone(source: Any, output: Any) -> Between:
    """Return what lies between a source and an output.

    Raises:
        TypeError: If one of them is not a Value.
        ValueError: If no path leads from the source to the output.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> cone(x, x * x).adjoints[x]
        6.0
    """
    require_values(source, output)
    uses = uses_between(source, output)
    if not uses.count:
        raise ValueError(_unconnected(source, output))
    return Between(source, output, uses)


def _unconnected(source: Any, output: Any) -> str:
    what = f"no path leads from {source.describe()} to {output.describe()}"
    if source.is_constant:
        return (
            f"{what}: a constant has no gradient; for the gradient by an input give it as a Value, "
            "Value(0.5, label='x')"
        )
    refuse_swapped(source, output, "explain", "{1}, {0}")
    return f"{what}: the gradient is 0, and there is nothing to explain"
