"""Batches on NumPy's arrays: one instruction at a time on a block of many rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from autograd.machine.words import SUSPECT
from autograd.primitive import Primitive
from autograd.program.code.instructions import TOTAL
from autograd.program.passes.derived import RowsCode
from autograd.program.run.array_operations import on_arrays
from autograd.program.run.point_runner import unread
from autograd.program.run.sections import Sections, ieee


class ArrayRows(Sections):
    """Code for batches: what varies is an array, one number per row.

    Args:
        rows_code: What to compute.
        numpy: The module of NumPy.
    """

    most_rows = 4096  # the arrays of a block stay in the cache

    def __init__(self, rows_code: RowsCode, numpy: Any) -> None:
        super().__init__(rows_code)
        self.numpy = numpy
        used = dict.fromkeys(operation for operation, _ in self.code.instructions)
        self._operations = {operation: on_arrays(operation, numpy) for operation in used}
        # NumPy raises no flag for some powers, so what stands there for its error is looked at.
        self._errors = [slot for slot in unread(self.code) if self.varies[slot]]

    def lane(self, buffer: Any, start: int, stride: int, count: int) -> Any:
        """See `Sections.lane`."""
        numbers = self.numpy.frombuffer(buffer)
        if stride < 1:
            return numbers[start + stride * self.numpy.arange(count)]
        return numbers[start : start + (count - 1) * stride + 1 : stride]

    def compute(self, slots: list[Any], totals: dict[int, list[float]], count: int) -> int:
        """See `Sections.compute`."""
        try:
            found: dict[int, list[float]] = {}
            with self.numpy.errstate(over="raise", divide="raise", invalid="raise"):
                status = self._compute(slots, found, count)
        except FloatingPointError:
            found = {}
            with self.numpy.errstate(all="ignore"):
                status = self._compute(slots, found, count) | SUSPECT
        for slot, parts in found.items():
            totals.setdefault(slot, []).extend(parts)
        return status

    def _compute(self, slots: list[Any], totals: dict[int, list[float]], count: int) -> int:
        status = 0
        numpy, first = self.numpy, self.code.first_result
        array = numpy.ndarray
        for slot in self.rows:
            operation, operands = self.code.instructions[slot - first]
            lanes = [slots[operand] for operand in operands]
            if operation is TOTAL:
                totals[slot] = self._total(lanes)
                continue
            known = self._operations[operation]
            if known is None:
                found, trouble = _row_by_row(operation, lanes, count)
                status |= trouble
                found = numpy.array(found)
            else:
                found = known(*lanes)
                if type(found) is not array or not found.shape:  # a value that is a constant
                    found = numpy.full(count, found)
            slots[slot] = found
        if not all(self.is_finite(slots[slot]) for slot in self._errors):
            status = SUSPECT
        return status

    def _total(self, lanes: Sequence[Any]) -> list[float]:
        size = len(lanes) // 2
        found = []
        for x, y in zip(lanes[:size], lanes[size:], strict=True):
            both_vary = type(x) is not float and type(y) is not float
            found.append(float(self.numpy.dot(x, y) if both_vary else (x * y).sum()))
        return found

    def differing(self, comparison: Any, left: Any, right: Any, outcome: bool) -> list[int]:
        """See `Sections.differing`."""
        rows: list[int] = (comparison(left, right) != outcome).nonzero()[0].tolist()
        return rows

    def is_finite(self, lane: Any) -> bool:
        """See `Sections.is_finite`."""
        return bool(self.numpy.isfinite(lane).all())

    def write(self, lane: Any, results: Any, place: slice) -> None:
        """See `Sections.write`."""
        self.numpy.frombuffer(results)[place] = lane


def _row_by_row(operation: Primitive, lanes: Sequence[Any], count: int) -> tuple[list[float], int]:
    """Return an operation that only Python knows, and a status."""
    each = [repeat(lane, count) if type(lane) is float else lane.tolist() for lane in lanes]
    try:
        return list(map(operation.checked_forward, *each)), 0
    except (ArithmeticError, ValueError):
        each = [[lane] * count if type(lane) is float else lane.tolist() for lane in lanes]
        return [ieee(operation, numbers) for numbers in zip(*each, strict=True)], SUSPECT
