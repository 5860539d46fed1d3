"""The rule book as JavaScript: the value and the partials of the operations of one graph.

What is written is `RULES`, an array of objects, one for each operation: `value`, and either
`partials` (a function of the result and the operands for each operand), or for operations of any
number of operands

    each, last, shared    one rule of every operand, of the last one, what all of them share
    left, right, sharedLeft, sharedRight
                          the rules of x1 … xn and of y1 … yn
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from autograd.formula import Symbol
from autograd.many_operands import Elementwise, Pairwise
from autograd.primitive import Primitive
from autograd.program.emission.languages.javascript import Spelling

Kind = tuple[Primitive, int]  # an operation, and how many operands it has; -1 for any number
_Part = Callable[[Spelling], str]


def kind_of(node: Any) -> Kind:
    """Return which rules a computed node follows.

    Example:
        >>> from autograd import Value, dot
        >>> x = Value(2.0)
        >>> [kind_of(y) for y in (x * x, dot([x], [x]))]
        [(<primitive mul(x, y)>, 2), (<primitive dot(...)>, -1)]
    """
    primitive = node.primitive
    any_number = isinstance(primitive.partials, (Elementwise, Pairwise))
    return primitive, -1 if any_number else len(node.parents)


def operation_script(kinds: Iterable[Kind]) -> str:
    """Return the statement `const RULES = …;`.

    Raises:
        ValueError: If an operation has no spelling in C or JavaScript.
        TypeError: If a rule looks at its numbers.

    Example:
        >>> from autograd import primitives
        >>> print(operation_script([(primitives.mul, 2)]))
        const RULES = (() => {
        return [
        // mul
        {value: (x, y) => (x * y), partials: [(out, x, y) => y, (out, x, y) => x]},
        ];
        })();
    """
    rules = [_Rule(*kind) for kind in kinds]
    needed = dict.fromkeys(one for rule in rules for one in rule.operations)
    spelling = Spelling(list(needed))
    parts = [f"// {_comment(rule.primitive.name)}\n{rule.written(spelling)}," for rule in rules]
    lines = ["const RULES = (() => {", *spelling.support, "return [", *parts, "];", "})();"]
    return "\n".join(lines)


def without_javascript(kinds: Iterable[Kind]) -> dict[str, str]:
    """Return the operations that JavaScript cannot compute, by name, and why.

    Example:
        >>> import math
        >>> from autograd.primitive import Primitive
        >>> ceiling = Primitive("ceiling", math.ceil, (lambda out, x: 0.0,), c="ceiling_of({x})")
        >>> list(without_javascript([(ceiling, 1)]))
        ['ceiling']
    """
    found = {}
    for kind in kinds:
        try:
            operation_script([kind])
        except (TypeError, ValueError) as error:
            found[kind[0].name] = str(error)
    return found


class _Rule:
    """The functions of one operation, as formulas until it is known how they are spelled."""

    def __init__(self, primitive: Primitive, count: int) -> None:
        self.primitive = primitive
        self.operations: dict[Primitive, None] = {primitive: None}
        self._parts: list[tuple[str, _Part]] = [("value", self._value(count))]
        partials = primitive.partials
        if isinstance(partials, Elementwise):
            self._add("each", self._function(partials.partial))
            if partials.of_last is not None:
                self._add("last", self._function(partials.of_last))
            self._add("shared", self._shared(partials.shared))
        elif isinstance(partials, Pairwise):
            self._add("left", self._function(partials.of_left))
            self._add("right", self._function(partials.of_right))
            self._add("sharedLeft", self._shared(partials.shared_left))
            self._add("sharedRight", self._shared(partials.shared_right))
        elif isinstance(partials, tuple):
            self._add("partials", self._listed([self._function(one, count) for one in partials]))
        else:
            self._add("partials", self._of_all(partials, count))

    def written(self, spelling: Spelling) -> str:
        """Return the object in JavaScript."""
        return "{" + ", ".join(f"{name}: {part(spelling)}" for name, part in self._parts) + "}"

    def _add(self, name: str, part: _Part) -> None:
        self._parts.append((name, part))

    def _value(self, count: int) -> _Part:
        primitive = self.primitive
        if primitive.is_variadic:
            return partial(_called, primitive)
        names = primitive.operand_names or [f"x{place}" for place in range(count)]
        formula = Symbol("", primitive, [Symbol(name) for name in names])
        return partial(_arrow, names, formula)

    def _function(self, rule: Callable[..., Any] | None, count: int = 0) -> _Part:
        """A rule of the operands that it names."""
        if rule is None:
            return lambda _: "null"
        code = getattr(rule, "__code__", None)
        names: Sequence[str] = code.co_varnames[: code.co_argcount] if code is not None else ()
        if len(names) < count + 1:  # a rule of the user's own may take any number
            names = ["out", *[f"x{place}" for place in range(count)]]
        formula = rule(*map(Symbol, names))
        self._note(formula)
        return partial(_arrow, names, formula)

    def _of_all(self, partials: Callable[..., Any], count: int) -> _Part:
        """A rule that gives the partials of all operands together."""
        names = ["out", *[f"x{place}" for place in range(count)]]
        formulas = list(partials(*map(Symbol, names)))
        for formula in formulas:
            self._note(formula)
        return self._listed([partial(_arrow, names, formula) for formula in formulas])

    def _listed(self, parts: Sequence[_Part]) -> _Part:
        return lambda spelling: f"[{', '.join(part(spelling) for part in parts)}]"

    def _shared(self, shared: Sequence[Primitive]) -> _Part:
        self.operations.update(dict.fromkeys(shared))
        return self._listed([partial(_called, one) for one in shared])

    def _note(self, formula: Any) -> None:
        pending = [formula]
        while pending:
            part = pending.pop()
            if isinstance(part, Symbol) and part.primitive is not None:
                self.operations[part.primitive] = None
                pending.extend(part.operands)


def _called(operation: Primitive, spelling: Spelling) -> str:
    return spelling.function(operation)


def _arrow(names: Sequence[str], formula: Any, spelling: Spelling) -> str:
    return f"({', '.join(names)}) => {spelling.expression(formula)}"


def _comment(name: str) -> str:
    """A name that cannot end its comment."""
    return "".join(sign if sign.isalnum() else "_" for sign in name)
