"""Columns: numbers of a batch that lie a stride apart, and the structure of its rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any, NamedTuple

from autograd.loaded_numpy import loaded_numpy
from autograd.machine import native_machine
from autograd.structure import Structure

Column = tuple[Any, int, int]  # a contiguous buffer of doubles; offset and stride in items


class Columns(NamedTuple):
    """One argument of a batch.

    Attributes:
        structure: That of one row.
        width: How many numbers it has.
        rows: How many rows there are; None for a number, which stands for any number of rows.
        whole: A contiguous buffer of rows × width doubles, if the argument is one.
        from_array: Whether it came from NumPy.
        apart: Where the numbers of each place of the structure are, if not in one buffer.
        is_finite: Whether none was found to be infinite, if anybody looked.
        from_buffer: Whether it came from a buffer that is none of NumPy's.
    """

    structure: Structure
    width: int
    rows: int | None
    whole: Any = None
    from_array: bool = False
    apart: list[Column] | None = None
    is_finite: bool = True
    from_buffer: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is one column, a buffer of its own."""
        return self.width == 1 and self.apart is None

    @property
    def columns(self) -> list[Column]:
        """Where the numbers of each place of the structure are."""
        if self.apart is not None:
            return self.apart
        return [(self.whole, position, self.width) for position in range(self.width)]

    def row(self, row: int) -> list[float]:
        """Return the numbers of one row."""
        return [flat(buffer)[offset + row * stride] for buffer, offset, stride in self.columns]


def flat(buffer: Any) -> Any:
    """Return a contiguous buffer of doubles as a sequence of them."""
    if isinstance(buffer, array):
        return buffer
    return memoryview(buffer).cast("B").cast("d")


def are_finite(columns: Sequence[Column], rows: int) -> bool:
    """Return whether no number of columns is infinite or NaN.

    Example:
        >>> are_finite([(array("d", [1.0, 2.0, float("inf"), 4.0]), 0, 2)], 2)
        False
    """
    machine = native_machine()
    if machine is not None:
        return bool(machine.columns_are_finite(columns, rows))
    numpy = loaded_numpy()
    for buffer, offset, stride in columns:
        if numpy is not None:
            numbers = numpy.frombuffer(buffer)
            if not numpy.isfinite(numbers[offset + stride * numpy.arange(rows)]).all():
                return False
        elif not all(map(isfinite, [flat(buffer)[offset + row * stride] for row in range(rows)])):
            return False
    return True


def common_rows(arguments: Iterable[Columns], names: Sequence[str]) -> int | None:
    """Return how many rows arguments have in common, None if they are all single numbers.

    Raises:
        ValueError: If one has more rows than another.
    """
    rows: int | None = None
    first = ""
    for argument, name in zip(arguments, names, strict=True):
        if rows is None:
            rows, first = argument.rows, name
        elif argument.rows is not None and argument.rows != rows:
            raise ValueError(f"{name} has {argument.rows} rows, but {first} has {rows}")
    return rows


def nan_at(name: str, place: str, row: int) -> str:
    """Return what the error of a NaN says."""
    return (
        f"{name}{place} is NaN in row {row}; drop such rows, or keep what NaN gives with "
        'not_finite="keep"'
    )
