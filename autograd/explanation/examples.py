"""Batches: a gradient as a sum over examples, one of which is written out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from autograd import primitives
from autograd.explanation.blocks import Block, NumberTable, Row
from autograd.explanation.cone import Between
from autograd.explanation.derivation import Derivation, Equation, Exit, substituted
from autograd.explanation.names import Naming
from autograd.explanation.quantities import (
    Bracket,
    Derivative,
    Factor,
    OverExamples,
    Prime,
    Quantity,
    product,
    total,
)
from autograd.formula import Symbol
from autograd.lettering import Name

_ROWS = 6


@dataclass
class ExampleSum:
    """The uses of a source by example.

    Attributes:
        example: Which one is written out.
    """

    example: int
    cone: Between
    names: Naming
    derivation: Derivation
    uses: dict[int | None, list[Exit]]

    def terms(self, example: int | None) -> list[Any]:
        """Return what an example adds: local derivative times adjoint, for each use."""
        return [self._term(way) for way in self.uses[example]]

    def _term(self, way: Exit) -> Any:
        top = self.names.top(way.after)
        return product([way.factor] if way.after is top else [way.factor, self._name(way)])

    def _name(self, way: Exit) -> Quantity:
        return self.derivation.name(way.after)

    def value(self, example: int | None) -> float:
        """Return the number an example adds, before it is divided by how many there are."""
        return math.fsum(
            way.value * (1.0 if way.after is self.names.top(way.after) else self._name(way).value)
            for way in self.uses[example]
        )

    @property
    def _share(self) -> Any:
        output = self.cone.output
        if not self.names.losses or output.primitive is primitives.sum:
            return 1.0
        count = len(output.parents)
        return 1.0 / Quantity(Name(str(count)), float(count), is_count=True)

    @property
    def _examples(self) -> list[int]:
        return sorted(example for example in self.uses if example is not None)

    def symbols(self) -> list[Block]:
        """The sum over examples."""
        inner = total([generic(term, self.example) for term in self.terms(self.example)])
        alike = {len(self.uses[example]) for example in self._examples}
        gradient = self.cone.adjoints[self.cone.source]
        if len(alike) > 1:
            inner = generic(self.headline().left, self.example)
        whole = Derivative(
            self.names.of(self.cone.output), self.names.of(self.cone.source), gradient
        )
        right = product([self._share, OverExamples(inner, math.nan)])
        if None in self.uses:
            right = total([right, *self.terms(None)])
        examples = self._examples
        is_range = examples == list(range(examples[0], examples[-1] + 1))
        which = f"n = {examples[0]} … {examples[-1]}" if is_range else f"{len(examples)} examples n"
        return [Row(whole, (right,), None, (which,))]

    def headline(self) -> Equation:
        """What the chosen example adds."""
        value = self.value(self.example)
        top = self.names.losses.get(self.example, self.cone.output)
        above, below = self.names.of(top), self.names.of(self.cone.source)
        left: Quantity = Derivative(above, below, value)
        if not self.names.losses:
            title = Name(f"example [{self.example}]")
            left = Quantity(title, value)
        equation = Equation(left, None, [total(self.terms(self.example))], value)
        ways = self.uses[self.example]
        return substituted(equation, self.derivation, ways[0]) if len(ways) == 1 else equation

    def numbers(self) -> list[Block]:
        """The first examples' terms, the sum of the others, and the gradient."""
        examples = self._examples
        shown = examples if len(examples) <= _ROWS else examples[: _ROWS - 1]
        if self.example not in shown:
            shown = [*shown[:-1], self.example]
        values = {example: self.value(example) for example in examples}
        alike = all(len(self.uses[example]) == 1 for example in examples)
        ways = self.uses[self.example]
        has_adjoint = alike and ways[0].after is not self.names.top(ways[0].after)
        head: tuple[Any, ...] = ("n",)
        if has_adjoint:
            factor, adjoint = generic(ways[0].factor, self.example), self._name(ways[0])
            head += (factor, generic(adjoint, self.example), "product")
        else:
            head += ("term",)
        rows: list[tuple[Any, ...]] = []
        for example in shown:
            middle: tuple[Any, ...] = ()
            if has_adjoint:
                way = self.uses[example][0]
                middle = (way.value, self._name(way).value)
            rows.append((str(example), *middle, values[example]))
        empty = ("", "") if has_adjoint else ()
        if len(shown) < len(examples):
            rest = math.fsum(values[example] for example in examples if example not in shown)
            rows.append((f"{len(examples) - len(shown)} more", *empty, rest))
        whole = math.fsum(values.values())
        rows.append(("sum", *empty, whole))
        gradient = self.cone.adjoints[self.cone.source]
        left = Derivative(
            self.names.of(self.cone.output), self.names.of(self.cone.source), gradient
        )
        right = product([self._share, Quantity(Name("Σ"), whole)])
        if None in self.uses:
            right = total([right, *self.terms(None)])
        return [NumberTable(head, tuple(rows)), Row(left, (right,), gradient)]


def batch_of(
    between: Between, names: Naming, derivation: Derivation, example: int | None
) -> ExampleSum | None:
    """Return the uses of a source by example, or None if there is one example.

    Raises:
        ValueError: If there is no such example.
    """
    uses: dict[int | None, list[Exit]] = {}
    if names.units.examples > 1:
        for way in derivation.exits(between.source):
            uses.setdefault(names.example(way.after), []).append(way)
    known = sorted(number for number in uses if number is not None)
    if example is not None and example not in known and not (example == 1 and not known):
        count = f"examples {known[0]} to {known[-1]}" if known else "one example"
        raise ValueError(f"there is no example {example}: this value is used by {count}")
    if len(known) < 2:
        return None
    return ExampleSum(known[0] if example is None else example, between, names, derivation, uses)


def generic(formula: Any, example: int) -> Any:
    """Return a formula of one example as that of any: [n] in the place of its number."""
    if isinstance(formula, Factor):
        short = None if formula.short is None else generic(formula.short, example)
        return Factor(generic(formula.inner, example), formula.value, short)
    if isinstance(formula, Bracket):
        return Bracket(generic(formula.inner, example))
    if isinstance(formula, Derivative):
        above, below = generic(formula.above, example), generic(formula.below, example)
        return Derivative(above, below, formula.value)
    if isinstance(formula, Prime):
        return Prime(
            generic(formula.at, example), formula.value, formula.operation, formula.formula
        )
    if isinstance(formula, Quantity):
        more = formula.title.more.replace(f"[{example}]", "[n]")
        return Quantity(replace(formula.title, more=more), formula.value)
    if not isinstance(formula, Symbol):
        return formula
    return Symbol("", formula.primitive, [generic(x, example) for x in formula.operands])
