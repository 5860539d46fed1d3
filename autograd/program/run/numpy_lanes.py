"""Running code for batches without the native machine: one instruction at a time on many rows.

A slot that varies holds a lane of numbers, one per row: a NumPy array where NumPy is installed,
else a list. What is the same for all rows is a plain number, computed with the rule book.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Sequence
from itertools import repeat
from math import fsum, isfinite
from typing import Any

from autograd import primitives
from autograd.operators import COMPARISONS
from autograd.program.code.instructions import TOTAL
from autograd.program.columns.columns import Column, flat
from autograd.program.passes.derived import RowsCode
from autograd.program.run.lane_operations import LISTS, arrays, ieee
from autograd.program.run.point_runner import OTHER_BRANCH, SUSPECT, are_finite, unread

_BLOCK = 4096  # rows at a time: the lanes of a block stay in the cache


class LaneRows:
    """Code for batches, run block by block.

    Args:
        rows_code: What to compute.
        numpy: The module of NumPy, or None to work on lists.
    """

    def __init__(self, rows_code: RowsCode, numpy: Any = None) -> None:
        self.code, self.row_outputs = rows_code
        self.numpy = numpy
        self._operations = arrays(numpy) if numpy is not None else LISTS
        self._before, self._rows, self._after = self._sections()
        # NumPy raises no flag for some powers, so what stands there for its error is looked at.
        self._errors = [slot for slot in unread(self.code) if self.varies[slot]]
        self.work = 0  # threads would wait for each other

    def _sections(self) -> tuple[list[int], list[int], list[int]]:
        # As in the machine: what every row needs, the rows, what needs totals over the rows.
        before: list[int] = []
        rows: list[int] = []
        after: list[int] = []
        code = self.code
        self.varies = bytearray([1] * code.inputs + [0] * (code.slots - code.inputs))
        late = bytearray(code.slots)
        for slot, (operation, operands) in enumerate(code.instructions, start=code.first_result):
            if operation is TOTAL:
                late[slot] = 1
                rows.append(slot)
            elif 1 in {self.varies[operand] for operand in operands}:
                self.varies[slot] = 1
                rows.append(slot)
            else:
                late[slot] = 1 in {late[operand] for operand in operands}
                (after if late[slot] else before).append(slot)
        return before, rows, after

    def run(
        self,
        columns: Any,
        rows: int,
        parameters: Sequence[float],
        scale: float,
        _: int = 1,
        results: Any = None,
        failing: bytearray | None = None,
    ) -> tuple[int, array[float]]:
        """Return a status, as the machine does, and the totals; fill in results and failing."""
        code = self.code
        if not isinstance(columns, list):
            columns = [(columns, place, code.inputs) for place in range(code.inputs)]
        own = [*parameters[:-2], scale, float(rows)]
        slots: list[Any] = [None] * code.inputs + own + list(code.constants)
        slots += [0.0] * len(code.instructions)
        status = 0 if are_finite(own) else SUSPECT
        status |= self._numbers(slots, self._before)
        totals: dict[int, list[float]] = {}
        for first in range(0, rows, _BLOCK):
            count = min(_BLOCK, rows - first)
            for slot, column in enumerate(columns):
                slots[slot] = self._lane(column, first, count)
            status |= self._block(slots, totals, first, count, results, failing)
        for slot, parts in totals.items():
            slots[slot] = _added(parts)
        status |= self._numbers(slots, self._after)
        for left, comparison, right, outcome in code.guards:
            if self.varies[left] or self.varies[right]:
                continue
            if COMPARISONS[comparison](slots[left], slots[right]) is not outcome:
                status |= OTHER_BRANCH
                if failing is not None:
                    failing[:] = b"\1" * rows
        found = array("d", [slots[output] for output in code.outputs])
        return (status if all(map(isfinite, found)) else status | SUSPECT), found

    def _lane(self, column: Column, first: int, count: int) -> Any:
        buffer, offset, stride = column
        start = offset + first * stride
        if self.numpy is None:
            numbers = flat(buffer)
            return [numbers[start + row * stride] for row in range(count)]
        numbers = self.numpy.frombuffer(buffer)
        if stride < 1:
            return numbers[start + stride * self.numpy.arange(count)]
        return numbers[start : start + (count - 1) * stride + 1 : stride]

    def _numbers(self, slots: list[Any], wanted: Sequence[int]) -> int:
        status = 0
        first = self.code.first_result
        for slot in wanted:
            operation, operands = self.code.instructions[slot - first]
            numbers = [slots[operand] for operand in operands]
            slots[slot] = ieee(operation, numbers)
            if not isfinite(slots[slot]):
                status = SUSPECT
        return status

    def _block(
        self,
        slots: list[Any],
        totals: dict[int, list[float]],
        first: int,
        count: int,
        results: Any,
        failing: bytearray | None,
    ) -> int:
        if self.numpy is None:
            status = self._compute(slots, totals, count)
        else:
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
        status |= self._guards(slots, first, failing)
        width = len(self.row_outputs)
        for position, slot in enumerate(self.row_outputs if results is not None else ()):
            lane = slots[slot] if self.varies[slot] else [slots[slot]] * count
            if not self._is_finite(lane):
                status |= SUSPECT
            if self.numpy is not None:
                flat_results = self.numpy.frombuffer(results).reshape(-1, width)
                flat_results[first : first + count, position] = lane
            else:
                last = (first + count) * width
                flat(results)[first * width + position : last : width] = array("d", lane)
        return status

    def _compute(self, slots: list[Any], totals: dict[int, list[float]], count: int) -> int:
        status = 0
        first = self.code.first_result
        for slot in self._rows:
            operation, operands = self.code.instructions[slot - first]
            lanes = [slots[operand] for operand in operands]
            if operation is TOTAL:
                totals.setdefault(slot, []).extend(self._total(lanes, count))
                continue
            known = self._operations.get(operation)
            if known is not None:
                slots[slot] = known(*lanes)
                continue
            each = [lane if self._is_lane(lane) else repeat(lane) for lane in lanes]
            try:
                found = list(map(operation.checked_forward, *each))
                if operation is primitives.div and not all(map(isfinite, found)):
                    status = SUSPECT
            except (ArithmeticError, ValueError):
                each = [lane if self._is_lane(lane) else [lane] * count for lane in lanes]
                found = [ieee(operation, numbers) for numbers in zip(*each, strict=True)]
                status = SUSPECT
            slots[slot] = found if self.numpy is None else self.numpy.array(found)
        if not all(self._is_finite(slots[slot]) for slot in self._errors):
            status = SUSPECT
        return status

    def _is_lane(self, thing: Any) -> bool:
        return type(thing) is not float

    def _total(self, lanes: Sequence[Any], count: int) -> list[float]:
        size = len(lanes) // 2
        found = []
        for x, y in zip(lanes[:size], lanes[size:], strict=True):
            if self.numpy is None:
                each = [z if self._is_lane(z) else repeat(z, count) for z in (x, y)]
                found.append(_added(list(map(operator.mul, *each))))
            elif self._is_lane(x) and self._is_lane(y):
                found.append(float(self.numpy.dot(x, y)))
            else:
                found.append(float((x * y).sum()))
        return found

    def _guards(self, slots: Sequence[Any], first: int, failing: bytearray | None) -> int:
        status = 0
        for left, comparison, right, outcome in self.code.guards:
            if not self.varies[left] and not self.varies[right]:
                continue
            x, y = slots[left], slots[right]
            compare: Callable[[Any, Any], Any] = COMPARISONS[comparison]
            if self.numpy is not None:
                wrong = (compare(x, y) != outcome).nonzero()[0].tolist()
            else:
                each = [z if self._is_lane(z) else repeat(z) for z in (x, y)]
                wrong = [row for row, is_so in enumerate(map(compare, *each)) if is_so != outcome]
            for row in wrong:
                status = OTHER_BRANCH
                if failing is not None:
                    failing[first + row] = 1
        return status

    def _is_finite(self, lane: Any) -> bool:
        if self.numpy is None:
            return all(map(isfinite, lane))
        return bool(self.numpy.isfinite(lane).all())


def _added(numbers: Sequence[float]) -> float:
    try:
        return fsum(numbers)
    except (OverflowError, ValueError):  # infinities of both signs, or a sum that is infinite
        return sum(numbers)
