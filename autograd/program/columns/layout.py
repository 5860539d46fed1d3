"""Results of a batch in the structure that the user's function gives them for one row."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from importlib import import_module
from math import prod
from typing import Any, NamedTuple

from autograd.sparse_matrices import Pattern, SparseMatrix
from autograd.structure import Structure


class Column(NamedTuple):
    """One number a row."""

    position: int


class Block(NamedTuple):
    """A list of numbers a row, or nested lists of equal lengths: rows × axes."""

    first: int
    axes: tuple[int, ...]


class Matrix(NamedTuple):
    """A sparse matrix a row, all of one pattern: rows × entries."""

    entries: Block
    pattern: Pattern


# Columns, blocks and matrices, in lists, tuples and dicts.
Layout = Any


def layout_of(structure: Structure, first: int = 0) -> Layout:
    """Return how results lie side by side in a row.

    Args:
        structure: That of the results for one row.
        first: The place of the first number.

    Example:
        >>> from autograd.structure import structure_of
        >>> layout_of(structure_of({"price": 0.0, "greeks": [1.0, 2.0, 3.0]}))
        {'price': Column(position=0), 'greeks': Block(first=1, axes=(3,))}
    """
    axes = structure.axes
    if axes is not None:
        return Block(first, axes) if axes else Column(first)
    if structure.kind is SparseMatrix:
        return Matrix(Block(first, (structure.size,)), *structure.keys)
    parts = []
    for part in structure.parts:
        parts.append(layout_of(part, first))
        first += part.size
    return structure.joined(parts)


def layout_of_arguments(structures: Sequence[Structure], first: int) -> Layout:
    """Return how derivatives by arguments lie side by side: one layout, of several a tuple.

    Args:
        structures: Those of one row of the arguments.
        first: The place of the first derivative.
    """
    found = []
    for structure in structures:
        found.append(layout_of(structure.with_lists(), first))
        first += structure.size
    return found[0] if len(found) == 1 else tuple(found)


def as_arrays(result: Any) -> Any:
    """Return a result with NumPy arrays in place of lists of numbers."""
    numpy = import_module("numpy")  # whoever calls with arrays has it
    if isinstance(result, list) and not any(isinstance(item, (tuple, dict)) for item in result):
        return numpy.array(result)
    if isinstance(result, (list, tuple)) and not hasattr(result, "_fields"):
        return type(result)([as_arrays(item) for item in result])
    if isinstance(result, dict):
        return {key: as_arrays(item) for key, item in result.items()}
    if isinstance(result, SparseMatrix):
        return result.pattern.matrix(as_arrays(result.data))
    return result


def spread(layout: Layout, results: Any, width: int, numpy: Any = None) -> Any:
    """Return results in their layout.

    Args:
        layout: Where they lie in a row.
        results: All of them, row by row: an array of NumPy with two axes, or one of doubles.
        width: How many there are in a row.
        numpy: The module of NumPy if the results are NumPy's.
    """
    if numpy is None:
        return _in_lists(layout, results, results.tolist(), width)
    return _in_arrays(layout, results)


def _in_arrays(layout: Layout, results: Any) -> Any:
    if isinstance(layout, Column):
        return results[:, layout.position]
    if isinstance(layout, Block):
        first, axes = layout
        found = results[:, first : first + prod(axes)]
        return found if len(axes) == 1 else found.reshape(-1, *axes)
    if isinstance(layout, Matrix):
        return layout.pattern.matrix(_in_arrays(layout.entries, results))
    return _mapped(layout, [_in_arrays(part, results) for part in _parts(layout)])


def _in_lists(layout: Layout, results: array[float], numbers: list[float], width: int) -> Any:
    if isinstance(layout, Column):
        return numbers if width == 1 else numbers[layout.position :: width]
    if isinstance(layout, Block):
        first, axes = layout
        size = prod(axes)
        rows = range(first, len(numbers) + first, width) if width else range(0)
        found = [numbers[start : start + size] for start in rows]
        return found if len(axes) == 1 else [_nested(iter(row), axes) for row in found]
    if isinstance(layout, Matrix):
        return layout.pattern.matrix(_in_lists(layout.entries, results, numbers, width))
    return _mapped(layout, [_in_lists(part, results, numbers, width) for part in _parts(layout)])


def _parts(layout: Layout) -> list[Layout]:
    return list(layout.values()) if isinstance(layout, dict) else list(layout)


def _mapped(layout: Layout, parts: list[Any]) -> Any:
    if isinstance(layout, dict):
        return dict(zip(layout, parts, strict=True))
    return type(layout)(*parts) if hasattr(layout, "_fields") else type(layout)(parts)


def _nested(numbers: Iterator[float], axes: Sequence[int]) -> Any:
    if not axes:
        return next(numbers)
    return [_nested(numbers, axes[1:]) for _ in range(axes[0])]
