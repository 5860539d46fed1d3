"""Columns: what a batch is given for one argument, as numbers that lie a stride apart.

NumPy is used only where something of NumPy's was given; what can be read in place is not copied.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, product
from math import isfinite, prod
from typing import Any, NamedTuple

from autograd.primitive import as_float
from autograd.program.signature import NUMBER, Shape, names_in, shape_of
from autograd.structure import flatten

Column = tuple[Any, int, int]  # a contiguous buffer of doubles; offset and stride in items
_DOUBLE = 12  # NumPy's number of the type double
_READABLE = 0x101  # NumPy's flags of arrays that are aligned and contiguous, in C's order
_REAL_FORMATS = frozenset("?bBhHiIlLqQnNfd")
_SHORT = 4096  # items; up to here a product is quicker than a test of each


class Columns(NamedTuple):
    """One argument of a batch.

    Attributes:
        shape: The structure of one row.
        width: How many numbers it has.
        rows: How many rows there are; None for a number, which stands for any number of rows.
        whole: A contiguous buffer of rows × width doubles, if the argument is one.
        from_array: Whether it came from NumPy.
        apart: Where the numbers of each place of the structure are, if not in one buffer.
    """

    shape: Shape
    width: int
    rows: int | None
    whole: Any = None
    from_array: bool = False
    apart: list[Column] | None = None

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
        >>> columns_of([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "x").shape
        (<class 'list'>, 2)
        >>> columns_of({"x": [1.0, 2.0], "y": 5.0}, "point").rows
        2
    """
    numpy = sys.modules.get("numpy")
    kind = type(argument)
    if numpy is not None and isinstance(argument, numpy.ndarray):
        return _of_array(numpy, argument, name, check)
    if kind is array:
        found = _of_buffer(argument, name)
    elif isinstance(argument, dict):
        return _of_dict(argument, name, check)
    elif isinstance(argument, (list, tuple, range)):
        found = _of_sequence(argument, name)
    elif hasattr(argument, "carrier_level"):
        raise TypeError(f"{name} is {argument!r}; a batch takes plain numbers")
    elif numpy is not None and hasattr(argument, "__array__") and hasattr(argument, "shape"):
        return _of_array(numpy, numpy.asarray(argument), name, check)
    elif isinstance(argument, memoryview) or _is_buffer(argument):
        found = _of_buffer(argument, name)
    else:
        number = _number(argument, name)
        found = Columns(NUMBER, 1, None, None, False, [(array("d", [number]), 0, 0)])
    if found.rows == 0:
        raise ValueError(f"{name} has no rows; a batch needs at least one")
    if check:
        _refuse_nan(found, name)
    return found


def flat(buffer: Any) -> Any:
    """Return a contiguous buffer of doubles as a sequence of them."""
    if isinstance(buffer, array):
        return buffer
    return memoryview(buffer).cast("B").cast("d")


def built(shape: Shape, things: Iterator[Any]) -> Any:
    """Return a structure with things in the places of its numbers.

    Example:
        >>> built((tuple, (NUMBER, (list, 2))), iter("abc"))
        ('a', ['b', 'c'])
    """
    if shape == NUMBER:
        return next(things)
    if shape[0] is dict:
        return {k: built(part, things) for k, part in zip(shape[1], shape[2], strict=True)}
    kind, parts = shape
    if isinstance(parts, int):
        items = [next(things) for _ in range(parts)]
    else:
        items = [built(part, things) for part in parts]
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def shape_of_axes(axes: Sequence[int]) -> Shape:
    """Return the structure of nested lists with these lengths.

    Example:
        >>> shape_of_axes((2, 3))
        (<class 'list'>, ((<class 'list'>, 3), (<class 'list'>, 3)))
    """
    shape: Shape = NUMBER
    for length in reversed(axes):
        shape = (list, length) if shape == NUMBER else (list, (shape,) * length)
    return shape


def doubles(numpy: Any, argument: Any, name: str) -> Any:
    """Return an array of real numbers as one of native doubles, itself if it is one."""
    kind = argument.dtype
    if kind.num == _DOUBLE and kind.isnative and type(argument) is numpy.ndarray:
        return argument
    if kind.kind not in "biuf":
        raise TypeError(f"{name} is an array of {kind}; only real numbers will do")
    if not kind.isnative:
        raise TypeError(
            f"{name} is an array of {kind}, in the byte order of another machine; convert it with "
            f"{name}.astype(float)"
        )
    if hasattr(argument, "mask"):
        raise TypeError(f"{name} is a masked array; fill or drop what is masked")
    return numpy.asarray(argument, dtype=numpy.float64)


