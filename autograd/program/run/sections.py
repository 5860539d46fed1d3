"""Code for batches in Python: what the rows share is computed once, the rows block by block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Sequence
from math import fsum, inf, isfinite, nan
from typing import Any

from autograd.machine.words import OTHER_BRANCH, SUSPECT
from autograd.operators import COMPARISONS
from autograd.primitive import Primitive
from autograd.program.code.instructions import TOTAL
from autograd.program.columns.columns import Column
from autograd.program.passes.derived import RowsCode
from autograd.program.run.point_runner import are_finite


def ieee(operation: Primitive, numbers: Sequence[float]) -> float:
    """Return an operation's value, an infinity or NaN where the rule book raises an error.

    Example:
        >>> from autograd import primitives
        >>> ieee(primitives.div, [-1.0, 0.0]), ieee(primitives.exp, [1000.0])
        (-inf, inf)
    """
    try:
        return operation.value(numbers)
    except (ArithmeticError, ValueError) as error:
        if operation.ieee is not None:
            return operation.ieee(*numbers)
        return inf if isinstance(error, OverflowError) else nan


class Sections(ABC):
    """Code for batches in the three sections that the machine has, too.

    Args:
        rows_code: What to compute.

    Attributes:
        code: The code.
        row_outputs: Its results that exist for every row.
        varies: Of every slot whether it differs from row to row.
        before: The slots of what all rows share.
        rows: The slots of what varies, and of the totals over the rows.
        after: The slots of what needs such a total.
    """

    most_rows: int  # of a block

    def __init__(self, rows_code: RowsCode) -> None:
        self.code, self.row_outputs = code, _ = rows_code
        self.before: list[int] = []
        self.rows: list[int] = []
        self.after: list[int] = []
        self.varies = bytearray([1] * code.inputs + [0] * (code.slots - code.inputs))
        late = bytearray(code.slots)
        for slot, (operation, operands) in enumerate(code.instructions, start=code.first_result):
            if operation is TOTAL:
                late[slot] = 1
                self.rows.append(slot)
            elif 1 in {self.varies[operand] for operand in operands}:
                self.varies[slot] = 1
                self.rows.append(slot)
            else:
                late[slot] = 1 in {late[operand] for operand in operands}
                (self.after if late[slot] else self.before).append(slot)

    @abstractmethod
    def lane(self, buffer: Any, start: int, stride: int, count: int) -> Any:
        """Return the numbers of an input in a block of rows."""

    @abstractmethod
    def compute(self, slots: list[Any], totals: dict[int, list[float]], count: int) -> int:
        """Fill in the lanes of a block of rows; add to the parts of the totals; return a status."""

    @abstractmethod
    def differing(self, comparison: Any, left: Any, right: Any, outcome: bool) -> Iterable[int]:
        """Return the rows of lanes for which a comparison comes out differently."""

    @abstractmethod
    def is_finite(self, lane: Any) -> bool:
        """Return whether a lane, or what all rows share, is finite."""

    @abstractmethod
    def write(self, lane: Any, results: Any, place: slice) -> None:
        """Write a lane, or what all rows share, to these places of the results."""

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
        """Return a status, as the machine does, and the totals; see `NativeRows.run`."""
        code = self.code
        columns = _apart(columns, code.inputs)
        into = [] if results is None else _apart(results, len(self.row_outputs))
        own = [*parameters[:-2], scale, float(rows)]
        slots: list[Any] = [None] * code.inputs + own + list(code.constants)
        slots += [0.0] * len(code.instructions)
        status = 0 if are_finite(own) else SUSPECT
        status |= self._numbers(slots, self.before)
        totals: dict[int, list[float]] = {}
        for first in range(0, rows, self.most_rows):
            count = min(self.most_rows, rows - first)
            for slot, (buffer, offset, stride) in enumerate(columns):
                slots[slot] = self.lane(buffer, offset + first * stride, stride, count)
            status |= self.compute(slots, totals, count)
            status |= self._guards(slots, first, failing)
            for slot, (buffer, offset, stride) in zip(self.row_outputs, into, strict=False):
                start = offset + first * stride
                places = slice(start, start + (count - 1) * stride + 1, stride)
                self.write(slots[slot], buffer, places)
                status |= 0 if self.is_finite(slots[slot]) else SUSPECT
        for slot, parts in totals.items():
            slots[slot] = added(parts)
        status |= self._numbers(slots, self.after)
        for left, comparison, right, outcome in code.guards:
            if self.varies[left] or self.varies[right]:
                continue
            if COMPARISONS[comparison](slots[left], slots[right]) is not outcome:
                status |= OTHER_BRANCH
                if failing is not None:
                    failing[:] = b"\1" * rows
        found = array("d", [slots[output] for output in code.outputs])
        return (status if all(map(isfinite, found)) else status | SUSPECT), found

    def _guards(self, slots: Sequence[Any], first: int, failing: bytearray | None) -> int:
        status = 0
        for left, comparison, right, outcome in self.code.guards:
            if not self.varies[left] and not self.varies[right]:
                continue
            compare = COMPARISONS[comparison]
            for row in self.differing(compare, slots[left], slots[right], outcome):
                status = OTHER_BRANCH
                if failing is not None:
                    failing[first + row] = 1
        return status

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


def _apart(columns: Any, width: int) -> list[Column]:
    """Return the columns of one block of rows, or columns as they are."""
    if isinstance(columns, list):
        return columns
    return [(columns, place, width) for place in range(width)]


def added(numbers: Sequence[float]) -> float:
    """Return the sum, exact before it is rounded where it is finite."""
    try:
        return fsum(numbers)
    except (OverflowError, ValueError):  # infinities of both signs, or a sum that is infinite
        return sum(numbers)
