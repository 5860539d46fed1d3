"""Columns of numbers, what a table of them has, and their means and deviations."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any, Protocol


class Labelled(Protocol):
    """What is described of a dataset: rows of numbers with their targets and names."""

    @property
    def X(self) -> list[list[float]]:
        """The rows."""

    @property
    def y(self) -> list[Any]:
        """The targets."""

    @property
    def features(self) -> list[str]:
        """The names of the columns."""

    @property
    def classes(self) -> list[str] | None:
        """The names of the classes that the targets count."""

    @property
    def source(self) -> str:
        """Where the rows come from."""

    @property
    def counts(self) -> dict[str, int] | None:
        """How many rows each class has."""

    @property
    def shape_text(self) -> str:
        """How many rows and features there are, in words."""

    def __len__(self) -> int:
        """How many rows there are."""


def mean_and_deviation(column: Sequence[float], name: str) -> tuple[float, float]:
    """Return the mean of a column and its standard deviation, or 1 if all its numbers are the same.

    Args:
        column: Finite numbers, at least one.
        name: What the column is called.

    Raises:
        ValueError: If the numbers are too far apart for floats.

    Example:
        >>> mean_and_deviation([1.0, 3.0], "x"), mean_and_deviation([5.0, 5.0], "x")
        ((2.0, 1.0), (5.0, 1.0))
    """
    low, high = min(column), max(column)
    if low == high:
        return low, 1.0
    if math.isinf(high - low):
        raise ValueError(f"the numbers of column {name} are too far apart: {low} to {high}")
    # Seen from the lowest number, so that nothing is lost where all are large and close together.
    mean = low + math.fsum((x - low) / len(column) for x in column)
    offsets, root = [x - mean for x in column], math.sqrt(len(column))
    deviation = math.hypot(*offsets) / root
    if math.isinf(deviation):
        deviation = math.hypot(*(offset / root for offset in offsets))
    # Nothing but the rounding of numbers that were meant to be the same.
    unlike = deviation > 4.0 * sys.float_info.epsilon * max(abs(low), abs(high))
    return mean, deviation if unlike else 1.0
