"""Reading features: rows of numbers from whatever holds them, checked before anything starts.

NumPy is used only where something of NumPy's was given. Errors name rows by their number, counted
from 0 as in `X[0]`, and columns by their name where they have one. It knows nothing of labels.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from itertools import chain, count, product, repeat
from typing import Any

from nn.reading.cells import (
    Names,
    checked_numbers,
    missing,
    require_finite,
    require_numbers,
    wrong_axes,
)
from nn.reading.feature_table import FeatureTable
from nn.validation import counted, describe, is_node, is_scalar

_REAL_KINDS, _REAL_FORMATS = "biuf", frozenset("?bBhHiIlLqQnNfd")
_OTHER_KINDS = {"c": "complex numbers", "M": "dates", "m": "durations"}


def read_features(X: Any, features: int | None, name: str = "X") -> FeatureTable:
    """Return the rows of numbers in X, checked.

    Args:
        X: Rows of numbers: lists or tuples, an array of NumPy of any real type, a table of pandas,
            a buffer with two axes, a data set with its features in `.X`, or a `FeatureTable`.
        features: How many columns there have to be; None for any number.
        name: What the argument is called in error messages.

    Raises:
        TypeError: If it holds something else than real numbers, naming row and column.
        ValueError: If there are no rows, if rows differ in length, or from the number of the
            model's inputs, or hold NaN or infinity, naming row and column.

    Example:
        >>> read_features([[0.5, 1.0], [2.0, 3.0]], features=3)
        Traceback (most recent call last):
            ...
        ValueError: X has 2 columns, the model has 3 inputs
        >>> read_features([[0.5, 1.0], [2.0, float("nan")]], features=2)
        Traceback (most recent call last):
            ...
        ValueError: X has nan in row 1, column 1; drop such rows, or fill in a number
    """
    table = _read(X, features, name)
    if features is not None and table.columns != features:
        turned = f"; it has {features} rows: perhaps {name} should be transposed"
        raise ValueError(
            f"{name} has {counted(table.columns, 'column')}, the model has "
            f"{counted(features, 'input')}{turned * (table.rows == features)}"
        )
    return table


def require_equal_rows(rows: int, others: int, name: str, other_name: str) -> None:
    """Raise a ValueError if features and targets differ in their number of rows.

    Example:
        >>> require_equal_rows(143, 142, "X", "y")
        Traceback (most recent call last):
            ...
        ValueError: X has 143 rows, but y has 142: one target is needed for each row
    """
    if rows != others:
        raise ValueError(
            f"{name} has {counted(rows, 'row')}, but {other_name} has {others}: one target is "
            "needed for each row"
        )


def require_same_columns(known: Names, found: Names, name: str, fitted: str = "the model") -> None:
    """Raise a ValueError if both tables name their columns, and not alike.

    Example:
        >>> require_same_columns(("height", "weight"), ("weight", "height"), "X")
        Traceback (most recent call last):
            ...
        ValueError: X has its columns in another order than the model was fitted to: column 0 is \
