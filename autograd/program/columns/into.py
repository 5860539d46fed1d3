"""Results written into buffers of the caller's."""

from __future__ import annotations

from array import array
from typing import Any

from autograd.loaded_numpy import loaded_numpy
from autograd.sparse_matrices import SparseMatrix
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
    numbers, structure = flatten(result, f"the result of {owner}")
    if structure.kind is SparseMatrix:
        raise TypeError(
            f"the result of {owner} is {structure}: a buffer has no place for its zeros"
        )
    hint = f"; where {owner} has an argument of that name, give it by position"
    with _doubles(out, "out", hint) as view:
        if not view.c_contiguous:
            raise ValueError("out is not contiguous; give a buffer of its own, and copy from that")
        count = view.nbytes // view.itemsize
        if count != len(numbers):
            raise ValueError(f"out has {count} places, but the result has {len(numbers)} numbers")
        if count:
            view.cast("B")[:] = memoryview(array("d", numbers)).cast("B")
    return out


def _doubles(out: Any, name: str, hint: str = "") -> memoryview:
    """Return what results are written to, if it is a writable buffer of doubles."""
    try:
        view = memoryview(out)
    except (BufferError, TypeError, ValueError) as error:
        raise TypeError(
            f"{name} is {type(out).__name__}; results are written into buffers of doubles, such as "
            f"array('d') or an array of NumPy{hint}"
        ) from error
    if view.format != "d":
        raise TypeError(f"{name} holds items of format {view.format!r}, not doubles, 'd'")
    if view.readonly:
        raise ValueError(f"{name} is read-only")
    return view


def refuse_out(out: Any) -> None:
    """Raise a ValueError if there are buffers where none are filled."""
    if out is not None:
        raise ValueError("out is for the results of every row; leave it out with reduce=...")


def written(found: Any, out: Any, name: str = "out") -> Any:
    """Return `out` with the results written into its buffers.

    Args:
        found: Arrays, columns and lists, in tuples, lists and dicts.
        out: Writable buffers of doubles, in the same.
        name: What it is, for errors.

    Raises:
        TypeError: If `out` has another structure, or something in it is no such buffer.
        ValueError: If one is read-only, or has another shape than the results.

    Example:
        >>> written((array("d", [1.0]), array("d", [2.0])), (array("d", [0.0]), array("d", [0.0])))
        (array('d', [1.0]), array('d', [2.0]))
    """
    if isinstance(found, dict):
        if not isinstance(out, dict) or out.keys() != found.keys():
            raise TypeError(f"{name} is {out!r:.60}; the results are a dict of {[*found]}")
        for key, part in found.items():
            written(part, out[key], f"{name}[{key!r}]")
    elif isinstance(found, tuple) or (isinstance(found, list) and not _is_table(found)):
        if type(out) is not type(found) or len(out) != len(found):
            kind = type(found).__name__
            raise TypeError(f"{name} is {out!r:.60}; the results are a {kind} of {len(found)}")
        for place, part in enumerate(found):
            written(part, out[place], f"{name}[{place}]")
    elif isinstance(found, SparseMatrix):
        raise TypeError("sparse matrices are not written into buffers; leave out away")
    else:
        _write(found, out, name)
    return out


def _is_table(found: list[Any]) -> bool:
    """Return whether a list is one of numbers, or of rows of them."""
    first = found[0] if found else 0.0
    while isinstance(first, list) and first:
        first = first[0]
    return isinstance(first, (float, list))


def _write(found: Any, out: Any, name: str) -> None:
    numpy, view = loaded_numpy(), _doubles(out, name)
    shape = found.shape if hasattr(found, "shape") else _shape(found)
    if view.shape != shape:
        raise ValueError(f"{name} has shape {view.shape}, the results {shape}")
    if numpy is not None:
        numpy.asarray(view)[...] = found
        return
    for place, number in _numbers(found, ()):
        view[place if len(place) > 1 else place[0]] = number


def _shape(found: Any) -> tuple[int, ...]:
    axes = [len(found)]
    while axes[-1] and isinstance(found[0], list):
        found = found[0]
        axes.append(len(found))
    return tuple(axes)


def _numbers(found: Any, place: tuple[int, ...]) -> Any:
    for index, part in enumerate(found):
        if isinstance(part, list):
            yield from _numbers(part, (*place, index))
        else:
            yield (*place, index), part
