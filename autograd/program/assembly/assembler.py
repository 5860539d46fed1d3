"""Assembly: straight-line code becomes packs of equal instructions, which the machine runs.

The results of a pack lie side by side: a layer of a network is a handful of packs, however wide it
is. What is the same for all rows of a batch lies in a memory U of single numbers; what varies lies
in a memory V of blocks, one lane per row.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import copysign

from autograd import primitives
from autograd.collector import collector_paused
from autograd.machine import native_machine
from autograd.machine.words import (
    ABSENT,
    COMPARISONS,
    COPY,
    IN_U,
    IN_V,
    OUTER,
    OUTERS,
    PRODUCT,
    ROWS_SECTION,
    TOTALS,
)
from autograd.primitives import RULES
from autograd.program.assembly.addresses import Addresses
from autograd.program.assembly.matrix_products import families, matrix_products
from autograd.program.assembly.packs import Pack, Packing
from autograd.program.assembly.ranges import evenly_spaced
from autograd.program.code.instructions import TOTAL, Code, Instruction

CODES = {primitive: code for code, primitive in enumerate(RULES.values(), start=1)}
_MANY_DOTS, _SHORT_DOT = 16, 8  # how many of how few terms are quicker term by term
Factors = tuple[list[int], list[int], "int | None"]  # of a dot: left, right, and its bias
_ELEMENTWISE = {primitive: code for primitive, code in CODES.items() if not primitive.is_variadic}


@dataclass
class Assembled:
    """What `autograd.machine.interpreter.Machine` is made of."""

    words: array[int]
    sections: tuple[int, int, int]
    uniforms: int
    varying: int
    constants: array[float]
    constants_at: int
    parameters_at: int
    parameters: int
    inputs_at: int
    inputs: int
    scale_at: int
    rows_at: int
    totals_at: int
    totals: int
    outputs: array[int]
    row_outputs: array[int]
    guards: array[int]


@collector_paused()
def assemble(code: Code, rows: bool = False, row_outputs: Sequence[int] = ()) -> Assembled:
    """Return the machine words of code.

    Args:
        code: What to compute; its outputs are numbers that are the same for all rows.
        rows: Whether the inputs vary from row to row. The last two parameters are then the weight
            of a row and the number of rows.
        row_outputs: Slots whose numbers are wanted for every row.

    Raises:
        ValueError: If code for single points holds a total over rows.
    """
    return _Assembler(code, rows, row_outputs).assembled()


class _Assembler:
    def __init__(self, code: Code, rows: bool, row_outputs: Sequence[int]) -> None:
        self.code = code
        self.rows = rows
        self.row_outputs = row_outputs
        self.packing = Packing(code, rows)
        self.in_rows = self.packing.in_rows
        self.places = Addresses(code, self.in_rows, rows)
        self.words = native_machine().Words(
            code.instructions, code.first_result, self.places.address, self.in_rows
        )

    def assembled(self) -> Assembled:
        code = self.code
        ends = []
        for section, packs in enumerate(self.packing.packs):
            if section == ROWS_SECTION and self.rows:
                self._write_rows(packs)
            else:
                for pack in packs:
                    self._write(pack)
            ends.append(len(self.words))
        return Assembled(
            words=self.words.finished(),
            sections=(ends[0], ends[1], ends[2]),
            uniforms=self.places.next_uniform,
            varying=self.places.varying.size if self.rows else 0,
            constants=array("d", code.constants),
            constants_at=code.parameters,
            parameters_at=0,
            parameters=code.parameters,
            inputs_at=self.places.inputs_at,
            inputs=code.inputs,
            scale_at=code.parameters - 2 if self.rows else -1,
            rows_at=code.parameters - 1 if self.rows else -1,
            totals_at=self.places.totals_at,
            totals=self.places.totals,
            outputs=array("i", [self.places.in_u(slot) for slot in code.outputs]),
            row_outputs=array("i", [self.places.anywhere(slot) for slot in self.row_outputs]),
            guards=array("i", self._guards()),
        )

    def _write_rows(self, packs: list[Pack]) -> None:
        """Write the packs of the rows; where a number was read for the last time, others go."""
        guarded = [slot for g in self.code.guards for slot in (g.left, g.right)]
        last_use = self.packing.last_uses([*self.row_outputs, *guarded])
        expired: dict[int, list[tuple[int, int]]] = {}
        level = 0
        self._spread(packs)
        for pack in packs:
            for now in range(level, pack.level):
                for base, count in expired.pop(now, ()):
                    self.places.varying.free(base, count)
            level = pack.level
            self._write(pack)
            if pack.operation is not TOTAL:
                until = max([last_use[slot] for slot in pack.slots])
                base = min(self.places.of(pack.slots, True))
                expired.setdefault(max(until, level), []).append((base, len(pack.slots)))

    # --- Where operands lie -----------------------------------------------------------------------

    def _spread(self, packs: Iterable[Pack]) -> None:
        """Copy to V what is the same for all rows but stands where V is read."""
        wanted: dict[int, None] = {}
        for pack in packs:
            for slot in pack.slots:
                operation, operands = self._instruction(slot)
                if operation is primitives.dot or operation is TOTAL:
                    left, right, _ = self._factors(operands)
                    mixed = any([self.in_rows[x] for x in left])
                    uniform = [x for x in right if not self.in_rows[x]]
                    uniform += [x for x in left if not self.in_rows[x]] if mixed else []
                    if operation is TOTAL and len(left) == 1 and len(pack.slots) > 1:
                        uniform += [x for x in left if self._is_one(x)]
                    wanted.update(dict.fromkeys(uniform))
                elif operation.is_variadic:
                    wanted.update(dict.fromkeys(x for x in operands if not self.in_rows[x]))
        if wanted:
            self.words.write(COPY, len(wanted), self.places.spread(wanted))
            self.words.operand(self.places.of(wanted, False), False)

    def _instruction(self, slot: int) -> Instruction:
        return self.code.instructions[slot - self.code.first_result]

    def _factors(self, operands: tuple[int, ...]) -> Factors:
        """Return the factors of a dot, what is the same for all rows on the left, and its bias."""
        size = len(operands) // 2
        left, right = list(operands[:size]), list(operands[size : 2 * size])
        if self.rows:
            in_rows = self.in_rows
            for i, (x, y) in enumerate(zip(left, right, strict=True)):
                if in_rows[x] and not in_rows[y]:
                    left[i], right[i] = y, x
            if size > 1 and self.places.address[right[0]] > self.places.address[right[-1]]:
                left.reverse()  # memory is read upwards; the sweep met the terms from the last on
                right.reverse()
        return left, right, operands[-1] if len(operands) % 2 else None

    def _guards(self) -> list[int]:
        words: list[int] = []
        for left, comparison, right, outcome in self.code.guards:
            for slot in (left, right):
                words += [IN_V if self.in_rows[slot] else IN_U, self.places.address[slot]]
            words.insert(-2, COMPARISONS.index(comparison))
            words.append(int(outcome))
        return words

    # --- Writing packs ----------------------------------------------------------------------------

    def _write(self, pack: Pack) -> None:
        operation, section, _, slots = pack
        if operation in _ELEMENTWISE:
            base = self.places.take(len(slots), section == ROWS_SECTION)
            self.words.elementwise(_ELEMENTWISE[operation], slots, base)
        elif operation is TOTAL:
            self._write_totals(pack)
        elif operation is primitives.dot:
            self._write_dots(pack)
        else:
            self._write_variadic(pack)

    def _write_variadic(self, pack: Pack) -> None:
        in_v = pack.section == ROWS_SECTION
        grid = [self.places.of(self._instruction(slot)[1], in_v) for slot in pack.slots]
        base = self.places.place(pack.slots, in_v)
        self.words.write(CODES[pack.operation], len(grid), len(grid[0]), base)
        self.words.grid(grid, in_v)

    def _write_dots(self, pack: Pack) -> None:
        factors = {slot: self._factors(self._instruction(slot)[1]) for slot in pack.slots}
        shared: dict[tuple[int, ...], list[int]] = {}
        for slot in pack.slots:
            _, right, _ = factors[slot]
            shared.setdefault(tuple(right), []).append(slot)
        if not self.rows and len(shared) == len(pack.slots) > 1:
            # Nothing shared on the right: perhaps on the left.
            by_left: dict[tuple[int, ...], list[int]] = {}
            for slot in pack.slots:
                by_left.setdefault(tuple(factors[slot][0]), []).append(slot)
            if len(by_left) < len(shared):
                shared = by_left
                factors = {s: (right, left, bias) for s, (left, right, bias) in factors.items()}
        alone = [slots[0] for slots in shared.values() if len(slots) == 1]
        groups = [slots for slots in shared.values() if len(slots) > 1]
        for group in [*groups, alone]:  # upwards, as vectors are read
            group.sort(key=lambda slot: self._first_addresses(factors[slot]))
        groups.sort(key=lambda group: self._first_addresses(factors[group[0]])[1:])
        every = [*families(groups, factors), *([[alone]] if alone else [])]
        in_v = pack.section == ROWS_SECTION
        self.places.place([slot for family in every for group in family for slot in group], in_v)
        apart = [factors[slot] for slot in alone] if len(alone) >= _MANY_DOTS else []
        if apart and not self.rows and self._write_term_by_term(apart, alone[0]):
            every.pop()
        for family in every:
            lefts, rights, biases = zip(*[factors[slot] for slot in family[0]], strict=True)
            base, counts = self.places.address[family[0][0]], [len(lefts), len(lefts[0])]
            if len(family) == 1:
                self.words.write(CODES[pack.operation], *counts, base)
            else:
                self.words.write(PRODUCT, *counts, len(family), base)
                rights = tuple([factors[group[0]][1] for group in family])
            if biases[0] is None:
                self.words.write(ABSENT, 0, 0)
            else:
                bias_in_v = bool(self.in_rows[biases[0]])
                self.words.operand(self.places.of(biases, bias_in_v), bias_in_v)
            self._write_grid(lefts, in_v and any([self.in_rows[x] for x in lefts[0]]))
            self._write_grid(rights, in_v)

    def _write_term_by_term(self, dots: Sequence[Factors], first: int) -> bool:
        """Write dots with nothing in common as packs of products and of sums, if they are short.

        Vectors run over the dots then. From 0.0 or the bias on, the additions keep their order.
        """
        count, size, take = len(dots), len(dots[0][0]), self.places.take
        zeros = [i for i, x in enumerate(self.code.constants, self.code.first_constant) if _is_0(x)]
        starts = [bias for _, _, bias in dots if bias is not None] or zeros[:1] * count
        if not 0 < size <= _SHORT_DOT or not starts:
            return False
        base, spare, products = self.places.address[first], take(count, False), take(count, False)
        sums = self.places.of(starts, False)
        for i in range(size):
            self.words.write(CODES[primitives.mul], count, products)
            self.words.operand(self.places.of([left[i] for left, _, _ in dots], False), False)
            self.words.operand(self.places.of([right[i] for _, right, _ in dots], False), False)
            into = spare if (size - i) % 2 == 0 else base
            self.words.write(CODES[primitives.add], count, into)
            self.words.operand(sums, False)
            self.words.operand(range(products, products + count), False)
            sums = tuple(range(into, into + count))
        return True

    def _write_grid(self, rows: Iterable[Sequence[int]], in_v: bool) -> None:
        self.words.grid([self.places.of(row, in_v) for row in rows], in_v)

    def _first_addresses(self, factors: Factors) -> tuple[int, ...]:
        left, right, _ = factors
        return self.places.of([left[0], right[0]], False) if left else ()

    def _write_totals(self, pack: Pack) -> None:
        outputs = self.places.output_places
        products: list[tuple[int, list[int], list[int]]] = []
        sums: dict[tuple[int, bool, bool], list[tuple[int, list[int], list[int]]]] = {}
        for slot in pack.slots:
            left, right, _ = self._factors(self._instruction(slot)[1])
            varies = [bool(self.in_rows[x]) for x in left]
            if all(varies):
                products.append((slot, left, right))
            else:
                ones = all([self._is_one(x) for x in left])
                key = (len(left), ones, any(varies))
                sums.setdefault(key, []).append((slot, left, right))
        for lefts, rights, slots in matrix_products(products, outputs):
            terms = len(rights[0])
            if len(lefts) == len(rights) == 1 < terms:  # shares nothing with others
                alone = (slots[0][0], list(lefts[0]), list(rights[0]))
                sums.setdefault((terms, False, True), []).append(alone)
            else:
                self._write_outer([self.places.of(x, True) for x in lefts], rights, slots)
        for (terms, ones, left_in_v), rows in sums.items():
            one = rows[0][1][0]
            if ones and terms == 1 and one in self.places.spreads:  # so they can lie a step apart
                rows.sort(key=lambda row: outputs.get(row[0], -1))
                for start, end in evenly_spaced([outputs.get(row[0], -1) for row in rows]):
                    rights = [tuple(right) for _, _, right in rows[start:end]]
                    slots = [[slot] for slot, _, _ in rows[start:end]]
                    self._write_outer([self.places.of([one], True)], rights, slots)
                continue
            base = self.places.place_totals([slot for slot, _, _ in rows])
            self.words.write(TOTALS, len(rows), terms, base)
            if ones:
                self.words.write(ABSENT, 0, 0, 0)
            else:
                self._write_grid([left for _, left, _ in rows], left_in_v)
            self._write_grid([right for _, _, right in rows], True)

    def _write_outer(
        self,
        lefts: Sequence[tuple[int, ...]],
        rights: Sequence[tuple[int, ...]],
        slots: list[list[int]],
    ) -> None:
        """Write the totals of all products of one of the left, places, with one of the right."""
        outputs = [[self.places.output_places.get(slot, -1) for slot in row] for row in slots]
        base, step = outputs[0][0], outputs[0][1] - outputs[0][0] if len(lefts) > 1 else 1
        row_step = outputs[1][0] - base if len(outputs) > 1 else len(lefts)
        regular = [
            [base + k * row_step + i * step for i in range(len(lefts))] for k in range(len(rights))
        ]
        if base >= 0 and step > 0 and row_step > 0 and outputs == regular:
            for row in slots:
                for slot in row:
                    self.places.place_as_output(slot)
            base += self.places.totals_at
        else:
            base = self.places.place_totals([slot for row in slots for slot in row])
            step, row_step = 1, len(lefts)
        sizes, terms = [len(lefts), len(rights)], len(rights[0])
        if terms == 1:
            self.words.write(OUTER, *sizes, base, step, row_step)
            self.words.operand([place for (place,) in lefts], True)
            self.words.operand(self.places.of([x for (x,) in rights], True), True)
        else:
            self.words.write(OUTERS, *sizes, terms, base, step, row_step)
            self.words.grid(lefts, True)
            self._write_grid(rights, True)

    def _is_one(self, slot: int) -> bool:
        position = slot - self.code.first_constant
        return 0 <= position < len(self.code.constants) and self.code.constants[position] == 1.0


def _is_0(number: float) -> bool:
    return number == 0.0 and copysign(1.0, number) > 0.0
