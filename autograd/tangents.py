"""The forward sweep over a recorded graph: the derivatives of all nodes by a few inputs, at once.

    d node / d input  =  sum over the node's parents of  (d node / d parent) · (d parent / d input)

One pass for any number of outputs, where the reverse sweep needs one for each. It is in Python: the
sweeps of the compiled engine are slower only where they go over the same nodes again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from autograd.reverse import inspect, local_derivatives
from autograd.selection import Value, engine, wiring

# How many nodes the engine's reverse sweeps pass while the one of `tangents` passes one.
_NODES_SWEPT = 2 if engine == "python" else 150
_LOOKED_AT = 3


def saves_time(outputs: Sequence[Any], inputs: Sequence[Any]) -> bool:
    """Return whether one sweep forward takes less time than a sweep from each output.

    Told from the shape, and from how many nodes the graphs of a few outputs have of all.

    Example:
        >>> x = deep = Value(0.5)
        >>> for _ in range(400):
        ...     deep = deep * x
        >>> saves_time([deep * float(i) for i in range(400)], [x])
        True
        >>> saves_time([x * float(i) for i in range(400)], [x])
        False
    """
    flowing = _flowing(outputs)
    if len(flowing) <= max(_NODES_SWEPT, len(inputs)):
        return False
    some = flowing[:: len(flowing) // _LOOKED_AT]
    nodes_of_each = sum([len(wiring([output])[0]) for output in some]) / len(some)
    return nodes_of_each * len(flowing) > _NODES_SWEPT * len(wiring(flowing)[0])


def tangents(outputs: Sequence[Any], inputs: Sequence[Any]) -> list[list[float]]:
    """Return d output / d input for each input, for each output; a plain number has none.

    Raises:
        ArithmeticError: If a local derivative is infinite or undefined; the error names the node.
        ValueError: If a leaf was edited after the graph above it was recorded.

    Example:
        >>> x, y = Value(3.0), Value(4.0)
        >>> tangents([x * y, x - y, 5.0], [x, y])
        [[4.0, 3.0], [1.0, -1.0], [0.0, 0.0]]
    """
    none = [0.0] * len(inputs)
    flowing = _flowing(outputs)
    for output in flowing:
        inspect(output)
    nodes, operands, _ = wiring(flowing)
    found: dict[Any, list[float]] = {}
    for position, node in enumerate(inputs):
        found[node] = [float(position == other) for other in range(len(inputs))]
    for node, places in zip(nodes, operands, strict=True):
        if node not in found:
            total = none
            reached = [type(x) is int and found[nodes[x]] is not none for x in places]
            if any(reached):
                derivatives = local_derivatives(node)
                for place, derivative, is_reached in zip(places, derivatives, reached, strict=True):
                    if is_reached and derivative is not None:
                        tangent = found[nodes[place]]
                        total = [t + derivative * d for t, d in zip(total, tangent, strict=True)]
            found[node] = total
    rows = [found.get(out, none) if isinstance(out, Value) else none for out in outputs]
    return [
        # Where something overflows the sweep from the output says where.
        row if all(map(isfinite, row)) else output.adjoints_of(inputs)
        for row, output in zip(rows, outputs, strict=True)
    ]


def _flowing(outputs: Sequence[Any]) -> list[Any]:
    return [out for out in outputs if isinstance(out, Value) and not out.is_constant]
