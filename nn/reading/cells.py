"""What a table may hold: finite real numbers; and what errors say where there is something else.

Rows are named by their number, counted from 0, columns by their name where they have one.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from typing import Any

from nn.validation import counted, finite

Names = tuple[str, ...] | None  # those of the columns


def checked_numbers(
    numbers: Iterable[Any], places: Iterable[tuple[int, int]], name: str, names: Names
) -> array[float]:
    """Return numbers of any real type as floats.

    Args:
        numbers: What should be numbers.
        places: The row and the column of each.
        name: What the table is called.
        names: Those of its columns.

    Raises:
        TypeError: If one is not a real number.
        ValueError: If one is missing, or too large for a float.

    Example:
        >>> checked_numbers([1, "red"], [(0, 0), (0, 1)], "X", ("size", "colour"))
        Traceback (most recent call last):
            ...
        TypeError: X has text in row 0, column 'colour': 'red'; turn categories into numbers \
first, for example into one column of 0 and 1 for each
    """
    found = array("d")
    for number, (row, column) in zip(numbers, places, strict=False):
        if type(number) is float:
            found.append(number)
        elif is_missing(number):
            raise missing(str(number), row, column, name, names)
        elif isinstance(number, (str, bytes)):
            raise TypeError(
                f"{name} has text in {_place(row, column, names)}: {number!r:.60}; turn categories "
                "into numbers first, for example into one column of 0 and 1 for each"
            )
        else:
            found.append(finite(number, f"{name} in {_place(row, column, names)}"))
    return found


def is_missing(thing: Any) -> bool:
    """Return whether this stands for a number or label that is not there: None, NaN, pandas' NA.

    Example:
        >>> [is_missing(thing) for thing in (None, float("nan"), 0.0, "")]
        [True, True, False, False]
    """
    if type(thing).__name__ in ("NAType", "NaTType"):
        return True
    return thing is None or (isinstance(thing, float) and thing != thing)


def require_finite(block: array[float], columns: int, name: str, names: Names) -> None:
    """Raise a ValueError that names the first number that is NaN or infinite, if there is one."""
    if math.isfinite(sum(block)):
        return
    for position, number in enumerate(block):
        if not math.isfinite(number):
            row, column = divmod(position, columns)
            raise missing(str(number), row, column, name, names)


def require_numbers(rows: int, columns: int, name: str) -> None:
    """Raise a ValueError if there are no rows, or no numbers in them."""
    if not rows:
        raise ValueError(f"{name} is empty; at least one row of numbers is needed")
    if not columns:
        raise ValueError(f"{name} has rows without numbers; at least one column is needed")


def missing(what: str, row: int, column: int, name: str, names: Names) -> ValueError:
    """Return the error of a place where a number is missing."""
    place = _place(row, column, names)
    return ValueError(f"{name} has {what} in {place}; drop such rows, or fill in a number")


def wrong_axes(
    axes: tuple[int, ...], features: int | None, name: str, column: str, row: str
) -> Exception:
    """Return the error of something that has not two axes.

    Args:
        axes: Their sizes.
        features: How many inputs the model has, if that is known.
        name: What the argument is called.
        column: How it is written as one column.
        row: How it is written as one row.
    """
    if not axes:
        return TypeError(f"{name} must be rows of numbers, got a single number")
    if len(axes) > 2:
        shape = " x ".join([str(size) for size in axes])
        return ValueError(
            f"{name} has {len(axes)} axes ({shape}); the model takes rows of numbers: give "
            f"{name}.reshape({axes[0]}, -1)"
        )
    if features == axes[0] and features != 1:
        advice = f"for one example give {row}"
    else:
        advice = f"for one feature per example give {column}, for one example {row}"
    return ValueError(
        f"{name} has one axis ({counted(axes[0], 'number')}), but rows of numbers are needed: "
        f"{advice}"
    )


def _place(row: int, column: int, names: Names) -> str:
    return f"row {row}, column {column if names is None else repr(names[column])}"
