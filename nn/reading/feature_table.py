"""Rows of numbers, read and checked, in one block: of NumPy where they came in NumPy's arrays."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from autograd.streams import printed_anywhere
from nn.reading.cells import Names
from nn.validation import counted


@printed_anywhere
class FeatureTable:
    """Rows of finite numbers, all of the same length.

    Attributes:
        columns: How many numbers a row has.
        names: The names of the columns, if they have any.

    Example:
        >>> table = FeatureTable(array("d", [0.5, 1.0, 2.0, 1.0]), columns=2)
        >>> table, table.row(1), table.take([1, 1, 0]).rows
        (FeatureTable(2 rows, 2 columns), [2.0, 1.0], 3)
    """

    def __init__(self, block: Any, columns: int, names: Names = None) -> None:
        # An array of NumPy with two axes, or one flat array of doubles.
        self._block = block
        self.columns = columns
        self.names = names

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._block) if self.from_array else len(self._block) // self.columns

    @property
    def from_array(self) -> bool:
        """Whether the numbers came in an array of NumPy, or in a table of pandas."""
        return type(self._block) is not array

    @property
    def data(self) -> Any:
        """The rows as programs read them in place: doubles, row by row, with two axes."""
        if self.from_array:
            return self._block
        return memoryview(self._block).cast("B").cast("d", (self.rows, self.columns))

    def row(self, number: int) -> list[float]:
        """Return the numbers of one row.

        Raises:
            IndexError: If there is no such row.
        """
        if not -self.rows <= number < self.rows:
            raise IndexError(f"row {number} of {counted(self.rows, 'row')}")
        if self.from_array:
            return list(self._block[number].tolist())
        first = number % self.rows * self.columns
        return list(self._block[first : first + self.columns])

    def take(self, indices: Sequence[int]) -> FeatureTable:
        """Return a table of these rows, in this order.

        Raises:
            IndexError: If there is no such row.
        """
        if self.from_array:
            return FeatureTable(self._block[list(indices)], self.columns, self.names)
        chosen = array("d")
        for number in indices:
            chosen.extend(self.row(number))
        return FeatureTable(chosen, self.columns, self.names)

    def named(self, names: Names) -> FeatureTable:
        """Return the same rows with these names of the columns."""
        return FeatureTable(self._block, self.columns, names)

    def lists(self) -> list[list[float]]:
        """Return all rows as lists."""
        numbers, width = self._block.tolist(), self.columns
        if self.from_array:
            return list(numbers)
        return [numbers[first : first + width] for first in range(0, len(numbers), width)]

    def __len__(self) -> int:
        return self.rows

    def __repr__(self) -> str:
        return f"FeatureTable({counted(self.rows, 'row')}, {counted(self.columns, 'column')})"
