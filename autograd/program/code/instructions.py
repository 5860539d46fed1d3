"""Straight-line code: the form a recorded graph takes once Python has left it.

Every instruction applies one operation of the rule book to slots and writes one new slot; nothing
is written twice (static single assignment). Slots are numbered: the inputs, the parameters, the
constants, then one per instruction.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from autograd.many_operands import Pairwise
from autograd.primitive import Primitive


def _of_one_row(*_: float) -> float:
    raise TypeError("a total is taken over the rows of a batch; one row has none")


# The sum over all rows of x1·y1 + … + xn·yn: the one instruction that looks beyond its row.
TOTAL = Primitive(
    "total", _of_one_row, Pairwise(lambda out, x, y: y, lambda out, x, y: x), symbol="total"
)


class Instruction(NamedTuple):
    """One operation applied to slots."""

    operation: Primitive
    operands: tuple[int, ...]


# What a named tuple is made by runs in Python; this takes a third of the time.
instruction: Callable[[tuple[Primitive, tuple[int, ...]]], Instruction]
instruction = partial(tuple.__new__, Instruction)


class Guard(NamedTuple):
    """A comparison on which the recorded function branched, and how it came out.

    The code is the function's only where every guard comes out the same again.
    """

    left: int
    comparison: str
    right: int
    outcome: bool


@dataclass(frozen=True, eq=False)
class Code:
    """Straight-line code from inputs and parameters to outputs.

    Attributes:
        inputs: How many slots vary from call to call, and in a batch from row to row.
        parameters: How many slots are the same for all rows of a batch.
        constants: The numbers in the slots that follow.
        instructions: What is computed, in order; an operand is always an earlier slot.
        outputs: The slots of the results.
        guards: The branches that were taken.
        labels: The user's names of slots.

    Example:
        >>> from autograd import primitives
        >>> code = Code(2, 0, (), (Instruction(primitives.mul, (0, 1)),), (2,))
        >>> code.evaluate([3.0, 4.0])
        [12.0]
    """

    inputs: int
    parameters: int
    constants: tuple[float, ...]
    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]
    guards: tuple[Guard, ...] = ()
    labels: Mapping[int, str] = field(default_factory=dict)

    @property
    def first_constant(self) -> int:
        """The slot of the first constant."""
        return self.inputs + self.parameters

    @property
    def first_result(self) -> int:
        """The slot that the first instruction writes."""
        return self.inputs + self.parameters + len(self.constants)

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return self.first_result + len(self.instructions)

    def is_like(self, other: Code) -> bool:
        """Return whether another code does the same, number for number."""
        bits = [array("d", code.constants).tobytes() for code in (self, other)]
        return bits[0] == bits[1] and (
            (self.instructions, self.outputs, self.guards)
            == (other.instructions, other.outputs, other.guards)
        )

    def evaluate(self, inputs: list[float], parameters: list[float] | None = None) -> list[float]:
        """Return the outputs, computed one instruction after the other with the rule book.

        The slow and obvious way, which defines what every faster one must give.
        """
        slots = self.trace(inputs, parameters)
        return [slots[output] for output in self.outputs]

    def trace(self, inputs: list[float], parameters: list[float] | None = None) -> list[float]:
        """Return the number in every slot."""
        slots = [*inputs, *(parameters or ()), *self.constants]
        if len(slots) != self.first_result:
            raise ValueError(
                f"this code takes {self.inputs} inputs and {self.parameters} parameters; "
                f"got {len(inputs)} and {len(parameters or ())}"
            )
        for operation, operands in self.instructions:
            slots.append(operation.value([slots[operand] for operand in operands]))
        return slots
