"""Builder: writes straight-line code, and never the same thing twice.

Value numbering: an instruction on constants is computed at once, one that was written before is
reused, one that an identity makes superfluous is left out; what no output needs is dropped at the
end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from autograd import primitives
from autograd.operators import Operators
from autograd.primitive import Primitive, as_float
from autograd.program.code import TOTAL, Code, Guard, Instruction, instruction
from autograd.program.identities import RULES

# What a slot holds: a number known now, one that all rows of a batch share, one of each row. Of a
# result it is what the operands' kinds give by `or`.
CONSTANT, ALIKE, VARYING = 0, 1, 3
_COMMUTATIVE = frozenset((primitives.add, primitives.mul))


class Builder:
    """Code being written. Its slots are in the order of writing; `finish` numbers them anew.

    Args:
        inputs: The number of inputs, in slots 0, 1, …
        parameters: The number of parameters, in the slots that follow.
        exact: Whether results must be those of eager evaluation bit for bit; if not, small
            whole-number powers become products.

    Example:
        >>> builder = Builder(inputs=1, parameters=0)
        >>> square = builder.emit(primitives.mul, (0, 0))
        >>> builder.emit(primitives.mul, (0, 0)) == square
        True
        >>> builder.removed
        Counter({'merged': 1})
    """

    def __init__(self, inputs: int, parameters: int, exact: bool = True) -> None:
        self.inputs = inputs
        self.parameters = parameters
        self.exact = exact
        given = inputs + parameters
        self.operation: list[Primitive | None] = [None] * given
        self.operands: list[tuple[int, ...]] = [()] * given
        self.number: list[float | None] = [None] * given
        self.kind = bytearray([VARYING] * inputs + [ALIKE] * parameters)
        self.removed: Counter[str] = Counter()
        self._written: defaultdict[Primitive, dict[tuple[int, ...], int]] = defaultdict(dict)
        self._constants: dict[Any, int] = {}

    def varies(self, slot: int) -> bool:
        """Return whether a slot differs from row to row of a batch."""
        return self.kind[slot] == VARYING

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
        if operation in _COMMUTATIVE and operands[0] > operands[1]:
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
            slot = self._fold(operation, operands)
            if slot is not None:
                written[key] = slot
                return slot
        rule = RULES.get(operation)
        if rule is not None:
            slot = rule(self, *operands)
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

    def _fold(self, operation: Primitive, operands: tuple[int, ...]) -> int | None:
        numbers: list[Any] = [self.number[operand] for operand in operands]
        try:
            result = operation.forward(*numbers)
        except (ArithmeticError, ValueError):
            return None  # it will fail where it is run, as it does in eager code
        if not isfinite(result):
            return None
        self.removed["folded"] += 1
        return self.constant(result)

    def replay(self, code: Code) -> list[int]:
        """Write the instructions of code whose inputs and parameters are this builder's first.

        Returns:
            The builder's slot for every slot of the code.
        """
        slots = [*range(code.first_constant), *map(self.constant, code.constants)]
        emit, append, slot_of = self.emit, slots.append, slots.__getitem__
        for operation, operands in code.instructions:
            append(emit(operation, tuple(map(slot_of, operands))))
        return slots

    def finish(
        self,
        outputs: Sequence[int],
        guards: Iterable[Guard] = (),
        labels: Mapping[int, str] | None = None,
    ) -> Code:
        """Return the code of the outputs: what they do not need is dropped, the rest renumbered."""
        guards = tuple(guards)
        given = self.inputs + self.parameters
        needed = bytearray(len(self.operation))
        for slot in outputs:
            needed[slot] = 1
        for guard in guards:
            needed[guard.left] = needed[guard.right] = 1
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
        first = given + len(constants)
        place_of, append = place.__getitem__, instructions.append
        next_place = first
        written = zip(self.operation[given:], self.operands[given:], strict=True)
        for slot, (operation, operands) in enumerate(written, start=given):
            if operation is not None and needed[slot]:
                place[slot] = next_place
                next_place += 1
                append(instruction((operation, tuple(map(place_of, operands)))))
        written_ever = len(self.operation) - self.operation.count(None)
        self.removed["dead"] = written_ever - len(instructions)
        return Code(
            self.inputs,
            self.parameters,
            tuple(constants),
            tuple(instructions),
            tuple([place[slot] for slot in outputs]),
            tuple([Guard(place[g.left], g.comparison, place[g.right], g.outcome) for g in guards]),
            {place[s]: name for s, name in (labels or {}).items() if place[s] >= 0},
        )


class Slot(Operators):
    """A slot that computes like a number: what is done to it is written as instructions.

    The rule book's partials run on slots, as they run on floats, nodes and symbols.
    """

    __slots__ = ("builder", "slot")
    carrier_level = 1_000_000  # above every dual number

    def __init__(self, builder: Builder, slot: int) -> None:
        self.builder = builder
        self.slot = slot

    @property
    def data(self) -> float:
        """The number in the slot, if it is a constant; else refused: a rule must not branch."""
        number = self.builder.number[self.slot]
        if number is None:
            raise TypeError(
                "a rule compared or branched on its operands; use step, sign, nonzero or where"
            )
        return number

    def apply_primitive(self, primitive: Primitive, operands: Sequence[Any]) -> Slot:
        """Write `primitive` of slots and plain numbers."""
        return Slot(
            self.builder,
            self.builder.emit(primitive, tuple([slot_of(self.builder, x) for x in operands])),
        )

    def __repr__(self) -> str:
        return f"Slot({self.slot})"


def slot_of(builder: Builder, thing: Any) -> int:
    """Return the slot of a `Slot`, or of a plain number."""
    if type(thing) is Slot:
        return thing.slot
    return builder.constant(as_float(thing, "an operand of a rule"))
