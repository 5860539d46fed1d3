"""Results of calls, written into a buffer of the caller's."""

from __future__ import annotations

from array import array
from typing import Any

from autograd.structure import flatten


def poured(result: Any, out: Any, owner: str) -> Any:
    """Write the numbers of a result, in order, into a buffer of doubles and return the buffer.

    Args:
        result: Numbers in any structure.
        out: A buffer of as many doubles, such as `array("d")` or an array of NumPy.
        owner: The name of what was called, for errors.

    Raises:
        TypeError: If the buffer holds something else, or a number is none.
        ValueError: If it is read-only, not contiguous, or has another size; nothing is written.

    Example:
        >>> poured((21.0, (10.0, 3.0)), array("d", [0.0] * 3), "f")
        array('d', [21.0, 10.0, 3.0])
    """
    numbers, _ = flatten(result, f"the result of {owner}")
    try:
        view = memoryview(out)
    except TypeError:
        raise TypeError(
            f"out is a buffer of doubles, such as array('d') or an array of NumPy, not "
            f"{type(out).__name__}; where {owner} has an argument of that name, give it by position"
        ) from None
    with view:
        if view.format != "d":
            raise TypeError(f"out holds items of format {view.format!r}, not doubles, 'd'")
        if view.readonly:
            raise ValueError("out is read-only")
        if not view.c_contiguous:
            raise ValueError("out is not contiguous; give a buffer of its own, and copy from that")
        count = view.nbytes // view.itemsize
        if count != len(numbers):
            raise ValueError(f"out has {count} places, but the result has {len(numbers)} numbers")
        if count:
            view.cast("B")[:] = memoryview(array("d", numbers)).cast("B")
    return out
