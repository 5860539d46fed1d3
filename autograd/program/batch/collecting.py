"""The results of every row of a batch, put together from groups of rows."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import compress
from typing import Any

from autograd.loaded_numpy import loaded_numpy

_INVERTED = bytes([1, 0, *range(2, 256)])


class RowResults:
    """Numbers of every row, in a NumPy array if arrays were given, else in an `array`.

    Args:
        rows: How many rows there are.
        width: How many numbers each has.
        numpy: The module, if results are arrays of NumPy.

    Attributes:
        found: rows × width numbers, once all are there.
    """

    def __init__(self, rows: int, width: int, numpy: Any) -> None:
        self.rows, self.width = rows, width
        self._numpy = numpy
        self.found: Any = None

    def room(self, count: int) -> Any:
        """Return room for the numbers of so many rows."""
        if self._numpy is not None:
            return self._numpy.empty((count, self.width))
        return array("d", bytes(8 * count * self.width))

    def fitting(self, results: Any, failing: bytearray) -> Any:
        """Return the numbers of those rows that are not marked as failing."""
        _, fit = parted(range(len(failing)), failing)
        if self._numpy is not None:
            return results[fit]
        width = self.width
        picked = array("d")
        for row in fit:
            picked.extend(results[row * width : (row + 1) * width])
        return picked

    def place(self, rows: Sequence[int], results: Any) -> None:
        """Put the numbers of some rows in their places among those of all."""
        if self._numpy is not None:
            results = self._numpy.asarray(results).reshape(len(rows), self.width)
        if len(rows) == self.rows:
            self.found = results
            return
        if self.found is None:
            self.found = self.room(self.rows)
        if self._numpy is not None:
            self.found[rows] = results
            return
        width = self.width
        for position, row in enumerate(rows):
            self.found[row * width : (row + 1) * width] = results[
                position * width : (position + 1) * width
            ]


def parted(rows: Sequence[int], failing: bytearray) -> tuple[Sequence[int], Sequence[int]]:
    """Return the rows that are marked as failing, and the others.

    Example:
        >>> failing, others = parted(range(4, 8), bytearray([0, 1, 0, 0]))
        >>> [*map(int, failing)], [*map(int, others)]
        ([5], [4, 6, 7])
    """
    numpy = loaded_numpy()
    if numpy is None:
        return (
            list(compress(rows, failing)),
            list(compress(rows, failing.translate(_INVERTED))),
        )
    numbers = numpy.asarray(rows)
    is_failing = numpy.frombuffer(failing, dtype=bool)
    return numbers[is_failing], numbers[~is_failing]
