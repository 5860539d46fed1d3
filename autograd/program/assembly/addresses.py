"""Addresses: where in the machine's memory the number of every slot is.

U holds single numbers, in this order: parameters, constants, in code for points the inputs, totals
over the rows, then results. V holds blocks of one lane a row: the inputs, then results; where a
block was read for the last time, others take its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograd.program.assembly.ranges import Ranges
from autograd.program.code.instructions import TOTAL, Code


class Addresses:
    """Where every slot is.

    Args:
        code: What is computed.
        in_rows: Of every slot, whether it varies from row to row, and so is in V.
        rows: Whether there are rows; inputs are in U if not.

    Attributes:
        address: Of every slot, its place in U or V; of results, once they were given one.
        spreads: Of slots in U that are copied to V as well, the place there.
        inputs_at: The first input's place.
        next_uniform: How much of U is taken.
        varying: What of V is taken.
        totals_at: The first total's place, if there is one.
        output_places: Of totals, which output needs them: there they should be.
    """

    def __init__(self, code: Code, in_rows: Sequence[int], rows: bool) -> None:
        self.code = code
        self.in_rows = in_rows
        self.address = address = [0] * code.slots
        for position in range(code.parameters):
            address[code.inputs + position] = position
        for position in range(len(code.constants)):
            address[code.first_constant + position] = code.parameters + position
        self.next_uniform = code.parameters + len(code.constants)
        self.inputs_at = 0 if rows else self.next_uniform
        for position in range(code.inputs):
            address[position] = self.inputs_at + position
        if not rows:
            self.next_uniform += code.inputs
        self.varying = Ranges(code.inputs if rows else 0)
        self.spreads: dict[int, int] = {}
        self.totals_at = self.next_uniform
        self._next_total = self.totals_at + len(code.outputs)
        totals = sum(1 for operation, _ in code.instructions if operation is TOTAL)
        if totals:  # one place for each output, and room for those that are none
            self.next_uniform += len(code.outputs) + totals
        self._has_totals = totals > 0
        self.output_places = self._output_places() if totals else {}

    @property
    def totals(self) -> int:
        """How many places totals have so far: those of the outputs, and of those that are none."""
        return self._next_total - self.totals_at if self._has_totals else 0

    def _output_places(self) -> dict[int, int]:
        places: dict[int, int] = {}
        instructions, first = self.code.instructions, self.code.first_result
        for place, output in enumerate(self.code.outputs):
            if output >= first:
                operation, operands = instructions[output - first]
                near = [output] if operation is TOTAL else [x for x in operands if x >= first]
                for slot in near:
                    if instructions[slot - first].operation is TOTAL:
                        places.setdefault(slot, place)
                        break
        return places

    # --- Giving places ----------------------------------------------------------------------------

    def take(self, count: int, in_v: bool) -> int:
        """Return the first of so many places side by side, which nobody else gets."""
        if in_v:
            return self.varying.take(count)
        self.next_uniform += count
        return self.next_uniform - count

    def place(self, slots: Sequence[int], in_v: bool) -> int:
        """Give results places side by side; return the first."""
        base = self.take(len(slots), in_v)
        for at, slot in enumerate(slots, start=base):
            self.address[slot] = at
        return base

    def place_totals(self, slots: Sequence[int]) -> int:
        """Give totals places side by side behind those of the outputs; return the first."""
        base = self._next_total
        for slot in slots:
            self.address[slot] = self._next_total
            self._next_total += 1
        return base

    def place_as_output(self, slot: int) -> None:
        """Give a total the place of the output that needs it."""
        self.address[slot] = self.totals_at + self.output_places[slot]

    def spread(self, slots: Iterable[int]) -> int:
        """Give slots that are in U places side by side in V too; return the first."""
        wanted = list(slots)
        base = self.varying.take(len(wanted))
        self.spreads = {slot: base + position for position, slot in enumerate(wanted)}
        return base

    # --- Asking for places ------------------------------------------------------------------------

    def of(self, slots: Iterable[int], in_v: bool) -> tuple[int, ...]:
        """Return the places of slots in U, where they all are, or in V."""
        address = self.address
        if not in_v:
            return tuple([address[slot] for slot in slots])
        in_rows, spreads = self.in_rows, self.spreads
        return tuple([address[x] if in_rows[x] else spreads[x] for x in slots])

    def in_u(self, slot: int) -> int:
        """Return the place of an output that is the same for all rows.

        Raises:
            ValueError: If it varies from row to row.
        """
        if self.in_rows[slot]:
            raise ValueError(f"slot {slot} varies from row to row; it cannot be an output of all")
        return self.address[slot]

    def anywhere(self, slot: int) -> int:
        """Return a place in V, or -1 less one in U."""
        return self.address[slot] if self.in_rows[slot] else -1 - self.address[slot]
