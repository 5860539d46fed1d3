"""Metrics of labels: the part that is right, and how well each class is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.measuring.answers import answered
from nn.measuring.confusion import averaged, confusion_matrix


def accuracy(y: Any, predicted: Any) -> float:
    """Return the part of the rows whose label was predicted.

    Args:
        y: The label of every row.
        predicted: What was predicted.

    Raises:
        ValueError: If there are no rows, or not as many of both.

    Example:
        >>> accuracy(["cat", "dog", "dog", "cat"], ["cat", "dog", "cat", "cat"])
        0.75
    """
    true, found = answered(y, predicted)
    return sum(1 for label, other in zip(true, found, strict=True) if label == other) / len(true)


def precision(
    y: Any, predicted: Any, average: str | None = "macro", classes: Sequence[Any] | None = None
) -> Any:
    """Return how many of the rows taken for a class are of it; 0 where none was.

    Args:
        y: The label of every row.
        predicted: What was predicted.
        average: "macro", the mean over classes; "weighted" by their rows; "micro", over all rows;
            or None for a dict of all classes.
        classes: The labels; those that occur if not given.

    Raises:
        ValueError: If there are no rows, not as many of both, or the average is unknown.

    Example:
        >>> precision([0, 0, 1], [0, 1, 1]), precision([0, 0, 1], [0, 1, 1], average=None)
        (0.75, {0: 1.0, 1: 0.5})
    """
    matrix = confusion_matrix(y, predicted, classes)
    return averaged(matrix, matrix.precisions, average)


def recall(
    y: Any, predicted: Any, average: str | None = "macro", classes: Sequence[Any] | None = None
) -> Any:
    """Return how many of a class's rows were taken for it; 0 where it has none.

    Arguments and errors are those of `precision`.

    Example:
        >>> recall([0, 0, 1], [0, 1, 1], average=None)
        {0: 0.5, 1: 1.0}
    """
    matrix = confusion_matrix(y, predicted, classes)
    return averaged(matrix, matrix.recalls, average)


def f1(
    y: Any, predicted: Any, average: str | None = "macro", classes: Sequence[Any] | None = None
) -> Any:
    """Return the harmonic mean of precision and recall, 2 right / (true + predicted).

    Arguments and errors are those of `precision`.

    Example:
        >>> f1([0, 0, 1], [0, 1, 1]) == (2 / 3 + 2 / 3) / 2
        True
    """
    matrix = confusion_matrix(y, predicted, classes)
    return averaged(matrix, matrix.f1s, average)
