"""Value numbering: instructions are written one after the other, and never the same twice.

An instruction on constants is computed at once, one that was written before is reused, one that an
identity makes superfluous is left out; what nobody needs is dropped at the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from autograd.machine import compiled
from autograd.primitive import Primitive
from autograd.program.code.instructions import TOTAL, Instruction, instruction
from autograd.program.passes.identities import IDENTITIES

# What a slot holds: a number known now, one that all rows of a batch share, one of each row. Of a
# result it is what the operands' kinds give by `or`.
CONSTANT, ALIKE, VARYING = 0, 1, 3


@compiled
class Numbering:
    """Instructions being written; compiled where the native machine is built.

    Args:
        inputs: The number of inputs, in slots 0, 1, …
        parameters: The number of parameters, in the slots that follow.

    Attributes:
        operation: Of every slot what computes it; None of inputs, parameters and constants.
        operands: Of every slot those of its operation.
        number: Of every slot the number it holds if it is a constant, else None.
        kind: Of every slot whether it is CONSTANT, ALIKE or VARYING.
        removed: How often nothing had to be written, and why.
    """

    def __init__(self, inputs: int, parameters: int) -> None:
        given = inputs + parameters
        self.operation: list[Primitive | None] = [None] * given
        self.operands: list[tuple[int, ...]] = [()] * given
        self.number: list[float | None] = [None] * given
        self.kind = bytearray([VARYING] * inputs + [ALIKE] * parameters)
        self.removed: Counter[str] = Counter()
        self._given = given
        self._written: defaultdict[Primitive, dict[tuple[int, ...], int]] = defaultdict(dict)
        self._constants: dict[Any, int] = {}

    def constant(self, number: float) -> int:
        """Return the slot of a number."""
        key: Any = number
        if not number:
            key = str(number)  # 0.0 and -0.0 are two constants
        elif number != number:
            key = "nan"
        slot = self._constants.get(key)
        if slot is None:
            slot = self._constants[key] = len(self.operation)
            self.operation.append(None)
            self.operands.append(())
            self.number.append(number)
            self.kind.append(CONSTANT)
        return slot

    def emit(self, operation: Primitive, operands: tuple[int, ...]) -> int:
        """Return the slot of `operation` applied to slots, writing an instruction if need be."""
        key = operands
        if operation.is_commutative and operands[0] > operands[1]:
            key = (operands[1], operands[0])
        written = self._written[operation]
        slot = written.get(key)
        if slot is not None:
            self.removed["merged"] += 1
            return slot
        kind, own = self.kind, CONSTANT
        for operand in operands:
            own |= kind[operand]
        if own == CONSTANT:
            number = folded(operation, [self.number[operand] for operand in operands])
            if number is not None:
                self.removed["folded"] += 1
                slot = written[key] = self.constant(number)
                return slot
        identity = IDENTITIES.get(operation)
        if identity is not None:
            rule, concerns = identity
            made_by = self.operation
            for operand in operands:
                if concerns is None or made_by[operand] in concerns:
                    slot = rule(self, *operands)
                    break
            if slot is not None:
                self.removed["simplified"] += 1
                written[key] = slot
                return slot
        slot = written[key] = len(self.operation)
        self.operation.append(operation)
        self.operands.append(operands)
        self.number.append(None)
        kind.append(ALIKE if operation is TOTAL else own or ALIKE)
        return slot

    def extend(self, slots: list[int], instructions: Iterable[Instruction]) -> None:
        """Write instructions whose operands are places in `slots`, which their results join."""
        emit, append, slot_of = self.emit, slots.append, slots.__getitem__
        for operation, operands in instructions:
            append(emit(operation, tuple(map(slot_of, operands))))

    def kept(self, wanted: Sequence[int]) -> tuple[list[float], list[Instruction], list[int]]:
        """Return what some slots need, numbered anew: what was given, constants, then results.

        Returns:
            The constants; the instructions; of every slot its new number, or -1.
        """
        given = self._given
        needed = bytearray(len(self.operation))
        for slot in wanted:
            needed[slot] = 1
        operands_of = self.operands
        for slot in range(len(needed) - 1, given - 1, -1):
            if needed[slot]:
                for operand in operands_of[slot]:
                    needed[operand] = 1
        place = list(range(given)) + [-1] * (len(needed) - given)
        constants: list[float] = []
        for number, slot in zip(self.number[given:], range(given, len(needed)), strict=True):
            if number is not None and needed[slot]:
                place[slot] = given + len(constants)
                constants.append(number)
        instructions: list[Instruction] = []
        place_of, append = place.__getitem__, instructions.append
        next_place = given + len(constants)
        written = zip(self.operation[given:], operands_of[given:], strict=True)
        for slot, (operation, operands) in enumerate(written, start=given):
            if operation is not None and needed[slot]:
                place[slot] = next_place
                next_place += 1
                append(instruction((operation, tuple(map(place_of, operands)))))
        return constants, instructions, place


def folded(operation: Primitive, numbers: list[Any]) -> float | None:
    """Return an operation on known numbers, or None if it has to be left to the run."""
    try:
        result = operation.value(numbers)
    except (ArithmeticError, ValueError):
        return None  # it will fail where it is run, as it does in eager code
    return result if isfinite(result) else None
