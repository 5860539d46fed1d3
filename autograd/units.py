"""The units of networks in a graph: which nodes are z and a, of which unit, for which example.

`nn` marks these nodes with groups (see `groups`); nothing is read from labels but the number that a
batch gives an example in brackets. A batch is as many copies of a network in one graph as there are
examples: nodes belong to the same example where one feeds the other, or where both see the same
inputs; networks that neither feed each other nor share inputs are taken to see the examples in the
same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

from autograd.graph import topological_order
from autograd.groups import Group
from autograd.spellings import taken_apart


@dataclass(frozen=True, eq=False)
class UnitAt:
    """A unit of a network at one example.

    Attributes:
        unit: Its group; the groups around it are its layer and its network.
        example: The number of the example, counted from 0 in the order of the graph.
        turn: 0, unless the example passes the unit several times, as in a recurrent network.
        net_input: The node z.
        activation: The node a; it is z in a linear unit, and where nothing uses a.
        weights: The weights, in the order of the inputs.
        inputs: The nodes they multiply: activations of other units, or inputs of the network.
        bias: The bias, or None.
        whole_layer: Whether the activation needs the net inputs of other units, as a softmax does.
    """

    unit: Group
    example: int
    turn: int
    net_input: Any
    activation: Any
    weights: tuple[Any, ...]
    inputs: tuple[Any, ...]
    bias: Any
    whole_layer: bool


@dataclass(frozen=True, eq=False)
class Units:
    """All units in a graph, at all examples.

    Attributes:
        all: In topological order of their activations.
        of_node: For each z and a, and each node between them, the unit that it belongs to. What
            several units compute together, as a softmax may, is left out.
        examples: How many examples there are.
        order: All nodes of the graph, in topological order.
    """

    all: tuple[UnitAt, ...]
    of_node: dict[Any, UnitAt]
    examples: int
    order: list[Any]

    @cached_property
    def example_of(self) -> dict[Any, int]:
        """For each node that depends on one example only, which one."""
        return _example_of(self.order, self.of_node)

    @cached_property
    def numbers(self) -> dict[int, int]:
        """For each example the number that a reader knows it by, no two alike.

        It is the one in brackets, which counts the rows of the batch that a model was given; the
        lowest that is free for an example without brackets, or with those of another.
        """
        bracketed: dict[int, int] = {}
        for at in self.all:
            if at.example not in bracketed:
                number = _bracket(at)
                if number is not None:
                    bracketed[at.example] = number
        first_with: dict[int, int] = {}
        for example, number in bracketed.items():
            first_with.setdefault(number, example)
        free = (number for number in count(1) if number not in first_with)
        taken = {example: number for number, example in first_with.items()}
        return {k: taken[k] if k in taken else next(free) for k in range(self.examples)}


def units_of(*outputs: Any) -> Units:
    """Return the units in the graph of a value, or of several.

    Example:
        >>> from nn import MLP
        >>> y = MLP(2, [2, 1], activation="tanh", seed=3)([0.5, -1.0])
        >>> found = units_of(y)
        >>> [(at.net_input.label, at.activation.label) for at in found.all]
        [('z_1^(1)', 'a_1^(1)'), ('z_2^(1)', 'a_2^(1)'), ('z_1^(2)', 'z_1^(2)')]
        >>> found.examples
        1
    """
    order = topological_order(*outputs)
    if not any(map(_is_net_input, order)):
        return Units((), {}, 0, order)
    pairs, between, whole_layer = _pairs(order)
    examples, count = _examples(order, pairs)
    turns: dict[tuple[Group, int], int] = {}
    found, of_node = [], {}
    for net_input, activation in pairs:
        unit = net_input.group.around("unit")
        example = examples[net_input]
        turn = turns[unit, example] = turns.get((unit, example), -1) + 1
        operands, wide = _operands(net_input), activation in whole_layer
        at = UnitAt(unit, example, turn, net_input, activation, *operands, wide)
        found.append(at)
        of_node[net_input] = of_node[activation] = at
    for node, activations in between.items():
        if len(activations) == 1:
            of_node[node] = of_node[activations[0]]
    return Units(tuple(found), of_node, count, order)


def _pairs(order: list[Any]) -> tuple[list[tuple[Any, Any]], dict[Any, list[Any]], set[Any]]:
    """Each z with its a, in the order of the a.

    Also, for the nodes between them, the a they lead to; and each a that has several z below it.
    """
    pairs: list[tuple[Any, Any]] = []
    between: dict[Any, list[Any]] = {}
    activated, whole_layer = set(), set()
    for node in order:
        group = node.group
        if group is not None and group.kind == "unit":
            net_input, passed, others = _net_input(node)
            if net_input is not None:
                if others:
                    whole_layer.add(node)
                pairs.append((net_input, node))
                activated.add(net_input)
                for step in passed:
                    between.setdefault(step, []).append(node)
    place = {node: position for position, node in enumerate(order)}
    pairs += [(node, node) for node in order if _is_net_input(node) and node not in activated]
    return sorted(pairs, key=lambda pair: place[pair[1]]), between, whole_layer


def _is_net_input(node: Any) -> bool:
    group = node.group
    return group is not None and group.kind == "net input"


def _net_input(activation: Any) -> tuple[Any, list[Any], bool]:
    """The net input of the same unit below an activation, the nodes between, and others' z."""
    passed, seen = [], {activation}
    pending = list(activation.parents)
    net_input, others = None, False
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if _is_net_input(node):
            if node.group.around("unit") is activation.group:
                net_input = node
            else:
                others = True
        elif node.parents and (node.group is None or node.group.kind != "unit"):
            passed.append(node)
            pending.extend(node.parents)
    return net_input, passed, others


