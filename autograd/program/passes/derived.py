"""What is derived from recorded code: simplified code of values, of gradients, and for batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from autograd import primitives
from autograd.collector import collector_paused
from autograd.program.code.instructions import TOTAL, Code, Guard
from autograd.program.passes.builder import Builder
from autograd.program.passes.differentiation import BatchSeed, adjoints
from autograd.program.passes.failing import failing, witnesses
from autograd.program.passes.fusion import fused


class Derived(NamedTuple):
    """Code, and what simplification removed from it."""

    code: Code
    removed: Counter[str]


class RowsCode(NamedTuple):
    """Code for a batch: its outputs are totals over the rows; `row_outputs` exist for every row.

    Two parameters follow those of the recorded code: the weight of a row (1, or 1/n for a mean) and
    the number of rows n.
    """

    code: Code
    row_outputs: tuple[int, ...]


@collector_paused()
def value_code(recorded: Code) -> Derived:
    """Return the simplified code of the outputs.

    Example:
        >>> from autograd import Value
        >>> from autograd.program.record.tracing import code_of
        >>> x = Value(3.0)
        >>> code, _ = code_of([x * 1.0 + (2.0 * x) * (x * 2.0)], [x], 1)
        >>> len(code.instructions), len(value_code(code).code.instructions)
        (5, 3)
    """
    builder = Builder(recorded.inputs, recorded.parameters)
    slots = builder.replay(recorded)
    return _finished(builder, recorded, slots, [slots[output] for output in recorded.outputs])


@collector_paused()
def gradient_code(
    recorded: Code, wanted: Sequence[int], to_read: bool = False, shown: int | None = None
) -> Derived:
    """Return the code of the one output and of its derivatives by the wanted slots.

    Args:
        recorded: The code of the output.
        wanted: The slots to differentiate by.
        to_read: Whether the code is for readers: a derivative of -0.0 is then left as it is.
        shown: The slot that is returned with the derivatives, in place of the output.
    """
    builder = Builder(recorded.inputs, recorded.parameters)
    slots = builder.replay(recorded)
    (output,) = recorded.outputs
    found = adjoints(builder, recorded, slots, output, wanted)
    if not to_read:  # a gradient is a sum that starts from 0.0, so eager code never gives -0.0
        zero = builder.constant(0.0)
        found = [builder.emit(primitives.add, (slot, zero)) for slot in found]
    return _finished(builder, recorded, slots, [slots[output if shown is None else shown], *found])


@collector_paused()
def rows_code(
    recorded: Code, reduced: bool, wanted: Sequence[int] = (), differentiated: bool = False
) -> RowsCode:
    """Return the code that computes the outputs for every row of a batch.

    Args:
        recorded: The code of one row.
        reduced: Whether the outputs, weighted, are added up over the rows.
        wanted: Slots to differentiate by; their derivatives follow the outputs. By what is the
            same for all rows only if reduced, by the inputs of a row only if not.
        differentiated: Whether derivatives are asked for; the output is then a single one.
    """
    builder = Builder(recorded.inputs, recorded.parameters + 2, exact=False)
    given = recorded.inputs + recorded.parameters
    scale, count = given, given + 1
    slots = builder.replay(recorded)
    outputs = [slots[output] for output in recorded.outputs]
    if reduced:
        outputs = [_total(builder, slot, scale, count) for slot in outputs]
    if differentiated:
        rows = BatchSeed(scale, count) if reduced else None
        found = adjoints(builder, recorded, slots, recorded.outputs[0], wanted, rows)
        if not reduced:
            zero = builder.constant(0.0)
            found = [builder.emit(primitives.add, (slot, zero)) for slot in found]
        outputs += found
    code = _finished(builder, recorded, slots, outputs).code
    if reduced:
        return RowsCode(code, ())
    return RowsCode(replace(code, outputs=()), code.outputs)


def _total(builder: Builder, slot: int, scale: int, count: int) -> int:
    if builder.varies(slot):
        return builder.emit(TOTAL, (scale, slot))
    weight = builder.emit(primitives.mul, (scale, count))
    return builder.emit(primitives.mul, (slot, weight))


def _finished(
    builder: Builder, recorded: Code, slots: Sequence[int], outputs: list[int]
) -> Derived:
    # All that was written, eager code computes; what can fail there has to fail here, used or not.
    computed = witnesses(builder, builder.unused) + failing(builder)
    guards = [
        Guard(slots[left], comparison, slots[right], outcome)
        for left, comparison, right, outcome in recorded.guards
    ]
    outputs = fused(builder, outputs, guards, computed)
    labels = {slots[slot]: label for slot, label in recorded.labels.items()}
    return Derived(builder.finish(outputs, guards, labels, computed), builder.removed)
