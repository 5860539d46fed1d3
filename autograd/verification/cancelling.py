"""What cancels in a gradient: terms whose sum is nothing but their rounding.

The derivative of x * y / x - y by x is zero, and code that computes it adds y / x and -y / x. Next
to such terms a claim of 1e-16 is zero to the last bit. Only a recorded graph shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.graph import topological_order
from autograd.reverse import adjoints, local_derivatives
from autograd.selection import Value

# A sum that is so small beside its terms is their rounding.
_ROUNDED = 1e-13


def cancelled_terms(output: Any, inputs: Sequence[Value]) -> list[float]:
    """Return, for every input, how large the terms are that cancel in its derivative; 0 if none do.

    In units of the output: |v| Σ |what arrives at v|, of the input itself or a node that it leads
    to, whichever is larger.

    Example:
        >>> x, y = Value(3.0), Value(2.0)
        >>> cancelled_terms(x * y / x - y, [x, y])
        [4.0, 4.0]
        >>> cancelled_terms(x * y, [x, y])
        [0.0, 0.0]
    """
    if not isinstance(output, Value):
        return [0.0] * len(inputs)
    found = adjoints(output)
    arrived: dict[Value, float] = {}
    cancelled: dict[Value, float] = {}
    for node in reversed(topological_order(output)):
        adjoint, terms = found.get(node, 0.0), arrived.get(node, 0.0)
        if abs(adjoint) < _ROUNDED * terms:
            cancelled[node] = max(cancelled.get(node, 0.0), (abs(node.data) or 1.0) * terms)
        if not node.parents:
            continue
        for parent, local in zip(node.parents, local_derivatives(node), strict=True):
            if local is not None:
                arrived[parent] = arrived.get(parent, 0.0) + abs(adjoint * local)
                above = cancelled.get(node, 0.0)
                cancelled[parent] = max(cancelled.get(parent, 0.0), above)
    return [cancelled.get(node, 0.0) for node in inputs]
