"""A recorded graph evaluated again on numbers of another kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.graph import topological_order
from autograd.many_operands import Elementwise
from autograd.primitive import Primitive
from autograd.verification.oracles.kinds import Carrier, Kind


class Replay:
    """A recorded graph, to be evaluated again on other numbers.

    Attributes:
        output: Its root.
        inputs: The leaves asked about.
        gradient: The gradient in question.
        order: Its nodes in topological order.
    """

    def __init__(self, output: Any, inputs: Sequence[Any], gradient: Sequence[float]) -> None:
        self.output, self.inputs, self.gradient = output, inputs, gradient
        self.order = topological_order(output)

    def replay(self, kind: Kind, changed: dict[Any, Any]) -> dict[Any, Any]:
        """Return the value of every node, with other numbers in some leaves."""
        numbers: dict[Any, Any] = {}
        for node in self.order:
            if node in changed:
                numbers[node] = changed[node]
            elif node.parents:
                numbers[node] = kind.apply(node.primitive, [numbers[p] for p in node.parents])
            else:
                numbers[node] = kind.lift(node.data)
        return numbers

    def by_rules(self, kind: Kind) -> list[Any]:
        """Return the gradient by the rule book's partials, in the reverse sweep on this kind."""
        numbers = self.replay(kind, {})
        add, mul = kind.values["add"], kind.values["mul"]
        found = {self.output: kind.lift(1.0)}
        for node in reversed(self.order):
            if node.parents and node in found:
                operands = [Carrier(numbers[parent], kind) for parent in node.parents]
                wanted = [not parent.is_constant for parent in node.parents]
                out = Carrier(numbers[node], kind)
                slopes = _partials(node.primitive, out, operands, wanted, kind)
                for parent, slope in zip(node.parents, slopes, strict=True):
                    if slope is not None:
                        number = slope.number if isinstance(slope, Carrier) else kind.lift(slope)
                        step = mul(number, found[node])
                        found[parent] = add(found[parent], step) if parent in found else step
        return [found.get(node, kind.lift(0.0)) for node in self.inputs]

    def contributions(self) -> list[float]:
        """Return for each input the sum of |product| over all paths: the scale of rounding."""
        from_output = {self.output: 1.0}
        for node in reversed(self.order):
            if node.parents and node in from_output:
                wanted = [not parent.is_constant for parent in node.parents]
                data = [parent.data for parent in node.parents]
                slopes = node.primitive.derivatives(node.data, data, wanted)
                for parent, slope in zip(node.parents, slopes, strict=True):
                    if slope is not None:
                        step = abs(slope) * from_output[node]
                        from_output[parent] = from_output.get(parent, 0.0) + step
        return [from_output.get(node, 0.0) for node in self.inputs]


def _partials(
    primitive: Primitive, out: Carrier, operands: list[Carrier], wanted: list[bool], kind: Kind
) -> Sequence[Any]:
    if isinstance(primitive.partials, Elementwise):
        # The number of operands is a number of this kind too: 1/3 is no float.
        last = primitive.partials.of_last is not None
        n = Carrier(kind.lift(float(len(operands) - last)), kind)
        return primitive.partials.wanted(out, operands, wanted, n)
    return primitive.derivatives(out, operands, wanted)
