"""Metrics of probabilities: how sure a model was of what is true.

Probabilities are rows with one for every class, or for two classes a column with that of the
second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

from nn.measuring.answers import answered, classes_given, listed
from nn.validation import describe, finite, is_scalar, size

_TINY = 2.0**-52  # a probability of 0 counts as this, as in scikit-learn


def log_loss(y: Any, probabilities: Any, classes: Sequence[Any] | None = None) -> float:
    """Return the mean of -log p of the class that is true; p = 0 counts as 2⁻⁵².

    Args:
        y: The label of every row.
        probabilities: A row of them, one for every class; or that of the second class of two.
        classes: The labels, in the order of the probabilities; sorted, those in y if not given.

    Raises:
        TypeError: If a probability is not a number.
        ValueError: If there are no rows, not as many of both, not as many probabilities as classes,
            or one is outside 0..1.

    Example:
        >>> log_loss(["no", "yes"], [0.5, 0.25]) == math.log(8) / 2
        True
    """
    codes, rows, _ = _scored(y, probabilities, classes, "probabilities")
    chosen = [row[code] for code, row in zip(codes, rows, strict=True)]
    for row, numbers in enumerate(rows):
        if not all(0.0 <= number <= 1.0 for number in numbers):
            raise ValueError(f"probabilities[{row}] must be between 0 and 1, got {numbers}")
    return -math.fsum(math.log(max(p, _TINY)) for p in chosen) / len(chosen)


def top_k(y: Any, scores: Any, k: int = 5, classes: Sequence[Any] | None = None) -> float:
    """Return the part of the rows whose true class is among the k with the largest scores.

    Of equal scores those of later classes come first, as in scikit-learn.

    Args:
        y: The label of every row.
        scores: A row of them, one for every class: probabilities, or net inputs.
        k: How many classes count.
        classes: The labels, in the order of the scores; sorted, those in y if not given.

    Raises:
        TypeError: If a score is not a number.
        ValueError: If there are no rows, not as many of both, or not as many scores as classes.

    Example:
        >>> top_k([0, 1, 2], [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], k=2) == 2 / 3
        True
    """
    codes, rows, _ = _scored(y, scores, classes, "scores")
    wanted, hits = size(k, "k"), 0
    for code, row in zip(codes, rows, strict=True):
        mine = row[code]
        before = sum(1 for other in row if other > mine) + row[code + 1 :].count(mine)
        hits += before < wanted
    return hits / len(codes)


def roc_auc(y: Any, scores: Any, classes: Sequence[Any] | None = None) -> float:
    """Return the area under the receiver operating characteristic.

    It is the probability that a row of the second class has a larger score than one of the first;
    equal scores count half. For more classes it is the mean over classes of each against the rest.
    Where a class has no rows, or all of them, it is not defined: the result is NaN.

    Args:
        y: The label of every row.
        scores: One for every row, larger for the second class; or a row of them, one per class.
        classes: The labels, in the order of the scores; sorted, those in y if not given.

    Raises:
        TypeError: If a score is not a number.
        ValueError: If there are no rows, not as many of both, or not as many scores as classes.

    Example:
        >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        0.75
    """
    codes, rows, labels = _scored(y, scores, classes, "scores")
    if len(labels) == 2:
        return _area([code == 1 for code in codes], [row[-1] for row in rows])
    areas = [
        _area([code == place for code in codes], [row[place] for row in rows])
        for place in range(len(labels))
    ]
    return math.fsum(areas) / len(areas)


def _area(are_positive: list[bool], scores: list[float]) -> float:
    positive = sum(are_positive)
    negative = len(scores) - positive
    if not positive or not negative:
        return math.nan
    order = sorted(range(len(scores)), key=scores.__getitem__)
    twice, place = 0, 0  # twice the number of pairs in the right order: a whole number
    below = 0  # negative ones with smaller scores
    while place < len(order):
        end = place
        while end < len(order) and scores[order[end]] == scores[order[place]]:
            end += 1
        equal = [are_positive[row] for row in order[place:end]]
        twice += sum(equal) * (2 * below + len(equal) - sum(equal))
        below += len(equal) - sum(equal)
        place = end
    return twice / (2 * positive * negative)


def _scored(
    y: Any, scores: Any, classes: Sequence[Any] | None, name: str
) -> tuple[list[int], list[list[float]], list[Any]]:
    """Return the place of every row's class, the scores of all classes, and the labels."""
    true, given = answered(y, scores, name)
    labels = classes_given(true, classes)
    rows = _rows_of(given, name)
    if len(labels) == 1 and labels[0] in (0, 1):
        labels = [0, 1]
    for row, numbers in enumerate(rows):
        if len(numbers) != len(labels):
            raise ValueError(
                f"{name}[{row}] has {len(numbers)} numbers for {len(labels)} classes; name all "
                "classes, those too of which there are no rows: classes=..."
            )
    places = {label: place for place, label in enumerate(labels)}
    return [places[label] for label in true], rows, labels


def _rows_of(given: list[Any], name: str) -> list[list[float]]:
    are_plain = set(map(type, given)) == {list} and min(map(len, given)) > 1
    are_plain = are_plain and set(map(type, chain.from_iterable(given))) == {float}
    if are_plain and all(map(math.isfinite, chain.from_iterable(given))):
        return given
    return [_row_of(score, f"{name}[{row}]", name) for row, score in enumerate(given)]


def _row_of(score: Any, place: str, name: str) -> list[float]:
    if is_scalar(score):
        number = finite(score, place)
        return [1.0 - number if name == "probabilities" else -number, number]
    if isinstance(score, (str, bytes)):
        raise TypeError(f"{place} must be a number or a row of them, got {describe(score)}")
    numbers = [finite(number, place) for number in listed(score, place)]
    return [1.0 - numbers[0], numbers[0]] if len(numbers) == 1 else numbers
