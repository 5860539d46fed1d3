"""A graph as blocks: layers, losses and groups of the user's own, or stages of what has no groups.

What repeats side by side, as the examples of a batch do, or with nothing between, is one block;
what comes again after another block, as the layers of a transformer do, is as many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd.collector import collector_paused
from autograd.graph import topological_order
from autograd.groups import Group
from autograd.selection import wiring

STAGES = 12
_MOST_BLOCKS = 60


class GraphBlock(NamedTuple):
    """What is one box: a name, which is that of a group, and how many of it came before.

    Attributes:
        names: Of the groups, outermost first; a layer of a network stands for itself.
        rank: How many blocks of this name are passed on the way to here.
    """

    names: tuple[Any, ...]
    rank: int = 0


Links = dict[tuple[GraphBlock, GraphBlock], int]


@dataclass(eq=False)
class BlockView:
    """The blocks of a graph.

    Attributes:
        nodes: In topological order.
        operands: For each node the places of its operands in that order.
        groups: The group of each node.
        block_of: The block of each node; None for a parameter.
        blocks: Those that feed others first.
        members: The places of the nodes of each block.
        parameters: The places of the parameters that each block is the first to use.
        times: How many groups were folded into a block.
        links: Pairs (block, block), with how many uses of values each stands for.
    """

    nodes: list[Any]
    operands: list[Sequence[int]]
    groups: list[Group | None]
    block_of: list[GraphBlock | None]
    blocks: list[GraphBlock] = field(default_factory=list)
    members: dict[GraphBlock, list[int]] = field(default_factory=dict)
    parameters: dict[GraphBlock, list[int]] = field(default_factory=dict)
    times: dict[GraphBlock, int] = field(default_factory=dict)
    links: Links = field(default_factory=dict)


@collector_paused()
def block_view(output: Any) -> BlockView:
    """Return the blocks of a graph.

    Example:
        >>> from autograd import Value, group
        >>> y = Value(0.5)
        >>> for name in ("square", "shift", "square"):
        ...     with group(name):
        ...         y = y * y + 1.0
        >>> [(block.names, block.rank) for block in block_view(y).blocks]
        [(('square',), 0), (('shift',), 0), (('square',), 1)]
    """
    nodes, operands = _wires(output)
    groups = [node.group for node in nodes]
    block_of: list[GraphBlock | None] = []
    if any(group is not None for group in groups):
        block_of = _ranked(groups, operands)
    if not 1 <= len(set(block_of) - {None, GraphBlock(())}) <= _MOST_BLOCKS:
        block_of = _stages(operands)
    return _merged(BlockView(nodes, operands, groups, block_of))


def names_of(group: Group | None) -> tuple[Any, ...]:
    """What the blocks of a group are called: a layer is itself, others go by their names."""
    if group is None:
        return ()
    layer = group.around("layer") or group.around("unit")
    if layer is not None:
        return (layer,)
    return tuple(reversed([one.name for one in group.outwards()]))


def _wires(output: Any) -> tuple[list[Any], list[Sequence[int]]]:
    """The nodes in topological order, and the places of their operands."""
    if not output.is_constant:
        with suppress(ValueError):  # a leaf was edited since
            operands: Any
            nodes, operands, _ = wiring([output])
            return nodes, [
                tuple([x for x in one if type(x) is int]) if float in map(type, one) else one
                for one in operands
            ]
    nodes = topological_order(output)
    place = {node: position for position, node in enumerate(nodes)}
    return nodes, [[place[parent] for parent in node.parents] for node in nodes]


def _ranked(groups: list[Group | None], operands: list[Sequence[int]]) -> list[GraphBlock | None]:
    """The block of each node, by groups.

    A node begins a new block of its name where another block lies between it and the one before.
    What a loss is computed from, outside of any group, belongs to the loss.
    """
    names_at = _names_at(groups, operands)
    # Where a node stands follows from its names and from where its operands stand: thousands of
    # nodes share a few dozen standings, each of which is worked out once.
    standings = [_Standing(None, {})]
    numbers: dict[tuple[Any, frozenset[int]], int] = {}
    made: dict[GraphBlock, GraphBlock] = {}
    at: list[int] = []
    for names, below in zip(names_at, operands, strict=True):
        if not below:
            at.append(0)
            continue
        key = id(names), frozenset(map(at.__getitem__, below))
        number = numbers.get(key)
        if number is None:
            block, passed = _standing(names, [standings[one] for one in key[1]])
            number = numbers[key] = len(standings)
            standings.append(_Standing(made.setdefault(block, block), passed))
        at.append(number)
    return [standings[number].block for number in at]


class _Standing(NamedTuple):
    """Where a node stands: its block, and the highest rank of each name on the way to it."""

    block: GraphBlock | None
    passed: dict[Any, int]


def _standing(names: tuple[Any, ...], below: list[_Standing]) -> tuple[GraphBlock, dict[Any, int]]:
    """The block of a node with these names whose operands stand there, and what it has passed."""
    rank = 0
    passed: dict[Any, int] = {}
    for block, theirs in below:
        for name, highest in theirs.items():
            passed[name] = max(highest, passed.get(name, 0))
        if names in theirs:
            rank = max(rank, theirs[names] + (block is None or block.names != names))
    return GraphBlock(names, rank), {**passed, names: rank}


def _names_at(groups: list[Group | None], operands: list[Sequence[int]]) -> list[tuple[Any, ...]]:
    """The names of each node's block; equal ones are the same object.

    What is outside of any group, and feeds one loss only, belongs to that loss.
    """
    kinds = dict.fromkeys(groups)
    same: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    known = {group: same.setdefault(names, names) for group in kinds for names in [names_of(group)]}
    names_at = [known[group] for group in groups]
    losses = {known[group] for group in kinds if group is not None and group.kind == "loss"}
    if not losses:
        return names_at
    # For each node that may belong to a loss, the names of the losses that read it; () for others.
    readers: dict[int, set[tuple[Any, ...]]] = {
        place: set()
        for place, names in enumerate(names_at)
        if operands[place] and (not names or names in losses)
    }
    for place in range(len(groups) - 1, -1, -1):
        group, names = groups[place], names_at[place]
        read_by = readers.get(place, set())
        if not names and len(read_by) == 1:
            (names,) = read_by
            names_at[place] = names
        is_loss = names and (read_by == {names} or (group is not None and group.kind == "loss"))
        if not readers.keys().isdisjoint(operands[place]):
            for operand in operands[place]:
                if operand in readers:
                    readers[operand].add(names if is_loss else ())
    return names_at


def _stages(operands: list[Sequence[int]]) -> list[GraphBlock | None]:
    """Blocks of a graph that has no groups: equal parts of its depth."""
    depth: list[int] = []
    for below in operands:
        depth.append(1 + max([depth[place] for place in below]) if below else 0)
    deepest = max(depth)
    count = min(STAGES, deepest)
    stages: list[GraphBlock | None] = [GraphBlock(("stage",), number) for number in range(count)]
    return [stages[(at - 1) * count // deepest] if at else None for at in depth]


def _merged(view: BlockView) -> BlockView:
    """Fill in a view; blocks that feed each other in a circle become one."""
    view.links = _links(view)
    leader = _circles(list(dict.fromkeys(filter(None, view.block_of))), view.links)
    if any(leader[block] != block for block in leader):
        view.block_of = [block and leader[block] for block in view.block_of]
        view.links = _links(view)
    members: dict[int, list[int]] = {}
    for place, number in enumerate(map(id, view.block_of)):
        members.setdefault(number, []).append(place)
    leaves = set(members.pop(id(None), ()))
    view.members = {
        block: places
        for places in members.values()
        if (block := view.block_of[places[0]]) is not None
    }
    view.blocks = _sorted(list(view.members), view.links)
    for member, places in view.members.items():
        groups = {view.groups[place] for place in places} - {None}
        if groups:
            view.times[member] = len(groups)
    for place, (user, below) in enumerate(zip(view.block_of, view.operands, strict=True)):
        if user is not None and not leaves.isdisjoint(below):
            first = [leaf for leaf in dict.fromkeys(below) if leaf in leaves]
            inputs = _inputs(view, place)
            own = [leaf for leaf in first if view.nodes[leaf] not in inputs]
            view.parameters.setdefault(user, []).extend(own)
            leaves.difference_update(first)
    return view


def _inputs(view: BlockView, place: int) -> set[Any]:
    """What a net input multiplies its weights with: no parameters, though leaves they may be."""
    group = view.groups[place]
    if group is None or group.kind != "net input":
        return set()
    parents = view.nodes[place].parents
    half = len(parents) // 2
    return set(parents[half : 2 * half])


def _links(view: BlockView) -> Links:
    blocks = {id(block): block for block in view.block_of}  # equal blocks are one object
    at = list(map(id, view.block_of))
    uses = Counter(
        (head, tuple(map(at.__getitem__, below)))
        for head, below in zip(at, view.operands, strict=True)
    )
    links: Links = {}
    for (number, tails), times in uses.items():
        head = blocks[number]
        for tail in map(blocks.__getitem__, tails):
            if tail is not head and tail is not None and head is not None:
                links[tail, head] = links.get((tail, head), 0) + times
    return links


def _circles(blocks: list[GraphBlock], links: Links) -> dict[GraphBlock, GraphBlock]:
    """For each block, the first of those that it reaches and that reach it (Tarjan, 1972)."""
    heads: dict[GraphBlock, list[GraphBlock]] = {block: [] for block in blocks}
    for tail, head in links:
        heads[tail].append(head)
    number: dict[GraphBlock, int] = {}
    low: dict[GraphBlock, int] = {}
    leader: dict[GraphBlock, GraphBlock] = {}
    path: list[GraphBlock] = []
    for root in blocks:
        pending = [(root, iter(heads[root]))] if root not in number else []
        if pending:
            number[root] = low[root] = len(number)
            path.append(root)
        while pending:
            block, ahead = pending[-1]
            for head in ahead:
                if head not in number:
                    number[head] = low[head] = len(number)
                    path.append(head)
                    pending.append((head, iter(heads[head])))
                    break
                if head not in leader:
                    low[block] = min(low[block], number[head])
            else:
                pending.pop()
                if pending:
                    above = pending[-1][0]
                    low[above] = min(low[above], low[block])
                if low[block] == number[block]:
                    circle = path[path.index(block) :]
                    del path[-len(circle) :]
                    leader.update(dict.fromkeys(circle, min(circle, key=blocks.index)))
    return leader


def _sorted(blocks: list[GraphBlock], links: Links) -> list[GraphBlock]:
    """The blocks, those that feed others first."""
    missing = dict.fromkeys(blocks, 0)
    heads: dict[GraphBlock, list[GraphBlock]] = {block: [] for block in blocks}
    for tail, head in links:
        heads[tail].append(head)
        missing[head] += 1
    ready = [block for block in blocks if not missing[block]]
    for block in ready:
        for head in heads[block]:
            missing[head] -= 1
            if not missing[head]:
                ready.append(head)
    return ready
