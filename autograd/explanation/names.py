"""What nodes are called in an explanation: by the lecture, by their label, or v with a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograd import primitives
from autograd.explanation.quantities import Derivative, Prime, Quantity
from autograd.lettering import Name, printable, read_name, shortened_in_the_middle
from autograd.units import UnitAt, Units


class Naming:
    """Names of nodes, no two alike.

    Args:
        output: The value that is differentiated.
        units: The units in its graph.
        numbered: Nodes without labels that get v₁, v₂, … in this order; others go on from there.

    Attributes:
        generated: The nodes that got a name v, in the order of asking.
        targets: What stands for some constants, such as t and 1 − t.
        is_network: Whether there are units.
    """

    def __init__(self, output: Any, units: Units, numbered: Sequence[Any] = ()) -> None:
        self.output = output
        self.units = units
        self.is_network = bool(units.all)
        self.generated: list[Any] = []
        self.targets: dict[Any, Any] = {}
        self.losses: dict[int, Any] = {}  # of single examples, by their number
        self._quantities: dict[Any, Quantity] = {}
        self._adjoints: dict[Any, Quantity] = {}
        self._taken: dict[str, tuple[str, int]] = {}
        self._numbers = {node: place for place, node in enumerate(numbered, start=1)}
        self._turns: dict[tuple[Any, int], int] = {}
        self._inputs: dict[Any, UnitAt | None] = {}
        self._in_layer: dict[Any, set[Any]] = {}
        for at in units.all:
            self._in_layer.setdefault(at.unit.parent, set()).add(at.unit)
            key = at.unit, at.example
            self._turns[key] = max(self._turns.get(key, 0), at.turn)
            for x in at.inputs:
                if x not in units.of_node:
                    seen = self._inputs.setdefault(x, at)
                    if seen is not None and seen.example != at.example:
                        self._inputs[x] = None

    def of(self, node: Any) -> Any:
        """Return what a node is called: a number if it is a constant without a label."""
        if node in self.targets:
            return self.targets[node]
        if node.is_constant and not node.label and not self._is_input(node):
            return node.data
        found = self._quantities.get(node)
        if found is None:
            title = self._unique(self._name(node), "value", node)
            found = Quantity(title, node.data, value_of=node)
            self._quantities[node] = found
        return found

    def adjoint(self, node: Any, value: float) -> Quantity:
        """Return what d output / d node is called: δ for a net input."""
        found = self._adjoints.get(node)
        if found is None:
            at = self.unit(node)
            if at is not None and node is at.net_input:
                title = replace(self.of(node).title, base="δ") if self._is_z(node) else None
                title = title or self._indexed("δ", at)
                title = self._unique(title, "adjoint", node)
                found = Quantity(title, value, adjoint_of=node)
            else:
                found = Derivative(self.of(self.top(node)), self.of(node), value, node)
            self._adjoints[node] = found
        return found

    def derivative(self, node: Any, value: float) -> Derivative:
        """Return the name ∂output/∂node."""
        return Derivative(self.of(self.top(node)), self.of(node), value, node)

    def top(self, node: Any) -> Any:
        """Return what is differentiated by a node: the loss of its example, or the output."""
        example = self.example(node) if self.losses else None
        return self.output if example is None else self.losses.get(example, self.output)

    def example(self, node: Any) -> int | None:
        """Return the number of the example that a node belongs to, as brackets count them."""
        found = self.units.example_of.get(node)
        if found is None and node in self._inputs:
            at = self._inputs[node]
            found = None if at is None else at.example
        return None if found is None else self.units.numbers[found]

    def prime(self, node: Any, value: float, operation: str, formula: Any) -> Prime:
        """Return the name f′(z)."""
        return Prime(self.of(node), value, operation, formula)

    def target(self, node: Any, at: UnitAt, alone: bool) -> Quantity:
        """Return the name t_k of a target."""
        name = Name("t") if alone else Name("t", self._index(at))
        return Quantity(self._unique(self._with_example(name, at), "target", node), node.data)

    def known_target(self, value: float, at: UnitAt, alone: bool) -> Quantity:
        """Return t_k where no node holds it: a target of 0 or 1 that chose the formula."""
        name = Name("t") if alone else Name("t", self._index(at))
        title = self._unique(self._with_example(name, at), "target", at.net_input)
        return Quantity(title, value)

    def activation(self, node: Any, value: float) -> Quantity:
        """Return what a loss computes of a net input itself, an activation that is no node: a_k."""
        at = self.unit(node)
        if at is not None and node is at.net_input:
            if at.activation is node:
                title = self._unique(self._indexed("a", at), "activation", node)
                return Quantity(title, value)
            if at.activation.primitive is primitives.softmax_component:
                found: Quantity = self.of(at.activation)
                return found
        inner = self.of(node)
        shown = inner.name if isinstance(inner, Quantity) else f"{inner:.4g}"
        return Quantity(self._unique(Name(f"softmax({shown})"), "activation", node), value)

    def is_alone(self, at: UnitAt) -> bool:
        """Whether a unit is the only one of its layer in the graph."""
        return len(self._in_layer[at.unit.parent]) == 1

    def unit(self, node: Any) -> UnitAt | None:
        """Return the unit a node belongs to, if it is its z or its a."""
        at = self.units.of_node.get(node)
        if at is not None and (node is at.net_input or node is at.activation):
            return at
        return None

    def _is_input(self, node: Any) -> bool:
        return node in self._inputs

    def _is_z(self, node: Any) -> bool:
        name = read_name(node.label)
        return name.base == "z"

    def _name(self, node: Any) -> Name:
        at = self.unit(node)
        if node.label:
            name = read_name(printable(node.label)) if node.label.strip() else Name("?")
            name = replace(name, base=shortened_in_the_middle(name.base))
            if at is None and node in self._inputs and self._inputs[node] is not None:
                at = self._inputs[node]
            if at is not None:
                return name if name.more else self._with_example(name, at)
            number = self.example(node) if node.parents else None
            return name if number is None else self._bracketed(name, number)
        if node is self.output:
            return Name("L" if self.is_network else "y")
        number = self.example(node)
        if number is not None and self.losses.get(number) is node:
            return Name("L").behind(f"[{number}]")
        if at is not None:
            return self._indexed("z" if node is at.net_input else "a", at)
        if node in self._inputs:
            owner = self._inputs[node]
            assert owner is not None or node.data is not None
            return Name("x") if owner is None else self._with_example(Name("x"), owner)
        if node.primitive in (primitives.softmax_shift, primitives.softmax_excess):
            return Name("shift" if node.primitive is primitives.softmax_shift else "excess")
        self.generated.append(node)
        return Name("v", str(self._numbers.setdefault(node, len(self._numbers) + 1)))

    def _index(self, at: UnitAt) -> str:
        return "" if at.unit.index is None else str(at.unit.index)

    def _indexed(self, letter: str, at: UnitAt) -> Name:
        layer = at.unit.around("layer")
        high = f"({layer.index})" if layer is not None and layer.index is not None else ""
        return self._with_example(Name(letter, self._index(at), high), at)

    def _with_example(self, name: Name, at: UnitAt) -> Name:
        if self._turns.get((at.unit, at.example)):
            name = name.behind(f"⟨{at.turn + 1}⟩")
        return self._bracketed(name, self.units.numbers[at.example])

    def _bracketed(self, name: Name, example: int) -> Name:
        return name.behind(f"[{example}]") if self.units.examples > 1 else name

    def _unique(self, name: Name, kind: str, node: Any) -> Name:
        found, count, key = name, 1, (kind, id(node))
        while self._taken.setdefault(str(found), key) != key:
            count += 1
            found = name.behind(f"#{count}")
        return found
