"""Arrays: numbers along axes, read from whatever holds them, given back as arrays of NumPy.

An array, a tensor, a column or a table is what NumPy can read (`__array__`). Nothing here loads
NumPy: whoever has an array has loaded it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

from autograd.carriers import is_carrier
from autograd.loaded_numpy import loaded_numpy, require_real
from autograd.real_numbers import as_float, is_array_of_one_number
from autograd.restated import RESTATED

Shape = tuple[int, ...]

# What the elements of an array of floats are lost in.
_FLOATS = "iufc"


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


def has_elements(thing: Any) -> bool:
    """Return whether an operation of this is one of each of its elements.

    It is not for a number without an axis, but for a Value in an array without one.

    Example:
        >>> import numpy as np
        >>> has_elements(np.zeros(2)), has_elements(np.array(2.0)), has_elements(np.array(None))
        (True, False, True)
    """
    return is_array(thing) and not is_array_of_one_number(thing)


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
    if found.ndim == 0 and not getattr(found, "mask", False):
        found = numpy.asarray(found)  # a number, though of the class of masked ones
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
    return of_carriers(numpy.fromiter(things, dtype=object, count=len(things)).reshape(shape))


def of_carriers(found: Any) -> Any:
    """Return what NumPy found, arrays of objects as arrays of numbers that carry derivatives.

    Their numbers answer all universal functions of NumPy (see `ufuncs`), where those of an array
    of any objects are asked for methods only.
    """
    numpy = loaded_numpy()
    if isinstance(found, (tuple, list)):
        return type(found)([of_carriers(part) for part in found])
    if type(found) is numpy.ndarray and found.dtype.kind == "O":
        return found.view(_kind_of_arrays(numpy))
    return found


def looped(ufunc: Any, method: str, inputs: Sequence[Any], named: dict[str, Any]) -> Any:
    """Return what NumPy's own loop over objects finds; what it does on the way warns of nothing."""
    if "out" in named:
        for out in named["out"]:
            if out is not None and out.dtype.kind in _FLOATS:
                raise TypeError(
                    f"{ufunc.__name__} into an array of {out.dtype} would lose the gradients of "
                    f"Values: make that one np.zeros_like(x) of an array of Values, or of "
                    f"dtype=object"
                )
        named = {**named, "out": tuple([without_class(x) for x in named["out"]])}
    is_masked = method == "reduce" and named.get("where", True) is not True
    if is_masked and ufunc.identity is not None:  # which NumPy takes of floats only
        named = {"initial": ufunc.identity, **named}
    with loaded_numpy().errstate(all="ignore"):
        return of_carriers(getattr(ufunc, method)(*map(without_class, inputs), **named))


def without_class(thing: Any) -> Any:
    """Return an operand as NumPy's own functions take it: in an array of NumPy's own class."""
    numpy = loaded_numpy()
    if is_carrier(thing):
        single = numpy.empty((), dtype=object)
        single[()] = thing
        return single
    return thing.view(numpy.ndarray) if isinstance(thing, _kind_of_arrays(numpy)) else thing


@cache
def _kind_of_arrays(numpy: Any) -> Any:
    """Return the class of arrays whose elements say what a function of NumPy means."""

    def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        objects = [x for x in inputs if isinstance(x, type(self)) or is_carrier(x)]
        for x in objects:
            for element in x.flat if isinstance(x, type(self)) else (x,):
                if is_carrier(element):
                    return element.__array_ufunc__(ufunc, method, *inputs, **named)
        return looped(ufunc, method, inputs, named)

    def array_function(self: Any, function: Any, types: Any, given: Any, named: Any) -> Any:
        name = f"{function.__module__}.{function.__name__}"
        found = NotImplemented
        try:
            if name in RESTATED:
                found = RESTATED[name](*given, **named)
            if found is NotImplemented:
                found = numpy.ndarray.__array_function__(self, function, types, given, named)
        except (TypeError, AttributeError) as error:
            raise TypeError(f"{name} does not take arrays of Values: {error}") from error
        return of_carriers(found)

    def reduce(self: Any) -> Any:
        return self.view(numpy.ndarray).__reduce__()  # as an array of any objects

    methods = {
        "__array_ufunc__": array_ufunc, "__array_function__": array_function, "__reduce__": reduce,
        "__module__": __name__, "__doc__": "An array of numbers that carry derivatives.",
    }  # fmt: skip
    return type("array", (numpy.ndarray,), methods)


def elementwise(function: Callable[..., Any], operands: Sequence[Any], where: str) -> Any:
    """Return a function of operands element by element, arrays broadcast as NumPy does.

    Example:
        >>> import numpy as np
        >>> elementwise(max, [np.array([1.0, 5.0]), 3.0], "max").tolist()
        [3.0, 5.0]
    """
    numpy, name = loaded_numpy(), f"an operand of {where}"
    inputs = [
        array_of(*read(x, name)) if is_array(x) else x if is_carrier(x) else as_float(x, name)
        for x in operands
    ]
    found = looped(numpy.frompyfunc(function, len(inputs), 1), "__call__", inputs, {})
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
    count = getattr(array, "null_count", 0)  # of tables of Polars, column by column
    if numpy.any(numpy.asarray(count() if callable(count) else count)):
        raise ValueError(f"{where} has missing values; fill or drop them first")
