"""Arrays: numbers along axes, read from whatever holds them, given back as arrays of NumPy.

An array, a tensor, a column or a table is what NumPy can read (`__array__`). Nothing here loads
NumPy: whoever has an array has loaded it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from autograd.loaded_numpy import loaded_numpy, require_real

Shape = tuple[int, ...]


def is_array(thing: Any) -> bool:
    """Return whether this holds numbers along axes; a scalar of NumPy does not.

    Example:
        >>> import numpy as np
        >>> is_array(np.zeros(2)), is_array(np.float64(2.0)), is_array([2.0])
        (True, False, False)
    """
    if not hasattr(type(thing), "__array__"):
        return False
    numpy = loaded_numpy()
    return numpy is not None and not isinstance(thing, numpy.generic)


def read(array: Any, where: str) -> tuple[list[Any], Shape]:
    """Return what stands in an array, in C's order, and its shape.

    Real numbers come as floats; what an array of objects holds comes as it is.

    Raises:
        TypeError: If it is of another type, or masked, or NumPy cannot read it.
        ValueError: If values are missing in a column or a table.

    Example:
        >>> import numpy as np
        >>> read(np.array([[1, 2]]), "x")
        ([1.0, 2.0], (1, 2))
    """
    numpy = loaded_numpy()
    _refuse_missing(numpy, array, where)
    try:
        found = numpy.asanyarray(array)
    except Exception as error:
        kind = type(array).__name__
        raise TypeError(f"{where} is a {kind} that NumPy cannot read: {error}") from error
    if found.dtype.kind != "O":
        require_real(found, where)
        found = numpy.asarray(found, dtype=numpy.float64)
    elif hasattr(found, "mask"):
        require_real(found, where)
    return numpy.asarray(found).ravel().tolist(), found.shape


def array_of(things: Sequence[Any], shape: Shape) -> Any:
    """Return things as an array of this shape: of doubles if all are floats, else of objects.

    Example:
        >>> import numpy as np
        >>> array_of([1.0, 2.0], (2, 1)).tolist()
        [[1.0], [2.0]]
    """
    numpy = loaded_numpy()
    if numpy is None:
        raise ModuleNotFoundError("arrays are NumPy's, which is not loaded: import numpy first")
    if set(map(type, things)) <= {float}:
        return numpy.array(things, dtype=numpy.float64).reshape(shape)
    return numpy.fromiter(things, dtype=object, count=len(things)).reshape(shape)


def elementwise(function: Callable[..., Any], operands: Sequence[Any], where: str) -> Any:
    """Return a function of operands element by element, arrays broadcast as NumPy does.

    Example:
        >>> import numpy as np
        >>> elementwise(max, [np.array([1.0, 5.0]), 3.0], "max").tolist()
        [3.0, 5.0]
    """
    numpy = loaded_numpy()
    arrays = [
        array_of(*read(operand, f"an operand of {where}")) if is_array(operand) else operand
        for operand in operands
    ]
    found = numpy.frompyfunc(function, len(arrays), 1)(*arrays)
    return array_of(*read(found, f"the result of {where}")) if is_array(found) else found


def indices(shape: Shape) -> Iterator[str]:
    """Return how each element of an array of this shape is reached, in C's order.

    Example:
        >>> list(indices((1, 2))), list(indices(()))
        (['[0, 0]', '[0, 1]'], ['[()]'])
    """
    for place in product(*map(range, shape)):
        yield f"[{', '.join(map(str, place))}]" if place else "[()]"


def _refuse_missing(numpy: Any, array: Any, where: str) -> None:
    for asked in ("isna", "is_null"):  # of pandas; of Polars and Arrow
        if hasattr(type(array), asked):
            missing = numpy.asarray(getattr(array, asked)())
            if missing.any():
                place = ", ".join(map(str, numpy.argwhere(missing)[0].tolist()))
                raise ValueError(
                    f"{where} has missing values, the first at [{place}]; fill or drop them first"
                )
            return