'weight', not 'height'
    """
    if known is None or found is None or known == found:
        return
    place = next(k for k, pair in enumerate(zip(known, found, strict=False)) if pair[0] != pair[1])
    how = "in another order than" if sorted(known) == sorted(found) else "other than those that"
    raise ValueError(
        f"{name} has its columns {how} {fitted} was fitted to: column {place} is "
        f"{found[place]!r}, not {known[place]!r}"
    )


def _read(X: Any, features: int | None, name: str) -> FeatureTable:
    if isinstance(X, FeatureTable):
        return X
    if isinstance(X, (list, tuple)) and not hasattr(X, "_fields"):
        return _of_rows(X, features, name)
    if isinstance(X, (str, bytes, bytearray)) or is_node(X):
        raise TypeError(f"{name} must be rows of numbers, got {describe(X)}")
    if hasattr(type(X), "__array__"):
        return _of_numpy(X, features, name)
    if hasattr(type(X), "toarray"):
        raise TypeError(f"{name} is a sparse {type(X).__name__}; give {name}.toarray()")
    if isinstance(X, Mapping):
        raise TypeError(
            f"{name} must be rows of numbers, got a {type(X).__name__} of "
            f"{counted(len(X), 'column')}; give list(zip(*{name}.values()))"
        )
    if hasattr(X, "X") and hasattr(X, "y"):
        table = _read(X.X, features, name)
        names = getattr(X, "features", None)
        if isinstance(names, (list, tuple)) and len(names) == table.columns:
            return table.named(tuple(map(str, names)))
        return table
    if isinstance(X, AbstractSet) or is_scalar(X):
        raise TypeError(f"{name} must be rows of numbers, got {describe(X)}")
    if isinstance(X, (memoryview, array)):
        return _of_buffer(memoryview(X), features, name)
    return _of_rows(list(X), features, name)


# --- Arrays, tables of pandas, buffers ------------------------------------------------------------


def _of_numpy(x: Any, features: int | None, name: str) -> FeatureTable:
    if hasattr(x, "columns") and hasattr(x, "iloc"):
        return _of_frame(x, name)
    if hasattr(x, "to_frame"):
        raise wrong_axes((len(x),), features, name, f"{name}.to_frame()", f"[{name}]")
    known = hasattr(getattr(x, "dtype", None), "kind")
    return _of_array(x if known else x.__array__(), features, name, None)


def _of_array(x: Any, features: int | None, name: str, names: Names) -> FeatureTable:
    if x.ndim != 2:
        written = f"{name}.reshape(-1, 1)", f"{name}.reshape(1, -1)"
        raise wrong_axes(tuple(x.shape), features, name, *written)
    rows, columns = x.shape
    require_numbers(rows, columns, name)
    mask = getattr(x, "mask", None)
    if mask is not None and mask.any():
        row, column = divmod(int(mask.argmax()), columns)
        raise missing("a masked number", row, column, name, names)
    numpy, kind = sys.modules["numpy"], x.dtype.kind
    if kind in "OUSV":
        numbers = checked_numbers(
            chain.from_iterable(x.tolist()), product(range(rows), range(columns)), name, names
        )
        x = numpy.array(numbers).reshape(rows, columns)
    elif kind not in _REAL_KINDS:
        what = _OTHER_KINDS.get(kind, f"numbers of type {x.dtype}")
        raise TypeError(f"{name} is an array of {what}; only real numbers will do")
    block = numpy.ascontiguousarray(x, dtype=numpy.float64)
    are_finite = numpy.isfinite(block)
    if not are_finite.all():
        row, column = divmod(int(are_finite.argmin()), columns)
        raise missing(str(x[row, column]), row, column, name, names)
    return FeatureTable(block, columns, names)


def _of_frame(frame: Any, name: str) -> FeatureTable:
    names = tuple([str(column) for column in frame.columns])
    require_numbers(len(frame), len(names), name)
    block = sys.modules["numpy"].empty(frame.shape)
    if len(set(frame.dtypes)) == 1 and frame.iloc[:1].to_numpy().dtype.kind in _REAL_KINDS:
        return _of_array(frame.to_numpy(), None, name, names)
    for column in range(len(names)):
        numbers = frame.iloc[:, column].to_numpy()
        if numbers.dtype.kind not in _REAL_KINDS:
            places = zip(count(), repeat(column), strict=False)
            numbers = checked_numbers(numbers.tolist(), places, name, names)
        block[:, column] = numbers
    return _of_array(block, None, name, names)


def _of_buffer(view: memoryview, features: int | None, name: str) -> FeatureTable:
    axes: tuple[int, ...] = tuple(view.shape or ())
    if len(axes) != 2:
        raise wrong_axes(axes, features, name, f"[[x] for x in {name}]", f"[{name}]")
    if view.format.lstrip("@=") not in _REAL_FORMATS:
        raise TypeError(f"{name} is a buffer of format {view.format!r}; only real numbers will do")
    require_numbers(axes[0], axes[1], name)
    if view.format == "d" and view.c_contiguous:
        block = array("d", view.cast("B").cast("d"))
        require_finite(block, axes[1], name, None)
        return FeatureTable(block, axes[1])
    return _of_rows(view.tolist(), features, name)


def _of_rows(rows: Sequence[Any], features: int | None, name: str) -> FeatureTable:
    if not rows:
        raise ValueError(f"{name} is empty; at least one row of numbers is needed")
    if not set(map(type, rows)) <= {list, tuple}:
        rows = _as_lists(rows, features, name)
    columns = len(rows[0])
    require_numbers(len(rows), columns, name)
    if set(map(len, rows)) != {columns}:
        row = next(number for number, given in enumerate(rows) if len(given) != columns)
        raise ValueError(
            f"{name} has rows of different lengths: row {row} has "
            f"{counted(len(rows[row]), 'number')}, row 0 has {columns}"
        )
    block = array("d")
    if all(issubclass(kind, (float, int)) for kind in set(map(type, chain.from_iterable(rows)))):
        with suppress(OverflowError):  # an integer too large is named below
            block = array("d", chain.from_iterable(rows))
    if not block:
        nested = [number for number in rows[0] if _is_nested(number)]
        if nested:
            raise ValueError(
                f"{name} has lists within its rows, in row 0 {describe(nested[0])}; the model "
                "takes rows of numbers: flatten what lies within a row"
            )
        places = product(range(len(rows)), range(columns))
        block = checked_numbers(chain.from_iterable(rows), places, name, None)
    require_finite(block, columns, name, None)
    return FeatureTable(block, columns)


def _as_lists(rows: Sequence[Any], features: int | None, name: str) -> list[Any]:
    """Return rows that may be arrays, or any other sequences, as lists."""
    if all(map(is_scalar, rows)):
        raise wrong_axes((len(rows),), features, name, f"[[x] for x in {name}]", f"[{name}]")
    listed = []
    for number, given in enumerate(rows):
        unordered = isinstance(given, (str, bytes, bytearray, Mapping, AbstractSet))
        if unordered or is_scalar(given):
            raise TypeError(f"{name}[{number}] must be a row of numbers, got {describe(given)}")
        listed.append(given.tolist() if hasattr(given, "tolist") else list(given))
    return listed


def _is_nested(thing: Any) -> bool:
    return not is_scalar(thing) and not isinstance(thing, (str, bytes, bytearray))
