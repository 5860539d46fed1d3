"""Where a number that is not finite came from: the first bad node, in values and in gradients.

An infinity or NaN spreads to everything above it; the node to blame is the first, in forward order,
whose own operands were still finite. In the backward sweep it is the first node, from the output
down, whose adjoint is finite while the adjoint it hands to a parent is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograd.graph import topological_order
from autograd.naming import describe
from autograd.path_counts import count_paths
from autograd.recording import record_locations
from autograd.reverse import adjoints, local_derivatives

_OPERANDS_SHOWN = 8
_PATH_SHOWN = 12


class AnomalyError(ArithmeticError):
    """A value or gradient that is not finite.

    Attributes:
        anomaly: The first bad node, and how its number travelled.
    """

    __module__ = "autograd"  # where users import it from, and what a traceback should say

    def __init__(self, anomaly: Anomaly) -> None:
        super().__init__(str(anomaly))
        self.anomaly = anomaly


@dataclass(frozen=True, eq=False)
class Anomaly:
    """The first node of a graph at which a number stopped being finite.

    Attributes:
        kind: "value", or "gradient" where all values are finite.
        node: The node to blame.
        number: Its value, or the derivative it hands down.
        operands: The node's operands.
        location: `file:line` that recorded it, if `record_locations()` was on.
        path: One way the number travelled: for a value from the node up to the output, for a
            gradient from the node down to a leaf.
        paths: How many ways there are: to the output, or from all leaves.
        reason: What happened there.
    """

    kind: str
    node: Any
    number: float
    operands: tuple[Any, ...]
    location: str | None
    path: tuple[Any, ...]
    paths: int
    reason: str

    def __str__(self) -> str:
        lines = [f"the first {self.kind} that is not finite is {self.number!r}: {self.reason}"]
        for place, operand in enumerate(self.operands[:_OPERANDS_SHOWN]):
            lines.append(f"  operand {place}: {describe(operand)}")
        if len(self.operands) > _OPERANDS_SHOWN:
            lines.append(f"  ... {len(self.operands)} operands")
        if len(self.path) > 1:
            names = [node.label or node.op or "·" for node in self.path]
            if len(names) > _PATH_SHOWN:
                names = [*names[: _PATH_SHOWN // 2], "…", *names[-_PATH_SHOWN // 2 :]]
            others = f", one of {self.paths} paths" if self.paths > 1 else ""
            lines.append(f"  it travelled {' → '.join(names)}{others}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Anomaly: {self}>"


def blame(output: Any) -> Anomaly | None:
    """Return the first value, or else gradient, that is not finite below an output, or None.

    Record the graph inside `record_locations()` or `detect_anomaly()` to have the source line.

    Raises:
        TypeError: If output is not a Value.
        ValueError: If all values are finite and a leaf was edited after the graph was recorded.

    Example:
        >>> from autograd import Value
        >>> x = Value(1e200, label="x")
        >>> y = 3.0 * (x * x)
        >>> print(blame(y * 0.0))
        the first value that is not finite is inf: mul (data=inf) of finite operands
          operand 0: leaf 'x' (data=1e+200)
          operand 1: leaf 'x' (data=1e+200)
          it travelled * → * → *
        >>> blame(x * 2.0)
    """
    if not (hasattr(output, "parents") and hasattr(output, "is_constant")):
        raise TypeError(f"blame() needs a Value, got {output!r}")
    order = topological_order(output)
    for node in order:
        if not math.isfinite(node.data):
            return _bad_value(node, output, order)
    return _bad_gradient(output, order)


@contextmanager
def detect_anomaly() -> Iterator[Watch]:
    """Remember source lines in this block, and find the first number that is not finite.

    An operation that has no value raises at once, as ever, and its error now names the line. An
    infinity or NaN that arithmetic lets pass is found when the block's watch is called on a result.

    Raises:
        AnomalyError: From `watch(output)`, if something below is not finite; it names the node, its
            operands, its line, and how the number travelled.

    Example:
        >>> from autograd import Value
        >>> x = Value(1e200, label="x")
        >>> with detect_anomaly() as watch:
        ...     loss = watch((x * x - 1.0).tanh())
        Traceback (most recent call last):
            ...
        autograd.AnomalyError: the first value that is not finite is inf: mul (data=inf, \
recorded at ...) of finite operands
          operand 0: leaf 'x' (data=1e+200)
          operand 1: leaf 'x' (data=1e+200)
          it travelled * → -
    """
    with record_locations():
        yield Watch()


class Watch:
    """Holds outputs against `blame`."""

    def __call__(self, output: Any) -> Any:
        """Return the output, if all values and gradients below it are finite.

        Raises:
            AnomalyError: Else, naming the first node.
        """
        anomaly = blame(output)
        if anomaly is not None:
            raise AnomalyError(anomaly)
        return output


def _bad_value(node: Any, output: Any, order: list[Any]) -> Anomaly:
    where = describe(node)
    if node.parents:
        why = f"{where} of finite operands"
    elif node.is_constant:
        why = f"{where} entered the graph as a number"
    else:
        why = f"{where} was given"
    up = _way_up(node, output, order)
    # A constant is on no path of derivatives, but its value travels all the same.
    ways = count_paths(node, output) if not node.is_constant else 1
    return Anomaly(
        "value", node, node.data, tuple(node.parents), node.location, tuple(up), ways, why
    )


def _way_up(node: Any, output: Any, order: list[Any]) -> list[Any]:
    came_from = {node: None}
    for above in order:
        if above not in came_from and not math.isfinite(above.data):
            for parent in above.parents:
                if parent in came_from:
                    came_from[above] = parent
                    break
    # The infinity may have ended on the way: 1 / inf is 0.
    way = output if output in came_from else list(came_from)[-1]
    found = [way]
    while came_from[found[-1]] is not None:
        found.append(came_from[found[-1]])
    return found[::-1]


def _bad_gradient(output: Any, order: list[Any]) -> Anomaly | None:
    if output.is_constant:
        return None
    try:
        found = adjoints(output)
    except ArithmeticError as error:
        return _undefined_derivative(order, error)
    for node in reversed(order):
        if node in found and math.isfinite(found[node]) and node.parents:
            for place, derivative in enumerate(local_derivatives(node)):
                if derivative is not None and not math.isfinite(derivative * found[node]):
                    return _overflowing(node, place, derivative, found[node])
    for node in reversed(order):
        if not math.isfinite(found.get(node, 0.0)):
            why = f"the contributions to {describe(node)} add up to it"
            return _gradient_anomaly(node, found[node], why)
    return None


def _undefined_derivative(order: list[Any], error: ArithmeticError) -> Anomaly:
    for node in reversed(order):
        try:
            local_derivatives(node)
        except ArithmeticError as own:
            return _gradient_anomaly(node, math.nan, str(own))
    raise error


def _overflowing(node: Any, place: int, derivative: float, adjoint: float) -> Anomaly:
    product = derivative * adjoint
    why = (
        f"{describe(node)} hands its adjoint {adjoint!r} times its derivative {derivative!r} "
        f"to operand {place}"
    )
    return _gradient_anomaly(node, product, why, place)


def _gradient_anomaly(node: Any, number: float, why: str, place: int | None = None) -> Anomaly:
    down = [node]
    if place is not None:
        down.append(node.parents[place])
    while down[-1].parents:
        onward = [parent for parent in down[-1].parents if not parent.is_constant]
        down.append(onward[0])
    leaves = [n for n in topological_order(node) if not n.parents and not n.is_constant]
    ways = sum([count_paths(leaf, node) for leaf in leaves])
    return Anomaly(
        "gradient", node, number, tuple(node.parents), node.location, tuple(down), ways, why
    )
