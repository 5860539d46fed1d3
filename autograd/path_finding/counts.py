"""How many paths lead from a value to an output, and how many of them use each node and edge.

A network has exponentially many paths, but counting them needs only sums over a topological order:
exact whole numbers, however many. An operand used twice is two edges, so `x * x` has two paths.
Constants are on no path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd.graph import dependents, topological_order
from autograd.html_table import html_table
from autograd.lettering import format_count
from autograd.name_search import resolved
from autograd.node_names import NodeNames
from autograd.path_finding.cone import require_values
from autograd.selection import Value
from autograd.streams import for_stream, printed_anywhere

_SOURCES_TOGETHER = 1024
_ROWS = 40  # of a table


@printed_anywhere
@dataclass(frozen=True, eq=False)
class UseCounts:
    """How many of the paths from a source to an output use each node and each edge.

    Attributes:
        count: The number of paths.
        nodes: Node to number of paths through it; only nodes on some path are listed.
        edges: (node, operand index) to number of paths that enter the node through that operand.

    Example:
        >>> from autograd import Value, use_counts
        >>> x = Value(2.0, label="x")
        >>> square = x * x
        >>> found = use_counts(x, square * 3.0 + x)
        >>> found.count, found.nodes[square], found.edges[square, 0]
        (3, 2, 1)
    """

    count: int
    nodes: dict[Any, int]
    edges: dict[tuple[Any, int], int]

    def __repr__(self) -> str:
        return (
            f"<UseCounts: {self.count} paths, through {len(self.nodes)} nodes and "
            f"{len(self.edges)} edges>"
        )

    def _repr_html_(self) -> str:
        names = NodeNames(self.nodes)
        shown = [*self.nodes][:_ROWS]
        rows = [(names[node], format_count(self.nodes[node])) for node in shown]
        more = len(self.nodes) - len(shown)
        notes = [f"and {more} more in .nodes"] if more else []
        return html_table(f"{self.count} paths", ("node", "paths through it"), rows, notes)


@dataclass(frozen=True)
class Multiplications:
    """Multiplications of local derivatives that a gradient costs, by way of computing it.

    Attributes:
        path_by_path: Every path on its own: m - 1 for a path of m edges.
        forward: Forward mode: one sweep per source, one multiplication per edge on a path,
            save the edges that leave the source, where the tangent is still 1.
        reverse: Reverse mode: one sweep for all sources, one multiplication per edge on a path,
            save the edges that enter the output, where the adjoint is still 1.

    Example:
        >>> from autograd import Value, multiplications
        >>> x = Value(1.0)
        >>> for _ in range(10):
        ...     x = x + x
        >>> found = multiplications(x)
        >>> found.path_by_path, found.forward, found.reverse
        (9216, 18, 18)
    """

    path_by_path: int
    forward: int
    reverse: int

    def _repr_html_(self) -> str:
        counts = (
            ("path by path", self.path_by_path),
            ("forward mode", self.forward),
            ("reverse mode", self.reverse),
        )
        rows = [(way, format_count(count)) for way, count in counts]
        return html_table("", ("way", "multiplications"), rows)


def count_paths(source: Any, output: Any) -> int:
    """Return the number of paths from `source` to `output`, exactly, however many there are.

    paths(node) = Σ over operands paths(operand), with paths(source) = 1: one pass over the graph.
    The result is 0 where the source does not reach the output or is a constant.

    Args:
        source: A Value, or its name: whatever `find` finds.

    Raises:
        TypeError: If source or output is not a Value.
        LookupError: If the source is a name that no node has; see `find`.
        ValueError: If a path leads from `output` to `source` instead.

    Example:
        >>> from autograd import Value
        >>> from autograd import count_paths
        >>> x = total = Value(1.0)
        >>> for _ in range(60):
        ...     total = total + total
        >>> count_paths(x, total) == 2**60
        True
    """
    source = resolved(output, source)
    require_values(source, output)
    count = _arrivals(source, topological_order(output)).get(output, 0)
    if not count:
        refuse_swapped(source, output, "count_paths")
    return count


def use_counts(source: Any, output: Any) -> UseCounts:
    """Count for every node and edge how many paths from `source` to `output` use it.

    (paths from the source to here) × (paths from here to the output): two passes over the graph.

    Args:
        source: A Value, or its name: whatever `find` finds.

    Raises:
        TypeError: If source or output is not a Value.
        LookupError: If the source is a name that no node has; see `find`.
        ValueError: If a path leads from `output` to `source` instead.

    Example:
        >>> from autograd import Value
        >>> from autograd import use_counts
        >>> w = Value(3.0)
        >>> shared = w.tanh()
        >>> use_counts(w, shared + shared).nodes[shared]
        2
    """
    source = resolved(output, source)
    require_values(source, output)
    uses = uses_between(source, output)
    if not uses.count:
        refuse_swapped(source, output, "use_counts")
    return uses


def uses_between(source: Any, output: Any) -> UseCounts:
    """Count as `use_counts` does, of two Values; no paths are an answer, too.

    Example:
        >>> from autograd import Value
        >>> uses_between(Value(3.0), Value(2.0)).count
        0
    """
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
        sources: The values to differentiate by, or their names, or lists of these; by default every
            leaf that is not a constant.

    Raises:
        TypeError: If output or a source is not a Value.
        LookupError: If a source is a name that no node has; see `find`.
        ValueError: If a path leads from `output` to a source instead.

    Example:
        >>> from autograd import Value
        >>> from autograd import multiplications
        >>> x = total = Value(1.0)
        >>> for _ in range(10):
        ...     total = total + total
        >>> multiplications(total)
        Multiplications(path_by_path=9216, forward=18, reverse=18)
    """
    if not isinstance(output, Value):
        raise TypeError(
            "multiplications(output, *sources) needs a Value as output, got "
            f"{type(output).__name__} {output!r:.80}"
        )
    order = topological_order(output)
    given = sources
    sources = tuple(x for listed in sources for x in _one_by_one(listed))
    if not given:
        sources = tuple(node for node in order if not node.parents and not node.is_constant)
    sources = tuple(resolved(output, source) for source in sources)
    for source in sources:
        require_values(source, output)
    below = set(order)
    for source in sources:
        if source not in below:
            refuse_swapped(source, output, "multiplications", "{1}, {0}")
    ends = [source for source in dict.fromkeys(sources) if not source.is_constant]
    reached = dependents([node for node in order if not node.is_constant], ends)
    ways, edges = _leaving(output, order, reached)
    # Every path of m edges is counted m times by its edges and takes m - 1 multiplications.
    path_by_path = sum([edges[x] - ways[x] for x in ends if x in ways and x is not output])
    forward = reverse = 0
    for start in range(0, len(ends), _SOURCES_TOGETHER):
        together = ends[start : start + _SOURCES_TOGETHER]
        own = {source: 1 << place for place, source in enumerate(together)}
        # For each node the sources that reach it, one bit for each.
        reach: dict[Any, int] = {}
        for node in order:
            if node in ways:
                bits = own.get(node, 0)
                for parent in node.parents:
                    if parent in reach:
                        bits |= reach[parent]
                        forward += (reach[parent] & ~own.get(parent, 0)).bit_count()
                if bits:
                    reach[node] = bits
    for node in ways:
        if node is not output:
            reverse += sum([parent in ways for parent in node.parents])
    return Multiplications(path_by_path, forward, reverse)


