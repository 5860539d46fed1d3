"""Builder: writes straight-line code, and never the same thing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd.operators import Operators
from autograd.primitive import Primitive
from autograd.program.code.instructions import Code, Guard
from autograd.program.passes.value_numbering import VARYING, Numbering
from autograd.real_numbers import as_float


class Builder(Numbering):
    """Code being written. Its slots are in the order of writing; `finish` numbers them anew.

    Args:
        inputs: The number of inputs, in slots 0, 1, …
        parameters: The number of parameters, in the slots that follow.
        exact: Whether results must be those of eager evaluation bit for bit; if not, small
            whole-number powers become products.

    Example:
        >>> from autograd import primitives
        >>> builder = Builder(inputs=1, parameters=0)
        >>> square = builder.emit(primitives.mul, (0, 0))
        >>> builder.emit(primitives.mul, (0, 0)) == square
        True
        >>> builder.removed
        Counter({'merged': 1})
    """

    def __init__(self, inputs: int, parameters: int, exact: bool = True) -> None:
        super().__init__(inputs, parameters)
        self.inputs = inputs
        self.parameters = parameters
        self.exact = exact
        self.unused: list[int] = []  # derivatives that eager code multiplies by 0.0

    def varies(self, slot: int) -> bool:
        """Return whether a slot differs from row to row of a batch."""
        return self.kind[slot] == VARYING

    def replay(self, code: Code) -> list[int]:
        """Write the instructions of code whose inputs and parameters are this builder's first.

        Returns:
            The builder's slot for every slot of the code.
        """
        slots = [*range(code.first_constant), *map(self.constant, code.constants)]
        self.extend(slots, code.instructions)
        return slots

    def finish(
        self,
        outputs: Sequence[int],
        guards: Iterable[Guard] = (),
        labels: Mapping[int, str] | None = None,
        computed: Iterable[int] = (),
    ) -> Code:
        """Return the code of the outputs, renumbered.

        What they do not need is dropped, but for the slots that are to be computed in any case.
        """
        guards = tuple(guards)
        compared = [slot for guard in guards for slot in (guard.left, guard.right)]
        constants, instructions, place = self.kept([*outputs, *compared, *computed])
        written = len(self.operation) - self.operation.count(None)
        self.removed["dead"] = written - len(instructions)
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