def _operands(net_input: Any) -> tuple[tuple[Any, ...], tuple[Any, ...], Any]:
    """Weights, inputs and bias of a net input, which is a dot product."""
    operands = net_input.parents
    half = len(operands) // 2
    bias = operands[-1] if len(operands) % 2 else None
    return operands[:half], operands[half : 2 * half], bias


def _examples(order: list[Any], pairs: list[tuple[Any, Any]]) -> tuple[dict[Any, int], int]:
    """The example of each net input: sets that grow together where one feeds another."""
    leader: dict[Any, Any] = {}

    def lead(member: Any) -> Any:
        while leader.setdefault(member, member) is not member:
            leader[member] = leader[leader[member]]
            member = leader[member]
        return member

    net_inputs = {net_input for net_input, _ in pairs}
    # For each node that depends on units a member of their set; several sets stay apart.
    seen: dict[Any, Any] = {}
    for node in order:
        if node in net_inputs:
            _, inputs, _ = _operands(node)
            fed = {seen[x] for x in inputs if seen.get(x) is not None}
            # Those that are fed by no unit are one example if all their inputs are the same nodes.
            for member in fed or [inputs]:
                leader[lead(node)] = lead(member)
            seen[node] = lead(node)
            continue
        members = {
            lead(seen[p]) if seen[p] is not None else None for p in node.parents if p in seen
        }
        if members:
            seen[node] = members.pop() if len(members) == 1 else None
    # What several networks make of the same example hangs together only if one feeds the other: the
    # first of each belong together, then the second of each.
    owners: dict[Any, dict[Group, None]] = {}
    for net_input, _ in pairs:
        unit = net_input.group
        owner = unit.around("network") or unit.around("layer") or unit.around("unit")
        owners.setdefault(lead(net_input), {})[owner] = None
    numbers: dict[Any, int] = {}
    counts: dict[Group, int] = {}
    for leading, found in owners.items():
        numbers[leading] = max(counts.get(owner, 0) for owner in found)
        counts.update(dict.fromkeys(found, numbers[leading] + 1))
    examples = {net_input: numbers[lead(net_input)] for net_input, _ in pairs}
    return examples, max(counts.values(), default=0)


def _bracket(at: UnitAt) -> int | None:
    """The number of the example in the label of a node of a unit, counted from 1."""
    for node in (at.net_input, at.activation, *at.inputs):
        parts = taken_apart(node.label) if "[" in node.label else None
        if parts is not None and parts.example:
            return parts.example
    return None


def _example_of(order: list[Any], of_node: dict[Any, UnitAt]) -> dict[Any, int]:
    """For each node that depends on one example only, which one."""
    found: dict[Any, int] = {}
    mixed: set[Any] = set()
    for node in order:
        at = of_node.get(node)
        if at is not None:
            found[node] = at.example
            continue
        seen = {found[parent] for parent in node.parents if parent in found}
        if len(seen) > 1 or not mixed.isdisjoint(node.parents):
            mixed.add(node)
        elif seen:
            found[node] = seen.pop()
    return found
