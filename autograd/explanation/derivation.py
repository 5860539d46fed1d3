"""The chain rule as reverse mode computes it: an equation for each adjoint that has a name.

    ∂L/∂node  =  Σ over exits  (d next / d node) · ∂L/∂next

Adjoints that are used once are written out where they are used; a sum stands in brackets there. δ,
and what is used several times, gets a name and an equation of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from autograd import primitives
from autograd.explanation.algebra import steps
from autograd.explanation.cone import Between
from autograd.explanation.derivatives import Speller
from autograd.explanation.facts import is_logistic
from autograd.explanation.loss_gradients import less_target, slope_of_log_loss
from autograd.explanation.names import Naming
from autograd.explanation.quantities import (
    Bracket,
    Factor,
    Quantity,
    Rest,
    as_number,
    product,
    quantities_in,
    total,
)
from autograd.reverse import local_derivatives
from autograd.streams import printed_anywhere

MOST_TERMS = 4  # of a sum; of longer ones the largest three and the rest
MOST_EQUATIONS = 10
_DEEPEST = 8
_SHORT = 4


@printed_anywhere
@dataclass
class Equation:
    """An adjoint, and what it is equal to.

    Attributes:
        left: The adjoint's name.
        meaning: What the name stands for, ∂L/∂z; None if the name says it.
        forms: Formulas that are equal, the last one the simplest.
        value: The number.
        notes: What there is to say about it.
        meanings: Names in the first form, and what they stand for.
        is_substituted: Whether the second form is the first with an adjoint written out.
    """

    left: Quantity
    meaning: Quantity | None
    forms: list[Any]
    value: float
    notes: list[str] = field(default_factory=list)
    meanings: list[tuple[Quantity, Quantity]] = field(default_factory=list)
    is_substituted: bool = False


class Exit:
    """One way from a node towards the output: a local derivative, and the node after it.

    Attributes:
        after: The node after.
        value: The local derivative.
        factor: The same as a formula, spelled when it is asked for.
    """

    __slots__ = ("_factor", "_spell", "after", "value")

    def __init__(self, after: Any, value: float, spell: Callable[[], Factor]) -> None:
        self.after = after
        self.value = value
        self._spell = spell
        self._factor: Factor | None = None

    @property
    def factor(self) -> Factor:
        """The local derivative as a formula."""
        if self._factor is None:
            self._factor = self._spell()
        return self._factor


class Derivation:
    """Writes adjoints in terms of each other.

    Args:
        cone: What lies between source and output.
        names: What nodes are called.
        speller: How local derivatives are spelled.
        has_loss: Whether a loss function of a known kind was used.

    Attributes:
        expanded: The nodes whose adjoints have been written out.
    """

    def __init__(self, cone: Between, names: Naming, speller: Speller, has_loss: bool) -> None:
        self._cone = cone
        self._names = names
        self._speller = speller
        self._has_loss = has_loss
        self.expanded: set[Any] = set()
        self._derivatives: dict[Any, list[float | None]] = {}
        self._known_exits: dict[Any, list[Exit]] = {}

    def value(self, node: Any) -> float:
        """Return the adjoint of a node: of the loss of its example, if each has one."""
        top = self._names.top(node)
        found = self._cone.adjoints[node]
        return found if top is self._cone.output else found / self._cone.adjoints[top]

    def name(self, node: Any) -> Quantity:
        """Return the name of an adjoint."""
        return self._names.adjoint(node, self.value(node))

    def equation(self, node: Any) -> Equation:
        """Return the equation of a node's adjoint."""
        left = self.name(node)
        at = self._names.unit(node)
        is_delta = at is not None and node is at.net_input
        value = self.value(node)
        meaning = self._names.derivative(node, value) if is_delta else None
        forms = self._forms(node)
        return Equation(left, meaning, forms, value)

    def _forms(self, node: Any) -> list[Any]:
        first = self.expression(node, 0)
        at = self._names.unit(node)
        if at is not None and node is at.net_input and not _adjoints_in(first):
            return [first, *self._cancelled(node, at, first)]
        if any(isinstance(name, Rest) for name in quantities_in(first)) or _adjoints_in(first):
            return [first]
        return [first, *steps(first)] if self._names.is_network else [first]

    def _cancelled(self, node: Any, at: Any, first: Any) -> list[Any]:
        """What the derivative of a loss by a net input becomes when all has cancelled."""
        written_out = _without_short_names(first)
        if at.activation is not node and is_logistic(at.activation.primitive) and self._has_loss:
            general = self._log_loss(at)
            if general is not None:
                forms = [*steps(general)]
                return [general, *forms]
        found = steps(written_out)
        if self._has_loss:
            last = found[-1] if found else written_out
            found += self._with_target(at, last)
        differs = bool(found) and any(factor.short is not None for factor in _factors_in(first))
        return [written_out, *found] if differs else found

    def _log_loss(self, at: Any) -> Any:
        if len(self._exits(at.activation)) != 1:
            return None
        above, a = self.expression(at.activation, 0), self._speller.of(at.activation)
        slope = slope_of_log_loss(above, a, lambda target: self._target(target, at))
        inner = self._exits(at.net_input)[0].factor.inner
        return None if slope is None else product([slope, inner])

    def _with_target(self, at: Any, last: Any) -> list[Any]:
        def is_activation(a: Any) -> bool:
            return bool(a.name == self._names.activation(at.net_input, a.value).name)

        found = less_target(last, is_activation, lambda target: self._target(target, at))
        return [] if found is None else [found]

    def _target(self, target: float, at: Any) -> Any:
        return self._names.known_target(target, at, self._names.is_alone(at))

    def expression(self, node: Any, depth: int) -> Any:
        """Return the adjoint of a node as a formula."""
        self.expanded.add(node)
        exits = self._exits(node)
        shown = list(exits)
        if len(exits) > MOST_TERMS:
            sizes = [abs(e.value * self._value_after(e)) for e in exits]
            order = sorted(range(len(exits)), key=lambda place: -sizes[place])
            shown = [exits[place] for place in sorted(order[: MOST_TERMS - 1])]
        terms = [product([e.factor, *self._after(e, depth)]) for e in shown]
        if len(shown) < len(exits):
            seen = math.fsum(e.value * self._value_after(e) for e in shown)
            terms.append(Rest(len(exits) - len(shown), "terms", self.value(node) - seen))
        return total(terms)

    def _value_after(self, way: Exit) -> float:
        return 1.0 if way.after is self._names.top(way.after) else self.value(way.after)

    def _after(self, way: Exit, depth: int) -> list[Any]:
        """What a local derivative is multiplied by: nothing at the end, a name, or a formula."""
        node = way.after
        if node is self._names.top(node) or node is self._cone.output:
            return []
        at = self._names.unit(node)
        is_delta = at is not None and node is at.net_input
        if is_delta or depth >= _DEEPEST:
            return [self.name(node)]
        if self._cone.entries(node) > 1:
            # A number need not be computed once.
            simple = self._number(node, depth)
            if simple is None and node.primitive is primitives.softmax_component:
                simple = self._short(node, depth)
            return [self.name(node) if simple is None else simple]
        inner = self.expression(node, depth + 1)
        return [Bracket(inner)] if _is_sum(inner) else [inner]

    def _number(self, node: Any, depth: int) -> Any:
        exits = self._exits(node)
        if len(exits) != 1 or any(not q.is_count for q in quantities_in(exits[0].factor.inner)):
            return None
        after = self._after(exits[0], depth + 1)
        if any(not q.is_count for x in after for q in quantities_in(x)):
            return None
        self.expanded.add(node)
        return product([exits[0].factor, *after])

    def _short(self, node: Any, depth: int) -> Any:
        """The derivative of a loss by an output, if it is short: what cancels has to be seen."""
        inner = self.expression(node, depth + 1)
        inner = [inner, *steps(inner)][-1]
        names = quantities_in(inner)
        if len(names) > _SHORT or any(name.adjoint_of is not None for name in names):
            return None
        return inner

    def exits(self, node: Any) -> Sequence[Exit]:
        """Return where paths go from a node."""
        return self._exits(node)

    def _exits(self, node: Any) -> list[Exit]:
        known = self._known_exits.get(node)
        if known is None:
            known = self._known_exits[node] = self._found_exits(node)
        return known

    def _found_exits(self, node: Any) -> list[Exit]:
        edges = self._cone.exits(node)
        softmax = [after for after, _ in edges if after.primitive is primitives.softmax_excess]
        found = []
        if len(set(map(id, softmax))) < len(softmax):  # a net input that stands there twice
            return self._plain_exits(edges)
        for excess in softmax:
            if node is excess.parents[-1]:
                return self._plain_exits(edges)
            together = self._through_softmax(node, excess)
            if not together:
                return self._plain_exits(edges)
            found += together
        if not softmax:
            return self._plain_exits(edges)
        passed = {id(exit_.after) for exit_ in found} | {id(excess) for excess in softmax}
        passed |= {id(excess.parents[-1]) for excess in softmax}
        return found + self._plain_exits([edge for edge in edges if id(edge[0]) not in passed])

    def _plain_exits(self, edges: Sequence[tuple[Any, int]]) -> list[Exit]:
        found = []
        for node, operand in edges:
            value = self._local(node)[operand]
            assert value is not None, "constants are on no path"
            spell = partial(self._speller.derivative, node, operand)
            found.append(Exit(node, value, spell))
        return found

    def _local(self, node: Any) -> list[float | None]:
        known = self._derivatives.get(node)
        if known is None:
            known = self._derivatives[node] = local_derivatives(node)
        return known

    def _through_softmax(self, net_input: Any, excess: Any) -> list[Exit]:
        """∂aᵢ/∂z_k = aᵢ ([i = k] − a_k): what shift and excess carry, taken together."""
        shift = excess.parents[-1]
        own = primitives.softmax_component.value([net_input.data, shift.data, excess.data])
        self.expanded |= {excess, shift}
        share = self._share(net_input, excess, own)
        found = []
        for after, operand in self._cone.exits(excess):
            if after.primitive is not primitives.softmax_component or operand != 2:
                return []
            a = self._speller.of(after)
            if after.parents[0] is net_input:
                complement = [net_input.data, shift.data, excess.data]
                value = after.data * primitives.softmax_complement.value(complement)
                formula = a * (1.0 - a)
            else:
                value = -after.data * own
                formula = -(a * share)
            found.append(Exit(after, value, partial(Factor, formula, value)))
        return found

    def _share(self, net_input: Any, excess: Any, value: float) -> Any:
        for after, _ in self._cone.exits(excess):
            if after.parents[0] is net_input:
                return self._speller.of(after)
        return self._speller.share(net_input, value)


