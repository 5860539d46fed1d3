"""Routes: paths told apart only by the stops they pass, such as the units of a network.

A batch of 100 examples has 100 copies of every unit in one graph, so one route through units stands
for 100 paths of operations and more; its contribution is the sum of their products. The number of
routes grows exponentially with depth all the same: they are searched without being listed, the best
first, with one partial product for every example.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from decimal import localcontext
from heapq import heappop, heappush, nsmallest
from typing import Any, NamedTuple

from autograd.path_finding.cone import Cone, cone_of, require_values
from autograd.path_finding.junctions import WIDE, Junction, StopGraph, flows_of, junctions_of

# How many products of a factor and a partial product a search may cost: about a second.
_EFFORT = 4_000_000
# By how much a bound may exceed what it bounds because both are rounded.
_SLACK = 1.0 + 1e-12


class _Output:
    """The key of an output that has no other."""

    def __repr__(self) -> str:
        return "OUTPUT"

    def __reduce__(self) -> str:
        return "OUTPUT"


OUTPUT = _Output()


@dataclass(frozen=True, eq=False)
class Route:
    """All paths that pass the same stops in the same order.

    Attributes:
        stops: The keys of the stops, from the source on; the last is the output's.
        contribution: The sum of the products along these paths.
        count: How many paths of operations these are.
        share: Their part of the sum of |product| over all paths.
    """

    stops: tuple[Hashable, ...]
    contribution: float
    count: int
    share: float


@dataclass(frozen=True, eq=False)
class Routes:
    """The routes of largest contribution from a source to an output, and totals of all.

    Attributes:
        routes: The largest |contribution| first; equal ones in the order of the graph.
        route_count: The number of all routes.
        count: The number of all paths of operations.
        gradient: ∂output/∂source, from the reverse sweep.
        remainder: What the other routes add up to: gradient - Σ contributions; 0.0 if none is left.
        magnitude: The sum of |product| over all paths of operations.
        flows: (stop, next stop) to the sum of |product| over the paths that pass from one to the
            next; the source is the stop None.
        uses: How many routes pass each stop, and each (stop, next stop); a route that passes twice
            counts twice.
        are_largest: Whether the search ended with a proof that no other route contributes more. It
            gives up after about a second, if a great many routes nearly cancel.
    """

    routes: tuple[Route, ...]
    route_count: int
    count: int
    gradient: float
    remainder: float
    magnitude: float
    flows: dict[tuple[Hashable | None, Hashable], float]
    uses: dict[Any, int]
    are_largest: bool = True


def routes(
    source: Any, output: Any, key_of: Callable[[Any], Hashable | None], limit: int = 6
) -> Routes:
    """Return the `limit` routes of largest |contribution| from `source` to `output`.

    A node whose key is not None is a stop. What a route passes is the keys along it, in which a key
    that follows itself stands once; nodes without a key are passed silently. If the source has a
    key, it is the first stop. An output without a key has the key `OUTPUT`.

    Args:
        key_of: Asked once for every node on a path.
        limit: How many routes to search.

    Raises:
        TypeError: If source or output is not a Value, or limit not a whole number.
        ValueError: If limit is negative, or a leaf was edited after the graph was recorded; or if
            the keys divide the graph into far more parts than it has nodes.
        ArithmeticError: If a local derivative is infinite or undefined; the error names the node.

    Example:
        >>> from autograd import Value
        >>> w = Value(3.0, label="w")
        >>> left, right = 2.0 * w, w * w
        >>> found = routes(w, left + right, {left: "left", right: "right"}.get)
        >>> for route in found.routes:
        ...     print(route.stops, route.contribution, route.count)
        ('right', OUTPUT) 6.0 2
        ('left', OUTPUT) 2.0 1
        >>> found.flows["right", OUTPUT], found.uses["left"]
        (6.0, 1)
    """
    check_limit(limit)
    require_values(source, output)
    # The sweep refuses what has no gradient: edited leaves, infinite derivatives.
    (gradient,) = output.adjoints_of([source])
    cone = cone_of(source, output)
    if cone is None:
        return Routes((), 0, 0, 0.0, 0.0, 0.0, {}, {})
    return routes_in(cone, [key_of(node) for node in cone.nodes], gradient, limit)


def routes_in(cone: Cone, keys: list[Hashable | None], gradient: float, limit: int) -> Routes:
    """Return what `routes` does, of a cone that is known.

    Args:
        cone: What lies between source and output.
        keys: For each of its nodes the key.
        gradient: The derivative of the output by the source.
        limit: How many routes to search.
    """
    if keys[-1] is None:
        keys = [*keys[:-1], OUTPUT]
    with localcontext(WIDE):
        graph = StopGraph(cone, keys)
        junctions = junctions_of(graph)
        found, are_largest = _search(graph, junctions, limit)
        shown = tuple(_route(graph, way, contribution) for contribution, way in found)
        flows = {
            (None if stop is None else graph.names[stop], graph.names[after]): float(flow)
            for (stop, after), flow in flows_of(graph).items()
        }
    remainder = 0.0
    if len(shown) < junctions[0].routes:
        remainder = gradient - math.fsum([route.contribution for route in shown])
    return Routes(
        routes=shown,
        route_count=junctions[0].routes,
        count=graph.count[0],
        gradient=gradient,
        remainder=remainder,
        magnitude=float(graph.magnitude[0]),
        flows=flows,
        uses=_uses(graph, junctions),
        are_largest=are_largest,
    )


def check_limit(limit: int) -> None:
    """Raise an error unless `limit` is a number of things to show.

    Raises:
        TypeError: If it is not a whole number.
        ValueError: If it is negative.
    """
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise TypeError(f"limit must be a whole number, not {limit!r}")
    if limit < 0:
        raise ValueError(f"limit must not be negative, but is {limit}")


class _Way(NamedTuple):
    """Junctions passed, the last one first."""

    junction: Junction
    before: _Way | None

    def junctions(self) -> list[Junction]:
        """The junctions from the source on."""
        found = []
        here: _Way | None = self
        while here is not None:
            found.append(here.junction)
            here = here.before
        return found[::-1]


class _Entry(NamedTuple):
    """What waits in the queue, the most promising first; among equals what was put there last.

    Either a route (`next_stop` is None) or all routes that go on from the end of `way` to one stop.
    """

    order: Any  # minus the |contribution| of the route, or minus a bound for all of them
    serial: int
    way: _Way
    next_stop: int | None
    partial: Any  # the contribution of the route, or the sums of products to the nodes so far


def _search(
    graph: StopGraph, junctions: list[Junction], limit: int
) -> tuple[list[tuple[Any, list[Junction]]], bool]:
    """The routes of largest |contribution|, and whether it is sure that they are.

    Best first: a bound for all routes that begin alike is Σ over the nodes where they have arrived
    |sum of products to there| · (largest |sum of products| from there). It is exact but for what
    cancels between examples, and for examples that prefer different ways.
    """
    queue: list[_Entry] = []
    found: list[tuple[Any, list[Junction]]] = []
    effort = serial = 0
    slack = type(graph.one)(_SLACK)

    def expand(way: _Way, sums: dict[int, Any], queue: list[_Entry]) -> None:
        nonlocal effort, serial
        junction = way.junction
        for tail, head, factor in junction.steps:
            sums[head] = sums.get(head, 0) + factor * sums[tail]
        effort += len(junction.steps)
        for stop, ways in reversed(junction.exits.items()):
            bound = graph.one - graph.one
            for tail, head, factor in ways:
                bound += abs(sums[tail] * factor) * graph.best[head]
            effort += len(ways)
            serial -= 1
            heappush(queue, _Entry(-_size(bound), serial, way, stop, sums))
        if junction.is_end:
            serial -= 1
            contribution = sums[graph.last]
            order = -_size(contribution * slack)
            heappush(queue, _Entry(order, serial, way, None, contribution))

    def follow(entry: _Entry, queue: list[_Entry]) -> None:
        sums: dict[int, Any] = {}
        assert entry.next_stop is not None
        for tail, head, factor in entry.way.junction.exits[entry.next_stop]:
            sums[head] = sums.get(head, 0) + factor * entry.partial[tail]
        expand(_Way(entry.way.junction.next[entry.next_stop], entry.way), sums, queue)

    if limit:
        expand(_Way(junctions[0], None), {0: graph.one}, queue)
    while queue and len(found) < limit and effort < _EFFORT:
        entry = heappop(queue)
        if entry.next_stop is None:
            found.append((entry.partial, entry.way.junctions()))
        else:
            follow(entry, queue)
    are_largest = len(found) == limit or not queue
    ends: list[_Entry] = []
    while queue and not are_largest:
        # Too many are left to tell: the most promising of them are followed to their ends.
        ends += [entry for entry in queue if entry.next_stop is None]
        going_on = [entry for entry in queue if entry.next_stop is not None]
        queue = []
        for entry in nsmallest(max(16, 4 * limit), going_on):
            follow(entry, queue)
    for entry in nsmallest(limit - len(found), ends):
        found.append((entry.partial, entry.way.junctions()))
    found.sort(key=lambda item: (-_size(item[0]), [junction.key or 0 for junction in item[1]]))
    return found, are_largest


def _size(number: Any) -> Any:
    """Return |number|; what is undefined comes first."""
    return abs(number) if number == number else math.inf


def _route(graph: StopGraph, way: list[Junction], contribution: Any) -> Route:
    """Follow a route once more, to count its paths and add their |products|."""
    sizes: dict[int, Any] = {0: graph.one}
    counts = {0: 1}
    for junction, after in zip(way, [*way[1:], None], strict=True):
        for tail, head, _ in junction.steps:
            _, size, count = graph.exits[tail][head]
            sizes[head] = sizes.get(head, 0) + size * sizes[tail]
            counts[head] = counts.get(head, 0) + count * counts[tail]
        if after is not None and after.key is not None:
            # A node without a key may lie in several junctions: each starts from its entries only.
            next_sizes: dict[int, Any] = {}
            next_counts: dict[int, int] = {}
            for tail, head, _ in junction.exits[after.key]:
                _, size, count = graph.exits[tail][head]
                next_sizes[head] = next_sizes.get(head, 0) + size * sizes[tail]
                next_counts[head] = next_counts.get(head, 0) + count * counts[tail]
            sizes, counts = next_sizes, next_counts
    magnitude = graph.magnitude[0]
    share = float(sizes[graph.last] / magnitude) if magnitude else 0.0
    stops = tuple(graph.names[junction.key] for junction in way if junction.key is not None)
    return Route(stops, float(contribution), counts[graph.last], share)


def _uses(graph: StopGraph, junctions: list[Junction]) -> dict[Any, int]:
    """How many routes pass each stop, and go from each to each."""
    uses: dict[Any, int] = {}
    arriving = {junctions[0]: 1}
    for junction in junctions:
        stop = None if junction.key is None else graph.names[junction.key]
        if stop is not None:
            uses[stop] = uses.get(stop, 0) + arriving[junction] * junction.routes
        for key, after in junction.next.items():
            arriving[after] = arriving.get(after, 0) + arriving[junction]
            pair = stop, graph.names[key]
            uses[pair] = uses.get(pair, 0) + arriving[junction] * after.routes
    return uses
