"""One sweep, right or wrong, every step of it written down in columns.

A step is one contribution: a node hands its adjoint, times a local derivative, to one operand. A
graph of a million nodes has millions of steps, so they are kept as numbers, about 30 bytes each.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from math import isfinite
from typing import Any

from autograd.reverse import local_derivatives, refuse_overflow


class Flaw(IntFlag):
    """What is wrong with a step, seen from the right sweep."""

    EARLY = 1  # the node hands on before all its uses have arrived
    LATE = 2  # the operand has handed on already: this never gets further
    AGAIN = 4  # the node has handed on before, and hands it all on once more
    OVERWRITES = 8  # of the operand's total nothing is kept
    DROPS = 16  # the node has this operand several times, and hands on for one


@dataclass(frozen=True, eq=False)
class SweepRecord:
    """What happened in a sweep.

    Attributes:
        nodes: The nodes that are no constants, parents before their children.
        accumulate: Whether contributions are added (`+=`) or overwrite each other (`=`).
        as_set: Whether a node's operands are a set.
        adjoints: What each node has in the end.
        node: For each time a node hands on, which one; likewise `adjoint`, what it has then, and
            `due`, how many of its uses are still to come.
        turn: For each step, the place in these three; likewise `operand`, `local_derivative`,
            `before` (the operand's total until then), `pending` (uses of the operand still to come
            after this step) and `flaw`.
    """

    nodes: Sequence[Any]
    accumulate: bool = True
    as_set: bool = False
    adjoints: array[float] = field(default_factory=lambda: array("d"))
    node: array[int] = field(default_factory=lambda: array("I"))
    adjoint: array[float] = field(default_factory=lambda: array("d"))
    due: array[int] = field(default_factory=lambda: array("I"))
    turn: array[int] = field(default_factory=lambda: array("I"))
    operand: array[int] = field(default_factory=lambda: array("I"))
    local_derivative: array[float] = field(default_factory=lambda: array("d"))
    before: array[float] = field(default_factory=lambda: array("d"))
    pending: array[int] = field(default_factory=lambda: array("I"))
    flaw: array[int] = field(default_factory=lambda: array("B"))


def run_sweep(
    order: Iterable[Any],
    topological: Sequence[Any],
    seed: float,
    *,
    accumulate: bool = True,
    as_set: bool = False,
    is_repeating: bool = False,
) -> SweepRecord:
    """Let nodes hand their adjoints on in an order, and write down every step.

    Args:
        order: Computed nodes, that is nodes with parents.
        topological: The nodes below the output, parents before their children.
        is_repeating: Whether a node may come again, with all it has by then.

    Raises:
        ArithmeticError: If a local derivative is infinite or undefined.
    """
    nodes = [node for node in topological if not node.is_constant]
    place = {node: position for position, node in enumerate(nodes)}
    done = SweepRecord(nodes, accumulate, as_set)
    adjoints = done.adjoints
    adjoints.extend([0.0] * len(nodes))
    adjoints[-1] = seed
    due = [0] * len(nodes)
    for node in nodes:
        for parent in set(node.parents) if as_set else node.parents:
            if parent in place:
                due[place[parent]] += 1
    arrived, handed = bytearray(len(nodes)), bytearray(len(nodes))
    for node in order:
        here = place[node]
        adjoint, again = adjoints[here], handed[here]
        handed[here] = 1
        turn = len(done.node)
        done.node.append(here)
        done.adjoint.append(adjoint)
        done.due.append(due[here])
        flaw = Flaw.AGAIN if again else Flaw.EARLY if due[here] else 0
        parents, derivatives = node.parents, local_derivatives(node, adjoint)
        # Operands that are keys: of equal ones the last stays, where the first was.
        chosen = {p: k for k, p in enumerate(parents)}.values() if as_set else range(len(parents))
        uses = Counter(parents) if as_set else {}
        for operand in chosen:
            derivative = derivatives[operand]
            if derivative is None:
                continue
            there = place[parents[operand]]
            before = adjoints[there]
            if not accumulate and arrived[there]:
                flaw |= Flaw.OVERWRITES
            if handed[there] and not is_repeating:
                flaw |= Flaw.LATE
            if as_set and uses[parents[operand]] > 1:
                flaw |= Flaw.DROPS
            share = derivative * adjoint
            adjoints[there] = before + share if accumulate else share
            arrived[there] = 1
            due[there] -= not again
            done.turn.append(turn)
            done.operand.append(operand)
            done.local_derivative.append(derivative)
            done.before.append(before)
            done.pending.append(due[there])
            done.flaw.append(flaw)
            flaw = 0
    return done


def refuse_overflowing(done: SweepRecord, seed: float) -> None:
    """Raise the ArithmeticError of `backward()` if an adjoint of a right sweep overflows."""
    leaves = [place for place, node in enumerate(done.nodes) if not node.parents]
    if isfinite(seed) and not all(isfinite(done.adjoints[place]) for place in leaves):
        refuse_overflow(done.nodes[-1], seed)
