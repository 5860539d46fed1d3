"""Packs: instructions of one operation and depth, which do not depend on each other.

Code over a batch has three sections: what is the same for all rows is computed before them, what
varies is computed for every row, and what needs a total over the rows is computed after them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from autograd import primitives
from autograd.machine import native_machine
from autograd.machine.words import AFTER_SECTION, BEFORE_SECTION, ROWS_SECTION
from autograd.primitive import Primitive
from autograd.program.code.instructions import TOTAL, Code

_FOR_EVER = 1 << 60
_LONG = 16  # instructions, from which a pack pays
_level_of = attrgetter("level")


class Pack(NamedTuple):
    """Instructions of one operation and depth.

    Attributes:
        operation: What they compute.
        section: Where they are run; a total over the rows is run with the rows.
        level: Their depth within the section.
        slots: Their results.
    """

    operation: Primitive
    section: int
    level: int
    slots: list[int]


# As for instructions: what a named tuple is made by runs in Python.
pack: Callable[[tuple[Primitive, int, int, list[int]]], Pack]
pack = partial(tuple.__new__, Pack)


class Packing:
    """The packs of code.

    Args:
        code: What to compute.
        rows: Whether the inputs vary from row to row.

    Attributes:
        in_rows: Of every slot, whether it varies from row to row.
        level: Of every slot, the depth in its section; among rows only.
        packs: Those of each section, by level.

    Raises:
        ValueError: If code for single points holds a total over rows, or an instruction of a row
            needs a total over all rows.
    """

    def __init__(self, code: Code, rows: bool) -> None:
        self.code = code
        self.level = [0] * code.slots
        self.in_rows = bytearray([rows] * code.inputs + [0] * (code.slots - code.inputs))
        self.packs = self._over_rows() if rows else [self._at_a_point(), [], []]

    def _at_a_point(self) -> list[Pack]:
        code = self.code
        found = native_machine().packs_at_a_point(code.instructions, code.first_result)
        # Of every slot, what it lies side by side with: constants are alone, all inputs together,
        # and the results of a pack.
        source = [-1] * code.slots
        source[code.first_constant : code.first_result] = range(len(code.constants))
        packs: list[Pack] = []
        for operation, slots in found:
            for part in self._by_sources(operation, slots, source):
                number = len(code.constants) + len(packs)
                for slot in part:
                    source[slot] = number
                packs.append(pack((operation, BEFORE_SECTION, 0, part)))
        return packs

    def _by_sources(
        self, operation: Primitive, slots: list[int], source: Sequence[int]
    ) -> list[list[int]]:
        """Return a long pack apart by what its operands lie with, so that they lie a step apart."""
        if operation.is_variadic or len(slots) < _LONG:
            return [slots]
        instructions, first = self.code.instructions, self.code.first_result
        parts: dict[tuple[int, ...], list[int]] = {}
        for slot in slots:
            key = tuple([source[x] for x in instructions[slot - first].operands])
            parts.setdefault(key, []).append(slot)
        return list(parts.values()) if len(slots) >= _LONG * len(parts) else [slots]

    def _over_rows(self) -> list[list[Pack]]:
        found: dict[Any, Pack] = {}
        level, in_rows = self.level, self.in_rows
        section = bytearray(self.code.slots)
        slot = self.code.first_result
        for operation, operands in self.code.instructions:
            depth, part, varies = 0, BEFORE_SECTION, 0
            for operand in operands:
                varies |= in_rows[operand]
                part = max(part, section[operand])
            if operation is TOTAL:
                part, varies = AFTER_SECTION, 0
                run_in = ROWS_SECTION
            elif varies:
                if part == AFTER_SECTION:
                    raise ValueError("an instruction of a row that needs a total over all rows")
                part = run_in = ROWS_SECTION
            else:
                run_in = part
            for operand in operands:
                if section[operand] == run_in and level[operand] >= depth:
                    depth = level[operand] + 1
            section[slot] = part
            in_rows[slot] = varies
            level[slot] = 0 if operation is TOTAL else depth
            key = (run_in, depth, operation, self._kind(operation, operands))
            if key in found:
                found[key].slots.append(slot)
            else:
                found[key] = Pack(operation, run_in, depth, [slot])
            slot += 1
        by_section: list[list[Pack]] = [[], [], []]
        for pack in found.values():
            by_section[pack.section].append(pack)
        for packs in by_section:
            packs.sort(key=_level_of)
        return by_section

    def _kind(self, operation: Primitive, operands: tuple[int, ...]) -> Any:
        # What has to be alike in a pack, beside the operation.
        in_rows = self.in_rows
        if operation is TOTAL:
            return None
        if operation is primitives.dot:
            bias = len(operands) % 2
            in_v = bias and in_rows[operands[-1]]
            size = len(operands) // 2
            both = any(
                [in_rows[a] and in_rows[operands[size + i]] for i, a in enumerate(operands[:size])]
            )
            return (len(operands), in_v, both)
        if operation.is_variadic:
            return (len(operands), any([in_rows[x] for x in operands]))
        return sum([in_rows[x] << i for i, x in enumerate(operands)])

    def last_uses(self, kept: Sequence[int]) -> list[int]:
        """Return for every slot that varies the level that reads it last.

        Args:
            kept: Slots that are wanted after all of them.
        """
        last = [0] * self.code.slots
        slot = self.code.first_result
        level, in_rows = self.level, self.in_rows
        for operation, operands in self.code.instructions:
            for operand in operands:
                if in_rows[operand]:
                    if operation is TOTAL:
                        used = 1 + max([level[x] for x in operands if in_rows[x]])
                    else:
                        used = level[slot]
                    if used > last[operand]:
                        last[operand] = used
            slot += 1
        for slot in kept:
            last[slot] = _FOR_EVER
        return last
