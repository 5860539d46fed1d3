"""Sparse matrices: the entries that are there, row by row, in the forms that SciPy takes.

Nothing here loads NumPy or SciPy. Where the entries are an array, so are the places of the entries.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.arrays import is_array
from autograd.loaded_numpy import loaded_numpy
from autograd.streams import printed_anywhere

_LARGEST_INT = (1 << 31) - 1  # SciPy's choice: 32 bits where they are enough


@printed_anywhere
class Pattern:
    """Where the entries of a sparse matrix are: row by row, in each row from left to right.

    Attributes:
        shape: The numbers of rows and columns.
        indptr: Of each row where its entries begin, and where the last one ends.
        indices: Of each entry its column.
    """

    __slots__ = ("_hash", "indices", "indptr", "shape")

    def __init__(
        self, shape: tuple[int, int], indptr: Iterable[int], indices: Iterable[int]
    ) -> None:
        self.shape = shape
        self.indptr = _integers(indptr)
        self.indices = _integers(indices)
        self._hash = hash((shape, bytes(self.indptr), bytes(self.indices)))

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[int]], columns: int) -> Pattern:
        """Return the pattern with these columns in each row, which are in ascending order.

        Example:
            >>> pattern = Pattern.of_rows([[0, 2], [], [1]], 3)
            >>> pattern.indptr.tolist(), pattern.indices.tolist()
            ([0, 2, 2, 3], [0, 2, 1])
        """
        ends = [0]
        for row in rows:
            ends.append(ends[-1] + len(row))
        return cls((len(rows), columns), ends, [column for row in rows for column in row])

    def rows(self) -> array[int]:
        """Return of each entry its row."""
        found = array(self.indices.typecode)
        for row, (start, stop) in enumerate(zip(self.indptr, self.indptr[1:], strict=False)):
            found.extend([row] * (stop - start))
        return found

    def matrix(self, data: Any) -> SparseMatrix:
        """Return the matrix with these entries."""
        return SparseMatrix(data, self)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Pattern)
            and (self.shape, self.indptr, self.indices)
            == (other.shape, other.indptr, other.indices)
        )

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> Any:
        return type(self), (self.shape, self.indptr, self.indices)

    def __repr__(self) -> str:
        return f"Pattern(shape={self.shape}, entries={len(self.indices)})"


@printed_anywhere
class SparseMatrix:
    """A matrix of which the entries are given that can be other than 0.

    They stand row by row, in each row from left to right. They are an array of NumPy, and so are
    their places, if an argument of the function was one; else lists.

    Attributes:
        data: The entries.
        pattern: Where they are; the same object for all results of a compiled program.

    Example:
        >>> from autograd import sparse_jacobian
        >>> found = sparse_jacobian(lambda v: [v[0] * v[2], v[1] ** 2])([3.0, 4.0, 5.0])
        >>> found
        SparseMatrix(shape=(2, 3), entries=3)
        >>> found.data, found.rows, found.columns
        ([5.0, 3.0, 8.0], [0, 0, 1], [0, 2, 1])
        >>> found.dense()
        [[5.0, 0.0, 3.0], [0.0, 8.0, 0.0]]
        >>> found.shape
        (2, 3)
    """

    __slots__ = ("data", "pattern")

    def __init__(self, data: Any, pattern: Pattern) -> None:
        self.data = data
        self.pattern = pattern

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns."""
        return self.pattern.shape

    @property
    def rows(self) -> Any:
        """Of each entry its row."""
        return self._like_data(self.pattern.rows())

    @property
    def columns(self) -> Any:
        """Of each entry its column."""
        return self._like_data(self.pattern.indices)

    @property
    def csr(self) -> tuple[Any, Any, Any]:
        """Entries, columns, and where each row begins: `scipy.sparse.csr_array(m.csr, m.shape)`.

        Example:
            >>> Pattern.of_rows([[0, 2], [1]], 3).matrix([5.0, 3.0, 8.0]).csr
            ([5.0, 3.0, 8.0], [0, 2, 1], [0, 2, 3])
        """
        return self.data, self.columns, self._like_data(self.pattern.indptr)

    @property
    def coo(self) -> tuple[Any, tuple[Any, Any]]:
        """Entries, and their rows and columns: `scipy.sparse.coo_array(m.coo, m.shape)`.

        Example:
            >>> Pattern.of_rows([[0, 2], [1]], 3).matrix([5.0, 3.0, 8.0]).coo
            ([5.0, 3.0, 8.0], ([0, 0, 1], [0, 2, 1]))
        """
        return self.data, (self.rows, self.columns)

    def dense(self) -> Any:
        """Return the matrix with all its zeros, as an array if the entries are one, else lists."""
        pattern = self.pattern
        rows = [[0.0] * pattern.shape[1] for _ in range(pattern.shape[0])]
        for row, column, entry in zip(pattern.rows(), pattern.indices, self.data, strict=True):
            rows[row][column] = entry
        return loaded_numpy().array(rows).reshape(pattern.shape) if is_array(self.data) else rows

    def _like_data(self, places: array[int]) -> Any:
        # Each time anew: what is done to it changes no other matrix.
        return loaded_numpy().array(places) if is_array(self.data) else places.tolist()

    def __repr__(self) -> str:
        return f"SparseMatrix(shape={self.shape}, entries={len(self.data)})"


def _integers(numbers: Iterable[int]) -> array[int]:
    found = array("q", numbers)
    return array("i", found) if max(found, default=0) <= _LARGEST_INT else found
