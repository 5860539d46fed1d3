"""What lies between a source and an output: the nodes and edges of the paths, in order.

Every question about contributions of paths starts here. Only the local derivatives on a path are
evaluated: of the 33 operands of a neuron's net input, one. The compiled engine has a search of its
own (`cone` in `native/sweep.pxi`), which takes the place of `searched` and is held against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd.many_operands import Pairwise
from autograd.selection import Value, cone, wiring


@dataclass(frozen=True, eq=False)
class Cone:
    """The nodes and edges on paths from a source to an output.

    Edges lie in lists of numbers, in the order of the nodes they enter, then of operands: a list
    for each node would keep the collector of garbage busy longer than all arithmetic.

    Attributes:
        nodes: In topological order: first the source, last the output.
        heads: For each edge the place of the node that it enters; this list is sorted.
        tails: For each edge the place of the node that it leaves.
        operands: For each edge which operand of its head its tail is.
        derivatives: For each edge the local derivative.
    """

    nodes: list[Any]
    heads: list[int]
    tails: list[int]
    operands: list[int]
    derivatives: list[float]


def cone_of(source: Any, output: Any) -> Cone | None:
    """Return what lies between two values; None if no path leads from one to the other.

    Raises:
        TypeError: If source or output is not a Value.
        ValueError: If a leaf was edited after the graph was recorded.
        ArithmeticError: If a local derivative on a path is infinite or undefined.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0)
        >>> found = cone_of(x, x * x)
        >>> found.heads, found.tails, found.operands, found.derivatives
        ([1, 1], [0, 0], [0, 1], [3.0, 3.0])
    """
    require_values(source, output)
    if source.is_constant or output.is_constant:
        return None
    found = (cone or searched)(source, output)
    return None if found is None else Cone(*found)


def searched(source: Any, output: Any) -> tuple[list[Any], ...] | None:
    """Return the fields of the cone of two values that are no constants; None if there is none."""
    nodes, operands, _ = wiring([output])
    start = next((place for place, node in enumerate(nodes) if node is source), None)
    if start is None:
        return None
    reached = {start}
    for place in range(start + 1, len(nodes)):
        # Without a list for each node: see Cone.
        if not reached.isdisjoint(operands[place]) and _entering(reached, operands[place]):
            reached.add(place)
    if len(nodes) - 1 not in reached:
        return None
    kept = {len(nodes) - 1}
    entering: dict[int, tuple[int, ...]] = {}
    for place in range(len(nodes) - 1, start, -1):
        if place in kept:
            among = operands[place]
            entering[place] = _entering(reached, among)
            for position in entering[place]:
                kept.add(int(among[position]))
    data = [node.data for node in nodes]
    kept_nodes, derivatives = [source], []
    heads: list[int] = []
    tails: list[int] = []
    kept_operands: list[int] = []
    new_place = {start: 0}
    for place, positions in reversed(entering.items()):
        among, node = operands[place], nodes[place]
        new_place[place] = len(kept_nodes)
        for position in positions:
            heads.append(len(kept_nodes))
            tails.append(new_place[int(among[position])])
            kept_operands.append(position)
        kept_nodes.append(node)
        derivatives += _derivatives(node, among, data, positions)
    return kept_nodes, heads, tails, kept_operands, derivatives


def _entering(places: set[int], operands: tuple[Any, ...]) -> tuple[int, ...]:
    """Which of the operands are among these places; a plain number, equal to one, is not."""
    met = places.intersection(operands)
    if len(met) == 1:  # as in most nodes
        (place,) = met
        if type(place) is int and operands.count(place) == 1:
            return (operands.index(place),)
    return tuple(
        [
            position
            for position, operand in enumerate(operands)
            if operand in met and type(operand) is int
        ]
    )


def _derivatives(
    node: Any, operands: tuple[Any, ...], data: list[float], wanted: tuple[int, ...]
) -> list[float]:
    primitive = node.primitive
    partials = primitive.partials
    if len(wanted) == 1 and len(operands) > 4 and type(partials) is Pairwise:
        (position,) = wanted
        half = len(operands) // 2
        if position < 2 * half and not partials.shared_left and not partials.shared_right:
            # One pair of many: it tells its derivatives without the others.
            operands = operands[position % half], operands[position % half + half]
            wanted = (position // half,)
    is_wanted = [False] * len(operands)
    for position in wanted:
        is_wanted[position] = True
    numbers = [x if type(x) is float else data[x] for x in operands]
    found = primitive.derivatives(node.data, numbers, is_wanted)
    return [found[position] for position in wanted]


def require_values(source: Any, output: Any) -> None:
    """Raise a TypeError unless both ends of a path are Values."""
    for name, value in (("source", source), ("output", output)):
        if not isinstance(value, Value):
            kind = type(value).__name__
            order = ""
            if name == "output" and isinstance(source, Value):
                order = "; the source comes first: (source, output)"
            raise TypeError(
                f"the {name} of a path must be a Value, not {kind} {value!r:.80}{order}"
            )
