"""Formulas: the rules of the rule book run on symbols, printed as text, LaTeX, C or JavaScript."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from autograd.latex_letters import number_in_latex, text_in_latex
from autograd.many_operands import Elementwise, Pairwise, Partial
from autograd.operators import Operators
from autograd.primitive import Primitive
from autograd.real_numbers import as_float
from autograd.streams import printed_anywhere

_NAMED_CONSTANTS = {
    math.log(2.0): "ln 2",
    math.log(10.0): "ln 10",
    2.0 / math.sqrt(math.pi): "(2/√π)",
    -2.0 / math.sqrt(math.pi): "(−2/√π)",
    -math.sqrt(0.5): "(−1/√2)",
    1.0 / math.sqrt(2.0 * math.pi): "(1/√(2π))",
}
TIGHTEST = 5  # beside the `binding` of operators


@printed_anywhere
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
    return FormulaWriter().written(formula)[0]


def latex(formula: Any) -> str:
    r"""Return a formula in LaTeX; the names of symbols are put in as they are.

    Example:
        >>> x, y = Symbol("x"), Symbol("y")
        >>> print(latex((x + 1.0) * y.tanh() / x**2.0))
        \frac{\left(x + 1\right) \cdot \operatorname{tanh}\left(y\right)}{{x}^{2}}
    """
    return LatexWriter().written(formula)[0]


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


class FormulaWriter:
    """Writes formulas as plain Unicode: each text comes with how tightly it binds."""

    infix: ClassVar[dict[str, str]] = {"+": " + ", "-": " − ", "*": "·", "/": " / ", "**": "^"}
    brackets = ("(", ")")
    exponents: ClassVar[dict[float, str]] = {}  # those with a sign of their own

    def written(self, formula: Any) -> tuple[str, int]:
        """Return the text of a formula, and how tightly it binds: as `Primitive.binding`, or 5."""
        if not isinstance(formula, Symbol):
            return self.number(as_float(formula, "a formula"))
        if formula.primitive is None:
            return self.name(formula)
        return self.operation(formula.primitive, formula.operands)

    def name(self, symbol: Symbol) -> tuple[str, int]:
        """Return the text of a symbol that is a name."""
        return symbol.name, TIGHTEST

    def number(self, number: float) -> tuple[str, int]:
        """Return the text of a number."""
        return _number(number), TIGHTEST

    def operation(self, primitive: Primitive, operands: Sequence[Any]) -> tuple[str, int]:
        """Return the text of an operation: between its operands if it is an operator."""
        binding = primitive.binding
        if binding and len(operands) == 1:
            return "−" + self.bracketed(operands[0], binding, False), binding
        if binding:
            # Equals beside each other are read from the left, powers from the right.
            is_power = primitive.symbol == "**"
            left = self.bracketed(operands[0], binding, is_power)
            exponent = None if isinstance(operands[1], Symbol) else operands[1]
            if is_power and exponent in self.exponents:
                return left + self.exponents[operands[1]], binding
            right = self.bracketed(operands[1], binding, not primitive.is_commutative)
            sign = self.infix.get(primitive.symbol, f" {primitive.symbol} ")
            return left + sign + right, binding
        return self.function(primitive, operands)

    def function(self, primitive: Primitive, operands: Sequence[Any]) -> tuple[str, int]:
        """Return the text of an operation that is written as a function."""
        shown = ", ".join(self.written(operand)[0] for operand in operands)
        return f"{primitive.name}({shown})", TIGHTEST

    def bracketed(self, operand: Any, binding: int, strict: bool) -> str:
        """Return the text of an operand, in brackets if it binds less tightly."""
        shown, tightness = self.written(operand)
        opening, closing = self.brackets
        return opening + shown + closing if tightness < binding + strict else shown


class LatexWriter(FormulaWriter):
    """Writes formulas in LaTeX, with the spellings of the rule book."""

    brackets = (r"\left(", r"\right)")

    def number(self, number: float) -> tuple[str, int]:
        """Return a number in LaTeX."""
        named = _NAMED_CONSTANTS.get(number)
        if named is None:
            return number_in_latex(number), TIGHTEST
        return _NAMED_IN_LATEX[named], TIGHTEST

    def operation(self, primitive: Primitive, operands: Sequence[Any]) -> tuple[str, int]:
        """Return an operation in LaTeX."""
        if not primitive.binding or not primitive.latex:
            return self.function(primitive, operands)
        names, binding = primitive.operand_names, primitive.binding
        alone, _ = _shape(primitive.latex, names)
        if len(alone) == 2:  # a fraction, or a power: only a base needs brackets
            is_power = primitive.symbol == "**"
            base = self.bracketed(operands[0], TIGHTEST if is_power else 0, False)
            shown = [base, self.written(operands[1])[0]]
            binding = binding if is_power else TIGHTEST
        else:
            is_one_sided = not primitive.is_commutative and len(operands) == 2
            shown = [
                self.bracketed(operand, binding, is_one_sided and place == 1)
                for place, operand in enumerate(operands)
            ]
        return primitive.latex.format(**dict(zip(names, shown, strict=True))), binding

    def function(self, primitive: Primitive, operands: Sequence[Any]) -> tuple[str, int]:
        """Return an operation as its entry spells it, or as an upright function name."""
        template = "" if primitive.is_variadic else primitive.latex
        if not template:
            shown = ", ".join(self.written(operand)[0] for operand in operands)
            is_plain = primitive.name.isidentifier() and primitive.name.isascii()
            command = "operatorname" if is_plain else "text"
            name = rf"\{command}{{{text_in_latex(primitive.name)}}}"
            return rf"{name}\left({shown}\right)", TIGHTEST
        alone, binding = _shape(template, primitive.operand_names)
        shown_by_name = {
            name: self.written(operand)[0] if name in alone else self.bracketed(operand, 2, True)
            for name, operand in zip(primitive.operand_names, operands, strict=True)
        }
        return template.format(**shown_by_name), binding


_NAMED_IN_LATEX = {
    "ln 2": r"\ln 2",
    "ln 10": r"\ln 10",
    "(2/√π)": r"\frac{2}{\sqrt{\pi}}",
    "(−2/√π)": r"\left(-\frac{2}{\sqrt{\pi}}\right)",
    "(−1/√2)": r"\left(-\frac{1}{\sqrt{2}}\right)",
    "(1/√(2π))": r"\frac{1}{\sqrt{2 \pi}}",
}


@lru_cache(maxsize=256)
def _shape(template: str, names: tuple[str, ...]) -> tuple[frozenset[str], int]:
    """Return which operands stand alone between brackets, and how tightly a spelling binds."""
    plain = template.format(**{name: f"@{name}@" for name in names})
    places: dict[str, list[bool]] = {name: [] for name in names}
    for found in re.finditer(r"@(\w+)@", plain):
        before, after = plain[: found.start()].rstrip(), plain[found.end() :].lstrip()
        is_alone = before.endswith(("{", "(", ",", "|", "}")) or not before
        is_alone = is_alone and after.startswith(("}", ")", ",", r"\right"))
        places[found[1]].append(is_alone or (not before and not after))
    depth, outside = 0, ""
    for piece in re.split(r"(\\left|\\right|[{}])", plain):
        depth += {"{": 1, "\\left": 1, "}": -1, "\\right": -1}.get(piece, 0)
        outside += piece if depth == 0 else ""
    outside = re.sub(r"\\right.", "", outside)
    binding = TIGHTEST
    for signs, looser in (("^", 3), (" @", 2), ("@ ", 2), (" + ", 1), (" - ", 1)):
        binding = looser if signs in outside else binding
    return frozenset(name for name, alone in places.items() if all(alone)), binding


def _number(number: float) -> str:
    if number in _NAMED_CONSTANTS:
        return _NAMED_CONSTANTS[number]
    return f"{number:g}".replace("-", "−")