def substituted(equation: Equation, derivation: Derivation, way: Exit) -> Equation:
    """Write x · δ also as x · f′ · [ … ]: the adjoint after the only exit put in."""
    names = quantities_in(equation.forms[0])
    if len(equation.forms) != 1 or not any(name.adjoint_of is way.after for name in names):
        return equation
    inner = derivation.equation(way.after)
    if len(inner.forms) > 1:  # it has an equation of its own, in which something cancels
        return equation
    form = inner.forms[0]
    equation.forms.append(product([way.factor, Bracket(form) if _is_sum(form) else form]))
    equation.is_substituted = True
    if inner.meaning is not None:
        equation.meanings.append((inner.left, inner.meaning))
    return equation


def _adjoints_in(formula: Any) -> list[Quantity]:
    return [name for name in quantities_in(formula) if name.adjoint_of is not None]


def _is_sum(formula: Any) -> bool:
    primitive = getattr(formula, "primitive", None)
    return primitive is primitives.add or primitive is primitives.sub


def _factors_in(formula: Any) -> list[Factor]:
    if isinstance(formula, Factor):
        return [formula]
    if isinstance(formula, Bracket):
        return _factors_in(formula.inner)
    operands = getattr(formula, "operands", ())
    return [found for operand in operands for found in _factors_in(operand)]


def _without_short_names(formula: Any) -> Any:
    """Return a formula in which f′ is written out."""
    if isinstance(formula, Factor):
        return Factor(formula.inner, formula.value)
    if isinstance(formula, Bracket):
        return _without_short_names(formula.inner)
    if as_number(formula) is not None or not formula.operands:
        return formula
    operands = [_without_short_names(operand) for operand in formula.operands]
    return type(formula)("", formula.primitive, operands)
