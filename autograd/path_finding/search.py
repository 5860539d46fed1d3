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

from autograd import switches
from autograd.html_table import html_table, html_text
from autograd.lettering import format_number
from autograd.name_search import resolved
from autograd.path_finding.cone import Cone, cone_of, require_values
from autograd.path_finding.counts import refuse_swapped
from autograd.streams import printed_anywhere

_NAMES_SHOWN = 12


@printed_anywhere
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
        names, factors, product = self._texts()
        return f"{names}: {factors} = {product}"

    def _texts(self) -> tuple[str, str, str]:
        """The values passed, the factors, and their product."""
        names = " → ".join(_shortened([node.label or node.op or "·" for node in self.nodes]))
        shown = [format_number(factor) for factor in self.local_derivatives]
        if len(shown) > 1:
            shown = [f"({factor})" if factor.startswith("-") else factor for factor in shown]
        factors = " × ".join(_shortened(shown))
        return names, factors or "1", format_number(self.product)

    def __repr__(self) -> str:
        return f"<Path {self}>"


@printed_anywhere
@dataclass(frozen=True, eq=False)
class PathSum:
    """The largest contributions to a gradient, and what all other paths add together.

    Attributes:
        count: The number of all paths.
        paths: The paths of largest |product|, in that order.
        gradient: ∂output/∂source, from the reverse sweep.
        remainder: What the other paths add up to: gradient - Σ products; 0.0 if none is left.

    Example:
        >>> from autograd import Value, path_sum
        >>> w = Value(3.0, label="w")
        >>> found = path_sum(w, 2.0 * w + w**2, limit=1)
        >>> found.count, found.gradient, found.paths[0].product, found.remainder
        (2, 8.0, 6.0, 2.0)
    """

    count: int
    paths: tuple[Path, ...]
    gradient: float
    remainder: float

    def __str__(self) -> str:
        if not self.count:
            return "no path leads from the source to the output: the gradient is 0"
        lines = [*map(str, self.paths), *(f"{name}: {number}" for name, number in self._totals())]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if not self.count:
            return html_text(str(self))
        rows = [path._texts() for path in self.paths]
        rows += [(name, "", number) for name, number in self._totals()]
        return html_table("", ("path", "local derivatives", "product"), rows)

    def _totals(self) -> list[tuple[str, str]]:
        """What stands below the paths: what the others add, and the sum."""
        unseen = self.count - len(self.paths)
        plural = "" if unseen == 1 else "s"
        others = [(f"{unseen} more path{plural}", format_number(self.remainder))] if unseen else []
        return [*others, ("sum", format_number(self.gradient))]


def paths(source: Any, output: Any, limit: int | None = None) -> Iterator[Path]:
    """Iterate over the paths from `source` to `output`, the largest |contribution| first.

    Lazy: a path costs time in proportion to its length, however many there are. Equal
    contributions come in the order of the graph, then of operands. The products of all paths add up
    to the gradient.

    Args:
        source: A Value, or its name: whatever `find` finds.
        limit: Stop after so many paths; None for all.

    Raises:
        TypeError: If source or output is not a Value.
        LookupError: If the source is a name that no node has; see `find`.
        ValueError: If limit is negative, if a leaf was edited after the graph was recorded, or if
            a path leads from `output` to `source` instead.
        ArithmeticError: If a local derivative is infinite or undefined; the error names the node.

    Example:
        >>> from autograd import Value
        >>> from autograd import paths
        >>> w = Value(3.0, label="w")
        >>> [path.product for path in paths(w, 2 * w + w * w)]
        [3.0, 3.0, 2.0]
    """
    if switches.watchers:
        switches.tell_swept("paths()", __name__)
    source = resolved(output, source)
    require_values(source, output)
    _check_limit(limit)
    # The sweep refuses what has no gradient: edited leaves, infinite derivatives.
    output.adjoints_of([])
    cone = cone_of(source, output)
    if cone is None:
        refuse_swapped(source, output, "paths")
    return _search(cone, limit)


def _check_limit(limit: int | None) -> None:
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
        raise TypeError(f"limit must be a whole number or None, not {limit!r}")
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, but is {limit}")


def largest_paths(source: Any, output: Any, limit: int | None = 6) -> PathSum:
    """Return the `limit` largest contributions to ∂output/∂source and what the other paths add.

    Raises:
        As `paths` does.

    Example:
        >>> from autograd import Value
        >>> w = Value(3.0, label="w")
        >>> largest_paths(w, 2 * w + w * w, limit=2).remainder
        2.0
    """
    require_values(source, output)
    _check_limit(limit)
    (gradient,) = output.adjoints_of([source])
    cone = cone_of(source, output)
    if cone is None:
        refuse_swapped(source, output, "path_sum")
        return PathSum(0, (), 0.0, 0.0)
    largest = tuple(_search(cone, limit))
    count = _count(cone)
    products = [path.product for path in largest]
    remainder = gradient - math.fsum(products) if count > len(largest) else 0.0
    return PathSum(count, largest, gradient, remainder)


def _count(cone: Cone) -> int:
    """The number of paths: that of the paths to each node, added along the edges."""
    arriving = [0] * len(cone.nodes)
    arriving[0] = 1
    for head, tail in zip(cone.heads, cone.tails, strict=True):
        arriving[head] += arriving[tail]
    return arriving[-1]


