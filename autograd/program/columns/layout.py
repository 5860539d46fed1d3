"""Results of a batch in the structure that the user's function gives them for one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


def parts_of(layout: Layout) -> list[tuple[int, ...]]:
    """Return the axes of each column and block of a layout, in order: () of a column.

    Example:
        >>> parts_of({"price": Column(0), "greeks": Block(1, (3,))})
        [(), (3,)]
    """
    if isinstance(layout, Column):
        return [()]
    if isinstance(layout, Block):
        return [layout.axes]
    if isinstance(layout, Matrix):
        return parts_of(layout.entries)
    return [axes for part in _items(layout) for axes in parts_of(part)]


def has_matrix(layout: Layout) -> bool:
    """Return whether there is a sparse matrix in a layout."""
    if isinstance(layout, (Column, Block)):
        return False
    return isinstance(layout, Matrix) or any(map(has_matrix, _items(layout)))


def spread(layout: Layout, parts: Iterable[Any]) -> Any:
    """Return a layout with things in the places of its columns and blocks, in order.

    Example:
        >>> spread({"price": Column(0), "greeks": Block(1, (3,))}, "xy")
        {'price': 'x', 'greeks': 'y'}
    """
    return _spread(layout, iter(parts))


def _spread(layout: Layout, parts: Iterator[Any]) -> Any:
    if isinstance(layout, (Column, Block)):
        return next(parts)
    if isinstance(layout, Matrix):
        return layout.pattern.matrix(_spread(layout.entries, parts))
    found = [_spread(part, parts) for part in _items(layout)]
    if isinstance(layout, dict):
        return dict(zip(layout, found, strict=True))
    return type(layout)(*found) if hasattr(layout, "_fields") else type(layout)(found)


def _items(layout: Layout) -> list[Layout]:
    return list(layout.values()) if isinstance(layout, dict) else list(layout)


def in_lists(numbers: Sequence[float], axes: Sequence[int], count: int) -> list[Any]:
    """Return the numbers of so many rows of a block as nested lists, a row for a row.

    Example:
        >>> in_lists([1.0, 2.0, 3.0, 4.0], (2, 1), 2)
        [[[1.0], [2.0]], [[3.0], [4.0]]]
    """
    size, known = prod(axes), list(numbers)
    rows = [known[row * size : (row + 1) * size] for row in range(count)]
    return rows if len(axes) == 1 else [_nested(iter(row), axes) for row in rows]


def _nested(numbers: Iterator[float], axes: Sequence[int]) -> Any:
    if not axes:
        return next(numbers)
    return [_nested(numbers, axes[1:]) for _ in range(axes[0])]
