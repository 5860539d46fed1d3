"""The reverse sweep on code: the same chain rule, written as instructions.

    adjoint of a slot  =  sum over its uses of  (adjoint of the result) · (partial derivative)

The sweep collects those products and writes each sum once, where the adjoint is needed: the sum of
products that results is a `dot`, and code grows by one instruction per adjoint, not per use. The
order of additions is that of `Value.backward`, so that a compiled gradient has the same bits.

In a batch the rows share their parameters: what flows from a row into something that is the same
for all rows is added up over the rows (`TOTAL`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd import primitives
from autograd.program.code.instructions import TOTAL, Code
from autograd.program.passes.builder import Builder
from autograd.program.passes.partial_codes import partials

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
    number = builder.number
    one = builder.constant(1.0)
    seed = one
    of_row = bytearray(code.slots)  # as recorded: where(x, w, w) is w, but its derivatives vary
    if rows is not None:
        of_row = _depending(code, range(code.inputs))
        seed = rows.scale
        if not of_row[output]:
            seed = builder.emit(primitives.mul, (rows.scale, rows.count))
    terms: dict[int, Terms] = {output: [(seed, one)]}
    pooled: dict[int, Terms] = {}  # of what is the same for all rows: its terms from single rows
    found: dict[int, int] = {}
    reached = bytearray(code.slots)  # if only by a derivative that is 0 everywhere

    def settled(slot: int) -> int | None:
        own = terms.pop(slot, None)
        if slot in pooled:
            assert rows is not None
            own = (own or []) + _over_rows(builder, pooled.pop(slot), rows)
        return added_up(builder, own) if own else None

    slot = code.slots
    for operation, operands in reversed(code.instructions):
        slot -= 1
        if not needed[slot]:
            continue
        adjoint = settled(slot)
        if adjoint is None and not reached[slot]:
            continue
        wanted_here = list(map(needed.__getitem__, operands))
        placed = tuple(map(slots.__getitem__, operands))
        derivatives = partials(builder, operation, slots[slot], placed, wanted_here)
        if adjoint is None:  # its partials are there because one of them may be infinite
            builder.unused += [x for x in derivatives if x is not None]
            for operand in operands:
                reached[operand] = 1
            continue
        if slot in asked:
            found[slot] = adjoint
        for position, operand in enumerate(operands):
            derivative = derivatives[position]
            if derivative is None:
                continue
            if number[derivative] == 0.0:
                reached[operand] = 1
            else:
                known = pooled if of_row[slot] and not of_row[operand] else terms
                if operand in known:
                    known[operand].append((derivative, adjoint))
                else:
                    known[operand] = [(derivative, adjoint)]
    for slot in wanted:
        if slot not in found:
            adjoint = settled(slot)
            found[slot] = builder.constant(0.0) if adjoint is None else adjoint
    return [found[slot] for slot in wanted]


def added_up(builder: Builder, terms: Terms) -> int:
    """Write the sum of products of slots, from left to right."""
    one = builder.constant(1.0)
    if not builder.exact and len(set(terms)) < len(terms):  # of x · x, say
        terms = [
            (x, builder.emit(primitives.mul, (builder.constant(float(times)), y)))
            for (x, y), times in Counter(terms).items()
        ]
    if len(terms) < 3 or (len(terms) == 3 and _is_factor(one, terms)):
        total = _product(builder, one, terms[0])
        for term in terms[1:]:
            total = builder.emit(primitives.add, (total, _product(builder, one, term)))
        return total
    alone = [x if y == one else y if x == one else None for x, y in terms]
    if None not in alone:
        return builder.emit(primitives.sum, tuple([x for x in alone if x is not None]))
    # As bias stands what the sum starts from; other terms without a factor get the factor 1.
    bias = () if alone[0] is None else (alone[0],)
    factors = [
        term if single is None else (single, one)
        for term, single in zip(terms[len(bias) :], alone[len(bias) :], strict=True)
    ]
    left, right = zip(*factors, strict=True)
    return builder.emit(primitives.dot, (*left, *right, *bias))


def _product(builder: Builder, one: int, term: tuple[int, int]) -> int:
    x, y = term
    return y if x == one else x if y == one else builder.emit(primitives.mul, term)


def _is_factor(slot: int, terms: Terms) -> bool:
    return any(slot in term for term in terms)


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


__all__ = ["BatchSeed", "added_up", "adjoints"]
