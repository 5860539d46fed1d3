"""Rows of a batch in eager code: where the machine found trouble, that decides what it was."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from autograd.graph import topological_order
from autograd.program.columns.layout import layout_of
from autograd.program.record.signature import Call
from autograd.program.variants.on_values import as_constant, derivatives
from autograd.program.variants.recorder import Recorder
from autograd.program.variants.variant import Variant
from autograd.selection import Value
from autograd.structure import flatten

_BUILT_IN = (
    ArithmeticError, OverflowError, ZeroDivisionError, FloatingPointError, ValueError, TypeError,
    RuntimeError, IndexError, AssertionError,
)  # fmt: skip


class Part(NamedTuple):
    """The totals of the rows that took one way, with derivatives by these Values at the end."""

    captured: Sequence[Value]
    totals: array[float]


def in_eager_code(
    recorder: Recorder, variant: Variant, call: Call, layout: Any, by: str | None, reduced: bool
) -> Part:
    """Return the results of a row, and the derivatives, that eager code gives.

    Args:
        recorder: Of the program.
        variant: One that was recorded for such rows.
        call: That of the row.
        layout: The structure that results have to have.
        by: What to differentiate by: "rows", the inputs; "uniform"; None, nothing.
        reduced: Whether it is by uniform arguments and the Values from outside.
    """
    how, numbers = variant.signature, call.numbers
    given = list(map(Value, numbers, how.names))
    by_inputs = by == "rows" and not reduced
    if by is not None:  # by the others nobody asks for derivatives
        for place in how.parameters if by_inputs else how.inputs:
            given[place] = as_constant(numbers[place], how.names[place])
    result = recorder.eagerly(call._replace(structure=how.structure, numbers=given))
    outputs, structure = flatten(result, "the result")
    if layout_of(structure) != layout:
        refuse_structure(recorder.name)
    found = [_number(output) for output in outputs]
    if by is None:
        return Part((), array("d", found))
    (output,) = outputs
    is_constant = not isinstance(output, Value) or output.is_constant
    captured: list[Value] = []
    wanted = [given[place] for place in (how.inputs if by_inputs else how.parameters)]
    if reduced and not is_constant:
        known = set(given)
        leaves = [x for x in topological_order(output) if x.is_leaf and not x.is_constant]
        captured = [x for x in leaves if x not in known]
        if len(variant.trained) < len(variant.captured):
            captured = variant.trained
    found += derivatives(output, [*wanted, *captured])
    return Part(captured, array("d", found))


def _number(thing: Any) -> float:
    return thing.data if isinstance(thing, Value) else float(thing)


def refuse(row: int, error: Exception) -> NoReturn:
    """Raise an error of eager code again, with the row's number in front."""
    if type(error) in _BUILT_IN:
        raise type(error)(f"row {row}: {error}") from error
    if hasattr(error, "add_note"):
        error.add_note(f"in row {row} of the batch")
    raise error


def refuse_structure(name: str) -> NoReturn:
    """Raise the error of branches that give different structures."""
    raise TypeError(
        f"the branches of {name} give results of different structure; in a batch all rows need "
        "the same"
    )
