"""Reading weights: those of rows, by themselves and by their class."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

from nn.reading.targets import Targets
from nn.validation import bounded, counted, describe, is_scalar


def read_weights(
    weights: Any, rows: int, name: str = "sample_weight", others: str = "X"
) -> array[float]:
    """Return the weight of each row, as it was given.

    Args:
        weights: A number for every row, in a list, an array or a column of pandas.
        rows: How many rows there are.
        name: What the argument is called in error messages.
        others: What the rows are called there.

    Raises:
        TypeError: If it is no collection of numbers.
        ValueError: If there are not as many as rows, one is negative, NaN or infinite, or all are
            0.

    Example:
        >>> read_weights([1, 2], 3)
        Traceback (most recent call last):
            ...
        ValueError: sample_weight has 2 numbers, but X has 3 rows
    """
    for method in ("to_numpy", "tolist"):
        weights = getattr(weights, method)() if hasattr(weights, method) else weights
    if isinstance(weights, (str, bytes, Mapping)) or is_scalar(weights):
        raise TypeError(f"{name} must have a number for every row, got {describe(weights)}")
    given = list(weights)
    if given and all(isinstance(row, list) and len(row) == 1 for row in given):  # a column
        given = [number for (number,) in given]
    found = array("d", [bounded(number, f"{name}[{k}]") for k, number in enumerate(given)])
    if len(found) != rows:
        raise ValueError(
            f"{name} has {counted(len(found), 'number')}, but {others} has {counted(rows, 'row')}"
        )
    if not any(found):
        raise ValueError(f"{name} is 0 for every row: none would count")
    return found


def factors_of_classes(
    class_weight: Any, targets: Targets, weights: Sequence[float] | None
) -> list[float] | None:
    """Return by what the weight of a row is multiplied, for every class in the order of outputs.

    "balanced" lets every class that occurs count alike, as in scikit-learn: n / (k n_c) for the
    n_c of n rows that are of one of k classes, where a row counts as often as its weight says.

    Args:
        class_weight: "balanced", a dict of factors by label, or None for no factors. A label that
            the dict has not counts 1.
        targets: Of the rows to train by.
        weights: What each of these rows counts by itself; None if all count alike.

    Raises:
        TypeError: If it is something else.
        ValueError: If the targets are no classes, a label is none of them, or a number is negative,
            NaN or infinite.

    Example:
        >>> targets = Targets(array("d", [1.0, 0.0, 0.0, 0.0]), ("no", "yes"), [1, 0, 0, 0])
        >>> factors_of_classes("balanced", targets, None)
        [0.6666666666666666, 2.0]
        >>> factors_of_classes({"yes": 5}, targets, None)
        [1.0, 5.0]
    """
    if class_weight is None:
        return None
    classes, codes = targets.classes, targets.codes
    if classes is None or codes is None:
        raise ValueError("class_weight is for labels of classes, but y holds numbers")
    if isinstance(class_weight, Mapping):
        strange = [label for label in class_weight if label not in classes]
        if strange:
            shown = ", ".join(map(repr, classes))
            raise ValueError(f"class_weight has {strange[0]!r}, which is none of {shown}")
        return [
            bounded(class_weight.get(label, 1.0), f"class_weight[{label!r}]") for label in classes
        ]
    if class_weight != "balanced":
        raise TypeError(
            f'class_weight must be "balanced" or a dict by label, got {describe(class_weight)}'
        )
    counts = [0.0] * len(classes)
    for row, code in enumerate(codes):
        counts[code] += 1.0 if weights is None else weights[row]
    share = fsum(counts) / sum(1 for count in counts if count)
    return [share / count if count else 1.0 for count in counts]
