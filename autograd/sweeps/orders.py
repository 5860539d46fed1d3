"""In which order nodes hand their adjoints on: the right order, those people try, and any other.

Leaves and constants hand nothing on, so an order is one of computed nodes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autograd.name_search import resolved
from autograd.selection import Value

_MOST_VISITS = 1_000_000
_COUNTED = 10**18
_LISTED = 4


def depth_first(output: Any) -> Iterator[Any]:
    """Iterate over the nodes as a recursion meets them that remembers where it has been.

    def backward(node):
        hand node's adjoint on to all its operands
        for operand in node.parents:
            if operand not in visited:
                visited.add(operand)
                backward(operand)
    """
    visited: set[Any] = set()
    pending = [output]
    while pending:
        node = pending.pop()
        if node not in visited:
            visited.add(node)
            if node.parents:
                yield node
                pending.extend(reversed(node.parents))


def breadth_first(output: Any) -> Iterator[Any]:
    """Iterate over the nodes by their distance from the output: a queue in place of the stack."""
    visited = {output}
    queue = deque([output])
    while queue:
        node = queue.popleft()
        if node.parents:
            yield node
            for operand in node.parents:
                if operand not in visited:
                    visited.add(operand)
                    queue.append(operand)


def recursive(output: Any) -> Iterator[Any]:
    """Iterate over the nodes as a recursion meets them that remembers nothing.

    def backward(node):
        hand node's adjoint on to all its operands
        for operand in node.parents:
            backward(operand)

    A node comes once for every path from the output to it.
    """
    pending = [output]
    while pending:
        node = pending.pop()
        if node.parents:
            yield node
            pending.extend(reversed(node.parents))


NAMED = {"depth-first": depth_first, "breadth-first": breadth_first, "recursive": recursive}


def wanted_order(order: Any, output: Any, topological: Sequence[Any]) -> Iterable[Any]:
    """Return the nodes in the order asked for.

    Args:
        order: None for reverse topological order, one of `NAMED`, or an iterable of nodes or of
            their names.
        topological: The nodes below the output, parents before their children.

    Raises:
        TypeError: If order is something else.
        LookupError: If no node has one of these names.
        ValueError: If it is no order of the computed nodes of this graph, each once, or too long.
    """
    if order is None:
        return (node for node in reversed(topological) if node.parents)
    if isinstance(order, str):
        if order not in NAMED:
            names = ", ".join(map(repr, NAMED))
            raise ValueError(f"order must be {names} or a list of Values, not {order!r:.80}")
        if order == "recursive":
            _refuse_endless(topological)
        return NAMED[order](output)
    if not isinstance(order, Iterable):
        raise TypeError(
            f"order must be None, a name or a list of Values, not {type(order).__name__} "
            f"{order!r:.80}"
        )
    return _checked([resolved(output, node) for node in order], output, topological)


def _checked(order: list[Any], output: Any, topological: Sequence[Any]) -> list[Any]:
    for position, node in enumerate(order):
        if not isinstance(node, Value):
            raise TypeError(
                f"order[{position}] must be a Value, not {type(node).__name__} {node!r:.80}"
            )
    known = set(topological)
    places: dict[Any, int] = {}
    for position, node in enumerate(order):
        if node not in known:
            raise ValueError(
                f"order[{position}], {node.describe()}, is not in the graph of {output.describe()}"
            )
        if node in places:
            raise ValueError(
                f"order[{position}], {node.describe()}, is order[{places[node]}] once more: "
                "a node hands its adjoint on once"
            )
        places[node] = position
    missing = [node for node in reversed(topological) if node.parents and node not in places]
    if missing:
        shown = ", ".join([node.describe() for node in missing[:_LISTED]])
        more = f" and {len(missing) - _LISTED} more" if len(missing) > _LISTED else ""
        raise ValueError(
            f"order leaves out {len(missing)} of the nodes that hand an adjoint on: {shown}{more}"
        )
    return [node for node in order if node.parents]


def _refuse_endless(topological: Sequence[Any]) -> None:
    visits = {topological[-1]: 1}
    total = 0
    for node in reversed(topological):
        if node.parents:
            total += visits[node]
            if total > _COUNTED:  # the numbers would grow to as many digits as the graph is deep
                break
            for parent in node.parents:
                visits[parent] = visits.get(parent, 0) + visits[node]
    if total > _MOST_VISITS:
        size = f"{total}" if total <= _COUNTED else f"more than {_COUNTED}"
        raise ValueError(
            f"without a memory of where it has been the recursion would enter {size} nodes, one "
            f"for every path from the output; it is run up to {_MOST_VISITS}"
        )
