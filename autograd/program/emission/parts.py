"""Long functions in parts: a compiler's time grows with the square of the length of a function.

A part hands on what later parts read, in cells of one array; a cell is free again when the part
that read it last has run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from autograd.program.code.instructions import Code, Instruction

LONGEST = 500  # instructions of a part


class Section(NamedTuple):
    """Some instructions in a row.

    Attributes:
        start: The first.
        stop: Behind the last.
        reads: The slots of earlier parts that they read, each with its cell.
        writes: Their own slots that are read later, each with its cell.
    """

    start: int
    stop: int
    reads: dict[int, int]
    writes: dict[int, int]


class Parts(NamedTuple):
    """A code in parts.

    Attributes:
        parts: One after the other.
        cells: How many numbers they hand on at most.
        outputs: The cells of the outputs that are computed, by their slots.
        read: Every slot that anything reads.
    """

    parts: list[Section]
    cells: int
    outputs: dict[int, int]
    read: set[int]


def in_parts(code: Code, longest: int, length: Callable[[Instruction], int] = lambda _: 1) -> Parts:
    """Return a code in parts that are no longer than so much.

    Args:
        code: The code.
        longest: How long a part may be; one that is a single instruction may be longer.
        length: Of an instruction.

    Example:
        >>> from autograd import primitives
        >>> from autograd.program.code.instructions import Instruction
        >>> steps = [Instruction(primitives.neg, (slot,)) for slot in range(5)]
        >>> found = in_parts(Code(1, 0, (), tuple(steps), (5,)), longest=2)
        >>> [(part.reads, part.writes) for part in found.parts], found.outputs
        ([({}, {2: 0}), ({2: 0}, {4: 0}), ({4: 0}, {5: 0})], {5: 0})
    """
    first = code.first_result
    starts, part_of = _cut(code, longest, length)
    last_read: dict[int, int] = {}
    reads: list[dict[int, int]] = [{} for _ in starts]
    read: set[int] = set(code.outputs)

    def note(slots: Sequence[int], part: int) -> None:
        read.update(slots)
        for slot in slots:
            if slot >= first and part_of[slot - first] != part:
                last_read[slot] = max(part, last_read.get(slot, part))
                reads[part][slot] = -1

    for position, (_, operands) in enumerate(code.instructions):
        note(operands, part_of[position])
    for left, _, right, _ in code.guards:
        if max(left, right) >= first:
            note((left, right), part_of[max(left, right) - first])
    for slot in code.outputs:
        if slot >= first:
            last_read[slot] = len(reads)
    return _with_cells(code, starts, reads, last_read, read)


def _cut(
    code: Code, longest: int, length: Callable[[Instruction], int]
) -> tuple[list[int], list[int]]:
    """Where parts start, and the part of each instruction."""
    starts: list[int] = []
    part_of: list[int] = []
    room = 0
    for position, instruction in enumerate(code.instructions):
        room -= length(instruction)
        if room < 0 or not starts:
            starts.append(position)
            room = longest - length(instruction)
        part_of.append(len(starts) - 1)
    return starts, part_of


def _with_cells(
    code: Code,
    starts: Sequence[int],
    reads: list[dict[int, int]],
    last_read: dict[int, int],
    read: set[int],
) -> Parts:
    first, count = code.first_result, len(code.instructions)
    parts: list[Section] = []
    cell_of: dict[int, int] = {}
    freed: list[list[int]] = [[] for _ in range(len(reads) + 1)]
    free: list[int] = []
    cells = 0
    for number, (start, stop) in enumerate(pairwise([*starts, count])):
        here = {slot: cell_of[slot] for slot in reads[number]}
        # A part writes when it has read everything.
        free += reversed(freed[number])
        writes = {}
        for slot in range(first + start, first + stop):
            if slot in last_read:
                if not free:
                    free.append(cells)
                    cells += 1
                writes[slot] = cell_of[slot] = free.pop()
                freed[last_read[slot]].append(writes[slot])
        parts.append(Section(start, stop, here, writes))
    outputs = {slot: cell_of[slot] for slot in code.outputs if slot >= first}
    return Parts(parts, cells, outputs, read)
