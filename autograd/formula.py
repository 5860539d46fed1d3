"""Formulas: the rules of the rule book run on symbols, printed as text, LaTeX, C or JavaScript."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.many_operands import Elementwise, Pairwise, Partial
from autograd.operators import Operators
from autograd.primitive import Primitive
from autograd.real_numbers import as_float

_NAMED_CONSTANTS = {
    math.log(2.0): "ln 2",
    math.log(10.0): "ln 10",
    2.0 / math.sqrt(math.pi): "(2/√π)",
    -2.0 / math.sqrt(math.pi): "(−2/√π)",
    -math.sqrt(0.5): "(−1/√2)",
    1.0 / math.sqrt(2.0 * math.pi): "(1/√(2π))",
}
_INFIX = {"+": " + ", "-": " − ", "*": "·", "/": " / ", "**": "^"}
_TIGHTEST = 5  # beside the `binding` of operators


class Symbol(Operators):
    """A name, or an operation applied to symbols and numbers; it has no value."""

    __slots__ = ("name", "operands", "primitive")
    carrier_level = 1_000_000  # above every dual number: a formula swallows whatever it meets

    def __init__(
        self, name: str, primitive: Primitive | None = None, operands: Sequence[Any] = ()
    ) -> None:
        self.name = name
        self.primitive = primitive
        self.operands = tuple(operands)

    @property
    def data(self) -> float:
        """Refused: a rule must not look at numbers."""
        raise TypeError(
            "a rule compared or branched on its operands; use step, sign, nonzero or where"
        )

    def apply_primitive(self, primitive: Primitive, operands: Sequence[Any]) -> Symbol:
        """Return the formula of `primitive` applied to symbols and numbers."""
        return Symbol("", primitive, operands)

    def __str__(self) -> str:
        return text(self)

    __repr__ = __str__


def partial_formulas(primitive: Primitive) -> dict[str, Any]:
    """Return the partial derivatives of an operation as formulas, by operand name.

    Raises:
        TypeError: If a rule branches on its operands, or is not stated per operand.

    Example:
        >>> from autograd import primitives
        >>> partial_formulas(primitives.div)
        {'x': 1 / y, 'y': −out / y}
    """
    partials = primitive.partials
    if isinstance(partials, Elementwise):
        found = {"xᵢ": _of_names(partials.partial, "out", "xᵢ", "n")}
        if partials.of_last is not None:
            last = partials.of_last.__code__.co_varnames[1]
            found[last] = _of_names(partials.of_last, "out")
        return found
    if isinstance(partials, Pairwise):
        return {
            "xᵢ": _of_names(partials.of_left, "out", "xᵢ", "yᵢ"),
            "yᵢ": _of_names(partials.of_right, "out", "xᵢ", "yᵢ"),
        }
    if not isinstance(partials, tuple):
        raise TypeError(f"{primitive.name} states its partials for all operands together")
    names = primitive.operand_names
    operands = [Symbol(name) for name in names]
    return {
        name: partial(Symbol("out"), *operands)
        for name, partial in zip(names, partials, strict=True)
        if partial is not None
    }


def _of_names(partial: Partial, *names: str) -> Any:
    """Return a rule of symbols: what is shared has the name it has in the rule."""
    code = partial.__code__
    return partial(*map(Symbol, [*names, *code.co_varnames[len(names) : code.co_argcount]]))


def documentation(primitive: Primitive) -> str:
    """Return what `help` shows of an operation: its partial derivatives and special points.

    Example:
        >>> from autograd import primitives
        >>> print(documentation(primitives.relu))
        Return relu(x) of a number or Value.
        <BLANKLINE>
        ∂/∂x = step(x)
        relu′(0) = 0
    """
    operands = ", ".join(primitive.operand_names) or "x1 … xn"
    lines = [f"Return {primitive.name}({operands}) of a number or Value.", ""]
    try:
        formulas = partial_formulas(primitive)
    except TypeError:  # stated for all operands together: the note says it in words
        formulas = {}
    lines += [f"∂/∂{name} = {text(formula)}" for name, formula in formulas.items()]
    lines += [f"Defined where {primitive.domain}"] if primitive.domain else []
    return "\n".join(lines + ([primitive.note] if primitive.note else []))


def text(formula: Any) -> str:
    """Return a formula as one line of plain Unicode.

    Example:
        >>> text(2.0 * Symbol("x") ** (Symbol("y") - 1.0))
        '2·x^(y − 1)'
    """
    return _text(formula)[0]


def code(formula: Any, call: Callable[[Primitive, list[str]], str]) -> str:
    """Return a formula in a programming language; `call` spells one operation of operand texts.

    Example:
        >>> code(1.0 - Symbol("x"), lambda operation, xs: f"{operation.name}({', '.join(xs)})")
        'sub(1.0, x)'
    """
    if not isinstance(formula, Symbol):
        return repr(as_float(formula, "a formula"))
    if formula.primitive is None:
        return formula.name
    return call(formula.primitive, [code(operand, call) for operand in formula.operands])


def _text(formula: Any) -> tuple[str, int]:
    if not isinstance(formula, Symbol):
        return _number(as_float(formula, "a formula")), _TIGHTEST
    primitive = formula.primitive
    if primitive is None:
        return formula.name, _TIGHTEST
    binding = primitive.binding
    if binding and len(formula.operands) == 1:
        return "−" + _bracketed(formula.operands[0], binding, False), binding
    if binding:
        # Equals beside each other are read from the left, powers from the right.
        left = _bracketed(formula.operands[0], binding, primitive.symbol == "**")
        right = _bracketed(formula.operands[1], binding, not primitive.is_commutative)
        return left + _INFIX.get(primitive.symbol, f" {primitive.symbol} ") + right, binding
    shown = ", ".join(_text(operand)[0] for operand in formula.operands)
    return f"{primitive.name}({shown})", _TIGHTEST


def _bracketed(operand: Any, binding: int, strict: bool) -> str:
    shown, tightness = _text(operand)
    return f"({shown})" if tightness < binding + strict else shown


def _number(number: float) -> str:
    if number in _NAMED_CONSTANTS:
        return _NAMED_CONSTANTS[number]
    return f"{number:g}".replace("-", "−")
