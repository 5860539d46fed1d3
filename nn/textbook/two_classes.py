"""Rows of numbers, each of one of two classes, as they are given."""

from __future__ import annotations

from typing import Any

from nn.inputs import checked_rows, holds_rows, listed
from nn.validation import counted, describe, row


def rows_of_two_classes(X: Any, y: Any) -> tuple[list[list[float]], list[bool], tuple[Any, Any]]:
    """Return rows of floats, whether each is of the second class, and the two classes.

    Zeros and ones, and minus ones and ones, are classes also where only one of them occurs.

    Raises:
        TypeError: If X is not made of rows of numbers, or y of classes.
        ValueError: If the lengths differ, rows have different ones, or there are not two classes.
    """
    given = listed(X)
    labels = row(getattr(y, "tolist", lambda: y)(), "y", of="classes")
    if not given:
        raise ValueError("X is empty; two classes need at least one row each")
    if not holds_rows(given):
        raise TypeError(f"X must be a list of rows of numbers, got {describe(given)}")
    if len(given) != len(labels):
        raise ValueError(
            f"X and y must have the same length, got {counted(len(given), 'row')} and "
            f"{counted(len(labels), 'class').replace('classs', 'classes')}"
        )
    nodes = checked_rows(given, len(listed(given[0])), "rule")
    rows = [[node.data for node in row] for row in nodes]
    for place, label in enumerate(labels):
        if isinstance(label, (list, dict, set)):
            raise TypeError(f"y[{place}] must be a class, got {describe(label)}")
    present = set(labels)
    known = [pair for pair in ((0, 1), (-1, 1)) if present <= set(pair)]
    if known:
        low, high = known[0]
    elif len(present) == 2:
        low, high = _in_order(*present)
    else:
        raise ValueError(f"y must hold two classes, got {len(present)}: {describe(labels)}")
    return rows, [label == high for label in labels], (low, high)


def _in_order(one: Any, other: Any) -> tuple[Any, Any]:
    try:
        return (one, other) if one < other else (other, one)
    except TypeError:  # of two kinds
        return (one, other) if repr(one) < repr(other) else (other, one)
