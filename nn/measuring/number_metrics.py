"""Metrics of numbers: how far predictions are from what they should be."""

from __future__ import annotations

from collections.abc import Callable
from math import fsum, sqrt
from typing import Any

from nn.measuring.answers import numbers_answered


def mean_squared_error(y: Any, predicted: Any) -> float:
    """Return the mean of (y - predicted)² over all rows, and over all outputs.

    Args:
        y: A number for every row, or a row of numbers.
        predicted: The same.

    Raises:
        TypeError: If something is not a number.
        ValueError: If there are no rows, or not as many of both.

    Example:
        >>> mean_squared_error([1.0, 2.0], [1.0, 4.0])
        2.0
    """
    return _mean(y, predicted, lambda error: error * error)


def root_mean_squared_error(y: Any, predicted: Any) -> float:
    """Return the square root of `mean_squared_error`; of several outputs, the mean of theirs.

    Example:
        >>> root_mean_squared_error([1.0, 2.0], [4.0, 5.0])
        3.0
    """
    roots = [sqrt(mean_squared_error(*pair)) for pair in numbers_answered(y, predicted)]
    return fsum(roots) / len(roots)


def mean_absolute_error(y: Any, predicted: Any) -> float:
    """Return the mean of |y - predicted| over all rows, and over all outputs.

    Example:
        >>> mean_absolute_error([1.0, 2.0], [1.0, 4.0])
        1.0
    """
    return _mean(y, predicted, abs)


def r2(y: Any, predicted: Any) -> float:
    """Return the coefficient of determination, 1 - Σ (y - predicted)² / Σ (y - mean of y)².

    It is 1 for perfect predictions and 0 for the mean of y. Where all y are equal it is 1 if they
    are all predicted and else 0. Of several outputs the mean of theirs.

    Example:
        >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])
        0.5
    """
    found = []
    for true, answers in numbers_answered(y, predicted):
        center = fsum(true) / len(true)
        left = fsum((t - p) * (t - p) for t, p in zip(true, answers, strict=True))
        whole = fsum((t - center) * (t - center) for t in true)
        found.append(1.0 - left / whole if whole else float(not left))
    return fsum(found) / len(found)


def _mean(y: Any, predicted: Any, of: Callable[[float], float]) -> float:
    errors = [
        of(true - answer)
        for pair in numbers_answered(y, predicted)
        for true, answer in zip(*pair, strict=True)
    ]
    return fsum(errors) / len(errors)
