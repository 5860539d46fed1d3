"""Dead units: how many paths, and how much, their zero cuts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from autograd.groups import Group
from autograd.path_finding.cone import Cone
from autograd.path_finding.junctions import WIDE
from autograd.units import UnitAt, Units


@dataclass(frozen=True, eq=False)
class DeadUnit:
    """A unit that passes no gradient at some examples, because da/dz is exactly 0 there.

    What it cuts is told twice, by number and by size. A path that passes several dead units is told
    of each, so these shares may add up to more than what is cut together.

    Attributes:
        unit: The unit.
        examples: The examples at which it is dead, and on a path, counted from 0 in the order of
            the graph.
        count: The number of paths through it at these examples. Each contributes exactly 0.
        share: What these paths would contribute, as a part of what all paths would: Σ |product|
            over them / Σ |product| over all, where da/dz of every dead unit is replaced by 1.

    Example:
        >>> from autograd import path_sum
        >>> from nn import MLP
        >>> model = MLP(1, [2, 1], "relu", seed=1)
        >>> model["b_2^(1)"] = -10.0
        >>> (dead,) = path_sum("w_11^(1)", model([1.0]), by="unit").dead
        >>> dead.unit, dead.examples, dead.count
        (<Group MLP / layer (1) / unit 1>, (0,), 1)
    """

    unit: Group
    examples: tuple[int, ...]
    count: int
    share: float


def dead_units(cone: Cone, units: Units) -> tuple[tuple[DeadUnit, ...], float]:
    """Return the dead units on the paths of a cone, and the share that they cut together.

    Returns:
        The units, the largest share first; and Σ |product| over the paths through any of them, as a
        part of that over all paths, where da/dz of every dead unit is replaced by 1.
    """
    at = [units.of_node.get(node) for node in cone.nodes]
    dead = _dead(cone, at)
    if not dead:
        return (), 0.0
    # An edge within a dead unit is replaced by one from its z to its a, with derivative 1.
    edges: list[tuple[int, int, float, int]] = []
    replaced: dict[int, int] = {a: ways for _, a, ways in dead.values()}
    entry = {a: z for z, a, _ in dead.values()}
    for head, tail, derivative in zip(cone.heads, cone.tails, cone.derivatives, strict=True):
        if replaced.get(head):
            edges.append((head, entry[head], 1.0, replaced[head]))
            replaced[head] = 0
        if not (head in replaced and at[tail] is at[head]):
            edges.append((head, tail, abs(derivative), 1))
    last = len(cone.nodes) - 1
    with localcontext(WIDE):
        arriving, leaving = [Decimal(0)] * (last + 1), [Decimal(0)] * (last + 1)
        ways_to, ways_from = [0] * (last + 1), [0] * (last + 1)
        arriving[0] = leaving[last] = Decimal(1)
        ways_to[0] = ways_from[last] = 1
        for head, tail, size, ways in edges:
            arriving[head] += arriving[tail] * Decimal(size)
            ways_to[head] += ways_to[tail] * ways
        for head, tail, size, ways in reversed(edges):
            leaving[tail] += leaving[head] * Decimal(size)
            ways_from[tail] += ways_from[head] * ways
        everything = arriving[last]
        found: dict[Group, tuple[list[int], int, Any]] = {}
        for unit_at, (z, a, ways) in dead.items():
            examples, count, size = found.get(unit_at.unit, ([], 0, Decimal(0)))
            examples.append(unit_at.example)
            count += ways_to[z] * ways * ways_from[a]
            found[unit_at.unit] = examples, count, size + arriving[z] * leaving[a]
        each = [
            DeadUnit(
                unit,
                tuple(sorted(set(examples))),
                count,
                float(size / everything) if everything else 0.0,
            )
            for unit, (examples, count, size) in found.items()
        ]
        cut = float(1 - _alive(cone) / everything) if everything else 0.0
    each.sort(key=lambda unit: -unit.share)
    return tuple(each), cut


def _alive(cone: Cone) -> Decimal:
    """The sum of |product| over all paths as they are."""
    arriving = [Decimal(0)] * len(cone.nodes)
    arriving[0] = Decimal(1)
    for head, tail, derivative in zip(cone.heads, cone.tails, cone.derivatives, strict=True):
        arriving[head] += arriving[tail] * Decimal(abs(derivative))
    return arriving[-1]


def _dead(cone: Cone, at: list[UnitAt | None]) -> dict[UnitAt, tuple[int, int, int]]:
    """The places of z and a of each dead unit, and the number of ways from one to the other."""
    size = [0.0] * len(at)  # of all ways from the z of the same unit
    ways = [0] * len(at)
    z_of: dict[UnitAt, int] = {}
    for place, unit in enumerate(at):
        if unit is not None and cone.nodes[place] is unit.net_input:
            size[place], ways[place] = 1.0, 1
            z_of[unit] = place
    for head, tail, derivative in zip(cone.heads, cone.tails, cone.derivatives, strict=True):
        if at[head] is not None and at[head] is at[tail]:
            size[head] += abs(derivative) * size[tail]
            ways[head] += ways[tail]
    return {
        unit: (z_of[unit], place, ways[place])
        for place, unit in enumerate(at)
        if unit in z_of
        and cone.nodes[place] is unit.activation
        and ways[place]
        and size[place] == 0.0
    }
