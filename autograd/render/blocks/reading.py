"""A graph as blocks: layers, losses and groups of the user's own, or stages of what has no groups.

What repeats side by side, as the examples of a batch do, or with nothing between, is one block;
what comes again after another block, as the layers of a transformer do, is as many.
"""

from __future__ import annotations

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
    known = {group: names_of(group) for group in dict.fromkeys(groups)}
    names_at = [known[group] for group in groups]
    _extend_losses(groups, operands, names_at)
    block_of: list[GraphBlock | None] = []
    made: dict[tuple[Any, int], GraphBlock] = {}
    # For each node, the highest rank of each name on the way to it. Equal nodes share one dict, so
    # that hardly any have to be compared.
    passed: list[dict[Any, int]] = []
    nothing: dict[Any, int] = {}
    extended: dict[tuple[int, Any, int], dict[Any, int]] = {}
    joined: dict[tuple[int, int], dict[Any, int]] = {}
    for names, below in zip(names_at, operands, strict=True):
        if not below:
            block_of.append(None)
            passed.append(nothing)
            continue
        ranks, rank = nothing, 0
        for place in below:
            theirs = passed[place]
            if theirs is not ranks:
                pair = id(ranks), id(theirs)
                if pair not in joined:
                    joined[pair] = _larger(ranks, theirs)
                ranks = joined[pair]
            found = theirs.get(names)
            if found is not None:
                block = block_of[place]
                rank = max(rank, found + (block is None or block.names != names))
        key = names, rank
        block_of.append(made.get(key) or made.setdefault(key, GraphBlock(names, rank)))
        if ranks.get(names) != rank:
            more = id(ranks), names, rank
            if more not in extended:
                extended[more] = {**ranks, names: rank}
            ranks = extended[more]
        passed.append(ranks)
    return block_of


def _extend_losses(
    groups: list[Group | None],
    operands: list[Sequence[int]],
    names_at: list[tuple[Any, ...]],
) -> None:
    """Let what is outside of any group, and feeds one loss only, belong to that loss."""
    readers: list[set[tuple[Any, ...]]] = [set() for _ in groups]
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not names_at[place] and operands[place] and len(readers[place]) == 1:
            (names,) = readers[place]
            names_at[place] = names
        is_loss = names_at[place] and (
            readers[place] == {names_at[place]} or (group is not None and group.kind == "loss")
        )
        for operand in operands[place]:
            readers[operand].add(names_at[place] if is_loss else ())


def _larger(one: dict[Any, int], other: dict[Any, int]) -> dict[Any, int]:
    if all(one.get(name, -1) >= rank for name, rank in other.items()):
        return one
    if all(other.get(name, -1) >= rank for name, rank in one.items()):
        return other
    return {name: max(one.get(name, -1), other.get(name, -1)) for name in {**one, **other}}


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
    groups: dict[GraphBlock, set[Any]] = {}
    for place, block in enumerate(view.block_of):
        if block is not None:
            view.members.setdefault(block, []).append(place)
            if view.groups[place] is not None:
                groups.setdefault(block, set()).add(view.groups[place])
    view.blocks = _sorted(list(view.members), view.links)
    view.times = {block: len(found) for block, found in groups.items()}
    seen: set[int] = set()
    for block, below in zip(view.block_of, view.operands, strict=True):
        if block is not None:
            for place in below:
                if view.block_of[place] is None and place not in seen:
                    seen.add(place)
                    view.parameters.setdefault(block, []).append(place)
    return view


def _links(view: BlockView) -> Links:
    links: Links = {}
    block_of = view.block_of
    for head, below in zip(block_of, view.operands, strict=True):
        for place in below:
            tail = block_of[place]
            if tail is not head and tail is not None and head is not None and tail != head:
                links[tail, head] = links.get((tail, head), 0) + 1
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
