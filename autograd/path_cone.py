"""What lies between a source and an output: the nodes and edges of the paths, in order.

Every question about paths starts here. The order of the graph comes from the engine (`wiring`), and
only the local derivatives on a path are evaluated: of the 33 operands of a neuron's net input, one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd.selection import Value, wiring


@dataclass(frozen=True, eq=False)
class Cone:
    """The nodes on paths from a source to an output.

    Attributes:
        nodes: In topological order: first the source, last the output.
        entries: For each node the edges into it that are on a path, in the order of operands:
            (operand, place of that operand's node in `nodes`).
        derivatives: The local derivative of each of these edges.
    """

    nodes: list[Any]
    entries: list[list[tuple[int, int]]]
    derivatives: list[list[float]]


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
        >>> found.entries, found.derivatives
        ([[], [(0, 0), (1, 0)]], [[], [3.0, 3.0]])
    """
    require_values(source, output)
    if source.is_constant or output.is_constant:
        return None
    nodes, operands, _ = wiring([output])
    start = next((place for place, node in enumerate(nodes) if node is source), None)
    if start is None:
        return None
    reached = {start}
    for place in range(start + 1, len(nodes)):
        # A number among the operands may be equal to a place, so a meeting is looked at again.
        if not reached.isdisjoint(operands[place]) and any(
            type(operand) is int and operand in reached for operand in operands[place]
        ):
            reached.add(place)
    if len(nodes) - 1 not in reached:
        return None
    kept = {len(nodes) - 1}
    entering: dict[int, list[tuple[int, int]]] = {start: []}
    for place in range(len(nodes) - 1, start, -1):
        if place in kept:
            entering[place] = [
                (position, operand)
                for position, operand in enumerate(operands[place])
                if operand in reached and type(operand) is int
            ]
            kept.update([operand for _, operand in entering[place]])
    cone = Cone([], [], [])
    new_place: dict[int, int] = {}
    for place in sorted(entering):
        new_place[place] = len(cone.nodes)
        cone.nodes.append(nodes[place])
        cone.entries.append([(k, new_place[operand]) for k, operand in entering[place]])
        cone.derivatives.append(_derivatives(nodes, place, operands[place], entering[place]))
    return cone


def _derivatives(
    nodes: list[Any], place: int, operands: tuple[int | float, ...], entries: list[tuple[int, int]]
) -> list[float]:
    if not entries:
        return []
    node = nodes[place]
    wanted = [False] * len(operands)
    for position, _ in entries:
        wanted[position] = True
    data = [nodes[x].data if isinstance(x, int) else x for x in operands]
    found = node.primitive.derivatives(node.data, data, wanted)
    return [found[position] for position, _ in entries]


def require_values(source: Any, output: Any) -> None:
    """Raise a TypeError unless both ends of a path are Values."""
    for name, value in (("source", source), ("output", output)):
        if not isinstance(value, Value):
            raise TypeError(
                f"the {name} of a path must be a Value, not {type(value).__name__} {value!r:.80}"
            )
