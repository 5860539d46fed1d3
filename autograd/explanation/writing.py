"""Formulas of an explanation as text and LaTeX: with names, or with numbers in their place."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd import primitives
from autograd.explanation.quantities import (
    Bracket,
    Derivative,
    Factor,
    OverExamples,
    Prime,
    Quantity,
    Rest,
    agree,
    evaluated,
    rounded,
)
from autograd.formula import TIGHTEST, FormulaWriter, LatexWriter, Symbol
from autograd.latex_letters import name_in_latex, number_in_latex
from autograd.lettering import format_number, printable
from autograd.primitive import Primitive

_LOOSE = 0  # in brackets wherever something stands beside it
_RAISED = 3  # in brackets below an exponent
# Where a bracket stands that is computed once: noncharacters, of which names have none.
OPENING, CLOSING = "\ufdd0", "\ufdd1"


class _Names(FormulaWriter):
    """Names as text."""

    infix: ClassVar[dict[str, str]] = {**FormulaWriter.infix, "*": " · "}
    exponents: ClassVar[dict[float, str]] = {2.0: "²", 3.0: "³"}

    def name(self, symbol: Symbol) -> tuple[str, int]:
        if isinstance(symbol, Factor):
            return self.written(symbol.inner if symbol.short is None else symbol.short)
        if isinstance(symbol, Bracket):
            return f"{OPENING}[ {self.written(symbol.inner)[0]} ]{CLOSING}", TIGHTEST
        assert isinstance(symbol, Quantity)
        return self.quantity(symbol)

    def quantity(self, symbol: Quantity) -> tuple[str, int]:
        if isinstance(symbol, OverExamples):
            return f"Σₙ {self.bracketed(symbol.inner, 2, False)}", 2
        raised = symbol.title.high or symbol.title.more
        return symbol.name, _RAISED if raised else TIGHTEST

    def number(self, number: float) -> tuple[str, int]:
        return format_number(number).replace("-", "−"), _LOOSE if number < 0.0 else TIGHTEST

    def operation(self, primitive: Primitive, operands: Any) -> tuple[str, int]:
        shown, binding = super().operation(primitive, operands)
        if primitive is primitives.neg or primitive is primitives.div:
            return shown, 1  # in brackets as a factor: 1 / a · b might be read as 1 / (a · b)
        return shown, binding

    def function(self, primitive: Primitive, operands: Any) -> tuple[str, int]:
        if primitive is primitives.where:
            condition, x, y = (self.written(operand)[0] for operand in operands)
            return f"({x} if {condition} else {y})", TIGHTEST
        if _is_condition(primitive):
            relation = ">" if ">" in primitive.latex else "≠"
            return f"[{self.written(operands[0])[0]} {relation} 0]", TIGHTEST
        shown, binding = super().function(primitive, operands)
        return printable(shown), binding


class _InDigits(FormulaWriter):
    """Writes a factor that so many digits do not give as its value."""

    digits = 4

    def name(self, symbol: Symbol) -> tuple[str, int]:
        if isinstance(symbol, Factor):
            if _is_shown(symbol, self.digits):
                return self.written(symbol.inner)
            return self.number(symbol.value)
        return super().name(symbol)


class _Numbers(_InDigits, _Names):
    """Numbers as text."""

    def quantity(self, symbol: Quantity) -> tuple[str, int]:
        return self.number(symbol.value)

    def number(self, number: float) -> tuple[str, int]:
        shown = f"{number + 0.0:.{self.digits}g}".replace("-", "−")
        return shown, _LOOSE if number < 0.0 else TIGHTEST


class _LatexNames(LatexWriter):
    """Names in LaTeX."""

    def name(self, symbol: Symbol) -> tuple[str, int]:
        if isinstance(symbol, Factor):
            return self.written(symbol.inner if symbol.short is None else symbol.short)
        if isinstance(symbol, Bracket):
            return self.bracket(self.written(symbol.inner)[0]), TIGHTEST
        assert isinstance(symbol, Quantity)
        return self.quantity(symbol)

    def bracket(self, inner: str) -> str:
        return rf"\underbrace{{\left[ {inner} \right]}}_{{\text{{computed once}}}}"

    def operation(self, primitive: Primitive, operands: Any) -> tuple[str, int]:
        shown, binding = super().operation(primitive, operands)
        return (shown, 1) if primitive is primitives.neg else (shown, binding)

    def quantity(self, symbol: Quantity) -> tuple[str, int]:
        if isinstance(symbol, Derivative):
            above, below = self.written(symbol.above)[0], self.written(symbol.below)[0]
            return rf"\frac{{\partial {above}}}{{\partial {below}}}", TIGHTEST
        if isinstance(symbol, Prime):
            return rf"f'\left({self.written(symbol.at)[0]}\right)", TIGHTEST
        if isinstance(symbol, OverExamples):
            return rf"\sum_n {self.bracketed(symbol.inner, 2, False)}", 2
        if isinstance(symbol, Rest):
            return rf"\text{{({symbol.count} more {symbol.what})}}", TIGHTEST
        raised = symbol.title.high or symbol.title.more
        return name_in_latex(symbol.title), _RAISED if raised else TIGHTEST

    def number(self, number: float) -> tuple[str, int]:
        return number_in_latex(number), _LOOSE if number < 0.0 else TIGHTEST


class _LatexNumbers(_InDigits, _LatexNames):
    """Numbers in LaTeX."""

    def bracket(self, inner: str) -> str:
        return rf"\left[ {inner} \right]"

    def quantity(self, symbol: Quantity) -> tuple[str, int]:
        return self.number(symbol.value)

    def number(self, number: float) -> tuple[str, int]:
        shown = number_in_latex(rounded(number, self.digits), self.digits)
        return shown, _LOOSE if number < 0.0 else TIGHTEST


def in_names(formula: Any, latex: bool = False) -> str:
    """Return a formula with names; in text, what is computed once stands between marks."""
    writer: FormulaWriter = _LatexNames() if latex else _Names()
    return writer.written(formula)[0]


def in_numbers(formula: Any, value: float) -> str | None:
    """Return a formula with numbers in the place of names, as many digits as it takes.

    Returns:
        None where no number of digits gives the value, as in what is rounded to 1 - 1.
    """
    digits = digits_needed(formula, value)
    return None if digits is None else written(formula, digits, 0)


def digits_needed(formula: Any, value: float) -> int | None:
    """Return with how many digits numbers give the value of a formula; None if with none."""
    for digits in (4, 6, 9, 12, 17):
        if agree(_as_printed(formula, digits), value):
            return digits
    return None


def written(formula: Any, digits: int | None, binding: int, latex: bool = False) -> str:
    """Return a formula with names, or with numbers of so many digits.

    Args:
        formula: The formula.
        digits: None for names.
        binding: In brackets if it binds less tightly: 0 for what stands alone, 2 for a factor.
        latex: Whether to write LaTeX.
    """
    writer: Any
    if digits is None:
        writer = _LatexNames() if latex else _Names()
    else:
        writer = _LatexNumbers() if latex else _Numbers()
        writer.digits = digits
    shown: str = writer.bracketed(formula, binding, False)
    return shown.replace(OPENING, "").replace(CLOSING, "")


def _is_shown(factor: Factor, digits: int) -> bool:
    """Whether a factor is written as arithmetic of numbers: if that is right, and no function."""
    if not agree(evaluated(factor.inner, digits), factor.value):
        return False
    pending = [factor.inner]
    while pending:
        formula = pending.pop()
        if isinstance(formula, Symbol) and formula.primitive is not None:
            if not formula.primitive.binding and not _is_condition(formula.primitive):
                return False
            pending.extend(formula.operands)
    return True


def _is_condition(primitive: Primitive) -> bool:
    """Whether an operation is written [x > 0] or [x ≠ 0]."""
    return primitive.arity == 1 and primitive.latex.startswith(r"\left[{x}")


def _as_printed(formula: Any, digits: int) -> float:
    """The value of a formula, computed from the numbers that are printed."""
    if isinstance(formula, Factor):
        found = evaluated(formula.inner, digits)
        return found if _is_shown(formula, digits) else rounded(formula.value, digits)
    if isinstance(formula, Bracket):
        return _as_printed(formula.inner, digits)
    if isinstance(formula, Symbol) and formula.primitive is not None:
        return evaluated(
            Symbol("", formula.primitive, [_as_printed(x, digits) for x in formula.operands])
        )
    return evaluated(formula, digits)