def _of_array(numpy: Any, argument: Any, name: str, check: bool) -> Columns:
    x = doubles(numpy, argument, name)
    axes = x.shape
    if not axes:
        return columns_of(float(x), name, check)
    rows = axes[0]
    if rows == 0:
        raise ValueError(f"{name} has no rows; a batch needs at least one")
    if check and not (x.size <= _SHORT and isfinite(numpy.vdot(x, x))):
        is_nan = numpy.isnan(x)
        if is_nan.any():
            row, *place = numpy.argwhere(is_nan)[0].tolist()
            raise ValueError(_nan_at(name, "".join([f"[{i}]" for i in place]), row))
    if x.flags.num & _READABLE != _READABLE:
        found = _in_place(numpy, x)
        if found is not None:
            return Columns(shape_of_axes(axes[1:]), len(found), rows, None, True, found)
        x = numpy.array(x)
    if len(axes) == 1:
        return Columns(NUMBER, 1, rows, x, True)
    if len(axes) == 2:
        return Columns((list, axes[1]), axes[1], rows, x, True)
    return Columns(shape_of_axes(axes[1:]), x.size // rows, rows, x, True)


def _in_place(numpy: Any, x: Any) -> list[Column] | None:
    """Return the columns of a strided view within the array it is a view of, if they can be."""
    base = x
    while isinstance(base.base, numpy.ndarray):
        base = base.base
    flags, kind = base.flags, base.dtype
    if kind.num != _DOUBLE or not kind.isnative or not flags.aligned:
        return None
    if not flags.c_contiguous:
        if not flags.f_contiguous:
            return None
        base = base.T
    start = x.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    if start % 8 or any(step % 8 for step in x.strides):
        return None
    stride, *steps = [step // 8 for step in x.strides]
    return [
        (base, start // 8 + sum([i * step for i, step in zip(place, steps, strict=True)]), stride)
        for place in product(*map(range, x.shape[1:]))
    ]


def _of_buffer(argument: Any, name: str) -> Columns:
    if type(argument) is array and argument.typecode == "d":
        return Columns(NUMBER, 1, len(argument), argument)
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
    return Columns(shape_of_axes(axes[1:]), prod(axes[1:]), rows, view)


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
    shape = (dict, tuple(parts), tuple([part.shape for part in parts.values()]))
    from_array = any(part.from_array for part in parts.values())
    return Columns(shape, len(apart), rows, None, from_array, apart)


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
    try:
        block = array("d", chain.from_iterable(argument))
    except (TypeError, OverflowError):
        return _of_nested_rows(argument, name)
    shape = (tuple if isinstance(first, tuple) else list, count)
    return Columns(shape, count, len(argument), block)


def _is_row(thing: Any) -> bool:
    if type(thing) is float or isinstance(thing, str):
        return False
    return hasattr(thing, "__len__") and getattr(thing, "ndim", 1) > 0


def _of_nested_rows(argument: Any, name: str) -> Columns:
    """Return rows of any structure, or say where one is not like the first or holds no number."""
    rows = [row.tolist() if hasattr(row, "tolist") else row for row in argument]
    shape = shape_of(rows[0])
    names = names_in(shape, "")
    block = array("d")
    for row, tree in enumerate(rows):
        numbers, _ = flatten(tree, f"{name}[{row}]")
        if shape_of(tree) != shape:
            raise ValueError(f"{name}[{row}] has not the structure of {name}[0]")
        for place, number in zip(names, numbers, strict=False):
            block.append(_number(number, f"{name}[{row}]{place}"))
    return Columns(shape, len(names), len(rows), block)


def _numbers(things: Any, name: str) -> array[float]:
    try:
        return array("d", things)
    except (TypeError, OverflowError):
        return array("d", [_number(thing, f"{name}[{row}]") for row, thing in enumerate(things)])


def _number(thing: Any, name: str) -> float:
    if hasattr(thing, "carrier_level"):
        raise TypeError(f"{name} is {thing!r}; a batch takes plain numbers")
    try:
        return as_float(thing, name)
    except OverflowError as error:
        raise OverflowError(f"{name}: {error}") from error
    except TypeError:
        raise TypeError(f"{name} is {thing!r:.80}; expected a real number") from None


def _refuse_nan(argument: Columns, name: str) -> None:
    if argument.whole is not None:
        numpy = sys.modules.get("numpy")
        if numpy is None or argument.rows is None or argument.rows < _SHORT:
            if isfinite(sum(flat(argument.whole))):
                return
        elif not numpy.isnan(argument.whole).any():
            return
    places = names_in(argument.shape, "")
    for row in range(argument.rows or 1):
        for place, number in zip(places, argument.row(row), strict=True):
            if number != number:
                raise ValueError(_nan_at(name, place, row))


def _nan_at(name: str, place: str, row: int) -> str:
    return (
        f"{name}{place} is NaN in row {row}; drop such rows, or keep what NaN gives with "
        'not_finite="keep"'
    )
