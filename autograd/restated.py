"""Functions of NumPy whose own code takes floats only, written with those that take any numbers.

Signatures, results and errors are NumPy's. What is asked of elements are comparisons, which a
recorded program asks again. Where NotImplemented is returned, NumPy's own code will do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd.elimination import SOLVERS
from autograd.loaded_numpy import loaded_numpy


def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Return what lies at x on the straight lines from point to point, fp at the ends and beyond.

    At a point the derivative by x is that of the line on its right, at the last one of its left.

    Raises:
        TypeError: If a period is given.
        ValueError: If there are no points, or not as many of fp as of xp.

    Example:
        >>> import numpy as np
        >>> interp(np.array([0.5, 3.0]), np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 1.0]))
        array([1., 1.])
    """
    numpy = loaded_numpy()
    if period is not None:
        raise TypeError("numpy.interp of Values takes no period: shift x by whole periods first")
    x, xp, fp = numpy.asanyarray(x), numpy.asanyarray(xp), numpy.asanyarray(fp)
    last = xp.size - 1
    if last < 0 or xp.shape != fp.shape or xp.ndim != 1:
        raise ValueError(f"interp: fp has the shape {fp.shape}, xp {xp.shape}; both are a sequence")
    point = numpy.clip(numpy.searchsorted(xp, x, "right") - 1, 0, last)
    found = fp[point]
    if last:
        line = numpy.minimum(point, last - 1)
        slope = (fp[line + 1] - fp[line]) / (xp[line + 1] - xp[line])
        found = slope * (x - xp[point]) + found
    found = numpy.where(x > xp[-1], fp[-1] if right is None else right, found)
    return numpy.where(x < xp[0], fp[0] if left is None else left, found)


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Return the differences of neighbours over their distances, central where there are two.

    Raises:
        TypeError: If distances are neither one, nor one for each axis.
        ValueError: If an axis has fewer than two elements, or an edge has another order than 1.

    Example:
        >>> import numpy as np
        >>> gradient(np.array([1.0, 2.0, 4.0]))
        array([1. , 1.5, 2. ])
    """
    numpy = loaded_numpy()
    f = numpy.asanyarray(f)
    axes = tuple(range(f.ndim)) if axis is None else tuple(numpy.atleast_1d(axis) % f.ndim)
    if edge_order != 1:
        raise ValueError("numpy.gradient of Values has edges of the order 1")
    distances = list(varargs) or [1.0]
    if len(distances) == 1:
        distances *= len(axes)
    if len(distances) != len(axes):
        raise TypeError(f"gradient: {len(varargs)} distances for {len(axes)} axes")
    found = [
        _differences(f, distance, place) for distance, place in zip(distances, axes, strict=True)
    ]
    return found[0] if len(found) == 1 else tuple(found)


def _differences(f: Any, distance: Any, axis: int) -> Any:
    numpy = loaded_numpy()
    if f.shape[axis] < 2:
        raise ValueError("gradient: at least two elements are needed along each axis")
    y = numpy.moveaxis(f, axis, -1)
    steps = numpy.diff(distance) if numpy.ndim(distance) else numpy.full(y.shape[-1] - 1, distance)
    slopes = numpy.diff(y) / steps
    before, after = steps[:-1], steps[1:]
    inside = (after * slopes[..., :-1] + before * slopes[..., 1:]) / (before + after)
    found = numpy.concatenate([slopes[..., :1], inside, slopes[..., -1:]], axis=-1)
    return numpy.moveaxis(found, -1, axis)


def quantile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> Any:
    """Return what lies at the share q of the elements in order, on a line between two of them.

    Raises:
        TypeError: If another method is asked for.
        ValueError: If q is not between 0 and 1.

    Example:
        >>> import numpy as np
        >>> quantile(np.array([3.0, 1.0, 2.0]), 0.25)
        np.float64(1.5)
    """
    numpy = loaded_numpy()
    if method != "linear":
        raise TypeError(f"numpy.quantile of Values has the method 'linear', not {method!r}")
    shares = numpy.asarray(q, dtype=numpy.float64)
    if not numpy.all((shares >= 0.0) & (shares <= 1.0)):
        raise ValueError(f"quantiles are between 0 and 1, got {q!r}")
    a = numpy.asanyarray(a)
    axes = range(a.ndim) if axis is None else [place % a.ndim for place in numpy.atleast_1d(axis)]
    kept = [place for place in range(a.ndim) if place not in axes]
    shape = [1 if place in axes else length for place, length in enumerate(a.shape)]
    ordered = numpy.sort(
        numpy.transpose(a, [*axes, *kept]).reshape(-1, *[a.shape[i] for i in kept]), 0
    )
    place = shares * (len(ordered) - 1)
    low = numpy.floor(place).astype(int)
    share = (place - low).reshape(shares.shape + (1,) * len(kept))
    below, above = ordered[low], ordered[numpy.minimum(low + 1, len(ordered) - 1)]
    found = below + (above - below) * share
    return numpy.asanyarray(found).reshape(*shares.shape, *shape) if keepdims else found


def percentile(a: Any, q: Any, *args: Any, **named: Any) -> Any:
    """Return the quantile at q hundredths.

    Example:
        >>> import numpy as np
        >>> percentile(np.array([3.0, 1.0, 2.0]), 25)
        np.float64(1.5)
    """
    return quantile(a, loaded_numpy().asarray(q, dtype=float) / 100.0, *args, **named)


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """Return the covariances of rows; of columns, if not `rowvar`; of numbers of no other type.

    Raises:
        TypeError: If a type is asked for.

    Example:
        >>> import numpy as np
        >>> cov(np.array([[1.0, 2.0], [3.0, 5.0]])).tolist()
        [[0.5, 1.0], [1.0, 2.0]]
    """
    numpy = loaded_numpy()
    if dtype is not None:
        raise TypeError(f"numpy.cov of Values is not of the type {dtype}")
    parts = [numpy.atleast_2d(x) for x in (m, y) if x is not None]
    x = numpy.concatenate([part if rowvar or len(part) == 1 else part.T for part in parts])
    centred = x - numpy.mean(x, axis=1, keepdims=True)
    count = x.shape[1] - (int(not bias) if ddof is None else ddof)
    return numpy.squeeze(centred @ centred.T / count)


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Return the coefficients of correlation: covariances over both standard deviations.

    Raises:
        TypeError: If a type is asked for.

    Example:
        >>> import numpy as np
        >>> corrcoef(np.array([[1.0, 2.0], [5.0, 3.0]])).round(12).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    numpy = loaded_numpy()
    found = cov(x, y, rowvar, dtype=dtype)
    if found.ndim == 0:
        return found / found
    deviation = numpy.sqrt(numpy.diagonal(found))
    return numpy.clip(found / deviation[:, None] / deviation, -1.0, 1.0)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    """Return the length of vectors, (Σ|x|ᵖ)^(1/p); NumPy's own code has all other norms.

    Example:
        >>> import numpy as np
        >>> round(float(norm(np.array([3.0, -4.0, 5.0]), 3)), 4)
        6.0
    """
    numpy = loaded_numpy()
    x = numpy.asanyarray(x)
    is_vector = numpy.ndim(axis) == 0 and (axis is not None or x.ndim == 1)
    if not is_vector or not isinstance(ord, (int, float)) or ord in (0, 1, 2, math.inf, -math.inf):
        return NotImplemented
    return numpy.sum(abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1.0 / ord)


def nan_to_num(
    x: Any,
    copy: bool = True,  # noqa: ARG001
    nan: Any = 0.0,
    posinf: Any = None,
    neginf: Any = None,
) -> Any:
    """Return the elements, and numbers in place of NaN and infinities; always a copy.

    Example:
        >>> import numpy as np
        >>> nan_to_num(np.array([np.nan, 1.0])).tolist()
        [0.0, 1.0]
    """
    numpy = loaded_numpy()
    largest = numpy.finfo(numpy.float64).max
    high, low = largest if posinf is None else posinf, -largest if neginf is None else neginf
    found = numpy.where(x == math.inf, high, numpy.where(x == -math.inf, low, x))
    return numpy.where(numpy.isnan(x), nan, found)


# By the module and the name that NumPy has them under.
RESTATED: dict[str, Callable[..., Any]] = {
    "numpy.interp": interp, "numpy.gradient": gradient, "numpy.nan_to_num": nan_to_num,
    "numpy.quantile": quantile, "numpy.percentile": percentile,
    "numpy.cov": cov, "numpy.corrcoef": corrcoef,
    "numpy.linalg.norm": norm,
    **{f"numpy.linalg.{name}": solver for name, solver in SOLVERS.items()},
}  # fmt: skip
