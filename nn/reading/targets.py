"""Targets as a compiled loss takes them: one number a row, or a row of numbers, and the classes."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from math import fsum, log
from typing import Any

from autograd.streams import printed_anywhere
from nn.reading.feature_table import FeatureTable
from nn.validation import counted


@printed_anywhere
class Targets:
    """What a model should answer, row by row.

    Attributes:
        classes: The labels of the classes, in the order of the outputs; None for numbers.
        codes: For every row the place of its class among them; None for numbers.
        are_places: Whether a row's target is that place, a whole number.

    Example:
        >>> targets = Targets(array("d", [1.0, 0.0]), ("no", "yes"), [1, 0])
        >>> targets, targets.row(0), targets.labels(), targets.take([1]).codes
        (Targets(2 rows, 2 classes), 1.0, ['yes', 'no'], [0])
    """

    def __init__(
        self,
        numbers: Any,
        classes: tuple[Any, ...] | None = None,
        codes: Sequence[int] | None = None,
        are_places: bool = False,
    ) -> None:
        # A table of rows, an array of NumPy with one axis, or an array of doubles.
        self._numbers = numbers
        self.classes = classes
        self.codes = None if codes is None else list(codes)
        self.are_places = are_places

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._numbers)

    @property
    def columns(self) -> Any:
        """The targets as programs read them: one column of doubles, or rows with two axes."""
        return self._numbers.data if isinstance(self._numbers, FeatureTable) else self._numbers

    def row(self, number: int) -> float | list[float]:
        """Return the target of one row."""
        if isinstance(self._numbers, FeatureTable):
            return self._numbers.row(number)
        return (int if self.are_places else float)(self._numbers[number])

    def take(self, indices: Sequence[int]) -> Targets:
        """Return the targets of these rows, in this order."""
        codes = None if self.codes is None else [self.codes[row] for row in indices]
        if isinstance(self._numbers, FeatureTable):
            chosen: Any = self._numbers.take(indices)
        elif type(self._numbers) is array:
            chosen = array("d", [self._numbers[row] for row in indices])
        else:
            chosen = self._numbers[list(indices)]
        return Targets(chosen, self.classes, codes, self.are_places)

    def labels(self) -> list[Any]:
        """Return the targets as they were given: labels, numbers, or rows of numbers."""
        if self.classes is not None and self.codes is not None:
            return [self.classes[code] for code in self.codes]
        if isinstance(self._numbers, FeatureTable):
            return self._numbers.lists()
        return list(self._numbers.tolist())

    @property
    def spread(self) -> float:
        """What guessing costs: the variance of numbers, log k for k classes."""
        if self.classes is not None:
            return log(max(2, len(self.classes)))
        rows = self.labels()
        columns = zip(*rows, strict=True) if isinstance(self._numbers, FeatureTable) else [rows]
        variances = [_variance(list(column)) for column in columns]
        return fsum(variances) / len(variances)

    def __len__(self) -> int:
        return self.rows

    def __repr__(self) -> str:
        what = "numbers" if self.classes is None else f"{len(self.classes)} classes"
        return f"Targets({counted(self.rows, 'row')}, {what})"


def one_hot(codes: Sequence[int], classes: int, from_array: bool = False) -> FeatureTable:
    """Return a row for every code, with 1 in its place and 0 elsewhere.

    Example:
        >>> one_hot([2, 0], 3).lists()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    block = array("d", bytes(8 * classes * len(codes)))
    for row, code in enumerate(codes):
        block[row * classes + code] = 1.0
    if not from_array:
        return FeatureTable(block, classes)
    return FeatureTable(as_array(block).reshape(len(codes), classes), classes)


def as_array(block: array[float]) -> Any:
    """Return doubles as an array of NumPy, which somebody has loaded; they are not copied."""
    return sys.modules["numpy"].frombuffer(block)


def _variance(numbers: list[float]) -> float:
    center = fsum(numbers) / len(numbers)
    return fsum((number - center) * (number - center) for number in numbers) / len(numbers)
