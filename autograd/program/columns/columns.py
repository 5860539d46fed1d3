"""Columns: numbers of a batch that lie a stride apart, and the structure of its rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

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
    """

    structure: Structure
    width: int
    rows: int | None
    whole: Any = None
    from_array: bool = False
    apart: list[Column] | None = None
    is_finite: bool = True

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
