"""Local derivatives as textbooks spell them: the rule book's partials, run on names of nodes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from autograd import primitives
from autograd.explanation.facts import is_logistic, mirrored, written_in_result
from autograd.explanation.names import Naming
from autograd.explanation.quantities import (
    Bracket,
    Derivative,
    Factor,
    Quantity,
    evaluated,
    product,
    total,
)
from autograd.formula import Symbol, text
from autograd.lettering import Name
from autograd.many_operands import Elementwise, Pairwise, Partial, shared_results
from autograd.primitive import Primitive
from autograd.reverse import local_derivatives

_MOST_OPERATIONS = 8


class Speller:
    """Spells the local derivatives of nodes.

    Args:
        names: What nodes are called.
        is_inline: Which computed nodes have no name: their formula stands in their place.

    Attributes:
        definitions: For activations that only a loss computes, what they are: name, formula.
    """

    def __init__(self, names: Naming, is_inline: Callable[[Any], bool]) -> None:
        self._names = names
        self._is_inline = is_inline
        self.definitions: dict[str, tuple[Quantity, Any]] = {}

    def derivative(self, node: Any, operand: int) -> Factor:
        """Return d node / d operand as a formula with its value."""
        value = local_derivatives(node)[operand]
        assert value is not None, "constants are on no path"
        parent = node.parents[operand]
        primitive: Primitive = node.primitive
        formula = self._spelled(node, operand)
        at = self._names.unit(node)
        is_activation = (
            at is not None
            and parent is at.net_input
            and node is at.activation
            and not primitive.is_variadic
            and primitive is not primitives.softmax_component
        )
        if isinstance(formula, Symbol) and primitive.arity == 1:
            known = None
            if not _is_plain(formula):
                known = written_in_result(primitive, self.of(node))
            formula = formula if known is None else known
        short = None
        if is_activation and isinstance(formula, Symbol):
            short = self._names.prime(parent, value, primitive.name, formula)
        return Factor(formula, value, short)

    def of(self, node: Any) -> Any:
        """Return what stands for a node: its name, or its formula."""
        is_named = node.primitive in _OF_SOFTMAX
        if node.parents and not (node.is_constant or is_named) and self._is_inline(node):
            found = self.formula(node)
            if found is not None and _operations(found) <= _MOST_OPERATIONS:
                return found
        return self._names.of(node)

    def formula(self, node: Any) -> Any:
        """Return how a node was computed from its operands, or None if there are too many."""
        if len(node.parents) > _MOST_OPERATIONS:
            return None
        operands = [self.of(parent) for parent in node.parents]
        if not any(isinstance(operand, Symbol) for operand in operands):
            return node.data
        if node.primitive is primitives.softmax_component:
            return Symbol("", _SOFTMAX, (operands[0],))
        if node.primitive is primitives.dot:
            half = len(operands) // 2
            pairs = zip(operands[:half], operands[half : 2 * half], strict=True)
            return total([*(product([x, y]) for x, y in pairs), *operands[2 * half :]])
        return tidied(Symbol("", node.primitive, operands), self._known)

    def _spelled(self, node: Any, operand: int) -> Any:
        """Run a rule on symbols, and put names in their place."""
        operands = [Symbol(f"operand {place}") for place in range(len(node.parents))]
        out = Symbol("out")
        meanings: dict[int, Callable[[], Any]] = {id(out): partial(self.of, node)}
        for symbol, parent in zip(operands, node.parents, strict=True):
            meanings[id(symbol)] = partial(self.of, parent)
        try:
            formula = _run(node, operand, out, operands, meanings)
            if formula is not None:
                return tidied(formula, self._known, meanings)
        except (TypeError, AttributeError):  # a user's rule that asks for numbers
            pass
        value = local_derivatives(node)[operand] or 0.0
        return Derivative(self._names.of(node), self._names.of(node.parents[operand]), value)

    def _known(self, primitive: Primitive, operands: list[Any]) -> Any:
        """Return a for what a loss computes of a net input itself: σ(z), part of a softmax."""
        net_input = operands[0].value_of if isinstance(operands[0], Quantity) else None
        if net_input is None:
            return None
        value = primitive.value([evaluated(operand) for operand in operands])
        if primitive is primitives.softmax_component:
            return self.share(net_input, value)
        at = self._names.unit(net_input)
        if at is None or at.activation is not at.net_input or not is_logistic(primitive):
            return None
        found = self._names.activation(net_input, value)
        self.definitions[found.name] = found, Symbol("", primitive, (operands[0],))
        return found

    def share(self, net_input: Any, value: float) -> Quantity:
        """Return a_k of a softmax for its net input z_k."""
        found = self._names.activation(net_input, value)
        inner = self._names.of(net_input)
        self.definitions.setdefault(found.name, (found, Symbol("", _SOFTMAX, (inner,))))
        return found


# What a softmax consists of has names: components stand in many derivatives, and what is written of
# one, softmax(z), says not what it depends on.
_OF_SOFTMAX = (
    primitives.softmax_shift, primitives.softmax_excess, primitives.softmax_component
)  # fmt: skip
# How a component of a softmax is written: the other net inputs go without saying.
_SOFTMAX = Primitive("softmax", lambda x: x, (lambda out, x: out * (1.0 - out) + 0.0 * x,))


def _run(
    node: Any,
    operand: int,
    out: Symbol,
    operands: list[Symbol],
    meanings: dict[int, Callable[[], Any]],
) -> Any:
    partials = node.primitive.partials
    numbers = [parent.data for parent in node.parents]
    if isinstance(partials, tuple):
        rule = partials[operand]
        given = [
            parent.data if parent.is_constant and _steers(node.primitive, place) else symbol
            for place, (symbol, parent) in enumerate(zip(operands, node.parents, strict=True))
        ]
        return None if rule is None else rule(out, *given)
    if isinstance(partials, Pairwise):
        size = len(operands) // 2
        if operand == 2 * size:
            return 1.0
        place = operand % size
        pair = operands[place], operands[size + place]
        left = shared_results(partials.shared_left, numbers[:size])
        right = shared_results(partials.shared_right, numbers[size : 2 * size])
        rule = partials.of_left if operand < size else partials.of_right
        shared = _shared(rule, 3, left + right, meanings)
        return rule(out, *pair, *shared)
    if isinstance(partials, Elementwise):
        if partials.of_last is not None and operand == len(operands) - 1:
            return partials.of_last(out, operands[-1])
        last = [operands[-1]] if partials.of_last is not None else []
        count = len(operands) - len(last)
        n = Symbol("n")
        meanings[id(n)] = lambda: Quantity(Name(str(count)), float(count), is_count=True)
        shared = _shared(
            partials.partial, 3 + len(last), shared_results(partials.shared, numbers), meanings
        )
        return partials.partial(out, operands[operand], n, *last, *shared)
    # All derivatives at once, each as long as there are operands.
    return None if len(operands) > _MOST_OPERATIONS else partials(out, *operands)[operand]


def _shared(
    rule: Partial, at: int, values: list[float], meanings: dict[int, Callable[[], Any]]
) -> list[Any]:
    """Names for what the derivatives by all operands share: those that the rule has for it."""
    found = []
    for name, value in zip(rule.__code__.co_varnames[at:], values, strict=False):
        symbol = Symbol(name)
        meanings[id(symbol)] = partial(_shared_quantity, name, value)
        found.append(symbol)
    return found


def _shared_quantity(name: str, value: float) -> Any:
    return value if value == 1.0 else Quantity(Name(name), value)


def _steers(primitive: Primitive, place: int) -> bool:
    """Whether an operand that is a number is one in the rule: an exponent, for instance."""
    return (primitive is primitives.pow and place == 1) or primitive.means is not None


def tidied(
    formula: Any,
    known: Callable[[Primitive, list[Any]], Any],
    meanings: dict[int, Callable[[], Any]] | None = None,
) -> Any:
    """Return a formula with names for symbols, and without what people do not write."""
    if isinstance(formula, (Factor, Bracket, Quantity)) or not isinstance(formula, Symbol):
        return formula
    if formula.primitive is None:
        meaning = None if meanings is None else meanings.get(id(formula))
        return formula if meaning is None else meaning()
    primitive = formula.primitive
    if primitive.means is not None:
        meant = primitive.means(*formula.operands)
        if meant is not None:
            return tidied(meant, known, meanings)
    operands = [tidied(operand, known, meanings) for operand in formula.operands]
    if not any(isinstance(operand, Symbol) for operand in operands):
        return primitive.apply(operands)
    if primitive.arity == 1 and not primitive.binding:
        inner = operands[0]
        if inner.primitive is primitives.neg:
            turned = mirrored(primitive, inner.operands[0])
            if turned is not None:
                return tidied(turned, known)
    found = known(primitive, operands)
    return _simple(primitive, operands) if found is None else found


def _simple(primitive: Primitive, operands: list[Any]) -> Any:
    """Apply an operation to formulas; 1 · x is x, x + (−y) is x − y."""
    found = Symbol("", primitive, operands)
    if primitive is primitives.where and text(operands[0]) == text(operands[1]):
        return Symbol("", primitive, (operands[0], 1.0, operands[2]))  # a condition is 1 or 0
    if len(operands) != 2:
        return found
    x, y = operands
    if primitive is primitives.mul:
        for one, other in ((x, y), (y, x)):
            if not isinstance(one, Symbol) and one in (0.0, 1.0, -1.0):
                return other if one == 1.0 else 0.0 if one == 0.0 else -other
    if primitive is primitives.div and not isinstance(y, Symbol) and y == 1.0:
        return x
    if primitive is primitives.pow and not isinstance(y, Symbol) and y in (0.0, 1.0):
        return x if y == 1.0 else 1.0
    if primitive is primitives.add:
        if isinstance(y, Symbol) and y.primitive is primitives.neg:
            return x - y.operands[0]
        for one, other in ((x, y), (y, x)):
            if not isinstance(one, Symbol) and one == 0.0:
                return other
    if primitive is primitives.sub and isinstance(y, Symbol) and y.primitive is primitives.neg:
        return x + y.operands[0]
    return found


def _is_plain(formula: Any) -> bool:
    """Whether a formula is arithmetic: no function stands in it."""
    if isinstance(formula, Quantity) or not isinstance(formula, Symbol):
        return True
    if formula.primitive is None:
        return True
    return bool(formula.primitive.binding) and all(map(_is_plain, formula.operands))


def _operations(formula: Any) -> int:
    if isinstance(formula, Quantity) or not isinstance(formula, Symbol):
        return 0
    return 1 + sum(map(_operations, formula.operands))
