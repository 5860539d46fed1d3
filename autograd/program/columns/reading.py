"""Reading columns: what a batch is given for one argument, whatever it is.

NumPy is used only where something of NumPy's was given; what can be read in place is not copied.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import chain
from math import isfinite, prod
from typing import Any

from autograd.carriers import is_carrier
from autograd.loaded_numpy import loaded_numpy
from autograd.program.columns.columns import Columns, are_finite, common_rows, nan_at
from autograd.program.columns.numpy_columns import columns_of_array, doubles
from autograd.real_numbers import as_float
from autograd.structure import NUMBER, Structure, flatten, nested_lists

_REAL_FORMATS = frozenset("?bBhHiIlLqQnNfd")


def columns_of(argument: Any, name: str, check: bool = True) -> Columns:
    """Return an argument as columns.

    Args:
        argument: A column of numbers; rows of numbers, or of nested lists, tuples and dicts; an
            array or buffer whose first axis counts the rows; a dict of such; or one number.
        name: The argument's name, for errors.
        check: Whether NaN is refused.

    Raises:
        TypeError: If something in it is no real number.
        ValueError: If rows differ in their structure, there are none, or one holds NaN.

    Example:
        >>> str(columns_of([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "x").structure)
        'a list of 2 numbers'
        >>> columns_of({"x": [1.0, 2.0], "y": 5.0}, "point").rows
        2
    """
    numpy = loaded_numpy()
    kind = type(argument)
    if numpy is not None and isinstance(argument, numpy.ndarray):
        if argument.ndim:
            return columns_of_array(numpy, argument, name, check)
        return columns_of(float(doubles(numpy, argument, name)), name, check)
    if kind is array:
        found = _of_buffer(argument, name)
    elif isinstance(argument, dict):
        return _of_dict(argument, name, check)
    elif isinstance(argument, (list, tuple, range)):
        found = _of_sequence(argument, name)
    elif is_carrier(argument):
        raise TypeError(f"{name} is {argument!r}; a batch takes plain numbers")
    elif numpy is not None and hasattr(argument, "__array__") and hasattr(argument, "shape"):
        return columns_of(numpy.asarray(argument), name, check)
    elif isinstance(argument, memoryview) or _is_buffer(argument):
        found = _of_buffer(argument, name)
    else:
        number = plain_number(argument, name)
        found = Columns(NUMBER, 1, None, None, False, [(array("d", [number]), 0, 0)])
    if found.rows == 0:
        raise ValueError(f"{name} has no rows; a batch needs at least one")
    if check and not _is_finite(found):
        _refuse_nan(found, name)
        return found._replace(is_finite=False)
    return found


def _of_buffer(argument: Any, name: str) -> Columns:
    if type(argument) is array and argument.typecode == "d":
        return Columns(NUMBER, 1, len(argument), argument, from_buffer=True)
    view = memoryview(argument)
    if view.format.lstrip("@=") not in _REAL_FORMATS or isinstance(argument, (bytes, bytearray)):
        what = f"a buffer of format {view.format!r}"
        raise TypeError(f"{name} is {type(argument).__name__}, {what}; only real numbers will do")
    if not view.ndim:
        return Columns(NUMBER, 1, None, None, False, [(array("d", [view[()]]), 0, 0)])
    axes = view.shape
    assert axes is not None
    if view.format != "d" or not view.c_contiguous:
        items: list[Any] = view.tolist()
        for _ in axes[1:]:
            items = list(chain.from_iterable(items))
        view = memoryview(array("d", items))
    rows = axes[0]
    return Columns(nested_lists(axes[1:]), prod(axes[1:]), rows, view, from_buffer=True)


def _is_buffer(argument: Any) -> bool:
    try:
        memoryview(argument)
    except TypeError:
        return False
    return True


def _of_dict(argument: dict[Any, Any], name: str, check: bool) -> Columns:
    parts = {key: columns_of(x, f"{name}[{key!r}]", check) for key, x in argument.items()}
    rows = common_rows(parts.values(), [f"{name}[{key!r}]" for key in parts])
    apart = [column for part in parts.values() for column in part.columns]
    structure = Structure(dict, tuple([part.structure for part in parts.values()]), tuple(parts))
    from_array = any(part.from_array for part in parts.values())
    is_finite = all(part.is_finite for part in parts.values())
    from_buffer = any(part.from_buffer for part in parts.values())
    return Columns(structure, len(apart), rows, None, from_array, apart, is_finite, from_buffer)


def _of_sequence(argument: Any, name: str) -> Columns:
    if not argument:
        return Columns(NUMBER, 1, 0)
    first = argument[0]
    if not _is_row(first):
        numbers = _numbers(argument, name)
        return Columns(NUMBER, 1, len(numbers), numbers)
    if isinstance(first, dict) or hasattr(first, "_fields"):
        return _of_nested_rows(argument, name)
    count = len(first)
    for row, numbers in enumerate(argument):
        if not _is_row(numbers):
            raise TypeError(f"{name}[{row}] is {numbers!r}, but {name}[0] is a row of {count}")
        if len(numbers) != count:
            raise ValueError(
                f"{name} has rows of different lengths: row {row} has {len(numbers)}, row 0 has "
                f"{count}"
            )
    if not _are_plain(chain.from_iterable(argument)):
        return _of_nested_rows(argument, name)
    try:
        block = array("d", chain.from_iterable(argument))
    except OverflowError:
        return _of_nested_rows(argument, name)
    structure = Structure(tuple if isinstance(first, tuple) else list, count)
    return Columns(structure, count, len(argument), block)


def _is_row(thing: Any) -> bool:
    if type(thing) is float or isinstance(thing, (str, bytes, bytearray)):
        return False
    return hasattr(thing, "__len__") and getattr(thing, "ndim", 1) > 0


def _of_nested_rows(argument: Any, name: str) -> Columns:
    """Return rows of any structure, or say where one is not like the first or holds no number."""
    rows = [row.tolist() if hasattr(row, "tolist") else row for row in argument]
    _, structure = flatten(rows[0], f"{name}[0]")
    names = structure.names("")
    block = array("d")
    for row, tree in enumerate(rows):
        numbers, own = flatten(tree, f"{name}[{row}]")
        if own != structure:
            structure.numbers_of(tree, f"{name}[{row}]", ValueError)  # names the place
            raise ValueError(f"{name}[{row}] is {own}, but {name}[0] is {structure}")
        for place, number in zip(names, numbers, strict=True):
            block.append(plain_number(number, f"{name}[{row}]{place}"))
    return Columns(structure, len(names), len(rows), block)


def _numbers(things: Any, name: str) -> array[float]:
    try:
        if _are_plain(things):
            return array("d", things)
    except OverflowError:
        pass  # named below
    return array("d", [plain_number(thing, f"{name}[{row}]") for row, thing in enumerate(things)])


def _are_plain(things: Iterable[Any]) -> bool:
    # An array takes whatever converts to a float: the real part of a complex number, a stand-in.
    return all(issubclass(kind, (float, int)) for kind in set(map(type, things)))


def plain_number(thing: Any, name: str) -> float:
    """Return a real number as a float; what carries derivatives has no place in a batch."""
    if is_carrier(thing):
        raise TypeError(f"{name} is {thing!r}; a batch takes plain numbers")
    try:
        return as_float(thing, name)
    except OverflowError as error:
        raise OverflowError(f"{name}: {error}") from error
    except TypeError:
        raise TypeError(f"{name} is {thing!r:.80}; expected a real number") from None


def _is_finite(argument: Columns) -> bool:
    if argument.whole is None:
        return all(map(isfinite, argument.row(0)))  # one number, for all rows
    count = (argument.rows or 0) * argument.width
    return not count or are_finite([(argument.whole, 0, 1)], count)


def _refuse_nan(argument: Columns, name: str) -> None:
    places = argument.structure.names("")
    for row in range(argument.rows or 1):
        for place, number in zip(places, argument.row(row), strict=True):
            if number != number:
                raise ValueError(nan_at(name, place, row))
