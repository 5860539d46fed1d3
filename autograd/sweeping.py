"""The reverse sweep in plain Python, the short way: straight through the fields of Value's nodes.

It asks nothing on the way that can be seen at the end. A derivative that is infinite or undefined
makes an adjoint infinite or NaN, and so does what overflows; either arrives at a leaf. Then, and
when a leaf was edited or a rule raised, `reverse` does the sweep, step by step, and says what is
wrong and where.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from autograd import reverse


def adjoints(output: Any, seed: float = 1.0) -> dict[Any, float]:
    """Return d output / d node, times `seed`, for every node that is no constant."""
    found: dict[Any, float] = {}
    order = _order(output, found) if output._operands else None
    if order is not None:
        found[output] = seed
        try:
            _sweep(order, found)
            if isfinite(sum(found.values())):
                return found
        except (ArithmeticError, ValueError, TypeError):
            pass  # told by the long way
    return reverse.adjoints(output, seed)


def _order(output: Any, found: dict[Any, float]) -> list[Any] | None:
    """Return the computed nodes as `topological_order` has them; None if an operand was edited.

    Every node that is no constant is put into `found`, which tells what was met.
    """
    order: list[Any] = []
    pending: list[Any] = []
    node = output
    while True:
        if node not in found:
            found[node] = 0.0
            stamp = node._stamp
            pending.append(node)
            pending.append(None)  # when it is met again, all below this node has been placed
            for x in reversed(node._operands):
                if type(x) is not float:
                    if x._stamp > stamp:
                        return None
                    if x._operands:
                        pending.append(x)
                    elif not x._is_constant:
                        found[x] = 0.0
        node = pending.pop()
        while node is None:
            order.append(pending.pop())
            if not pending:
                return order
            node = pending.pop()


def _sweep(order: list[Any], found: dict[Any, float]) -> None:
    for node in reversed(order):
        adjoint = found[node]
        operands = node._operands
        primitive = node._primitive
        partials = primitive.checked_partials
        if len(partials) == 2:
            x, y = operands
            dx, dy = partials
            if type(x) is float:
                found[y] += dy(node._data, x, y._data) * adjoint
            elif type(y) is float:
                found[x] += dx(node._data, x._data, y) * adjoint
            else:
                if not x._is_constant:
                    found[x] += dx(node._data, x._data, y._data) * adjoint
                if not y._is_constant:
                    found[y] += dy(node._data, x._data, y._data) * adjoint
        elif len(partials) == 1:
            found[operands[0]] += partials[0](node._data, operands[0]._data) * adjoint
        else:
            numbers = [x if type(x) is float else x._data for x in operands]
            wanted = [type(x) is not float and not x._is_constant for x in operands]
            derivatives = primitive.derivatives(node._data, numbers, wanted)
            for x, derivative in zip(operands, derivatives, strict=True):
                if derivative is not None:
                    found[x] += derivative * adjoint
