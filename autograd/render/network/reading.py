"""A graph as a network: which node belongs to which circle, box or line of the textbook's figure.

All examples of a batch, and all nodes of a unit, are one stop; weights are lines between stops.
What is computed from the units, and feeds none, is the loss.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd.graph import dependents
from autograd.groups import Group
from autograd.units import UnitAt, Units, units_of


class Stop(NamedTuple):
    """What is one circle or box.

    Attributes:
        kind: "input", "unit", "layer" (a softmax and its like), "between" or "loss".
        owner: The group of a unit or layer; of an input, that of the layer it feeds.
        place: That of an input; for what lies between units, a number.
        turn: How often the example has passed the same unit before.
    """

    kind: str
    owner: Hashable = None
    place: int = 0
    turn: int = 0


LOSS = Stop("loss")


@dataclass(eq=False)
class Link:
    """What leads from one stop to another.

    Attributes:
        weights: The weights, where it leads into a unit: several if the unit sees the same value at
            several places.
    """

    weights: dict[Any, None] = field(default_factory=dict)

    @property
    def weight(self) -> Any:
        """The weight, if it is the only one."""
        return next(iter(self.weights)) if len(self.weights) == 1 else None


@dataclass(eq=False)
class NetworkView:
    """The stops of a network and what leads from one to another.

    Attributes:
        stop_of: The stop of every node that belongs to one; weights and biases do not.
        columns: The stops by column, inputs first, each column from top to bottom.
        at: For each unit, the unit at each example, in the order of examples.
        members: For every other stop, its nodes in topological order.
        links: By pairs of stops.
    """

    output: Any
    order: list[Any]
    units: Units
    stop_of: dict[Any, Stop]
    columns: list[list[Stop]]
    at: dict[Stop, list[UnitAt]]
    members: dict[Stop, list[Any]]
    links: dict[tuple[Stop, Stop], Link]


def network_view(output: Any) -> NetworkView | None:
    """Return the graph of a value as a network; None if it is none that has columns.

    Example:
        >>> from nn import MLP
        >>> view = network_view(MLP(2, [3, 1], seed=1)([0.5, -1.0]))
        >>> [[stop.kind for stop in column] for column in view.columns]
        [['input', 'input'], ['unit', 'unit', 'unit'], ['unit']]
    """
    units = units_of(output)
    if not units.all:
        return None
    order = units.order
    stop_of, members = _stops(order, units)
    at: dict[Stop, list[UnitAt]] = {}
    for unit in units.all:
        at.setdefault(stop_of[unit.net_input], []).append(unit)
    for examples in at.values():
        examples.sort(key=lambda unit: unit.example)
    links = _links(order, stop_of, units)
    columns = _columns([*members, *at], links)
    if columns is None:
        return None
    return NetworkView(output, order, units, stop_of, columns, at, members, links)


def layer_of(unit: Any) -> Any:
    """Return the layer of a unit; a unit on its own is its own layer."""
    return unit.around("layer") or unit


def wide_layers(view: NetworkView) -> set[Any]:
    """The layers whose activations need all their net inputs, as a softmax does."""
    return {layer_of(at.unit) for at in view.units.all if at.whole_layer}


def _stops(order: list[Any], units: Units) -> tuple[dict[Any, Stop], dict[Stop, list[Any]]]:
    stop_of: dict[Any, Stop] = {}
    parameters: set[Any] = set()
    for at in units.all:
        parameters.update(at.weights, () if at.bias is None else (at.bias,))
        stop_of[at.net_input] = Stop("unit", at.unit, 0, at.turn)
    for node, at in units.of_node.items():
        wide = at.whole_layer and node is not at.net_input
        unit_stop = stop_of[at.net_input]
        stop_of[node] = Stop("layer", layer_of(at.unit), 0, at.turn) if wide else unit_stop
    above = dependents(order, [at.net_input for at in units.all])
    below = _ancestors(x for at in units.all for x in at.inputs)
    for at in units.all:
        for place, x in enumerate(at.inputs):
            if x not in stop_of and x not in above:
                stop_of[x] = Stop("input", layer_of(at.unit), place, at.turn)
    between = [node for node in order if node in above and node in below and node not in stop_of]
    stop_of |= _between(order, between, units, stop_of)
    for node in order:
        if node not in stop_of and node not in below and (node.parents or node is order[-1]):
            stop_of[node] = LOSS
    members: dict[Stop, list[Any]] = {}
    for node in order:
        stop = stop_of.get(node)
        if stop is not None and stop.kind != "unit":
            members.setdefault(stop, []).append(node)
    return stop_of, members


def _ancestors(nodes: Iterable[Any]) -> set[Any]:
    """The nodes and everything they were computed from."""
    found = set(nodes)
    pending = list(found)
    while pending:
        for parent in pending.pop().parents:
            if parent not in found:
                found.add(parent)
                pending.append(parent)
    return found


def _between(
    order: list[Any], nodes: list[Any], units: Units, stop_of: dict[Any, Stop]
) -> dict[Any, Stop]:
    """Stops for what is computed from units and feeds units: what hangs together is one.

    Nodes stay apart if more units lie before one than before the other, so that no stop feeds
    itself. Examples are folded: equal if fed by the same stops, and if of as many operations.
    """
    among, piece = set(nodes), {node: {node} for node in nodes}
    net_inputs = {at.net_input for at in units.all}
    passed: dict[Any, int] = {}  # the most units on the way to a node
    for node in order if nodes else ():
        longest = max([passed[parent] for parent in node.parents], default=0)
        passed[node] = longest + (node in net_inputs)
    for node in nodes:
        for parent in node.parents:
            near = parent in among and passed[parent] == passed[node]
            if near and piece[parent] is not piece[node]:
                small, large = sorted((piece[parent], piece[node]), key=len)
                large |= small
                piece.update(dict.fromkeys(small, large))
    found: dict[Any, Stop] = {}
    numbers: dict[Hashable, int] = {}
    for node in nodes:
        if node not in found:
            fed = frozenset(stop_of[p] for n in piece[node] for p in n.parents if p in stop_of)
            number = numbers.setdefault((fed, len(piece[node]), passed[node]), len(numbers))
            found.update(dict.fromkeys(piece[node], Stop("between", None, number)))
    return found


def _links(
    order: list[Any], stop_of: dict[Any, Stop], units: Units
) -> dict[tuple[Stop, Stop], Link]:
    links: dict[tuple[Stop, Stop], Link] = {}
    net_inputs = {at.net_input: at for at in units.all}
    for node in order:
        head = stop_of.get(node)
        if head is None:
            continue
        for operand, parent in enumerate(node.parents):
            tail = stop_of.get(parent)
            if tail is None or tail == head or (parent.is_constant and tail.kind != "input"):
                continue
            link = links.get((tail, head))
            if link is None:
                link = links[tail, head] = Link()
            at = net_inputs.get(node)
            if at is not None and 0 <= operand - len(at.weights) < len(at.weights):
                link.weights[at.weights[operand - len(at.weights)]] = None
    return links


def _columns(stops: list[Stop], links: dict[tuple[Stop, Stop], Link]) -> list[list[Stop]] | None:
    """The stops by the longest way from an input; None if they run in a circle."""
    heads: dict[Stop, list[Stop]] = {stop: [] for stop in stops}
    missing = dict.fromkeys(stops, 0)
    for tail, head in links:
        heads[tail].append(head)
        missing[head] += 1
    column = dict.fromkeys(stops, 0)
    ready = [stop for stop in stops if not missing[stop]]
    for stop in ready:
        for head in heads[stop]:
            column[head] = max(column[head], column[stop] + 1)
            missing[head] -= 1
            if not missing[head]:
                ready.append(head)
    if len(ready) < len(stops):
        return None
    for stop in stops:  # inputs stand next to what they feed
        if stop.kind == "input" and heads[stop]:
            column[stop] = min(column[head] for head in heads[stop]) - 1
    if LOSS in column:
        column[LOSS] = max(column.values()) if heads[LOSS] else max(column.values(), default=0)
    columns: list[list[Stop]] = [[] for _ in range(max(column.values()) + 1)]
    for stop in stops:
        columns[column[stop]].append(stop)
    # Layers in the order in which they are met; two networks stand one above the other.
    layers: dict[Any, int] = {}
    for stop in stops:
        if isinstance(stop.owner, Group):
            layers.setdefault(layer_of(stop.owner), len(layers))
    for entries in columns:
        entries.sort(key=lambda stop: _reading_order(stop, layers))
    return columns


def _reading_order(stop: Stop, layers: dict[Any, int]) -> tuple[Any, ...]:
    if not isinstance(stop.owner, Group):
        return True, len(layers), stop.turn, stop.place
    place = stop.owner.index if stop.owner.kind == "unit" else stop.place
    return stop.kind != "input", layers[layer_of(stop.owner)], stop.turn, place or 0
