"""Splitting rows in two: by chance from a seed, each class in its proportion."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from nn.validation import finite


def split_rows(
    rows: int, part: float, classes: Sequence[Any] | None, seed: int
) -> tuple[list[int], list[int]]:
    """Return the numbers of the rows that stay and of those held out, in order.

    Args:
        rows: How many there are.
        part: Which part is held out, between 0 and 1.
        classes: The class of each row, to be held out in proportion; or None.
        seed: Of the choice.

    Raises:
        ValueError: If the part is not between 0 and 1, or leaves nothing on one side.

    Example:
        >>> stay, held_out = split_rows(10, 0.4, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], seed=1)
        >>> len(stay), len(held_out), sum(row < 5 for row in held_out)
        (6, 4, 2)
    """
    if not 0.0 < finite(part, "validation") < 1.0:
        raise ValueError(f"the part of the rows to hold out is between 0 and 1, got {part}")
    source = Random(f"split {seed}")
    count = round(rows * part)
    if not 0 < count < rows:
        raise ValueError(
            f"{part:g} of {rows} rows leaves {rows - count} to train by and {count} to validate; "
            "give more rows, or validation=(X, y)"
        )
    groups: dict[Any, list[int]] = {}
    for row in range(rows):
        groups.setdefault(None if classes is None else classes[row], []).append(row)
    order = []
    for group in groups.values():
        source.shuffle(group)
        # A row's place within its class, between 0 and 1: the first of all are in proportion.
        order += [((place + 0.5) / len(group), row) for place, row in enumerate(group)]
    held_out = sorted(row for _, row in sorted(order)[:count])
    chosen = set(held_out)
    return [row for row in range(rows) if row not in chosen], held_out
