"""Functions to functions: Jacobians and Hessians of which only the entries that exist are computed.

Which entries these are is found from what f does, not from numbers. They are the matrix of all
results by all numbers of the chosen arguments, however these are nested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.arrays import array_of
from autograd.functional import grad, named_after
from autograd.lifting import Argnums, Lifted
from autograd.sparse_matrices import Pattern, SparseMatrix
from autograd.sparsity import Entries
from autograd.structure import flatten


def sparse_jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., SparseMatrix]:
    """Return the function that computes the partial derivatives of f's results that can be not 0.

    An entry is left out where no path leads from the number to the result, or only by way of
    operations whose derivative is 0 everywhere; it is kept where it happens to be 0. Compiled, it
    is found once for each way through f's branches, and only entries are computed.

    Args:
        f: A function of numbers or nested structures, with any structure of numbers as its result.
        argnums: As in `grad`; of a tuple, the columns of its arguments stand side by side.

    Returns:
        A function whose result is a `SparseMatrix`: for each number of f's result a row, for each
        number of the chosen argument a column, in the order in which they are nested. With SciPy:
        `csr_array(found.csr, found.shape)`.

    Example:
        >>> def residuals(v):
        ...     return [after - before**2 for before, after in zip(v, v[1:])]
        >>> found = sparse_jacobian(residuals)([1.0, 2.0, 3.0])
        >>> found.csr
        ([-2.0, 1.0, -4.0, 1.0], [0, 1, 1, 2], [0, 2, 4])
        >>> found.dense()
        [[-2.0, 1.0, 0.0], [0.0, -4.0, 1.0]]
        >>> from autograd import compile
        >>> compile(sparse_jacobian(residuals))([1.0, 2.0, 3.0]).data
        [-2.0, 1.0, -4.0, 1.0]
    """

    def entries_of_jacobian(*args: Any, **kwargs: Any) -> SparseMatrix:
        __tracebackhide__ = True
        return _matrix(f, args, kwargs, argnums)

    named_after(f, entries_of_jacobian, "sparse_jacobian")
    return entries_of_jacobian


def sparse_hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., SparseMatrix]:
    """Return the function that computes the second partial derivatives of f that can be not 0.

    As `sparse_jacobian` of `grad(f)`, but what stands on both sides of the diagonal is computed
    once: the matrix is symmetric to the last bit.

    Args:
        f: A function with one number as its result.
        argnums: As in `sparse_jacobian`.

    Example:
        >>> def energy(v):
        ...     return sum((after - before) ** 4 for before, after in zip(v, v[1:]))
        >>> found = sparse_hessian(energy)([0.0, 1.0, 1.5])
        >>> found.dense()
        [[12.0, -12.0, 0.0], [-12.0, 15.0, -3.0], [0.0, -3.0, 3.0]]
        >>> found.columns
        [0, 1, 0, 1, 2, 1, 2]
    """
    gradient = grad(f, argnums)

    def entries_of_hessian(*args: Any, **kwargs: Any) -> SparseMatrix:
        __tracebackhide__ = True
        return _matrix(gradient, args, kwargs, argnums, _mirrored)

    named_after(f, entries_of_hessian, "sparse_hessian")
    return entries_of_hessian


def _mirrored(rows: Sequence[Entries]) -> list[Entries]:
    """Return the rows with those entries below the diagonal that are above it."""
    found: list[Entries] = [{} for _ in rows]
    for row, of_row in enumerate(rows):
        for column, entry in of_row.items():
            if row <= column or row not in rows[column]:
                found[row][column] = found[column][row] = entry
    return [dict(sorted(of_row.items())) for of_row in found]


def _matrix(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    completed: Callable[[list[Entries]], list[Entries]] = list,
) -> SparseMatrix:
    __tracebackhide__ = True
    lifted = Lifted(f, args, argnums)
    outputs, of_result = flatten(lifted.call(kwargs), "the result of f")
    rows = lifted.entries(outputs)
    lifted.explain_zeros([[*row.values()] for row in rows], outputs, kwargs)
    rows = completed(rows)
    pattern = Pattern.of_rows([[*row] for row in rows], len(lifted.nodes))
    data = [entry for row in rows for entry in row.values()]
    if of_result.has_arrays or lifted.structure.has_arrays:
        return pattern.matrix(array_of(data, (len(data),)))
    return pattern.matrix(data)
