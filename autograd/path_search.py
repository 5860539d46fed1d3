"""The paths from a value to an output one at a time, the largest contribution first.

The multivariable chain rule says: multiply the local derivatives along a path, add over all paths,

    ∂output/∂source = Σ over paths  Π over the edges of a path  ∂node/∂operand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, NamedTuple

from autograd.path_counts import count_paths, require_values, use_counts
from autograd.reverse import adjoints, local_derivatives

_NAMES_SHOWN = 12


@dataclass(frozen=True, eq=False)
class Path:
    """One way along which a source reaches an output.

    Attributes:
        nodes: The values passed, source first, output last.
        operands: For each edge, which operand of the next node this one is.
        local_derivatives: For each edge, d next node / d this node.
        product: Their product, multiplied from the output back as the reverse sweep does.

    Example:
        >>> from autograd import Value
        >>> from autograd import paths
        >>> w = Value(3.0, label="w")
        >>> for path in paths(w, w * w): print(path)
        w → *: 3 = 3
        w → *: 3 = 3
    """

    nodes: tuple[Any, ...]
    operands: tuple[int, ...]
    local_derivatives: tuple[float, ...]
    product: float

    def __str__(self) -> str:
        names = " → ".join(_shortened([node.label or node.op or "·" for node in self.nodes]))
        factors = " × ".join(_shortened([_number(factor) for factor in self.local_derivatives]))
        return f"{names}: {factors or '1'} = {_number(self.product)}"

    def __repr__(self) -> str:
        return f"<Path {self}>"


@dataclass(frozen=True, eq=False)
class PathSum:
    """The largest contributions to a gradient, and what all other paths add together.

    Attributes:
        count: The number of all paths.
        paths: The paths of largest |product|, in that order.
        gradient: ∂output/∂source, from the reverse sweep.
        remainder: What the other paths add up to: gradient - Σ products; 0.0 if none is left.
    """

    count: int
    paths: tuple[Path, ...]
    gradient: float
    remainder: float

    def __str__(self) -> str:
        lines = [str(path) for path in self.paths]
        unseen = self.count - len(self.paths)
        if unseen:
            lines.append(f"{unseen} more paths: {_number(self.remainder)}")
        lines.append(f"sum: {_number(self.gradient)}")
        return "\n".join(lines)


def paths(source: Any, output: Any, limit: int | None = None) -> Iterator[Path]:
    """Iterate over the paths from `source` to `output`, the largest |contribution| first.

    Lazy: a path costs time in proportion to its length, however many there are. Equal
    contributions come in the order of the graph, then of operands. The products of all paths add up
    to the gradient.

    Args:
        limit: Stop after so many paths; None for all.

    Raises:
        TypeError: If source or output is not a Value.
        ValueError: If limit is negative, or a leaf was edited after the graph was recorded.
        ArithmeticError: If a local derivative is infinite or undefined; the error names the node.

    Example:
        >>> from autograd import Value
        >>> from autograd import paths
        >>> w = Value(3.0, label="w")
        >>> [path.product for path in paths(w, 2 * w + w * w)]
        [3.0, 3.0, 2.0]
    """
    require_values(source, output)
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
        raise TypeError(f"limit must be a whole number or None, not {limit!r}")
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, but is {limit}")
    # The sweep refuses what has no gradient: edited leaves, infinite derivatives.
    adjoints(output)
    return _search(_cone(source, output), limit)


def path_sum(source: Any, output: Any, limit: int = 6) -> PathSum:
    """Return the `limit` largest contributions to ∂output/∂source and what the other paths add.

    Raises:
        As `paths` does.

    Example:
        >>> from autograd import Value
        >>> from autograd import path_sum
        >>> w = Value(3.0, label="w")
        >>> print(path_sum(w, 2 * w + w * w, limit=2))
        w → * → +: 3 × 1 = 3
        w → * → +: 3 × 1 = 3
        1 more paths: 2
        sum: 8
    """
    largest = tuple(paths(source, output, limit))
    count = count_paths(source, output)
    gradient = adjoints(output).get(source, 0.0) if count else 0.0
    products = [path.product for path in largest]
    remainder = gradient - math.fsum(products) if count > len(largest) else 0.0
    return PathSum(count, largest, gradient, remainder)


@dataclass(frozen=True)
class _Edge:
    head: int
    operand: int
    derivative: float


@dataclass(frozen=True)
class _Cone:
    """What lies between source and output, in topological order: first the source, last the output.

    `exits` are the edges out of each node, the most promising first; `best` is the largest
    |product| of any path from a node to the output.
    """

    nodes: list[Any]
    exits: list[list[_Edge]]
    best: list[float]


def _cone(source: Any, output: Any) -> _Cone | None:
    uses = use_counts(source, output)
    if not uses.count:
        return None
    nodes = list(uses.nodes)
    index = {node: place for place, node in enumerate(nodes)}
    exits: list[list[_Edge]] = [[] for _ in nodes]
    for head, node in enumerate(nodes[1:], start=1):
        for operand, derivative in enumerate(local_derivatives(node)):
            if (node, operand) in uses.edges:
                assert derivative is not None
                exits[index[node.parents[operand]]].append(_Edge(head, operand, derivative))
    best = [0.0] * len(nodes)
    best[-1] = 1.0
    for place in range(len(nodes) - 2, -1, -1):
        exits[place].sort(key=lambda edge: -_scaled(edge.derivative, best[edge.head]))
        first = exits[place][0]
        best[place] = _scaled(first.derivative, best[first.head])
    return _Cone(nodes, exits, best)


def _scaled(derivative: float, magnitude: float) -> float:
    """|derivative| · magnitude: monotone also in floats, so maxima pass through it exactly."""
    product = abs(derivative) * magnitude
    return product if product == product else math.inf


class _Prefix(NamedTuple):
    """How a path begins: the beginning before (None at the source), a node, the edge taken there.

    `low` and `high` are the logarithms of the least and greatest product of |derivatives| over the
    last edges, of which there may be any number: what a factor meets on its way back to the source.
    """

    before: _Prefix | None
    node: int
    edge: _Edge
    low: float
    high: float


def _extended(before: _Prefix | None, node: int, edge: _Edge) -> _Prefix:
    size = abs(edge.derivative)
    step = math.log(size) if size else -math.inf
    if before is None:
        return _Prefix(None, node, edge, step, step)
    return _Prefix(before, node, edge, step + min(before.low, 0.0), step + max(before.high, 0.0))


# Between their exponentials products are normal numbers, with a margin for rounded logarithms.
_LEAST, _GREATEST = -690.0, 690.0


def _search(cone: _Cone | None, limit: int | None) -> Iterator[Path]:
    """Best-first: the next path is the best one that leaves a path already found at some node.

    An entry of the queue stands for all paths that begin with `prefix` and then leave `node` by its
    exit number `rank` or a worse one; its bound is the |product| of the best of them. Bounds enter
    as cheap upper estimates and are made exact when they come to the front. Among equal bounds the
    entry made last goes first, which walks the tied paths in order and keeps the queue short.
    """
    if cone is None or limit == 0:
        return
    if len(cone.nodes) == 1:
        yield Path((cone.nodes[0],), (), (), 1.0)
        return
    slack = 1.0 + 1e-15 * (len(cone.nodes) + 4)
    serial = found = 0
    queue: list[tuple[float, int, bool, _Prefix | None, int, int]] = []
    heappush(queue, (-cone.best[0], serial, True, None, 0, 0))
    while queue and found != limit:
        negative, order, exact, prefix, node, rank = heappop(queue)
        if not exact:
            edge = cone.exits[node][rank]
            bound = _bound(prefix, _scaled(edge.derivative, cone.best[edge.head]))
            heappush(queue, (-bound, order, True, prefix, node, rank))
            continue
        while node != len(cone.nodes) - 1:
            exits = cone.exits[node]
            taken = exits[rank]
            if rank + 1 < len(exits):
                serial -= 1
                here = _scaled(taken.derivative, cone.best[taken.head])
                other = exits[rank + 1]
                there = _scaled(other.derivative, cone.best[other.head])
                estimate = _estimate(prefix, -negative, here, there, slack)
                heappush(queue, (-estimate, serial, here == there, prefix, node, rank + 1))
            prefix = _extended(prefix, node, taken)
            node, rank = taken.head, 0
        yield _path(cone, prefix)
        found += 1


def _bound(prefix: _Prefix | None, magnitude: float) -> float:
    while prefix is not None:
        magnitude = _scaled(prefix.edge.derivative, magnitude)
        prefix = prefix.before
    return magnitude


def _estimate(
    prefix: _Prefix | None, bound: float, here: float, there: float, slack: float
) -> float:
    """An upper bound for a path that differs from one of known |product| by there/here."""
    # The relative error is within the slack only if no product on the way under- or overflows;
    # otherwise nothing better is known than that a smaller factor gives no larger product.
    if here == there or there == 0.0 or here == math.inf:
        return bound
    low, high = (prefix.low, prefix.high) if prefix is not None else (0.0, 0.0)
    least, greatest = math.log(there) + min(low, 0.0), math.log(here) + max(high, 0.0)
    if least >= _LEAST and greatest <= _GREATEST and least - greatest >= _LEAST:
        return min(bound, bound * (there / here) * slack)
    return bound


def _path(cone: _Cone, prefix: _Prefix | None) -> Path:
    nodes, operands, derivatives = [cone.nodes[-1]], [], []
    product = 1.0
    while prefix is not None:
        edge = prefix.edge
        nodes.append(cone.nodes[prefix.node])
        operands.append(edge.operand)
        derivatives.append(edge.derivative)
        product = edge.derivative * product
        prefix = prefix.before
    return Path(tuple(nodes[::-1]), tuple(operands[::-1]), tuple(derivatives[::-1]), product)


def _number(number: float) -> str:
    return f"{number + 0.0:.4g}"


def _shortened(items: list[str]) -> list[str]:
    if len(items) <= _NAMES_SHOWN:
        return items
    half = _NAMES_SHOWN // 2
    return [*items[:half], "…", *items[-half:]]
