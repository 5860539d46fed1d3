"""The same gradient path by path, and what reverse mode saves."""

from __future__ import annotations

import math
from typing import Any

from autograd.explanation.blocks import Block, Heading, Row, Sentence
from autograd.explanation.cone import Between
from autograd.explanation.derivatives import Speller
from autograd.explanation.names import Naming
from autograd.explanation.quantities import Derivative, Quantity, Rest, as_number, in_order, total
from autograd.lettering import Name, counted, format_count
from autograd.path_finding.search import Path, largest_paths

_MOST_FACTORS = 12


def routes(between: Between, names: Naming, speller: Speller, limit: int) -> list[Block]:
    """Return the largest paths, the sum of the others, and the cost of both ways."""
    count = between.uses.count
    found: list[Block] = [Heading("Path by path")]
    if between.source is between.output:
        return [*found, Sentence(("the source is the output: there is nothing between them",))]
    if limit:
        found += _listed(between, names, speller, limit)
    else:
        found.append(Sentence((f"{_paths(count)}; path_sum(source, output) lists the largest",)))
    found.append(Sentence((_cost(between),)))
    return found


def _paths(count: int) -> str:
    return f"{format_count(count)} path{'s' * (count != 1)}"


def _listed(between: Between, names: Naming, speller: Speller, limit: int) -> list[Block]:
    largest = largest_paths(between.source, between.output, limit)
    rows: list[Block] = []
    products: list[Any] = []
    for number, path in enumerate(largest.paths, start=1):
        shown = [
            (speller.derivative(after, operand), derivative)
            for after, operand, derivative in _steps(path)
            if derivative != 1.0
        ]
        hidden = max(0, len(shown) - _MOST_FACTORS)
        half = _MOST_FACTORS // 2
        symbols: list[Any] = [factor for factor, _ in shown]
        values: list[Any] = [Quantity(Name(""), derivative) for _, derivative in shown]
        if hidden:
            middle = math.prod(derivative for _, derivative in shown[half:-half])
            rest = Rest(hidden, "factors", middle)
            symbols = [*symbols[:half], rest, *symbols[-half:]]
            values = [*values[:half], rest, *values[-half:]]
        formula, left = in_order(symbols), f"path {number}"
        if as_number(formula) is None:
            rows.append(Row(left, (formula,)))
        rows.append(
            Row(None if as_number(formula) is None else left, (in_order(values),), path.product)
        )
        products.append(Quantity(Name(""), path.product))
    unseen = largest.count - len(largest.paths)
    if unseen:
        rows.append(Row(counted(unseen, "more path"), (), largest.remainder))
        products.append(Quantity(Name(""), largest.remainder))
    gradient = names.derivative(between.source, largest.gradient)
    rows.append(Row(between_name(gradient, between, names), (total(products),), largest.gradient))
    return rows


def between_name(gradient: Quantity, between: Between, names: Naming) -> Any:
    """Return the name of the whole gradient, also where examples have losses of their own."""
    output, source = names.of(between.output), names.of(between.source)
    return Derivative(output, source, gradient.value)


def _steps(path: Path) -> Any:
    return zip(path.nodes[1:], path.operands, path.local_derivatives, strict=True)


def _cost(between: Between) -> str:
    count, uses = between.uses.count, between.uses
    reverse, path_by_path = between.multiplications
    shared = sum(times > 1 for times in uses.edges.values())
    part = f"{shared} of {len(uses.edges)} local derivatives" if shared else "no local derivative"
    told = "1 path: nothing is shared" if count == 1 else f"{_paths(count)} share {part}"
    if reverse == path_by_path:
        number = f"{format_count(reverse)} multiplication{'s' * (reverse != 1)}"
        return f"{told}, and every way of computing takes {number}"
    return (
        f"{told}: reverse mode multiplies {format_count(reverse)} times instead of "
        f"{format_count(path_by_path)}"
    )