@dataclass(frozen=True, eq=False)
class _Exits:
    """The edges out of each node of a cone, the most promising first.

    `ranked` from `first[i]` to `first[i + 1]` are those of node i; `best` is the largest |product|
    of any path from a node to the output.
    """

    ranked: list[int]
    first: list[int]
    best: list[float]


def _exits(cone: Cone) -> _Exits:
    size = len(cone.nodes)
    first = [0] * (size + 1)
    for tail in cone.tails:
        first[tail + 1] += 1
    for place in range(size):
        first[place + 1] += first[place]
    ranked, room = [0] * len(cone.tails), first[:]
    for edge, tail in enumerate(cone.tails):
        ranked[room[tail]] = edge
        room[tail] += 1
    heads, derivatives = cone.heads, cone.derivatives
    best = [0.0] * size
    best[-1] = 1.0
    for place in range(size - 2, -1, -1):
        start, end = first[place], first[place + 1]
        if end - start > 1:
            ranked[start:end] = sorted(
                ranked[start:end], key=lambda edge: -_scaled(derivatives[edge], best[heads[edge]])
            )
        edge = ranked[start]
        best[place] = _scaled(derivatives[edge], best[heads[edge]])
    return _Exits(ranked, first, best)


def _scaled(derivative: float, magnitude: float) -> float:
    """|derivative| · magnitude: monotone also in floats, so maxima pass through it exactly."""
    product = abs(derivative) * magnitude
    return product if product == product else math.inf


class _Prefix(NamedTuple):
    """How a path begins: the beginning before (None at the source), and the edge taken then.

    `low` and `high` are the logarithms of the least and greatest product of |derivatives| over the
    last edges, of which there may be any number: what a factor meets on its way back to the source.
    """

    before: _Prefix | None
    edge: int
    low: float
    high: float


# Between their exponentials products are normal numbers, with a margin for rounded logarithms.
_LEAST, _GREATEST = -690.0, 690.0


def _search(cone: Cone | None, limit: int | None) -> Iterator[Path]:
    """Best-first: the next path is the best one that leaves a path already found at some node.

    An entry of the queue stands for all paths that begin with `prefix` and then leave `node` by its
    exit number `rank` or a worse one; its bound is the |product| of the best of them. Bounds enter
    as cheap upper estimates and are made exact when they come to the front. Among equal bounds the
    entry made last goes first, which walks the tied paths in order and keeps the queue short.
    """
    if cone is None or limit == 0:
        return
    last = len(cone.nodes) - 1
    if last == 0:
        yield Path((cone.nodes[0],), (), (), 1.0)
        return
    heads, derivatives = cone.heads, cone.derivatives
    exits = _exits(cone)
    ranked, first, best = exits.ranked, exits.first, exits.best
    slack = 1.0 + 1e-15 * (len(cone.nodes) + 4)
    serial = found = 0
    # An entry: minus its bound, a serial number, whether the bound is exact, the prefix, and where
    # the exit stands in `ranked`.
    queue: list[tuple[float, int, bool, _Prefix | None, int]] = []
    heappush(queue, (-best[0], serial, True, None, 0))
    while queue and found != limit:
        negative, order, exact, prefix, rank = heappop(queue)
        edge = ranked[rank]
        if not exact:
            bound = _bound(prefix, _scaled(derivatives[edge], best[heads[edge]]), derivatives)
            heappush(queue, (-bound, order, True, prefix, rank))
            continue
        node = cone.tails[edge]
        while True:
            if rank + 1 < first[node + 1]:
                serial -= 1
                here = _scaled(derivatives[edge], best[heads[edge]])
                other = ranked[rank + 1]
                there = _scaled(derivatives[other], best[heads[other]])
                estimate = _estimate(prefix, -negative, here, there, slack)
                heappush(queue, (-estimate, serial, here == there, prefix, rank + 1))
            size = abs(derivatives[edge])
            low = high = math.log(size) if size else -math.inf
            if prefix is not None:
                low, high = low + min(prefix.low, 0.0), high + max(prefix.high, 0.0)
            prefix = _Prefix(prefix, edge, low, high)
            node = heads[edge]
            if node == last:
                break
            rank = first[node]
            edge = ranked[rank]
        yield _path(cone, prefix)
        found += 1


def _bound(prefix: _Prefix | None, magnitude: float, derivatives: list[float]) -> float:
    while prefix is not None:
        magnitude = _scaled(derivatives[prefix.edge], magnitude)
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


def _path(cone: Cone, prefix: _Prefix | None) -> Path:
    edges = []
    while prefix is not None:
        edges.append(prefix.edge)
        prefix = prefix.before
    product = 1.0
    for edge in edges:
        product = cone.derivatives[edge] * product
    edges.reverse()
    return Path(
        (cone.nodes[0], *[cone.nodes[cone.heads[edge]] for edge in edges]),
        tuple([cone.operands[edge] for edge in edges]),
        tuple([cone.derivatives[edge] for edge in edges]),
        product,
    )


def _shortened(items: list[str]) -> list[str]:
    if len(items) <= _NAMES_SHOWN:
        return items
    half = _NAMES_SHOWN // 2
    return [*items[:half], "…", *items[-half:]]
