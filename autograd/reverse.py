"""Reverse mode: the multivariable chain rule in reverse topological order.

    d out / d parent  =  sum over the parent's children of  (d out / d child) · (d child / d parent)

One sweep on floats (backward), one that builds a graph (higher order). The sweep knows no
operation: it asks each node's primitive for the local derivatives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from math import copysign, isfinite
from typing import Any

from autograd import primitives
from autograd.graph import dependents, topological_order
from autograd.primitive import reason
from autograd.switches import current, tell_computed

_TIMES_ZERO = (
    "the output does not react to this node at all, and 0 times infinity is undefined. If where() "
    "did not choose it, choose its operand instead: sqrt(where(c, x, 1.0)) within where(c, "
    "sqrt(x), 0.0); for x log x take xlogy, entropy or softmax_entropy"
)


def local_derivatives(node: Any, adjoint: float = 1.0) -> list[float | None]:
    """Return d node / d parent for each operand of a node; None where the parent is a constant.

    The adjoint of the node, if it is 0, helps the error to say what may be meant.

    Raises:
        ArithmeticError: If a derivative is infinite or undefined; the error names the node.

    Example:
        >>> from autograd import Value
        >>> local_derivatives(Value(2.0) * Value(5.0))
        [5.0, 2.0]
    """
    if node.primitive is None:
        return []
    try:
        return _derivatives(node, node.data, [parent.data for parent in node.parents])
    except ArithmeticError as error:
        if adjoint == 0.0:
            raise ArithmeticError(f"{error}; {_TIMES_ZERO}") from error.__cause__
        raise


def adjoints(output: Any, seed: float = 1.0) -> dict[Any, float]:
    """Return d output / d node, times `seed`, for every node that is not a constant.

    Nothing is written: no `.grad` changes.

    Raises:
        ArithmeticError: If a local derivative is infinite or undefined, or if an adjoint overflows
            although all local derivatives are finite; the error names the node.
        ValueError: If a leaf was edited after the graph above it was recorded.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0)
        >>> adjoints(x * x + x)[x]
        7.0
    """
    order = topological_order(output)
    refuse_stale(order)
    found: dict[Any, float] = {output: seed}
    is_finite = True
    for node in reversed(order):
        if node.parents:
            adjoint = found[node]
            derivatives = local_derivatives(node, adjoint)
            for parent, derivative in zip(node.parents, derivatives, strict=True):
                if derivative is not None:
                    found[parent] = found.get(parent, 0.0) + derivative * adjoint
        elif node in found and not isfinite(found[node]):
            is_finite = False  # what overflows anywhere arrives at a leaf: inf times 0 is NaN
    if not is_finite and isfinite(seed):
        refuse_overflow(output, seed)
    return found


def backward(
    output: Any, seed: float = 1.0, sweep: Callable[[Any, float], dict[Any, float]] = adjoints
) -> None:
    """Set `.grad` of every node below `output`: leaves accumulate, computed nodes are overwritten.

    All or nothing: if a derivative does not exist or overflows, no `.grad` has changed.
    """
    refuse_constant(output, "backward()")
    inspect(output, seed)
    found = sweep(output, seed)
    after = [adjoint if x._operands else x._grad + adjoint for x, adjoint in found.items()]
    # All are written in one call of C, in which no handler of a signal can raise.
    deque(map(type(output)._grad.__set__, found, after), maxlen=0)


def gradient_graph(output: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return d output / d input for each input as a graph (or a plain float where constant).

    The same sweep with the same partials, run on nodes instead of floats: the result can be
    differentiated again.
    """
    inspect(output)
    order = topological_order(output)
    refuse_stale(order)
    needed = dependents(order, inputs)
    found: dict[Any, Any] = {output: 1.0}
    tell_computed([output])
    for node in reversed(order):
        if node in needed and node in found and node.parents:
            adjoint = found[node]
            derivatives = derivative_graphs(node, needed)
            for parent, derivative in zip(node.parents, derivatives, strict=True):
                if parent in needed:
                    found[parent] = plus(found.get(parent, 0.0), times(derivative, adjoint))
    results = [found.get(x, 0.0) for x in inputs]
    if not all(isfinite(g if type(g) is float else g.data) for g in results):
        refuse_overflow(output)
    # d(xy)/dx is y, but the user's own y is not handed out: editing it would edit the gradient.
    own = set(order)
    return [without_minus_zero(primitives.pos(g) if g in own else g) for g in results]


def without_minus_zero(derivative: Any) -> Any:
    """Return a derivative as the sum of floats that starts from 0.0 has it: never -0.0.

    What is recorded for other numbers, too, is left as it is: their sign is not known.
    """
    if current.watch is not None:
        return derivative
    number = derivative if type(derivative) is float else derivative.data
    return derivative + 0.0 if number == 0.0 and copysign(1.0, number) < 0.0 else derivative


def derivative_graphs(node: Any, wanted: Collection[Any]) -> list[Any]:
    """Return d node / d parent for each operand as a graph, a plain float where it is constant.

    Of operands that are not among the wanted nodes it is None.
    """
    operands = [parent.data if parent.is_constant else parent for parent in node.parents]
    derivatives = _derivatives(node, node, operands, [parent in wanted for parent in node.parents])
    tell_computed(derivatives)
    return derivatives


