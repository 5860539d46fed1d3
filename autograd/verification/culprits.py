"""Which operation is wrong: each node of a recorded graph held against differences by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.graph import topological_order
from autograd.reverse import local_derivatives
from autograd.selection import Value
from autograd.verification.differences import difference
from autograd.verification.noise import measure_noise
from autograd.verification.verdicts import judge


def first_wrong_operation(outputs: Sequence[Any]) -> str | None:
    """Return a sentence on the first node whose own rule differences refute; None if there is none.

    Only a clear refutation counts: a kink or noise does not.

    Args:
        outputs: The graph's outputs; what is no graph node is passed over.

    Example:
        >>> from autograd import Value, primitives
        >>> twisted = primitives.sin.replace(partials=(lambda out, x: -primitives.cos(x),))
        >>> first_wrong_operation([twisted(Value(1.0)) * 2.0])
        'the first wrong operation is sin (data=0.841...): its rule for operand 0 gives -0.540..., \
differences give 0.540... ± ...'
        >>> first_wrong_operation([Value(1.0).sin() * 2.0])
    """
    nodes = [out for out in outputs if isinstance(out, Value)]
    for node in topological_order(*nodes):
        operands = [parent.data for parent in node.parents]
        rules = local_derivatives(node) if operands else []
        for position, claimed in enumerate(rules):
            if claimed is None:
                continue
            local = _operation(node.primitive, operands, position)
            measured = difference(local, operands[position])
            if judge(claimed, measured, 1.0) == "FAIL":
                x, size = operands[position], abs(operands[position]) or 1.0
                noise = measure_noise(_line(local, x, size))
                measured = difference(local, x, noise)
                if judge(claimed, measured, 1.0) == "FAIL":
                    return (
                        f"the first wrong operation is {node.describe()}: its rule for operand "
                        f"{position} gives {claimed!r}, differences give "
                        f"{measured.value:.15g} ± {measured.error:.1g}"
                    )
    return None


def _operation(
    primitive: Any, operands: Sequence[float], position: int
) -> Callable[[float], float]:
    def operation(x: float) -> float:
        moved = list(operands)
        moved[position] = x
        return float(primitive.forward(*moved))

    return operation


def _line(f: Callable[[float], float], x: float, size: float) -> Callable[[float], float]:
    return lambda t: f(x + t * size)
