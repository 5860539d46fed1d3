"""Linear equations by Gaussian elimination, for elements that NumPy's LAPACK cannot take.

Written with operators alone, so elements may be whatever computes like a number; the derivatives
follow from those of the operations. Named as in `numpy.linalg`, whose functions of arrays of Values
these are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.loaded_numpy import loaded_numpy


def solve(a: Any, b: Any) -> Any:
    """Return the x of a @ x = b, of a vector or of the columns of a matrix.

    Raises:
        LinAlgError: If a is not a square matrix, or singular, or b differs in rows.

    Example:
        >>> import numpy as np
        >>> solve(np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([3.0, 5.0])).tolist()
        [0.8, 1.4]
    """
    numpy = loaded_numpy()
    right = numpy.array(b, dtype=object, subok=True)
    if right.ndim not in (1, 2) or len(right) != len(a):
        raise numpy.linalg.LinAlgError(f"solve: a has {len(a)} rows, b the shape {right.shape}")
    upper, right, _ = _eliminated(a, right)
    for row in reversed(range(len(upper))):
        known = upper[row, row + 1 :] @ right[row + 1 :] if row + 1 < len(upper) else 0.0
        right[row] = (right[row] - known) / upper[row, row]
    return right


def inv(a: Any) -> Any:
    """Return the inverse of a matrix.

    Example:
        >>> import numpy as np
        >>> inv(np.array([[2.0, 0.0], [0.0, 4.0]])).tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """
    return solve(a, loaded_numpy().eye(len(a)))


def det(a: Any) -> Any:
    """Return the determinant of a matrix, the product of the pivots.

    Example:
        >>> import numpy as np
        >>> det(np.array([[0.0, 2.0], [3.0, 1.0]]))
        -6.0
    """
    upper, _, sign = _eliminated(a, None)
    for pivot in upper.diagonal():
        sign = sign * pivot
    return sign


def slogdet(a: Any) -> Any:
    """Return the sign and the logarithm of the absolute determinant of a matrix.

    Example:
        >>> import numpy as np
        >>> sign, logarithm = slogdet(np.array([[0.0, 2.0], [1.0, 0.0]]))
        >>> sign, round(float(logarithm), 4)
        (-1.0, 0.6931)
    """
    numpy = loaded_numpy()
    upper, _, sign = _eliminated(a, None)
    logarithm = 0.0
    for pivot in upper.diagonal():
        sign = sign if pivot > 0.0 else -sign
        logarithm = logarithm + numpy.log(abs(pivot))
    return sign, logarithm


def cholesky(a: Any) -> Any:
    """Return the lower triangular L of a = L @ L.T, of a symmetric positive definite matrix.

    Raises:
        LinAlgError: If it is not a square matrix, or not positive definite.

    Example:
        >>> import numpy as np
        >>> cholesky(np.array([[4.0, 2.0], [2.0, 5.0]])).tolist()
        [[2.0, 0.0], [1.0, 2.0]]
    """
    numpy = loaded_numpy()
    given = _square(a)
    lower = numpy.zeros_like(given) * 0.0
    for j in range(len(given)):
        left = given[j:, j] - (lower[j:, :j] @ lower[j, :j] if j else 0.0)
        if not left[0] > 0.0:
            raise numpy.linalg.LinAlgError(
                f"cholesky needs a positive definite matrix; minor {j + 1} is not"
            )
        lower[j:, j] = left / numpy.sqrt(left[0])
    return lower


def _square(a: Any) -> Any:
    matrix = loaded_numpy().array(a, dtype=object, subok=True)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise loaded_numpy().linalg.LinAlgError(
            f"one square matrix is needed, got an array of shape {matrix.shape}"
        )
    return matrix


def _eliminated(a: Any, right: Any) -> tuple[Any, Any, float]:
    """Return an upper triangular matrix, the right side, and the sign of the rows' permutation."""
    upper, sign = _square(a), 1.0
    for column in range(len(upper)):
        sizes = [abs(x) for x in upper[column:, column]]
        best = column + sizes.index(max(sizes))
        if upper[best, column] == 0.0:
            raise loaded_numpy().linalg.LinAlgError("the matrix is singular: its determinant is 0")
        if best != column:
            sign = -sign
            for side in (upper, right):
                if side is not None:
                    side[[column, best]] = side[[best, column]]
        for row in range(column + 1, len(upper)):
            factor = upper[row, column] / upper[column, column]
            upper[row, column:] = upper[row, column:] - factor * upper[column, column:]
            if right is not None:
                right[row] = right[row] - factor * right[column]
    return upper, right, sign


# By the names of `numpy.linalg`.
SOLVERS: dict[str, Callable[..., Any]] = {
    solver.__name__: solver for solver in (solve, inv, det, slogdet, cholesky)
}
