"""What was true beside what was predicted, as metrics take it: lists, as long as one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.validation import describe, finite, is_scalar


def answered(y: Any, predicted: Any, name: str = "predicted") -> tuple[list[Any], list[Any]]:
    """Return targets and predictions as lists.

    Raises:
        TypeError: If one of them is no collection of rows.
        ValueError: If there are no rows, or not as many of both.

    Example:
        >>> answered((0, 1), [1, 1])
        ([0, 1], [1, 1])
    """
    true, found = listed(y, "y"), listed(predicted, name)
    if len(true) != len(found):
        raise ValueError(f"y has {len(true)} rows, {name} has {len(found)}")
    if not true:
        raise ValueError("there are no rows to measure")
    return true, found


def listed(rows: Any, name: str) -> list[Any]:
    """Return rows, of arrays and columns of pandas too, as a list.

    Raises:
        TypeError: If it is a single thing.
    """
    if type(rows) is list:
        return rows
    if hasattr(rows, "to_numpy"):
        rows = rows.to_numpy()
    if hasattr(rows, "tolist"):
        rows = rows.tolist()
    if is_scalar(rows) or isinstance(rows, (str, bytes)):
        raise TypeError(f"{name} must have an entry for every row, got {describe(rows)}")
    return list(rows)


def classes_given(labels: Sequence[Any], classes: Sequence[Any] | None) -> list[Any]:
    """Return the classes, which are those that occur, sorted, unless they are named.

    Raises:
        TypeError: If the labels cannot be sorted, or are no labels.
        ValueError: If a label is none of the classes.

    Example:
        >>> classes_given(["b", "a", "b"], None)
        ['a', 'b']
    """
    try:
        present = set(labels)
        if classes is None:
            return sorted(present)
    except TypeError as error:
        raise TypeError(f"labels must be single texts or numbers of one kind: {error}") from None
    known = listed(classes, "classes")
    strange = present.difference(known)
    if strange:
        raise ValueError(f"{strange.pop()!r} is none of the classes {', '.join(map(repr, known))}")
    return known


def numbers_answered(y: Any, predicted: Any) -> list[tuple[list[float], list[float]]]:
    """Return targets and predictions of every output: one pair of columns for each.

    Raises:
        TypeError: If something is not a number.
        ValueError: If there are no rows, not as many of both, or not as many numbers in each.

    Example:
        >>> numbers_answered([[1, 2], [3, 4]], [[1.5, 2], [3, 4]])
        [([1.0, 3.0], [1.5, 3.0]), ([2.0, 4.0], [2.0, 4.0])]
    """
    true, found = answered(y, predicted)
    sizes = {1 if is_scalar(row) else len(row) for row in (*true, *found)}
    if len(sizes) != 1:
        raise ValueError(f"rows of y and predicted have different lengths: {sorted(sizes)}")
    return list(zip(_columns(true, "y"), _columns(found, "predicted"), strict=True))


def _columns(rows: list[Any], name: str) -> list[list[float]]:
    if is_scalar(rows[0]):
        rows = [[number] for number in rows]
    return [
        [finite(number, f"{name}[{row}]") for row, number in enumerate(column)]
        for column in zip(*rows, strict=True)
    ]
