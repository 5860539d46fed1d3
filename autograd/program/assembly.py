"""Assembly: straight-line code becomes packs of equal instructions, which the machine runs.

Instructions of the same operation and depth do not depend on each other: they form one pack, whose
results lie side by side. A layer of a network is then a handful of packs, however wide it is. What
is the same for all rows of a batch lies in a memory U of single numbers; what varies lies in a
memory V of blocks, one lane per row. `native/machine.h` says how the words are read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from autograd import primitives
from autograd.primitive import Primitive
from autograd.primitives import RULES
from autograd.program.code import TOTAL, Code
from autograd.program.collector import collector_paused
from autograd.program.ranges import Ranges

COPY, TOTALS, OUTER = -1, -2, -3
NONE = -1  # in place of an operand's mode
_COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")
CODES = {primitive: code for code, primitive in enumerate(RULES.values(), start=1)}
_BEFORE, _ROWS, _AFTER = range(3)
_FEW = 4  # results; fewer numbers are computed sooner one by one than as a pack
_Addresses = Sequence[int]


@dataclass
class Assembled:
    """What `autograd.native.machine.Machine` is made of."""

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


@dataclass
class _Pack:
    """Instructions of one operation and depth."""

    operation: Primitive
    section: int
    level: int
    slots: list[int] = field(default_factory=list)


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
        self.section = bytearray(code.slots)
        self.level = [0] * code.slots
        self.in_rows = bytearray([rows] * code.inputs + [0] * (code.slots - code.inputs))
        self.address = self._given_addresses()
        self.words: list[int] = []
        self.lists: list[int] = []
        self.known_lists: dict[tuple[int, ...], int] = {}
        self.list_words: list[int] = []  # words that are to point into the lists
        self.spreads: dict[int, int] = {}
        # The totals of the outputs in their order, where that can be; room for the others behind.
        self.totals_at = self.next_uniform
        self.next_total = self.totals_at + len(code.outputs)
        totals = sum(1 for operation, _ in code.instructions if operation is TOTAL)
        self.totals = len(code.outputs) + totals if totals else 0
        self.next_uniform += self.totals
        self.places = self._places_of_totals()
        self.varying = Ranges(code.inputs if rows else 0)

    def _given_addresses(self) -> list[int]:
        # U holds parameters, constants and, in code for points, the inputs.
        code = self.code
        address = [0] * code.slots
        for position in range(code.parameters):
            address[code.inputs + position] = position
        for position in range(len(code.constants)):
            address[code.first_constant + position] = code.parameters + position
        self.inputs_at = 0 if self.rows else code.parameters + len(code.constants)
        for position in range(code.inputs):
            address[position] = self.inputs_at + position
        self.next_uniform = code.parameters + len(code.constants)
        if not self.rows:
            self.next_uniform += code.inputs
        return address

    def assembled(self) -> Assembled:
        code = self.code
        packs = self._packs()
        last_use = self._last_uses() if self.rows else []
        ends = []
        for section in (_BEFORE, _ROWS, _AFTER):
            expired: dict[int, list[tuple[int, int]]] = {}
            if section == _ROWS:
                self._spread(packs[_ROWS])
            level = 0
            for pack in packs[section]:
                for now in range(level, pack.level) if section == _ROWS else ():
                    for base, count in expired.pop(now, ()):
                        self.varying.free(base, count)
                level = pack.level
                self._write(pack)
                if section == _ROWS and pack.operation is not TOTAL:
                    until = max([last_use[slot] for slot in pack.slots])
                    base = min([self.address[slot] for slot in pack.slots])
                    expired.setdefault(max(until, level), []).append((base, len(pack.slots)))
            ends.append(len(self.words))
        for word in self.list_words:
            self.words[word] += len(self.words)
        return Assembled(
            words=array("i", self.words + self.lists),
            sections=(ends[0], ends[1], ends[2]),
            uniforms=self.next_uniform,
            varying=self.varying.size if self.rows else 0,
            constants=array("d", code.constants),
            constants_at=code.parameters,
            parameters_at=0,
            parameters=code.parameters,
            inputs_at=self.inputs_at,
            inputs=code.inputs,
            scale_at=code.parameters - 2 if self.rows else -1,
            rows_at=code.parameters - 1 if self.rows else -1,
            totals_at=self.totals_at,
            totals=self.totals,
            outputs=array("i", [self._uniform(slot) for slot in code.outputs]),
            row_outputs=array("i", [self._anywhere(slot) for slot in self.row_outputs]),
            guards=array("i", self._guards()),
        )

    def _point_packs(self) -> list[list[_Pack]]:
        found: dict[Any, _Pack] = {}
        level = self.level
        slot = self.code.first_result
        for operation, operands in self.code.instructions:
            if operation is TOTAL:
                raise ValueError("a total over rows in code for single points")
            depth = level[slot] = max([level[operand] for operand in operands], default=0) + 1
            key = (depth, operation, len(operands))
            pack = found.get(key)
            if pack is None:
                pack = found[key] = _Pack(operation, _BEFORE, depth)
            pack.slots.append(slot)
            slot += 1
        return [sorted(found.values(), key=_level_of), [], []]

    def _packs(self) -> list[list[_Pack]]:
        if not self.rows:
            return self._point_packs()
        found: dict[Any, _Pack] = {}
        section, level, in_rows = self.section, self.level, self.in_rows
        slot = self.code.first_result
        for operation, operands in self.code.instructions:
            depth, part, varies = 0, _BEFORE, 0
            for operand in operands:
                varies |= in_rows[operand]
                part = max(part, section[operand])
            if operation is TOTAL:
                part, varies = _AFTER, 0
                run_in = _ROWS
            elif varies:
                if part == _AFTER:
                    raise ValueError("an instruction of a row that needs a total over all rows")
                part = run_in = _ROWS
            else:
                run_in = part
            for operand in operands:
                if section[operand] == run_in and level[operand] >= depth:
                    depth = level[operand] + 1
            section[slot] = part
            in_rows[slot] = varies
            level[slot] = 0 if operation is TOTAL else depth
            key = (run_in, depth, operation, self._kind(operation, operands))
            pack = found.get(key)
            if pack is None:
                pack = found[key] = _Pack(operation, run_in, depth)
            pack.slots.append(slot)
            slot += 1
        by_section: list[list[_Pack]] = [[], [], []]
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

    def _last_uses(self) -> list[int]:
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
        kept = [*self.row_outputs, *[s for g in self.code.guards for s in (g.left, g.right)]]
        for slot in kept:
            last[slot] = 1 << 60
        return last

    # --- Where operands lie -----------------------------------------------------------------------

    def _spread(self, packs: Iterable[_Pack]) -> None:
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
            base = self.varying.take(len(wanted))
            self.words += [COPY, len(wanted), base]
            self._operand([self.address[slot] for slot in wanted], False)
            self.spreads = {slot: base + position for position, slot in enumerate(wanted)}

    def _instruction(self, slot: int) -> tuple[Primitive, tuple[int, ...]]:
        return self.code.instructions[slot - self.code.first_result]

    def _factors(self, operands: tuple[int, ...]) -> tuple[list[int], list[int], int | None]:
        """Return the factors of a dot, what is the same for all rows on the left, and its bias."""
        size = len(operands) // 2
        left, right = list(operands[:size]), list(operands[size : 2 * size])
        if self.rows:
            in_rows = self.in_rows
            for i, (x, y) in enumerate(zip(left, right, strict=True)):
                if in_rows[x] and not in_rows[y]:
                    left[i], right[i] = y, x
        return left, right, operands[-1] if len(operands) % 2 else None

    def _in_v(self, slot: int) -> int:
        return self.address[slot] if self.in_rows[slot] else self.spreads[slot]

    def _uniform(self, slot: int) -> int:
        if self.in_rows[slot]:
            raise ValueError(f"slot {slot} varies from row to row; it cannot be an output of all")
        return self.address[slot]

    def _anywhere(self, slot: int) -> int:
        return self.address[slot] if self.in_rows[slot] else -1 - self.address[slot]

    def _guards(self) -> list[int]:
        words: list[int] = []
        for left, comparison, right, outcome in self.code.guards:
            for slot in (left, right):
                words += [2 if self.in_rows[slot] else 0, self.address[slot]]
            words.insert(-2, _COMPARISONS.index(comparison))
            words.append(int(outcome))
        return words

    # --- Writing packs ----------------------------------------------------------------------------

    def _write(self, pack: _Pack) -> None:
        if pack.operation is TOTAL:
            self._write_totals(pack)
        elif pack.operation is primitives.dot:
            self._write_dots(pack)
        elif pack.operation.is_variadic:
            self._write_variadic(pack)
        else:
            self._write_elementwise(pack)

    def _place(self, pack_section: int, slots: Sequence[int]) -> int:
        """Give results that lie side by side their addresses; return the first."""
        if pack_section == _ROWS:
            base = self.varying.take(len(slots))
        else:
            base = self.next_uniform
            self.next_uniform += len(slots)
        for position, slot in enumerate(slots):
            self.address[slot] = base + position
        return base

    def _write_one_by_one(self, pack: _Pack) -> None:
        """Write packs of one number in U each: what a machine runs soonest."""
        address, first = self.address, self.code.first_result
        code, words, at = CODES[pack.operation], self.words, self.next_uniform
        for slot in pack.slots:
            words += (code, 1, at)
            for operand in self.code.instructions[slot - first].operands:
                words += (0, address[operand], 0)
            address[slot] = at
            at += 1
        self.next_uniform = at

    def _write_elementwise(self, pack: _Pack) -> None:
        if len(pack.slots) < _FEW and pack.section != _ROWS:
            self._write_one_by_one(pack)
            return
        address, first = self.address, self.code.first_result
        instructions = self.code.instructions
        slots = pack.slots
        arity = pack.operation.arity
        columns = [
            [address[instructions[slot - first].operands[i]] for slot in slots]
            for i in range(arity)
        ]
        if len(slots) > 1 and not all(map(_is_regular, columns)):
            places = sorted(zip(*columns, slots, strict=True))
            *columns, slots = [list(column) for column in zip(*places, strict=True)]
        elif columns[0][0] > columns[0][-1]:  # upwards, as vectors are read
            columns, slots = [column[::-1] for column in columns], slots[::-1]
        operands = instructions[slots[0] - first].operands
        varying = [bool(self.in_rows[operand]) for operand in operands]
        base = self._place(pack.section, slots)
        self.words += [CODES[pack.operation], len(slots), base]
        for column, in_v in zip(columns, varying, strict=True):
            self._operand(column, in_v)

    def _write_variadic(self, pack: _Pack) -> None:
        in_v = pack.section == _ROWS
        where = self._in_v if in_v else self.address.__getitem__
        grid = [tuple(map(where, self._instruction(slot)[1])) for slot in pack.slots]
        base = self._place(pack.section, pack.slots)
        self.words += [CODES[pack.operation], len(grid), len(grid[0]), base]
        self._grid(grid, in_v)

    def _write_dots(self, pack: _Pack) -> None:
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
        groups = [slots for slots in shared.values() if len(slots) > 1] + ([alone] if alone else [])
        for group in groups:  # upwards, as vectors are read
            group.sort(key=lambda slot: self._left_address(factors[slot]))
        together = [slot for group in groups for slot in group]
        self._place(pack.section, together)
        in_v = pack.section == _ROWS
        for group in groups:
            lefts, rights, biases = zip(*[factors[slot] for slot in group], strict=True)
            left_in_v = in_v and any([self.in_rows[x] for x in lefts[0]])
            right_place = self._in_v if in_v else self.address.__getitem__
            left_place = self._in_v if left_in_v else self.address.__getitem__
            self.words += [
                CODES[pack.operation], len(group), len(lefts[0]), self.address[group[0]],
            ]  # fmt: skip
            if biases[0] is None:
                self.words += [NONE, 0, 0]
            else:
                self._operand([self.address[x] for x in biases], bool(self.in_rows[biases[0]]))
            self._grid([tuple(map(left_place, row)) for row in lefts], left_in_v)
            self._grid([tuple(map(right_place, row)) for row in rights], in_v)

    def _left_address(self, factors: tuple[list[int], list[int], int | None]) -> int:
        return self.address[factors[0][0]] if factors[0] else 0

    def _write_totals(self, pack: _Pack) -> None:
        sums: dict[tuple[int, bool, bool], list[tuple[int, list[int], list[int]]]] = {}
        by_right: dict[int, list[tuple[int, int]]] = {}
        for slot in pack.slots:
            left, right, _ = self._factors(self._instruction(slot)[1])
            varies = [bool(self.in_rows[x]) for x in left]
            if len(left) == 1 and varies[0]:
                by_right.setdefault(right[0], []).append((left[0], slot))
            else:
                ones = all([self._is_one(x) for x in left])
                key = (len(left), ones, any(varies))
                sums.setdefault(key, []).append((slot, left, right))
        rectangles: dict[tuple[int, ...], list[int]] = {}
        for factor, others in by_right.items():
            others.sort()
            rectangles.setdefault(tuple([x for x, _ in others]), []).append(factor)
        for lefts, rights in rectangles.items():
            rights.sort(key=lambda factor: self.places.get(by_right[factor][0][1], 0))
            slots = [[slot for _, slot in by_right[factor]] for factor in rights]
            self._write_outer([self.address[x] for x in lefts], rights, slots)
        for (terms, ones, left_in_v), rows in sums.items():
            one = rows[0][1][0]
            if ones and terms == 1 and one in self.spreads:  # so that they can lie a step apart
                rows.sort(key=lambda row: self.places.get(row[0], 0))
                slots = [[slot] for slot, _, _ in rows]
                self._write_outer([self.spreads[one]], [right[0] for _, _, right in rows], slots)
                continue
            base = self._take_totals([slot for slot, _, _ in rows])
            self.words += [TOTALS, len(rows), terms, base]
            if ones:
                self.words += [NONE, 0, 0, 0]
            else:
                place = self._in_v if left_in_v else self.address.__getitem__
                self._grid([tuple(map(place, left)) for _, left, _ in rows], left_in_v)
            self._grid([tuple(map(self._in_v, right)) for _, _, right in rows], True)

    def _write_outer(self, lefts: list[int], rights: Sequence[int], slots: list[list[int]]) -> None:
        places = [[self.places.get(slot, -1) for slot in row] for row in slots]
        base, step = places[0][0], _step(places[0]) or 1
        row_step = places[1][0] - base if len(places) > 1 else len(lefts)
        regular = [
            [base + k * row_step + i * step for i in range(len(lefts))] for k in range(len(rights))
        ]
        if base >= 0 and step > 0 and row_step > 0 and places == regular:
            for row, row_places in zip(slots, places, strict=True):
                for slot, place in zip(row, row_places, strict=True):
                    self.address[slot] = self.totals_at + place
            base += self.totals_at
        else:
            base = self._take_totals([slot for row in slots for slot in row])
            step, row_step = 1, len(lefts)
        self.words += [OUTER, len(lefts), len(rights), base, step, row_step]
        self._operand(lefts, True)
        self._operand([self.address[x] for x in rights], True)

    def _places_of_totals(self) -> dict[int, int]:
        """Return for every total the place of the output that needs it."""
        places: dict[int, int] = {}
        first = self.code.first_result
        for place, output in enumerate(self.code.outputs):
            if output >= first:
                operation, operands = self._instruction(output)
                near = [output] if operation is TOTAL else [x for x in operands if x >= first]
                for slot in near:
                    if self._instruction(slot)[0] is TOTAL:
                        places.setdefault(slot, place)
                        break
        return places

    def _take_totals(self, slots: Sequence[int]) -> int:
        base = self.next_total
        self.next_total += len(slots)
        for position, slot in enumerate(slots):
            self.address[slot] = base + position
        return base

    def _is_one(self, slot: int) -> bool:
        position = slot - self.code.first_constant
        return 0 <= position < len(self.code.constants) and self.code.constants[position] == 1.0

    def _operand(self, addresses: list[int], varying: bool) -> None:
        mode = 2 if varying else 0
        if _is_regular(addresses):
            step = addresses[1] - addresses[0] if len(addresses) > 1 else 0
            self.words += [mode, addresses[0], step]
        else:
            self.words += [mode + 1, self._listed(tuple(addresses)), 0]

    def _grid(self, rows: list[tuple[int, ...]], varying: bool) -> None:
        mode = 2 if varying else 0
        first = rows[0]
        shared = len(rows) == 1 or all([row == first for row in rows])
        if shared and _is_regular(first):
            self.words += [mode, first[0] if first else 0, 0, _step(first)]
        elif shared:
            self.words += [mode + 1, self._listed(first), 0, 0]
        elif _is_regular([row[0] for row in rows]) and self._are_alike(rows):
            self.words += [mode, first[0], rows[1][0] - first[0], _step(first)]
        else:
            self.words += [mode + 1, self._listed([x for row in rows for x in row]), 1, 0]

    def _are_alike(self, rows: list[tuple[int, ...]]) -> bool:
        size, step = len(rows[0]), _step(rows[0])
        if size == 1:
            return True
        if step == 0:
            return all([row.count(row[0]) == size for row in rows])
        return all([row == tuple(range(row[0], row[0] + step * size, step)) for row in rows])

    def _listed(self, addresses: Sequence[int]) -> int:
        """Put addresses in the lists; the word about to be written will point to them."""
        key = tuple(addresses)
        at = self.known_lists.get(key)
        if at is None:
            at = self.known_lists[key] = len(self.lists)
            self.lists += key
        self.list_words.append(len(self.words) + 1)
        return at


_level_of = attrgetter("level")


def _step(addresses: _Addresses) -> int:
    return addresses[1] - addresses[0] if len(addresses) > 1 else 0


def _is_regular(addresses: _Addresses) -> bool:
    count = len(addresses)
    if count < 3:
        return True
    step = addresses[1] - addresses[0]
    if step == 0:
        return all([address == addresses[0] for address in addresses])
    first = addresses[0]
    return list(addresses) == list(range(first, first + step * count, step))
