"""The stops between a source and an output, as two graphs smaller than that of all operations.

- the graph of *stops*, in which nodes at which nothing is decided are left out;
- the graph of *junctions*: the sets of nodes that are entered together when a route, followed from
  the source, comes to its next stop. A route is exactly one path through the junctions, so routes
  are counted there, and searched, without being listed.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from heapq import heapify, heappop, heappush
from typing import Any

from autograd.path_finding.cone import Cone

_NEXT_STOPS = 64
_NOTHING: dict[int, tuple[Any, Any, int]] = {}
# Decimals that overflow nowhere; what is undefined is NaN, as with floats.
WIDE = Context(prec=40, rounding=ROUND_HALF_EVEN, Emin=-(10**17), Emax=10**17, traps=[])


class StopGraph:
    """The cone of a source and an output without the nodes at which nothing is decided.

    Left out is a node that leads to one node only, and is no stop or belongs to the same stop.

    Attributes:
        names: The keys; elsewhere a key is its place in this list, which is in the order of nodes.
        keys: For each node its key, or None.
        last: The place of the output.
        exits: For each node: head to (Σ product, Σ |product|, number) of the ways to the head that
            meet no other node. Empty for what is left out.
        magnitude: For each node the sum of |product| over all its paths to the output.
        count: For each node the number of its paths to the output.
        best: For each node a bound of |Σ product| over those of its paths to the output that pass
            the same stops.
        one: 1 as a number of the kind that sums are computed in: a float, or, if that could leave
            the range of floats, a Decimal.
    """

    def __init__(self, cone: Cone, keys: list[Hashable | None]) -> None:
        numbers: dict[Hashable, int] = {}
        self.keys = [None if key is None else numbers.setdefault(key, len(numbers)) for key in keys]
        self.names = list(numbers)
        size = len(keys)
        self.last = size - 1
        number: Any = float if _is_tame(cone) else Decimal
        self.one, zero = number(1.0), number(0.0)
        heads, all_keys = cone.heads, self.keys
        derivatives = cone.derivatives if number is float else [*map(number, cone.derivatives)]
        # The edges out of each node as a chain: lists of numbers, as in Cone.
        first, following = [-1] * size, [-1] * len(heads)
        for edge in range(len(heads) - 1, -1, -1):
            tail = cone.tails[edge]
            following[edge] = first[tail]
            first[tail] = edge
        self.exits = all_exits = [_NOTHING] * size
        onward: dict[int, tuple[int, Any, Any, int]] = {}  # from what is left out
        self.magnitude, self.count = magnitudes, counts = [zero] * size, [0] * size
        magnitudes[-1], counts[-1] = self.one, 1
        for place in range(size - 2, -1, -1):
            exits: dict[int, tuple[Any, Any, int]] = {}
            edge = first[place]
            while edge >= 0:
                head, total = heads[edge], derivatives[edge]
                length, ways = abs(total), 1
                if head in onward:
                    head, then, then_length, ways = onward[head]
                    total, length = total * then, length * then_length
                if head in exits:
                    other = exits[head]
                    total, length, ways = total + other[0], length + other[1], ways + other[2]
                exits[head] = total, length, ways
                edge = following[edge]
            key = all_keys[place]
            if len(exits) == 1 and place and (key is None or key == all_keys[head]):
                onward[place] = head, total, length, ways
                continue
            magnitude, count = zero, 0
            for head, (_, length, ways) in exits.items():
                magnitude += length * magnitudes[head]
                count += ways * counts[head]
            all_exits[place], magnitudes[place], counts[place] = exits, magnitude, count
        self.best = self._bounds()

    def _bounds(self) -> list[Any]:
        """The attribute `best`: the largest over the next stop of Σ |way there| · bound there."""
        zero = self.one - self.one
        best = [zero] * len(self.keys)
        best[-1] = self.one
        # For each node: next stop (None: no other) to such a sum, and what is added to each.
        onward: list[tuple[dict[int | None, Any], Any]] = [({}, zero)] * len(self.keys)
        onward[-1] = {None: self.one}, zero
        for place in range(self.last - 1, -1, -1):
            if not self.exits[place]:
                continue
            key = self.keys[place]
            sums: dict[int | None, Any] = {}
            more = zero
            for head, (total, _, _) in self.exits[place].items():
                size, next_key = abs(total), self.keys[head]
                if next_key is None or next_key == key:
                    beyond, extra = onward[head]
                    more += size * extra
                    for stop, bound in beyond.items():
                        sums[stop] = sums.get(stop, zero) + size * bound
                else:
                    sums[next_key] = sums.get(next_key, zero) + size * best[head]
            if key is not None and key in sums:  # it is left in silence and entered again
                more += sums.pop(key)
            if len(sums) > _NEXT_STOPS:
                more, sums = more + max(sums.values()), {}
            onward[place] = sums, more
            best[place] = _bound(max(sums.values(), default=zero) + more)
        return best


def _bound(number: Any) -> Any:
    return number if number == number else type(number)("inf")


def _is_tame(cone: Cone) -> bool:
    """Whether no product along a part of a path, and no sum of them, leaves the range of floats."""
    size = len(cone.nodes)
    least, total = [1.0] * size, [1.0] * size  # of all parts that end here
    for head, tail, derivative in zip(cone.heads, cone.tails, cone.derivatives, strict=True):
        magnitude = abs(derivative)
        total[head] += total[tail] * magnitude
        product = least[tail] * magnitude
        if product < least[head] and magnitude:
            least[head] = product
    return min(least) > 1e-290 and all(x < 1e290 for x in total)


@dataclass(eq=False)
class Junction:
    """Nodes that are entered together, and what lies before the next stop.

    Attributes:
        key: The stop, or None at a source that is none.
        entries: The nodes entered.
        steps: The ways between nodes of this junction, (tail, head, Σ product), in order.
        exits: Next stop to the ways there.
        next: Next stop to the junction there.
        is_end: Whether a route may end here.
        routes: How many ways there are from here to the end.
    """

    key: int | None
    entries: tuple[int, ...]
    steps: list[tuple[int, int, Any]] = field(default_factory=list)
    exits: dict[int, list[tuple[int, int, Any]]] = field(default_factory=dict)
    next: dict[int, Junction] = field(default_factory=dict)
    is_end: bool = False
    routes: int = 0


def junctions_of(graph: StopGraph) -> list[Junction]:
    """Return all junctions, each before those it leads to; the first is the source.

    Raises:
        ValueError: If there are far more junctions than nodes.
    """
    first = Junction(graph.keys[0], (0,))
    known = {(first.key, first.entries): first}
    pending = [first]
    room = 1_000_000 + 50 * sum(map(len, graph.exits))
    while pending:
        junction = pending.pop()
        _fill(junction, graph)
        room -= len(junction.steps) + sum(map(len, junction.exits.values()))
        if room < 0:
            raise ValueError(
                "these stops tell apart too many routes to count them: give nodes that play the "
                "same part the same key, and None to those that are of no interest"
            )
        for key, ways in junction.exits.items():
            entries = tuple(sorted({head for _, head, _ in ways}))
            if (key, entries) not in known:
                known[key, entries] = Junction(key, entries)
                pending.append(known[key, entries])
            junction.next[key] = known[key, entries]
    # What is entered lies behind where it is entered from.
    junctions = sorted(known.values(), key=lambda junction: junction.entries[0])
    for junction in reversed(junctions):
        onward = [after.routes for after in junction.next.values()]
        junction.routes = junction.is_end + sum(onward)
    return junctions


def _fill(junction: Junction, graph: StopGraph) -> None:
    inside, pending = set(junction.entries), list(junction.entries)
    heapify(pending)
    exits: dict[int, list[tuple[int, int, Any]]] = {}
    while pending:
        tail = heappop(pending)
        for head, (total, _, _) in graph.exits[tail].items():
            key = graph.keys[head]
            if key is None or key == junction.key:
                junction.steps.append((tail, head, total))
                if head not in inside:
                    inside.add(head)
                    heappush(pending, head)
            else:
                exits.setdefault(key, []).append((tail, head, total))
    junction.exits = dict(sorted(exits.items()))
    junction.is_end = graph.last in inside


def flows_of(graph: StopGraph) -> dict[tuple[int | None, int], Any]:
    """Return (stop, next stop) to the sum of |product| over the paths that pass both."""
    flows: dict[tuple[int | None, int], Any] = {}
    zero = graph.one - graph.one
    arriving: list[dict[int | None, Any]] = [{} for _ in graph.keys]  # by the stop passed last
    arriving[0][graph.keys[0]] = graph.one
    for tail, sums in enumerate(arriving):
        for head, (_, size, _) in graph.exits[tail].items() if sums else ():
            there, key = arriving[head], graph.keys[head]
            for stop, arrived in sums.items():
                if key is None or key == stop:
                    there[stop] = there.get(stop, zero) + arrived * size
                else:
                    there[key] = there.get(key, zero) + arrived * size
                    flow = arrived * size * graph.magnitude[head]
                    flows[stop, key] = flows.get((stop, key), zero) + flow
    return flows
