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
from autograd.collector import collector_paused
from autograd.forward import Dual
from autograd.graph import topological_order
from autograd.leaving import warn_if_left
from autograd.program.code.instructions import Code, Guard, Instruction, instruction
from autograd.program.passes.failing import can_fail
from autograd.selection import Value, wiring
from autograd.structure import Structure, flatten
from autograd.switches import enable_grad, watching


class Recording(NamedTuple):
    """What one run of a function gave.

    Attributes:
        code: One instruction per node.
        captured: The Values from outside, in the order of the code's last parameters.
        structure: That of the function's result.
        result: What the function returned, with Values in it.
    """

    code: Code
    captured: list[Value]
    structure: Structure
    result: Any


class Branches:
    """Watches where a function looks at the numbers of nodes."""

    def __init__(self) -> None:
        self.found: list[tuple[Any, str, Any, bool]] = []
        self.swept_over: dict[Value, None] = {}
        self.has_left = False
        self.explanations: list[Callable[[], None]] = []

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
        self.has_left = True
        if number != number:
            self.found.append((node, "==", node, False))
            return
        self.found.append((node, "==", number, True))
        if number == 0.0:  # which of the two zeros: π, or −π
            side = primitives.atan2.apply((node, -1.0))
            self.found.append((side, ">", 0.0, side.data > 0.0))

    def computed(self, nodes: Iterable[Any]) -> None:
        """Note what a differentiation computed; its result may do without."""
        found = [x for x in map(_innermost, nodes) if _depends_on_leaves(x)]
        self.swept_over.update(dict.fromkeys(found))

    def later(self, call: Callable[[], None]) -> None:
        """Note what explains a derivative that is 0."""
        self.explanations.append(call)

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
        f: A function of the arguments that hold numbers, in a list.
        arguments: Makes these of the numbers: inputs, then parameters.
        inputs: The numbers to record with.
        parameters: Those that are the same for every row of a batch.
        labels: The names of both, for reading.
        listed: Values from outside that are to come first among the captured, used or not.
    """
    given = [Value(x, label) for x, label in zip([*inputs, *parameters], labels, strict=True)]
    branches = Branches()
    with enable_grad(), watching(branches):
        result = f(arguments(given))
    outputs, structure = flatten(result, "the result of f")
    if branches.has_left:
        for explain in branches.explanations:
            explain()
        warn_if_left(lambda numbers: f(arguments(numbers)), given, outputs)
    code, others = code_of(
        outputs, [*given, *listed], len(inputs), branches.found, _failing(list(branches.swept_over))
    )
    return Recording(code, [*listed, *others], structure, result)


@collector_paused()
def code_of(
    outputs: Sequence[Any],
    given: Sequence[Value],
    inputs: int,
    branches: Iterable[tuple[Any, str, Any, bool]] = (),
    unused: Iterable[Value] = (),
) -> tuple[Code, list[Value]]:
    """Return the code of a recorded graph, and the leaves it uses beside the given ones.

    Args:
        outputs: The results, Values or plain numbers.
        given: The leaves that stand for inputs and then for parameters.
        inputs: How many of the given are inputs.
        branches: The comparisons that were made, with their outcomes.
        unused: Nodes to compute although no result needs them: they stand there for their errors.
    """
    for output in outputs:
        if isinstance(output, Dual):
            raise TypeError(
                f"a result is {output!r}, a dual number of a differentiation still going on; "
                "compile the whole function, and differentiate inside it"
            )
    asked = [branch for branch in branches if isinstance(branch[0], Value)]
    compared = [x for left, _, right, _ in asked for x in (left, right)]
    results = list({id(x): x for x in (*outputs, *compared)}.values())  # a Hessian's zeros once
    roots = dict.fromkeys(x for x in [*results, *unused] if _depends_on_leaves(x))
    nodes, operands_of, places = wiring(list(roots))
    # In the order of their first use, the weights of a neuron stand side by side.
    used: dict[int, None] = {}
    constants: dict[float | str, float] = {}
    for operands in operands_of:
        for x in operands:
            if isinstance(x, float):
                constants.setdefault(_key(x), x)
            elif not operands_of[x]:
                used[x] = None
    used.update(dict.fromkeys(x for x in places if not operands_of[x]))
    for thing in results:
        if not _depends_on_leaves(thing):
            number = _number(thing)
            constants.setdefault(_key(number), number)
    known = set(given)
    captured = [nodes[x] for x in used if nodes[x] not in known]
    slot_of_leaf = {leaf: slot for slot, leaf in enumerate([*given, *captured])}
    labels = {slot: leaf.label for leaf, slot in slot_of_leaf.items() if leaf.label}
    first = len(slot_of_leaf)
    first_result = first + len(constants)
    slot_of_constant = dict(zip(constants, range(first, first_result), strict=True))
    instructions: list[Instruction] = []
    slots: list[int] = []
    for node, operands in zip(nodes, operands_of, strict=True):
        if not operands:
            slots.append(slot_of_leaf[node])
            continue
        slot = first_result + len(instructions)
        slots.append(slot)
        if node.label:
            labels[slot] = node.label
        placed = [slot_of_constant[_key(x)] if isinstance(x, float) else slots[x] for x in operands]
        instructions.append(instruction((node.primitive, tuple(placed))))
    slot_of_root: dict[Any, int] = {
        root: slots[place] for root, place in zip(roots, places, strict=True)
    }

    slot_of = {
        id(thing): slot_of_root[thing]
        if _depends_on_leaves(thing)
        else slot_of_constant[_key(_number(thing))]
        for thing in results
    }
    guards = dict.fromkeys(
        Guard(slot_of[id(left)], comparison, slot_of[id(right)], outcome)
        for left, comparison, right, outcome in asked
    )
    given_numbers = range(first, first_result)
    code = Code(
        inputs,
        first - inputs,
        tuple(constants.values()),
        tuple(instructions),
        tuple([slot_of[id(output)] for output in outputs]),
        tuple(
            guard
            for guard in guards
            if guard.left not in given_numbers or guard.right not in given_numbers
        ),
        labels,
    )
    return code, captured


def _failing(nodes: Sequence[Value]) -> list[Value]:
    """Return what can fail of all that was computed to get some nodes."""
    if not nodes:
        return []
    return [
        node
        for node in topological_order(*nodes)
        if not node.is_constant
        and node.parents
        and can_fail(node.primitive, [x.data if x.is_constant else None for x in node.parents])
    ]


def _key(number: float) -> float | str:
    # 0.0 and -0.0 are two constants, all NaNs are one.
    return number if number and number == number else str(number)


def _depends_on_leaves(thing: Any) -> bool:
    return isinstance(thing, Value) and not thing.is_constant


def _number(thing: Any) -> float:
    return float(thing.data if isinstance(thing, Value) else thing)


def _innermost(thing: Any) -> Any:
    while isinstance(thing, Dual):
        thing = thing.primal
    return thing
