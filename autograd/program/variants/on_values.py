"""Calls and recorded code on Values: what eager code gives, and its derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.operators import COMPARISONS
from autograd.program.record.signature import Call
from autograd.program.variants.variant import Variant
from autograd.reverse import gradient_graph
from autograd.selection import Value, constant
from autograd.structure import flatten
from autograd.switches import current


def lifted(call: Call, variant: Variant) -> Call:
    """Return a call with Values, named like the arguments, in place of the numbers."""
    return call._replace(numbers=list(map(Value, call.numbers, variant.signature.names)))


def as_constant(number: float, name: str) -> Value:
    """Return a number named like its argument, by which nothing is differentiated."""
    found = constant(number)
    found.label = name
    return found


def derivatives(output: Any, inputs: Sequence[Value]) -> list[float]:
    """Return eager code's derivatives of a result by Values; where they are zero, 0.0."""
    if not isinstance(output, Value) or output.is_constant:
        return [0.0] * len(inputs)
    if set(output.leaves()) <= set(inputs):  # as `value_and_grad` decides it
        return list(output.adjoints_of(inputs))
    return [settled(derivative) + 0.0 for derivative in gradient_graph(output, inputs)]


def run_on_values(variant: Variant, given: Sequence[Any]) -> list[Any] | None:
    """Return the outputs of recorded code for Values or other numbers that carry derivatives.

    None where a branch comes out differently. What fails behind it is then no error; what fails
    before it is, whatever the branches behind that were.
    """
    code = variant.recorded
    known: dict[int, Any] = dict(enumerate([*given, *variant.captured, *code.constants]))
    failure: Exception | None = None
    for slot, (operation, operands) in enumerate(code.instructions, start=code.first_result):
        if failure is not None and not known.keys() >= set(operands):
            continue
        try:
            known[slot] = operation.apply([known[operand] for operand in operands])
        except Exception as error:
            failure = failure or error
    for left, comparison, right, outcome in code.guards:
        if left not in known or right not in known:
            break
        if COMPARISONS[comparison](known[left], known[right]) is not outcome:
            return None
    if failure is not None:
        raise failure
    return [known[output] for output in code.outputs]


def carries(numbers: Sequence[Any]) -> bool:
    """Return whether a call has to be recorded.

    It has to if a number in it carries derivatives, or if it is made by a function that is being
    compiled: that one takes the weights of this one along.
    """
    return current.watch is not None or any(type(number) is not float for number in numbers)


def settled(tree: Any) -> Any:
    """Return a result of eager code with plain numbers in place of Values."""
    numbers, structure = flatten(tree, "the result")
    return structure.build([x.data if isinstance(x, Value) else float(x) for x in numbers])
