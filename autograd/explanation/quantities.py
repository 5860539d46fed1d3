"""What formulas of an explanation are made of: names that have a value, factors, brackets.

They are symbols, so that formulas are built with operators, and the rules of the rule book run on
them.
"""

from __future__ import annotations

import math
from typing import Any

from autograd import primitives
from autograd.formula import Symbol
from autograd.lettering import Name, format_number


class Quantity(Symbol):
    """A name with a value.

    Attributes:
        title: The name.
        value: The number.
        value_of: The node whose value it is, if it is one's.
        adjoint_of: The node whose adjoint it is, if it is one's.
        is_count: Whether it is a plain number, such as how many examples there are.
    """

    __slots__ = ("adjoint_of", "is_count", "title", "value", "value_of")

    def __init__(
        self,
        title: Name,
        value: float,
        *,
        value_of: Any = None,
        adjoint_of: Any = None,
        is_count: bool = False,
    ) -> None:
        super().__init__(str(title))
        self.title = title
        self.value = value
        self.value_of = value_of
        self.adjoint_of = adjoint_of
        self.is_count = is_count


class Derivative(Quantity):
    """The name ∂output/∂node, or of a local derivative."""

    __slots__ = ("above", "below")

    def __init__(self, above: Symbol, below: Symbol, value: float, adjoint_of: Any = None) -> None:
        super().__init__(Name(f"∂{above.name}/∂{below.name}"), value, adjoint_of=adjoint_of)
        self.above = above
        self.below = below


class Prime(Quantity):
    """The name f′(z), with the name of f and what f′ is."""

    __slots__ = ("at", "formula", "operation")

    def __init__(self, at: Symbol, value: float, operation: str, formula: Any) -> None:
        super().__init__(Name(f"f′({at.name})"), value)
        self.at = at
        self.operation = operation
        self.formula = formula


class Rest(Quantity):
    """What stands for terms that are not shown: their number, and what they add up to."""

    __slots__ = ("count", "what")

    def __init__(self, count: int, what: str, value: float) -> None:
        super().__init__(Name(f"({count} more {what})"), value)
        self.count = count
        self.what = what


class OverExamples(Quantity):
    """Σ over n of a formula."""

    __slots__ = ("inner",)

    def __init__(self, inner: Any, value: float) -> None:
        super().__init__(Name("Σ"), value)
        self.inner = inner


class Factor(Symbol):
    """A local derivative: its formula, its exact value, and perhaps a short name."""

    __slots__ = ("inner", "short", "value")

    def __init__(self, inner: Any, value: float, short: Quantity | None = None) -> None:
        super().__init__("")
        self.inner = inner
        self.value = value
        self.short = short


class Bracket(Symbol):
    """A sum that is computed once, and multiplied by what stands before it."""

    __slots__ = ("inner",)

    def __init__(self, inner: Any) -> None:
        super().__init__("")
        self.inner = inner


def evaluated(formula: Any, digits: int | None = None) -> float:
    """Return the value of a formula; NaN where there is none.

    Args:
        formula: The formula.
        digits: Round every quantity and number to so many significant digits.
    """
    if isinstance(formula, (Factor, Bracket)):
        return evaluated(formula.inner, digits)
    if isinstance(formula, Quantity):
        return rounded(formula.value, digits)
    if not isinstance(formula, Symbol):
        return rounded(float(formula), digits)
    assert formula.primitive is not None, f"{formula.name} has no value"
    operands = [evaluated(operand, digits) for operand in formula.operands]
    try:
        return formula.primitive.value(operands)
    except (ArithmeticError, ValueError):
        return math.nan


def rounded(number: float, digits: int | None) -> float:
    """Return a number as it is printed with so many significant digits."""
    return number if digits is None or not math.isfinite(number) else float(f"{number:.{digits}g}")


def agree(found: float, value: float, tolerance: float = 5e-4) -> bool:
    """Whether two numbers are the same to about the digits that are printed.

    Example:
        >>> agree(0.12345, 0.12346), agree(0.1, 0.2), agree(float("nan"), float("nan"))
        (True, False, True)
    """
    if format_number(found) == format_number(value):
        return True
    return math.isclose(found, value, rel_tol=tolerance)


def quantities_in(formula: Any) -> list[Quantity]:
    """Return the quantities in a formula, in the order of reading."""
    if isinstance(formula, Factor):
        shown = [formula.short] if formula.short is not None else []
        return [*shown, *quantities_in(formula.inner)]
    if isinstance(formula, Bracket):
        return quantities_in(formula.inner)
    if isinstance(formula, Quantity):
        return [formula]
    if not isinstance(formula, Symbol):
        return []
    return [found for operand in formula.operands for found in quantities_in(operand)]


def as_number(formula: Any) -> float | None:
    """Return the number a formula is, if it is one without names."""
    if isinstance(formula, (Factor, Bracket)):
        return as_number(formula.inner)
    return None if isinstance(formula, Symbol) else float(formula)


def product(factors: list[Any]) -> Any:
    """Return the product of formulas, in this order; numbers are multiplied, and come first."""
    number, names = 1.0, []
    for factor in factors:
        plain = as_number(factor)
        if plain is None:
            names.append(factor)
        else:
            number *= plain
    if not names or number == 0.0:
        return number
    found = names[0]
    for name in names[1:]:
        found = primitives.mul.apply((found, name))
    if number == 1.0:
        return found
    return -found if number == -1.0 else number * found


def in_order(factors: list[Any]) -> Any:
    """Return the product of formulas as they stand, without those that are 1."""
    found: Any = None
    for factor in factors:
        if as_number(factor) != 1.0:
            found = factor if found is None else Symbol("", primitives.mul, (found, factor))
    return 1.0 if found is None else found


def factors_of(formula: Any) -> list[Any]:
    """Return the factors of a product, from the left; of anything else the formula itself."""
    found, pending = [], [formula]
    while pending:
        part = pending.pop()
        if isinstance(part, Symbol) and part.primitive is primitives.mul:
            pending.extend(reversed(part.operands))
        else:
            found.append(part)
    return found


def terms_of(formula: Any) -> list[tuple[str, Any]]:
    """Return the terms of a sum, from the left, each behind the sign in front of it."""
    found: list[tuple[str, Any]] = []
    while isinstance(formula, Symbol):
        if formula.primitive is primitives.add:
            sign = " + "
        elif formula.primitive is primitives.sub:
            sign = " - "
        else:
            break
        formula, last = formula.operands
        found.append((sign, last))
    return [("", formula), *reversed(found)]


def total(terms: list[Any]) -> Any:
    """Return the sum of formulas; what is negative is subtracted."""
    found: Any = None
    for term in terms:
        if as_number(term) == 0.0 and len(terms) > 1:
            continue
        if found is None:
            found = term
            continue
        positive = _negated(term)
        found = found + term if positive is None else found - positive
    return 0.0 if found is None else found


def _negated(formula: Any) -> Any:
    """Return the formula without its minus sign, or None if it has none."""
    number = as_number(formula)
    if number is not None:
        return -number if number < 0.0 else None
    if formula.primitive is primitives.neg:
        return formula.operands[0]
    if formula.primitive is primitives.mul:
        first = _negated(formula.operands[0])
        return None if first is None else product([first, formula.operands[1]])
    return None
