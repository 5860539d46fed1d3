"""What tables call the nodes of a graph: by label or operation, numbered where that is not enough.

(How errors name a node, with its number and place: `naming`.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from autograd.lettering import pretty_label, printable

_LONGEST = 24


class NodeNames:
    """Names that tell the nodes of one graph apart.

    Args:
        order: The nodes, in the order in which those of equal names are counted.

    Example:
        >>> from autograd import Value
        >>> from autograd.graph import topological_order
        >>> w = Value(3.0, label="w_1^(2)")
        >>> y = w * w + w * 2.0
        >>> names = NodeNames(node for node in topological_order(y) if not node.is_constant)
        >>> names[w], names[y.parents[0]], names[y.parents[1]], names[y]
        ('w₁⁽²⁾', '* #1', '* #2', '+')
    """

    def __init__(self, order: Iterable[Any]) -> None:
        self._number: dict[Any, int] = {}
        self._bearers: Counter[str] = Counter()
        for node in order:
            name = node_name(node)
            self._bearers[name] += 1
            self._number[node] = self._bearers[name]

    def __getitem__(self, node: Any) -> str:
        name = node_name(node)
        # A label that looks as if it were numbered gets a number of ours in any case.
        if self._bearers[name] == 1 and " #" not in name:
            return name
        return f"{name} #{self._number[node]}"


def node_name(node: Any) -> str:
    """A node's label, or its operation: what it is called where no other is near."""
    name = pretty_label(printable(node.label)) or printable(node.op) or "leaf"
    if len(name) > _LONGEST:
        half = (_LONGEST - 1) // 2
        name = f"{name[:half]}…{name[-half:]}"
    return name
