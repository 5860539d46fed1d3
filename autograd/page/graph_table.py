"""The nodes of a graph as columns of numbers and names: what the script computes with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.formula import partial_formulas, text
from autograd.lettering import pretty_label, printable
from autograd.page.operation_script import Kind, kind_of
from autograd.primitive import Primitive
from autograd.primitives import RULES
from autograd.render.typography import shortened
from autograd.reverse import local_derivatives

_LONGEST_RULE = 60


class GraphTable:
    """The graph below an output.

    Attributes:
        order: Its nodes, parents before their children.
        place: Where each node stands in this order: its number everywhere in a page.
        first: For each node the number of the edge from its first operand.
        kinds: The rules that its operations follow.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> table = GraphTable(x * x, [x, x * x])
        >>> table.columns()["operands"], table.columns()["labels"]
        ([[], [0, 0]], {0: ['x', 'x']})
    """

    def __init__(self, output: Any, order: Sequence[Any]) -> None:
        self.output = output
        self.order = order
        self.place = {node: place for place, node in enumerate(order)}
        self.first: list[int] = []
        count = 0
        for node in order:
            self.first.append(count)
            count += len(node.parents)
        self.kinds: dict[Kind, int] = {}
        for node in order:
            if node.parents:
                self.kinds.setdefault(kind_of(node), len(self.kinds))

    def edge(self, node: Any, operand: int) -> int:
        """Return the number of the edge into an operand of a node."""
        return self.first[self.place[node]] + operand

    def columns(self, inputs: Iterable[Any] = ()) -> dict[str, Any]:
        """Return the columns.

        Args:
            inputs: Plain numbers that a reader may change, such as the inputs of a network.
        """
        leaves = [node for node in self.order if not node.parents]
        mine = set(inputs)
        editable = [n for n in leaves if not n.is_constant or n.label or n in mine]
        return {
            "operation": [self.kinds[kind_of(n)] if n.parents else -1 for n in self.order],
            "operands": [[self.place[p] for p in n.parents] for n in self.order],
            "leaves": {self.place[n]: in_json(n.data) for n in leaves},
            "labels": {
                self.place[n]: [n.label, shortened(pretty_label(printable(n.label)))]
                for n in self.order
                if n.label
            },
            "constants": [self.place[n] for n in self.order if n.is_constant],
            "editable": [self.place[n] for n in editable],
        }

    def numbers(self) -> dict[str, list[float | str]]:
        """Return the values and partials as they are here, for a page that cannot compute them.

        A partial that does not exist is NaN, as that of an operand without a gradient.
        """
        partials: list[float | str] = []
        for node in self.order:
            try:
                found = local_derivatives(node)
            except ArithmeticError:
                found = [None] * len(node.parents)
            partials += ["NaN" if one is None else in_json(one) for one in found]
        return {"values": [in_json(node.data) for node in self.order], "partials": partials}

    def operations(self) -> list[dict[str, Any]]:
        """Return what the page says of each kind of operation."""
        return [_operation(primitive) for primitive, _ in self.kinds]


def in_json(number: float) -> float | str:
    """Return a number as JSON can hold it.

    Example:
        >>> in_json(0.5), in_json(float("-inf"))
        (0.5, '-Infinity')
    """
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0.0 else "-Infinity"
    return number


def _operation(primitive: Primitive) -> dict[str, Any]:
    try:
        formulas = [text(formula) for formula in partial_formulas(primitive).values()]
    except TypeError:  # stated for all operands together
        formulas = []
    return {
        "name": primitive.name,
        "symbol": printable(primitive.symbol),
        "binding": primitive.binding,
        "own": RULES.get(primitive.name) is not primitive,
        "domain": primitive.domain,
        "rules": [formula if len(formula) <= _LONGEST_RULE else "" for formula in formulas],
    }
