"""Which derivatives can be other than 0, and these alone: found from the graph.

    d node / d input  =  sum over the node's parents of  (d node / d parent) · (d parent / d input)

What is 0 whatever the inputs are is left out: where no path leads from an input to an output, or
only by way of an operation whose derivative is 0 everywhere. The rest is computed by one sweep
forward, in which each node has the derivatives by the inputs that it depends on, or by sweeps from
each output over the nodes below it: whichever is less work.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from autograd import primitives
from autograd.graph import dependents, topological_order
from autograd.reverse import (
    derivative_graphs,
    gradient_graph,
    inspect,
    plus,
    refuse_overflow,
    refuse_stale,
    times,
)
from autograd.selection import Value

_MANY = 32  # products for each operand of the graph: more are not counted
# How many products from outputs take as much code as one forward: they have more in common.
_ALIKE = 2

Entries = dict[int, Any]  # by the place of the input, in ascending order


def entries(outputs: Sequence[Any], inputs: Sequence[Value]) -> list[Entries]:
    """Return d output / d input for each output, by those inputs where it can be other than 0.

    Args:
        outputs: Values, or plain numbers.
        inputs: Values; none depends on another.

    Returns:
        For each output its derivatives, as Values that can be differentiated again, or as plain
        floats where they are the same at every point.

    Raises:
        ArithmeticError: If a derivative is infinite or undefined.
        ValueError: If a leaf was edited after the graph above it was recorded.

    Example:
        >>> x, y = Value(3.0), Value(4.0)
        >>> product, double, constant = entries([x * y, 2.0 * x, y.detach()], [x, y])
        >>> [(place, entry.data) for place, entry in product.items()], double, constant
        ([(0, 4.0), (1, 3.0)], {0: 2.0}, {})
    """
    flowing = [out for out in dict.fromkeys(outputs) if _flows(out)]
    order = topological_order(*flowing)
    refuse_stale(order)
    for output in flowing:
        inspect(output)
    depending = dependents(order, inputs)
    order = [node for node in order if node in depending]
    if _is_sooner_forward(order, flowing, inputs, depending):
        found = _forward(order, flowing, inputs, depending)
    else:
        found = _by_sweeps(flowing, inputs, depending)
    rows = [found[out] if _flows(out) else {} for out in outputs]
    return [{k: row[k] for k in sorted(row) if not _is_zero(row[k])} for row in rows]


def _is_sooner_forward(
    order: Sequence[Any], outputs: Sequence[Any], inputs: Sequence[Any], depending: set[Any]
) -> bool:
    """Return whether one sweep forward is less work than the sweeps from each output."""
    operands = sum([len(node.parents) for node in order])
    products = _products_forward(order, inputs, _MANY * operands)
    if products > _MANY * operands:
        return len(outputs) > 2 * len(inputs)
    total = 0
    for output in outputs:
        total += sum([len(node.parents) for node in _below(output, depending)])
        if total > _ALIKE * products:
            return True
    return False


def _products_forward(order: Sequence[Any], inputs: Sequence[Any], most: int) -> int:
    """Return how many products a sweep forward has, or more than the most that matter."""
    reached = {node: frozenset([place]) for place, node in enumerate(inputs)}
    nothing: frozenset[int] = frozenset()
    count = 0
    for node in order:
        if node not in reached:
            own = nothing
            for parent in node.parents:
                more = reached.get(parent, nothing)
                count += len(more)
                own = more if own <= more else own | more
            reached[node] = own
            if count > most:
                break
    return count


def _forward(
    order: Sequence[Any], outputs: Sequence[Any], inputs: Sequence[Any], depending: set[Any]
) -> dict[Any, Entries]:
    found: dict[Any, Entries] = {node: {place: 1.0} for place, node in enumerate(inputs)}
    for node in order:
        if node in found:
            continue
        own = found[node] = {}
        derivatives = derivative_graphs(node, depending)
        for parent, derivative in zip(node.parents, derivatives, strict=True):
            if derivative is None or _is_zero(derivative):
                continue
            for place, tangent in found[parent].items():
                own[place] = plus(own.get(place, 0.0), times(derivative, tangent))
    nodes = set(order)
    for output in outputs:
        row = found[output]
        if not all(isfinite(x if type(x) is float else x.data) for x in row.values()):
            refuse_overflow(output)
        # As in `gradient_graph`: the user's own nodes are not handed out.
        found[output] = {k: primitives.pos(x) if x in nodes else x for k, x in row.items()}
    return {output: found[output] for output in outputs}


def _by_sweeps(
    outputs: Sequence[Any], inputs: Sequence[Any], depending: set[Any]
) -> dict[Any, Entries]:
    place_of = {node: place for place, node in enumerate(inputs)}
    found = {}
    for output in outputs:
        reached = [node for node in _below(output, depending) if node in place_of]
        places = [place_of[node] for node in reached]
        found[output] = dict(zip(places, gradient_graph(output, reached), strict=True))
    return found


def _below(output: Any, depending: set[Any]) -> dict[Any, None]:
    """Return the nodes below an output that depend on inputs, itself included."""
    found = {output: None}
    pending = [output]
    while pending:
        for parent in pending.pop().parents:
            if parent in depending and parent not in found:
                found[parent] = None
                pending.append(parent)
    return found


def _flows(output: Any) -> bool:
    return isinstance(output, Value) and not output.is_constant


def _is_zero(derivative: Any) -> bool:
    return type(derivative) is float and derivative == 0.0