def _one_by_one(sources: Any) -> Iterator[Any]:
    if isinstance(sources, Iterable) and not isinstance(sources, (str, Value)):
        for listed in sources:
            yield from _one_by_one(listed)
    else:
        yield sources


def _leaving(
    output: Any, order: list[Any], reached: set[Any]
) -> tuple[dict[Any, int], dict[Any, int]]:
    """For each node reached the number of its paths to the output, and of all edges on these."""
    ways = {output: 1} if output in reached else {}
    edges = dict.fromkeys(ways, 0)
    for node in reversed(order):
        if node in ways:
            count, total = ways[node], edges[node] + ways[node]
            for parent in node.parents:
                if parent in reached:
                    ways[parent] = ways.get(parent, 0) + count
                    edges[parent] = edges.get(parent, 0) + total
    return ways, edges


def refuse_swapped(source: Any, output: Any, function: str, arguments: str = "{0}, {1}") -> None:
    """Raise a ValueError if a path leads from `output` to `source`, but none the other way.

    Args:
        function: Its name, for the error to say what may have been meant.
        arguments: Its arguments: {0} is the source, {1} the output.
    """
    if output.is_constant or source.is_constant or source is output:
        return
    if any(node is output for node in topological_order(source)):
        start, end = (node.label or node.op or "a leaf" for node in (source, output))
        meant = f"{function}({arguments.format(end, start)})"
        raise ValueError(
            f"no path leads from {source.describe()} to {output.describe()}; did you mean "
            f"{for_stream(meant)}?"
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
