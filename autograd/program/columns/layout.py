"""Results of a batch in the structure that the user's function gives them for one row."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import count
from math import prod
from typing import Any, NamedTuple

from autograd.program.columns.columns import built
from autograd.program.record.signature import Shape, with_lists


class Column(NamedTuple):
    """One number a row."""

    position: int


class Block(NamedTuple):
    """A list of numbers a row, or nested lists of equal lengths: rows × axes."""

    first: int
    axes: tuple[int, ...]


# Columns and blocks, in lists, tuples and dicts.
Layout = Any


def layout_of(result: Any) -> Layout:
    """Return how results lie side by side in a row.

    Args:
        result: A structure with the place of each number instead of the number.

    Example:
        >>> layout_of({"price": 0, "greeks": [1, 2, 3]})
        {'price': Column(position=0), 'greeks': Block(first=1, axes=(3,))}
    """
    if isinstance(result, int):
        return Column(result)
    if isinstance(result, dict):
        return {key: layout_of(part) for key, part in result.items()}
    axes = _axes(result)
    if axes is not None:
        first = result
        for _ in axes:
            first = first[0] if first else 0
        return Block(first, axes)
    parts = [layout_of(part) for part in result]
    return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)


def layout_of_arguments(shapes: Sequence[Shape], first: int) -> Layout:
    """Return how derivatives by arguments lie side by side: one layout, of several a tuple.

    Args:
        shapes: The structures of one row of the arguments.
        first: The place of the first derivative.
    """
    places = count(first)
    found = [layout_of(built(with_lists(shape), places)) for shape in shapes]
    return found[0] if len(found) == 1 else tuple(found)


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


def _axes(result: Any) -> tuple[int, ...] | None:
    """Return the lengths of nested lists, None if they are not lists of equal lengths."""
    if isinstance(result, int):
        return ()
    if type(result) is not list:
        return None
    inner = {_axes(part) for part in result}
    if len(inner) > 1 or None in inner:
        return None
    return (len(result), *(inner.pop() or () if inner else ()))
