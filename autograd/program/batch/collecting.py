"""The results of every row of a batch, put together from groups of rows."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, compress
from math import prod
from typing import Any

from autograd.loaded_numpy import loaded_numpy
from autograd.program.columns.columns import Column
from autograd.program.columns.layout import Layout, in_lists, parts_of, spread

_INVERTED = bytes([1, 0, *range(2, 256)])


class RowResults:
    """Numbers of every row: for each part of a layout a buffer, rows × its numbers.

    Args:
        rows: How many rows there are.
        layout: How a row's numbers lie side by side.
        numpy: The module, if results are arrays of NumPy.
        in_buffers: Whether columns are given as `array`, else as lists.

    Attributes:
        room: Returns the buffers for so many rows.
        found: The buffers, once all numbers are there.
    """

    def __init__(self, rows: int, layout: Layout, numpy: Any, in_buffers: bool) -> None:
        self.rows = rows
        self._layout = layout
        self._axes = parts_of(layout)
        self._sizes = [prod(axes) for axes in self._axes]
        self._numpy = numpy
        self._in_buffers = in_buffers
        self.room = room_for(self._axes, numpy)
        self.found: Any = None

    def columns(self, room: list[Any] | None) -> list[Column] | None:
        """Return where each number of a row is in the room."""
        if room is None:
            return None
        parts = zip(room, self._sizes, strict=True)
        return [(buffer, place, size) for buffer, size in parts for place in range(size)]

    def fitting(self, results: list[Any], failing: bytearray) -> list[Any]:
        """Return the numbers of those rows that are not marked as failing."""
        _, fit = parted(range(len(failing)), failing)
        if self._numpy is not None:
            return [part[fit] for part in results]
        picked = [array("d") for _ in results]
        for part, size, into in zip(results, self._sizes, picked, strict=True):
            for row in fit:
                into.extend(part[row * size : (row + 1) * size])
        return picked

    def place(self, rows: Sequence[int], results: list[Any]) -> None:
        """Put the numbers of some rows in their places among those of all."""
        if len(rows) == self.rows:
            self.found = results
            return
        if self.found is None:
            self.found = self.room(self.rows)
        for into, part, size in zip(self.found, results, self._sizes, strict=True):
            if self._numpy is not None:
                into[rows] = part
                continue
            for position, row in enumerate(rows):
                numbers = part[position * size : (position + 1) * size]
                into[row * size : (row + 1) * size] = numbers

    def place_row(self, row: int, numbers: array[float]) -> None:
        """Put the numbers of one row, side by side, in their places."""
        parts, first = [], 0
        for axes, size in zip(self._axes, self._sizes, strict=True):
            part: Any = numbers[first : first + size]
            first += size
            if self._numpy is not None:
                part = self._numpy.array(part).reshape(1, *axes)
            parts.append(part)
        self.place([row], parts)

    def all(self) -> Any:
        """Return everything in its layout: arrays, or columns and lists of rows."""
        return spread(self._layout, map(self._given, self.found, self._axes))

    def _given(self, part: Any, axes: tuple[int, ...]) -> Any:
        if self._numpy is not None:
            return part
        if axes:
            return in_lists(part, axes, self.rows)
        return part if self._in_buffers else part.tolist()


def room_for(parts: Sequence[tuple[int, ...]], numpy: Any) -> Callable[[int], list[Any]]:
    """Return what makes buffers for some rows of parts with these axes.

    Arrays of NumPy are parts of one block: the allocator keeps it, where it would give back several
    large ones to the system each time.

    Example:
        >>> room_for([(), (2,)], None)(2)
        [array('d', [0.0, 0.0]), array('d', [0.0, 0.0, 0.0, 0.0])]
    """
    sizes = [prod(axes) for axes in parts]
    if numpy is None:
        return lambda rows: [array("d", bytes(8 * rows * size)) for size in sizes]
    empty, width = numpy.empty, sum(sizes)
    ends = list(accumulate(sizes))
    cuts = list(zip([0, *ends], ends, parts, strict=False))

    def cut(rows: int) -> list[Any]:
        block = empty(rows * width)
        if len(cuts) == 1:
            return [block.reshape(rows, *parts[0])] if parts[0] else [block]
        found = []
        for first, end, axes in cuts:
            part = block[first * rows : end * rows]
            found.append(part.reshape(rows, *axes) if axes else part)
        return found

    return cut


def parted(rows: Sequence[int], failing: bytearray) -> tuple[Sequence[int], Sequence[int]]:
    """Return the rows that are marked as failing, and the others.

    Example:
        >>> failing, others = parted(range(4, 8), bytearray([0, 1, 0, 0]))
        >>> [*map(int, failing)], [*map(int, others)]
        ([5], [4, 6, 7])
    """
    numpy = loaded_numpy()
    if numpy is None:
        return (list(compress(rows, failing)), list(compress(rows, failing.translate(_INVERTED))))
    numbers = numpy.asarray(rows)
    is_failing = numpy.frombuffer(failing, dtype=bool)
    return numbers[is_failing], numbers[~is_failing]
