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
from autograd.html_table import html_text
from autograd.lettering import counted
from autograd.naming import describe
from autograd.path_finding.counts import count_paths
from autograd.reverse import adjoints, first_overflow, local_derivatives
from autograd.selection import Value
from autograd.streams import printed_anywhere
from autograd.switches import inspect_sweeps, record_locations

_OPERANDS_SHOWN = 8
_PATH_SHOWN = 12


class AnomalyError(ArithmeticError):
    """A value or gradient that is not finite.

    Attributes:
        anomaly: The first bad node, and how its number travelled.

    Example:
        >>> from autograd import Value, detect_anomaly
        >>> w = Value(1e200, label="w")
        >>> try:
        ...     with detect_anomaly():
        ...         (w * w).sqrt().backward()
        ... except AnomalyError as error:
        ...     print(error.anomaly.kind, error.anomaly.node.op, error.anomaly.number)
        value * inf
    """

    __module__ = "autograd"  # where users import it from, and what a traceback should say

    def __init__(self, anomaly: Anomaly) -> None:
        super().__init__(str(anomaly))
        self.anomaly = anomaly


@printed_anywhere
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
        paths: How many ways there are: to the output, or down to all leaves.
        reason: What happened there.

    Example:
        >>> from autograd import Value, blame
        >>> w = Value(1e200, label="w")
        >>> found = blame((w * w).sqrt() - 1.0)
        >>> found.kind, found.number, found.node.op, found.operands[0].label
        ('value', inf, '*', 'w')
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
            others = f", one of {_count(self.paths)} paths" if self.paths > 1 else ""
            lines.append(f"  it travelled {' → '.join(names)}{others}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Anomaly: {self}>"

    def _repr_html_(self) -> str:
        return html_text(str(self))


@printed_anywhere
@dataclass(frozen=True)
class NoAnomaly:
    """Nothing to blame: every value and gradient of a graph is finite. False in `if`.

    Attributes:
        output: What the output is called.
        count: How many nodes were looked at.

    Example:
        >>> from autograd import Value, blame
        >>> found = blame(Value(2.0, label="w") * 3.0)
        >>> bool(found), found.count
        (False, 3)
    """

    output: str
    count: int

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return (
            f"nothing to blame: the graph of {self.output} is finite, {counted(self.count, 'node')}"
        )

    def __repr__(self) -> str:
        return f"<NoAnomaly: {self}>"

    def _repr_html_(self) -> str:
        return html_text(str(self))


def blame(output: Any) -> Anomaly | NoAnomaly:
    """Return the first value, or else gradient, that is not finite below an output.

    Where there is none, the answer says so, and is false: `if found := blame(loss): ...`

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
        >>> print(blame(x * 2.0))
        nothing to blame: the graph of mul (data=2e+200) is finite, 3 nodes
    """
    if not isinstance(output, Value):
        raise TypeError(f"blame() needs a Value, got {output!r}")
    found = _first_anomaly(output, 1.0)
    return found or NoAnomaly(describe(output), len(topological_order(output)))


@contextmanager
def detect_anomaly() -> Iterator[AnomalyDetector]:
    """Refuse, in this block or function, to differentiate what is not finite.

    Every `backward()`, `gradients()` and `grad()` of this thread looks at the whole graph first. An
    infinity or NaN below its output, which arithmetic lets pass, or one that its sweep would
    produce, raises before any `.grad` changes; the error names the first bad node with its source
    line. A result that is not differentiated can be given to the block's watch.

    Sweeps take a good deal longer here: for finding out, not for training.

    Raises:
        AnomalyError: From a sweep, or from `watch(output)`, if something is not finite; it names
            the node, its operands, its line, and how the number travelled.

    Example:
        >>> from autograd import Value
        >>> x = Value(1e200, label="x")
        >>> with detect_anomaly():
        ...     loss = (x * x - 1.0).tanh()
        ...     loss.backward()
        Traceback (most recent call last):
            ...
        autograd.AnomalyError: the first value that is not finite is inf: mul (data=inf, \
recorded at ...) of finite operands
          operand 0: leaf 'x' (data=1e+200)
          operand 1: leaf 'x' (data=1e+200)
          it travelled * → -
        >>> with detect_anomaly() as watch:
        ...     y = watch(x * 2.0)
    """
    with record_locations(), inspect_sweeps(_refuse):
        yield AnomalyDetector()


class AnomalyDetector:
    """Holds outputs against `blame`."""

    def __call__(self, output: Any) -> Any:
        """Return the output, if all values and gradients below it are finite.

        Raises:
            AnomalyError: Else, naming the first node.
            TypeError: If output is not a Value.
        """
        anomaly = blame(output)
        if isinstance(anomaly, Anomaly):
            raise AnomalyError(anomaly)
        return output


def _refuse(output: Any, seed: float) -> None:
    anomaly = _first_anomaly(output, seed)
    if anomaly is not None:
        raise AnomalyError(anomaly)


def _first_anomaly(output: Any, seed: float) -> Anomaly | None:
    order = topological_order(output)
    for node in order:
        if not math.isfinite(node.data):
            return _bad_value(node, output, order)
    return None if output.is_constant else _bad_gradient(output, order, seed)


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


def _bad_gradient(output: Any, order: list[Any], seed: float) -> Anomaly | None:
    if not math.isfinite(seed):
        return _gradient_anomaly(output, seed, "the seed of the sweep was given")
    try:
        if seed == 1.0:  # in the engine's own sweep, which is faster
            with inspect_sweeps(None):
                output.adjoints_of([])
        else:
            adjoints(output, seed)
    except ArithmeticError:
        return _where_it_breaks(output, order, seed)
    return None


def _where_it_breaks(output: Any, order: list[Any], seed: float) -> Anomaly | None:
    try:
        overflow = first_overflow(output, seed)
    except ArithmeticError:
        for node in reversed(order):
            try:
                local_derivatives(node)
            except ArithmeticError as error:
                return _gradient_anomaly(node, math.nan, str(error))
        raise
    if overflow is None:
        return None
    node, place, adjoint, why = overflow
    return _gradient_anomaly(node, adjoint, why, place)


def _gradient_anomaly(node: Any, number: float, why: str, place: int | None = None) -> Anomaly:
    start = node if place is None else node.parents[place]
    down = [node] if place is None else [node, start]
    while down[-1].parents:
        down.append(next(parent for parent in down[-1].parents if not parent.is_constant))
    ways: dict[Any, int] = {}
    for below in topological_order(start):
        inner = sum([ways[parent] for parent in below.parents])
        ways[below] = inner if below.parents else int(not below.is_constant)
    return Anomaly(
        "gradient", node, number, tuple(node.parents), node.location, tuple(down), ways[start], why
    )


def _count(ways: int) -> str:
    # Python refuses to print integers of more than 4300 digits.
    return str(ways) if ways < 10**9 else f"more than 10^{int(0.30103 * (ways.bit_length() - 1))}"