def plus(left: Any, right: Any) -> Any:
    """Return left + right, without recording the addition of an exact 0."""
    if type(left) is float and left == 0.0:
        return right
    if type(right) is float and right == 0.0:
        return left
    return primitives.add(left, right)


def times(left: Any, right: Any) -> Any:
    """Return left * right, without recording a multiplication by exactly 0, 1 or -1."""
    for factor, other in ((left, right), (right, left)):
        if type(factor) is float:
            if factor == 0.0:
                return 0.0
            if factor == 1.0:
                return other
            if factor == -1.0:
                return primitives.neg(other)
    return primitives.mul(left, right)


def _derivatives(
    node: Any, out: Any, operands: Sequence[Any], wanted: Sequence[bool] | None = None
) -> list[Any]:
    if wanted is None:
        wanted = [not parent.is_constant for parent in node.parents]
    try:
        found: list[Any] = node.primitive.derivatives(out, operands, wanted)
        return found
    except (ArithmeticError, ValueError) as error:
        raise ArithmeticError(
            f"a derivative of {node.describe()} is infinite or undefined: {reason(error)}"
        ) from node.primitive.cause(error)


def refuse_constant(output: Any, call: str) -> None:
    """Raise a ValueError that names the call if there is no gradient below the output."""
    if output.is_constant:
        raise ValueError(
            f"{call} from {output.describe()}, which is a constant: it was computed under "
            "no_grad(), detached, or from plain numbers only"
        )


def inspect(output: Any, seed: float = 1.0) -> None:
    """Let this thread's inspector, if there is one, look at a graph before it is differentiated."""
    if current.inspector is not None:
        current.inspector(output, seed)


def refuse_overflow(output: Any, seed: float = 1.0) -> None:
    """Raise an ArithmeticError if an adjoint overflows although all local derivatives are finite.

    An infinity or NaN among the local derivatives came in with the numbers, and passes on.
    """
    found = first_overflow(output, seed)
    if found is not None:
        raise ArithmeticError(
            f"the gradient overflows: {found[-1]}; rescale the expression, or compute with "
            "logarithms"
        )


def first_overflow(output: Any, seed: float = 1.0) -> tuple[Any, int | None, float, str] | None:
    """Return where an adjoint stops being finite, from the output down; None if none does.

    Returns:
        The node; the operand it hands too much to, or None if what it is handed adds up to too
        much; what that is; and all of it in words.

    Raises:
        ArithmeticError: If a local derivative is infinite or undefined.
    """
    found: dict[Any, float] = {output: seed}
    infinite_anyway: set[Any] = set()  # below a derivative that is not finite
    for node in reversed(topological_order(output)):
        adjoint = found.get(node, 0.0)
        if not isfinite(adjoint) and node not in infinite_anyway:
            why = f"what is handed to {node.describe()} adds up to {adjoint!r}"
            return node, None, adjoint, why
        for place, derivative in enumerate(local_derivatives(node, adjoint)):
            if derivative is not None:
                share, parent = derivative * adjoint, node.parents[place]
                if not (isfinite(derivative) and isfinite(adjoint)):
                    infinite_anyway.add(parent)
                elif not isfinite(share):
                    why = (
                        f"{node.describe()} hands its adjoint {adjoint!r} times its derivative "
                        f"{derivative!r} to operand {place}, {parent.describe()}"
                    )
                    return node, place, share, why
                found[parent] = found.get(parent, 0.0) + share
    return None


def refuse_stale(order: Sequence[Any]) -> None:
    """Raise a ValueError if a leaf was edited after a node of the graph was recorded from it."""
    for node in order:
        if node.parents:
            stamp = node.stamp
            for parent in node.parents:
                if parent.stamp > stamp:
                    raise ValueError(stale(parent, node))


def wiring(outputs: Sequence[Any]) -> tuple[list[Any], list[tuple[int | float, ...]], list[int]]:
    """Return what computes some nodes, in a form without references.

    Args:
        outputs: Nodes that are no constants.

    Returns:
        The nodes that are no constants, parents before their children; for each of them its
        operands: an int is a place in that list, a float is a plain number; the outputs' places.

    Raises:
        ValueError: If a leaf was edited after a node was recorded from it.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> wiring([x * x + 1.0])[1:]
        ([(), (0, 0), (1, 1.0)], [2])
    """
    order = topological_order(*outputs)
    refuse_stale(order)
    nodes = [node for node in order if not node.is_constant]
    place = {node: position for position, node in enumerate(nodes)}
    operands = [
        tuple([x.data if x.is_constant else place[x] for x in node.parents]) for node in nodes
    ]
    return nodes, operands, [place[output] for output in outputs]


def stale(edited: Any, node: Any) -> str:
    """Return the message about a leaf that was edited after `node` was recorded from it."""
    return (
        f"{edited.describe()} was edited after {node.describe()} was recorded from it; "
        "record the expression again before asking for its gradient"
    )
