"""The reverse sweep on code: the same chain rule, written as instructions.

    adjoint of a slot  =  sum over its uses of  (adjoint of the result) · (partial derivative)

The sweep collects those products and writes each sum once, where the adjoint is needed: the sum of
products that results is a `dot`, and code grows by one instruction per adjoint, not per use. The
order of additions is that of `Value.backward`, so that a compiled gradient has the same bits.

In a batch the rows share their parameters: what flows from a row into something that is the same
for all rows is added up over the rows (`TOTAL`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from autograd import primitives
from autograd.primitive import Elementwise, Pairwise, Partial, Primitive
from autograd.program.builder import VARYING, Builder, Slot, slot_of
from autograd.program.code import TOTAL, Code

Terms = list[tuple[int, int]]  # of slots whose products are to be added


class BatchSeed:
    """Where a batch's reverse sweep finds its seed: two slots that are set before each run.

    Args:
        scale: The slot of what each row's result counts: 1, or 1/n for a mean over n rows.
        count: The slot of the number of rows.
    """

    def __init__(self, scale: int, count: int) -> None:
        self.scale = scale
        self.count = count


def adjoints(
    builder: Builder,
    code: Code,
    slots: Sequence[int],
    output: int,
    wanted: Sequence[int],
    rows: BatchSeed | None = None,
) -> list[int]:
    """Write the derivatives of one slot of recorded code by others.

    Args:
        builder: Where to write; it has replayed the code.
        code: What was recorded, one instruction per node.
        slots: The builder's slot for every slot of the code.
        output: The slot of the code to differentiate.
        wanted: The slots of the code to differentiate by.
        rows: If given, the sum over the rows of a batch is differentiated, times `rows.scale`.

    Returns:
        The builder's slots of the derivatives, 0.0 where the output does not depend.
    """
    needed = _depending(code, wanted)
    asked = set(wanted)
    kind, number = builder.kind, builder.number
    one = builder.constant(1.0)
    seed = one
    if rows is not None:
        of_output = builder.varies(slots[output])
        seed = rows.scale if of_output else builder.emit(primitives.mul, (rows.scale, rows.count))
    terms: dict[int, Terms] = {output: [(seed, one)]}
    pooled: dict[int, Terms] = {}  # of what is the same for all rows: its terms from single rows
    found: dict[int, int] = {}

    def settled(slot: int) -> int | None:
        own = terms.pop(slot, [])
        if slot in pooled:
            assert rows is not None
            own += _over_rows(builder, pooled.pop(slot), rows)
        return added_up(builder, own) if own else None

    slot = code.slots
    for operation, operands in reversed(code.instructions):
        slot -= 1
        if not needed[slot]:
            continue
        adjoint = settled(slot)
        if adjoint is None:
            continue
        if slot in asked:
            found[slot] = adjoint
        wanted_here = [needed[operand] for operand in operands]
        placed = tuple([slots[operand] for operand in operands])
        derivatives = partials(builder, operation, slots[slot], placed, wanted_here)
        of_row = rows is not None and kind[slots[slot]] == VARYING
        for operand, derivative in zip(operands, derivatives, strict=True):
            if derivative is not None and number[derivative] != 0.0:
                alike = of_row and kind[slots[operand]] != VARYING
                (pooled if alike else terms).setdefault(operand, []).append((derivative, adjoint))
    for slot in wanted:
        if slot not in found:
            adjoint = settled(slot)
            found[slot] = builder.constant(0.0) if adjoint is None else adjoint
    return [found[slot] for slot in wanted]


def partials(
    builder: Builder,
    operation: Primitive,
    out: int,
    operands: tuple[int, ...],
    wanted: Sequence[int],
) -> list[int | None]:
    """Write the partial derivatives of an instruction by its wanted operands."""
    stated = operation.partials
    if isinstance(stated, tuple):
        given = (out, *operands)
        found: list[int | None] = []
        for code, is_wanted in zip(_partial_codes(operation), wanted, strict=True):
            if not is_wanted:
                found.append(None)
            elif code is None:
                raise TypeError(
                    f"{operation.name} is not differentiable in its operand "
                    f"{operation.operand_names[len(found)]!r}; pass a plain number there"
                )
            else:
                found.append(_written(builder, code, given))
        return found
    if isinstance(stated, Pairwise):
        size = len(operands) // 2
        pairs = list(zip(operands[:size], operands[size:], strict=False))
        of_left, of_right = _partial_code(stated.of_left, 3), _partial_code(stated.of_right, 3)
        both = [(of_left, pair) for pair in pairs] + [(of_right, pair) for pair in pairs]
        found = [
            _written(builder, code, (out, *pair)) if is_wanted else None
            for (code, pair), is_wanted in zip(both, wanted, strict=False)
        ]
        return found + [builder.constant(1.0)] * (len(operands) % 2)
    if isinstance(stated, Elementwise):
        code = _partial_code(stated.partial, 3)
        n = builder.constant(float(len(operands)))
        return [
            _written(builder, code, (out, x, n)) if is_wanted else None
            for x, is_wanted in zip(operands, wanted, strict=True)
        ]
    together = stated(Slot(builder, out), *[Slot(builder, slot) for slot in operands])
    return [
        slot_of(builder, derivative) if is_wanted else None
        for derivative, is_wanted in zip(together, wanted, strict=True)
    ]


@cache
def _partial_codes(operation: Primitive) -> list[Code | None]:
    """Return the code of every partial of an operation with a fixed number of operands."""
    stated = operation.partials
    assert isinstance(stated, tuple)
    return [None if p is None else _partial_code(p, len(stated) + 1) for p in stated]


@cache
def _partial_code(partial: Partial, arguments: int) -> Code:
    """Return the code of one partial derivative, whose inputs are out and the operands."""
    builder = Builder(arguments, 0)
    result = partial(*[Slot(builder, slot) for slot in range(arguments)])
    return builder.finish([slot_of(builder, result)])


def _written(builder: Builder, code: Code, inputs: tuple[int, ...]) -> int:
    """Write code on the given slots and return the slot of its output."""
    (output,) = code.outputs
    if output < code.inputs:
        return inputs[output]
    if not code.instructions:
        return builder.constant(code.constants[0])
    slots = [*inputs, *map(builder.constant, code.constants)]
    for operation, operands in code.instructions:
        slots.append(builder.emit(operation, tuple([slots[operand] for operand in operands])))
    return slots[output]


def added_up(builder: Builder, terms: Terms) -> int:
    """Write the sum of products of slots, from left to right."""
    one = builder.constant(1.0)
    if not builder.exact and len(terms) == 2 and terms[0] == terms[1]:  # of x · x, say
        x, y = terms[0]
        terms = [(x, builder.emit(primitives.add, (y, y)))]
    if len(terms) == 1:
        ((x, y),) = terms
        return y if x == one else x if y == one else builder.emit(primitives.mul, (x, y))
    alone = [x if y == one else y if x == one else None for x, y in terms]
    products = alone.count(None)
    if products < 3 and len(terms) < 4:
        total: int | None = None
        for term, single in zip(terms, alone, strict=True):
            value = builder.emit(primitives.mul, term) if single is None else single
            total = value if total is None else builder.emit(primitives.add, (total, value))
        assert total is not None
        return total
    if products == 0:
        return builder.emit(primitives.sum, tuple([x for x in alone if x is not None]))
    # As bias stands what the sum starts from; other terms without a factor get the factor 1.
    bias = () if alone[0] is None else (alone[0],)
    factors = [
        term if single is None else (single, one)
        for term, single in zip(terms[len(bias) :], alone[len(bias) :], strict=True)
    ]
    left, right = zip(*factors, strict=True)
    return builder.emit(primitives.dot, (*left, *right, *bias))


def _over_rows(builder: Builder, terms: Terms, rows: BatchSeed) -> Terms:
    one = builder.constant(1.0)
    varies = builder.varies
    varying = [(x, y) for x, y in terms if varies(x) or varies(y)]
    alike = [(x, y) for x, y in terms if not varies(x) and not varies(y)]
    added: Terms = []
    if varying:
        left, right = zip(*varying, strict=True)
        added.append((builder.emit(TOTAL, (*left, *right)), one))
    if alike:
        added.append((added_up(builder, alike), rows.count))
    return added


def _depending(code: Code, wanted: Sequence[int]) -> bytearray:
    needed = bytearray(code.slots)
    for slot in wanted:
        needed[slot] = 1
    slot = code.first_result
    for instruction in code.instructions:
        for operand in instruction.operands:
            if needed[operand]:
                needed[slot] = 1
                break
        slot += 1
    return needed


__all__ = ["BatchSeed", "added_up", "adjoints", "partials"]
