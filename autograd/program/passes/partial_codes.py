"""The rule book's partial derivatives, written as instructions.

A partial is run once on slots, as it runs on floats and nodes; what it did is then written wherever
its operation stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd.many_operands import Elementwise, Pairwise, Partial, shared_results
from autograd.primitive import Primitive
from autograd.program.code.computed_once import kept_with
from autograd.program.code.instructions import Instruction
from autograd.program.passes.builder import Builder, Slot, slot_of


@dataclass(frozen=True, slots=True)
class PartialCode:
    """One partial derivative, of the result and the operands.

    Attributes:
        place: Where the derivative is: among the given slots, then `constants`, then results.
        given: How many slots are given: the result and the operands.
        constants: Numbers it needs.
        instructions: What it computes.
    """

    place: int
    given: int
    constants: tuple[float, ...]
    instructions: tuple[Instruction, ...]

    def write(self, builder: Builder, given: tuple[int, ...]) -> int:
        """Write it for these slots and return that of the derivative."""
        if self.place < self.given:
            return given[self.place]
        if not self.instructions:
            return builder.constant(self.constants[0])
        slots = list(given)
        if self.constants:
            slots += map(builder.constant, self.constants)
        builder.extend(slots, self.instructions)
        return slots[self.place]


def partials(
    builder: Builder,
    operation: Primitive,
    out: int,
    operands: tuple[int, ...],
    wanted: Sequence[int],
) -> list[int | None]:
    """Write the partial derivatives of an instruction by its wanted operands.

    Args:
        builder: Where to write.
        operation: What the instruction computes.
        out: The slot of its result.
        operands: Those of its operands.
        wanted: For every operand, whether its derivative is wanted.

    Raises:
        TypeError: If the operation has none by a wanted operand.
    """
    stated = operation.partials
    if isinstance(stated, tuple):
        given = (out, *operands)
        found: list[int | None] = []
        for position, code in enumerate(_codes_of(operation)):
            if not wanted[position]:
                found.append(None)
            elif code is None:
                raise TypeError(
                    f"{operation.name} is not differentiable in its operand "
                    f"{operation.operand_names[position]!r}; pass a plain number there"
                )
            else:
                found.append(code.write(builder, given))
        return found
    if isinstance(stated, Pairwise):
        size = len(operands) // 2
        left, right = operands[:size], operands[size : 2 * size]
        common = shared_results(stated.shared_left, left, builder.emit)
        common += shared_results(stated.shared_right, right, builder.emit)
        of_left = _code_of(operation, stated.of_left, 3 + len(common))
        of_right = _code_of(operation, stated.of_right, 3 + len(common))
        pairs = list(zip(left, right, strict=True))
        both = [(of_left, pair) for pair in pairs] + [(of_right, pair) for pair in pairs]
        found = [
            code.write(builder, (out, *pair, *common)) if is_wanted else None
            for (code, pair), is_wanted in zip(both, wanted, strict=False)
        ]
        return found + [builder.constant(1.0)] * (len(operands) % 2)
    if isinstance(stated, Elementwise):
        has_last = stated.of_last is not None
        last = operands[-1:] if has_last else ()
        alike = operands[:-1] if has_last else operands
        common = [*last, *shared_results(stated.shared, operands, builder.emit)]
        of_each = _code_of(operation, stated.partial, 3 + len(common))
        n = builder.constant(float(len(alike)))
        found = [
            of_each.write(builder, (out, x, n, *common)) if is_wanted else None
            for x, is_wanted in zip(alike, wanted, strict=False)
        ]
        if stated.of_last is not None:
            code_of_last = _code_of(operation, stated.of_last, 2)
            found.append(code_of_last.write(builder, (out, *last)) if wanted[-1] else None)
        return found
    together = stated(Slot(builder, out), *[Slot(builder, slot) for slot in operands])
    return [
        slot_of(builder, derivative) if is_wanted else None
        for derivative, is_wanted in zip(together, wanted, strict=True)
    ]


def _codes_of(operation: Primitive) -> list[PartialCode | None]:
    """Return the code of every partial of an operation with a fixed number of operands."""
    stated = operation.partials
    assert isinstance(stated, tuple)
    size = len(stated) + 1
    return kept_with(
        operation,
        "codes",
        lambda: [None if p is None else _code_of(operation, p, size) for p in stated],
    )


def _code_of(operation: Primitive, partial: Partial, given: int) -> PartialCode:
    """Return the code of one partial derivative of an operation."""
    return kept_with(operation, (partial, given), lambda: _written(partial, given))


def _written(partial: Partial, given: int) -> PartialCode:
    builder = Builder(given, 0)
    result = partial(*[Slot(builder, slot) for slot in range(given)])
    code = builder.finish([slot_of(builder, result)])
    return PartialCode(code.outputs[0], given, code.constants, code.instructions)
