"""Batches without the machine and without NumPy: row by row, as generated Python."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

from autograd import primitives
from autograd.machine.words import SUSPECT
from autograd.program.code.instructions import TOTAL, Code, Instruction
from autograd.program.columns.columns import flat
from autograd.program.passes.derived import RowsCode
from autograd.program.run.in_python import function
from autograd.program.run.point_runner import are_finite, suspicious
from autograd.program.run.sections import Sections, added, ieee


class PlainRows(Sections):
    """Code for batches: what varies is a function of one row and of what all rows share.

    Args:
        rows_code: What to compute.
    """

    most_rows = 256  # all that is wanted of them is held before it is looked at

    def __init__(self, rows_code: RowsCode) -> None:
        super().__init__(rows_code)
        code = self.code
        computed = set(self.rows)
        first = code.first_result
        self._totals = [slot for slot in self.rows if code.instructions[slot - first][0] is TOTAL]
        self._looked_at = [slot for slot in suspicious(code) if self.varies[slot]]
        wanted = [*self.row_outputs, *self._totals, *self._looked_at]
        wanted += [slot for guard in code.guards for slot in (guard.left, guard.right)]
        self._wanted = [slot for slot in dict.fromkeys(wanted) if slot in computed]
        self._shared = [*range(code.inputs, code.first_constant), *self.before]
        self._row_code = self._of_one_row()
        self._function = function(self._row_code)

    def _of_one_row(self) -> Code:
        """Return the code of a row: its parameters are what all rows share, its outputs wanted."""
        code, first = self.code, self.code.first_result
        constants = range(code.first_constant, first)
        order = [*range(code.inputs), *self._shared, *constants, *self.rows]
        place = {slot: number for number, slot in enumerate(order)}
        instructions = []
        for operation, operands in [code.instructions[slot - first] for slot in self.rows]:
            of_row = primitives.dot if operation is TOTAL else operation
            instructions.append(Instruction(of_row, tuple([place[x] for x in operands])))
        outputs = tuple([place[slot] for slot in self._wanted])
        shared = len(self._shared)
        return Code(code.inputs, shared, code.constants, tuple(instructions), outputs)

    def lane(self, buffer: Any, start: int, stride: int, count: int) -> list[float]:
        """See `Sections.lane`."""
        numbers = flat(buffer)
        return [numbers[start + row * stride] for row in range(count)]

    def compute(self, slots: list[Any], totals: dict[int, list[float]], count: int) -> int:
        """See `Sections.compute`."""
        lanes = slots[: self.code.inputs]
        rows: list[tuple[float, ...]] = list(zip(*lanes, strict=True)) if lanes else [()] * count
        shared = [slots[slot] for slot in self._shared]
        status = 0
        try:
            found = [self._function(row, shared) for row in rows]
        except (ArithmeticError, ValueError):
            status = SUSPECT
            found = [self._in_ieee(row, shared) for row in rows]
        for slot, column in zip(self._wanted, zip(*found, strict=True), strict=True):
            slots[slot] = column
        for slot in self._totals:
            totals.setdefault(slot, []).append(added(slots[slot]))
        finite = all(self.is_finite(slots[slot]) for slot in self._looked_at)
        return status if finite else status | SUSPECT

    def _in_ieee(self, row: Sequence[float], shared: Sequence[float]) -> list[float]:
        code = self._row_code
        slots = [*row, *shared, *code.constants]
        for operation, operands in code.instructions:
            slots.append(ieee(operation, [slots[operand] for operand in operands]))
        return [slots[output] for output in code.outputs]

    def differing(self, comparison: Any, left: Any, right: Any, outcome: bool) -> Iterator[int]:
        """See `Sections.differing`."""
        each = [repeat(lane) if type(lane) is float else lane for lane in (left, right)]
        for row, found in enumerate(map(comparison, *each)):
            if found is not outcome:
                yield row

    def is_finite(self, lane: Any) -> bool:
        """See `Sections.is_finite`."""
        return are_finite((lane,) if type(lane) is float else lane)

    def write(self, lane: Any, results: Any, place: slice) -> None:
        """See `Sections.write`."""
        count = len(range(*place.indices(place.stop)))
        flat(results)[place] = array("d", [lane] * count if type(lane) is float else lane)
