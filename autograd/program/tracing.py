"""Recording: a function is run once on Values, and what it did becomes code.

A branch on a Value (`if x > 0`) is recorded as a guard; so is every number that leaves the graph
(`x.data`, `detach()`, `no_grad()`), as the guard that it is the same again. Values that the
function uses from outside, such as the weights of a model, become parameters: they are read afresh
at every call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from autograd import primitives
from autograd.graph import topological_order
from autograd.program.code import Code, Guard, instruction
from autograd.program.collector import collector_paused
from autograd.recording import enable_grad, watching
from autograd.reverse import refuse_stale
from autograd.selection import Value
from autograd.structure import flatten


class Recording(NamedTuple):
    """What one run of a function gave.

    Attributes:
        code: One instruction per node.
        captured: The Values from outside, in the order of the code's last parameters.
        rebuild: Puts numbers in the places of the function's results.
        result: What the function returned, with Values in it.
    """

    code: Code
    captured: list[Value]
    rebuild: Callable[[Sequence[Any]], Any]
    result: Any


class Branches:
    """Watches where a function looks at the numbers of nodes."""

    def __init__(self) -> None:
        self.found: list[tuple[Any, str, Any, bool]] = []

    def compared(self, left: Any, comparison: str, right: Any, outcome: bool) -> None:
        """Note a comparison and its outcome."""
        right = _innermost(right)
        asked = comparison if isinstance(right, Value) else _among_floats(comparison, right)
        if asked:
            right = right if isinstance(right, Value) else _nearest(right)
            self.found.append((_innermost(left), asked, right, bool(outcome)))

    def frozen(self, node: Any) -> None:
        """Note that a node's number was taken out of the graph: it has to be the same again."""
        number = node.data
        if number != number:
            self.found.append((node, "==", node, False))
            return
        self.found.append((node, "==", number, True))
        if number == 0.0:  # which of the two zeros: π, or −π
            side = primitives.atan2.apply((node, -1.0))
            self.found.append((side, ">", 0.0, side.data > 0.0))

    def swept(self, what: str) -> None:
        """Refuse what could not be recorded."""
        raise TypeError(
            f"{what} inside a function that is being compiled would be frozen as it is now; use "
            "gradients(output, inputs) or grad(f), whose results are recorded"
        )


def _nearest(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _among_floats(comparison: str, number: Any) -> str:
    """Return what to ask of floats about the float nearest to a number that may not be one.

    Between a number and the float beside it lies no other float: x < 1/3 is asked as x <= the
    float below 1/3. Whether x equals what is no float, need not be asked.
    """
    nearest = _nearest(number)
    if nearest == number or nearest != nearest:
        return comparison
    if comparison in ("==", "!="):
        return ""
    below = nearest < number
    return ("<=" if below else "<") if comparison in ("<", "<=") else (">" if below else ">=")


def record(
    f: Callable[..., Any],
    arguments: Callable[[Sequence[Any]], Any],
    inputs: Sequence[float],
    parameters: Sequence[float],
    labels: Sequence[str],
    listed: Sequence[Value] = (),
) -> Recording:
    """Run f on Values and return what it did.

    Args:
        f: The function.
        arguments: Makes f's positional arguments of the numbers: inputs, then parameters.
        inputs: The numbers to record with.
        parameters: Those that are the same for every row of a batch.
        labels: The names of both, for reading.
        listed: Values from outside that are to come first among the captured, used or not.
    """
    given = [Value(x, label) for x, label in zip([*inputs, *parameters], labels, strict=True)]
    branches = Branches()
    with enable_grad(), watching(branches):
        result = f(*arguments(given))
    outputs, rebuild = flatten(result, "the result of f")
    code, others = code_of(outputs, [*given, *listed], len(inputs), branches.found)
    return Recording(code, [*listed, *others], rebuild, result)


@collector_paused()
def code_of(
    outputs: Sequence[Any],
    given: Sequence[Value],
    inputs: int,
    branches: Iterable[tuple[Any, str, Any, bool]] = (),
) -> tuple[Code, list[Value]]:
    """Return the code of a recorded graph, and the leaves it uses beside the given ones.

    Args:
        outputs: The results, Values or plain numbers.
        given: The leaves that stand for inputs and then for parameters.
        inputs: How many of the given are inputs.
        branches: The comparisons that were made, with their outcomes.
    """
    for output in outputs:
        if hasattr(output, "primal"):
            raise TypeError(
                f"a result is {output!r}, a dual number of a differentiation still going on; "
                "compile the whole function, and differentiate inside it"
            )
    asked = [branch for branch in branches if isinstance(branch[0], Value)]
    roots = [x for x in outputs if isinstance(x, Value)]
    compared = [x for left, _, right, _ in asked for x in (left, right) if isinstance(x, Value)]
    order = topological_order(*roots, *compared)
    _refuse_stale(order, [*roots, *compared])
    known = set(given)
    computed = [node for node in order if node.primitive is not None]
    parents_of = [node.parents for node in computed]
    # In the order of their first use, the weights of a neuron stand side by side.
    used = dict.fromkeys([x for parents in parents_of for x in parents if x.is_leaf])
    used.update(dict.fromkeys(x for x in [*roots, *compared] if x.is_leaf))
    captured = [x for x in used if not x.is_constant and x not in known]
    place: dict[Any, int] = {node: position for position, node in enumerate([*given, *captured])}
    labels = {slot: node.label for node, slot in place.items() if node.label}
    first = len(place)
    numbers = [node.data for node in order if node.is_constant]
    plain = [*outputs, *[x for left, _, right, _ in asked for x in (left, right)]]
    numbers += [float(thing) for thing in plain if not isinstance(thing, Value)]
    constants = {_key(number): number for number in numbers}
    slot_of_constant = {key: first + position for position, key in enumerate(constants)}

    def slot_of(thing: Any) -> int:
        if isinstance(thing, Value):
            if not thing.is_constant:
                return place[thing]
            thing = thing.data
        return slot_of_constant[_key(float(thing))]

    first_result = first + len(constants)
    instructions = []
    for slot, (node, parents) in enumerate(zip(computed, parents_of, strict=True), first_result):
        place[node] = slot
        if node.label:
            labels[slot] = node.label
        operands = tuple([slot_of(x) if x.is_constant else place[x] for x in parents])
        assert node.primitive is not None
        instructions.append(instruction((node.primitive, operands)))
    guards = dict.fromkeys(
        Guard(slot_of(left), comparison, slot_of(right), outcome)
        for left, comparison, right, outcome in asked
    )
    given_numbers = range(first, first_result)
    code = Code(
        inputs,
        first - inputs,
        tuple(constants.values()),
        tuple(instructions),
        tuple([slot_of(output) for output in outputs]),
        tuple(
            guard
            for guard in guards
            if guard.left not in given_numbers or guard.right not in given_numbers
        ),
        labels,
    )
    return code, captured


def _key(number: float) -> float | str:
    # 0.0 and -0.0 are two constants, all NaNs are one.
    return number if number and number == number else str(number)


def _refuse_stale(order: Sequence[Value], roots: Sequence[Value]) -> None:
    if len(roots) == 1:
        roots[0].leaves()  # the same check, by an engine that may be compiled
    else:
        refuse_stale(order)


def _innermost(thing: Any) -> Any:
    while hasattr(thing, "primal"):
        thing = thing.primal
    return thing
