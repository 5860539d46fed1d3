"""What cancels in a formula, step by step: products of sums and fractions, multiplied out.

A formula is read as a sum of products; a product is a number and factors with whole exponents,
where a factor is a quantity, a function of some, or a sum.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from autograd import primitives
from autograd.explanation.quantities import Bracket, Factor, Quantity, product, total
from autograd.formula import Symbol, text

_MOST_TERMS = 8


@dataclass(frozen=True)
class Product:
    """A number times powers of factors; a factor is known by its text."""

    number: float
    powers: tuple[tuple[str, int], ...] = ()


Sum = tuple[Product, ...]


class _Reader:
    """Reads formulas, and remembers what the factors are."""

    def __init__(self) -> None:
        self.factors: dict[str, Any] = {}
        self.sums: dict[str, Sum] = {}

    def read(self, formula: Any) -> Sum:
        if isinstance(formula, (Factor, Bracket)):
            return self.read(formula.inner)
        if not isinstance(formula, Symbol):
            return (Product(float(formula)),)
        operation, operands = formula.primitive, formula.operands
        if isinstance(formula, Quantity) or operation is None:
            return (self.atom(formula),)
        if operation is primitives.neg:
            return tuple(scaled(x, -1.0) for x in self.read(operands[0]))
        if operation is primitives.add:
            return self.read(operands[0]) + self.read(operands[1])
        if operation is primitives.sub:
            return self.read(operands[0]) + self.read(-operands[1])
        if operation is primitives.mul:
            return (times(self.one(operands[0]), self.one(operands[1])),)
        if operation is primitives.div:
            divisor = self.one(operands[1])
            if divisor.number:
                return (times(self.one(operands[0]), raised(divisor, -1)),)
        exponent = None if len(operands) < 2 or isinstance(operands[1], Symbol) else operands[1]
        if operation is primitives.pow and exponent in (2.0, 3.0):
            return (raised(self.one(operands[0]), int(operands[1])),)
        return (self.atom(formula),)

    def atom(self, formula: Any) -> Product:
        name = text_of(formula)
        self.factors[name] = formula
        return Product(1.0, ((name, 1),))

    def one(self, formula: Any) -> Product:
        """Read a formula as one product: a sum of several is one factor."""
        terms = collected(self.read(formula))
        if len(terms) == 1:
            return terms[0]
        if not terms:
            return Product(0.0)
        # 1 - a and a - 1 are one factor: the first term in order of text has a positive number.
        ordered = sorted(terms, key=lambda term: term.powers)
        scale = ordered[0].number
        name = "+".join(f"{term.number / scale!r}{term.powers}" for term in ordered)
        self.sums[name] = tuple(scaled(term, 1.0 / scale) for term in ordered)
        return Product(scale, ((name, 1),))

    def distributed(self, term: Product) -> Sum:
        """Multiply the other factors into a sum of fractions."""
        for name, exponent in term.powers:
            terms = self.sums.get(name, ())
            if exponent == 1 and any(power < 0 for x in terms for _, power in x.powers):
                rest = Product(term.number, tuple(x for x in term.powers if x[0] != name))
                return tuple(times(x, rest) for x in terms)
        return (term,)

    def expanded(self, term: Product) -> Sum:
        """Multiply out all sums."""
        found: Sum = (Product(term.number),)
        for name, exponent in term.powers:
            if name in self.sums and exponent > 0:
                for _ in range(exponent):
                    found = tuple(times(x, y) for x in found for y in self.sums[name])
                    if len(found) > _MOST_TERMS:
                        return (term,)
            else:
                found = tuple(times(x, Product(1.0, ((name, exponent),))) for x in found)
        return found

    def formula(self, terms: Sum) -> Any:
        """Return a sum of products as a formula."""
        shown = sorted(terms, key=lambda term: term.number < 0.0)
        return total([self.formula_of_one(term) for term in shown])

    def formula_of_one(self, term: Product) -> Any:
        number, powers = term.number, dict(term.powers)
        flipped = ""
        if number < 0.0:
            # -(t - y) is y - t, if nothing else stands there.
            sums = [name for name, power in powers.items() if name in self.sums and power == 1]
            if len(powers) == len(sums) == 1:
                number, flipped = -number, sums[0]
        above: list[Any] = []
        below: list[Any] = []
        for name, power in powers.items():
            sums_of = self.sums.get(name)
            if sums_of is None:
                base = self.factors[name]
            else:
                base = self.formula(
                    tuple(scaled(x, -1.0) for x in sums_of) if name == flipped else sums_of
                )
            size = abs(power)
            (above if power > 0 else below).append(base if size == 1 else base ** float(size))
        if not below:
            return product([number, *above])
        sign = -1.0 if number < 0.0 else 1.0
        return product([sign, product([abs(number), *above]) / product(below)])


def times(x: Product, y: Product) -> Product:
    """Return the product of two products: equal factors above and below cancel."""
    powers = Counter(dict(x.powers))
    for name, exponent in y.powers:
        powers[name] += exponent
    return Product(x.number * y.number, tuple((n, p) for n, p in powers.items() if p))


def scaled(term: Product, by: float) -> Product:
    """Return a product times a number."""
    return Product(term.number * by, term.powers)


def raised(term: Product, to: int) -> Product:
    """Return a power of a product."""
    return Product(term.number**to, tuple((name, power * to) for name, power in term.powers))


def collected(terms: Sum) -> Sum:
    """Add up the terms of equal factors."""
    numbers: dict[frozenset[tuple[str, int]], float] = {}
    first: dict[frozenset[tuple[str, int]], Product] = {}
    for term in terms:
        key = frozenset(term.powers)
        first.setdefault(key, term)
        numbers[key] = numbers.get(key, 0.0) + term.number
    return tuple(Product(numbers[key], first[key].powers) for key in first if numbers[key])


def text_of(formula: Any) -> str:
    """Return the text that a factor is known by."""
    if isinstance(formula, (Factor, Bracket)):
        return text_of(formula.inner)
    return text(formula)


def steps(formula: Any) -> list[Any]:
    """Return the forms a formula takes until everything has cancelled that does.

    Returns:
        The forms after the given one: multiplied out, expanded, collected, as far as they differ.
        Empty if the last is not shorter than the first.
    """
    reader = _Reader()
    given = reader.read(formula)
    apart = tuple(x for term in given for x in reader.distributed(term))
    wide = tuple(x for term in apart for x in reader.expanded(term))
    if len(wide) > _MOST_TERMS:
        return []
    close = collected(wide)
    last = reader.formula(close)
    is_whole = all(power > 0 for term in close for _, power in term.powers)
    if not is_whole or _leaves(last) >= _leaves(formula):
        return []
    tidied = reader.formula(given)
    forms = [tidied] if _leaves(tidied) < _leaves(formula) else []
    if apart != given:
        forms += [reader.formula(apart), reader.formula(wide)]
    kept, shown = [], text_of(formula)
    for form in [*forms, last]:
        if text(form) != shown:
            kept.append(form)
            shown = text(form)
    return kept


def final_terms(formula: Any) -> dict[frozenset[tuple[str, int]], float]:
    """Return what a formula is when all is multiplied out: factors and exponents, and numbers."""
    reader = _Reader()
    apart = [x for term in reader.read(formula) for x in reader.distributed(term)]
    wide = collected(tuple(x for term in apart for x in reader.expanded(term)))
    found = {}
    for term in wide:
        number, powers = term.number, set()
        for name, power in term.powers:
            sums = reader.sums.get(name)
            powers.add((name if sums is None else text(reader.formula(sums)), power))
        found[frozenset(powers)] = number
    return found


def _leaves(formula: Any) -> int:
    if isinstance(formula, (Factor, Bracket)):
        return _leaves(formula.inner)
    operands = formula.operands if isinstance(formula, Symbol) else ()
    return sum(map(_leaves, operands)) if operands else 1
