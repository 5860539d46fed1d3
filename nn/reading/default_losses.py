"""The loss that nobody named: which one a model and its targets ask for."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

from nn.callers import level_of_user
from nn.reading.classes import categories_of, classes_among, labels_of_one_type
from nn.reading.labels import is_row, listed_targets
from nn.reading.loss_table import LOSSES, LossChoice, fitted_to, outputs_of_model

# Whole numbers are taken for labels if there are so many of them at most, and of each so many rows
# at least: counts, ratings and ages have more, or some that are rare.
_MOST_LABELS, _FEWEST_ROWS = 20, 5


def default_loss(
    model: Any, y: Any, example: Sequence[float] | None = None, are_labels: bool = False
) -> LossChoice:
    """Return the loss that outputs and targets ask for.

    For labels: `nll` for softmax, `cross_entropy` for several other outputs, `bce` for a sigmoid,
    `bce_with_logits` for one linear output and two classes. For numbers: `mse`. Labels are texts,
    truth values, categories of pandas and whole numbers; of one output whole numbers are labels if
    they are 0 and 1, or -1 and 1. Rows with a single 1 are labels for several outputs.

    Args:
        model: What gives the outputs.
        y: The targets.
        example: The numbers of an example, for models that only a call tells about.
        are_labels: Whether y is known to hold labels, some of which it may lack.

    Raises:
        ValueError: If they do not go together, or several losses would do.

    Example:
        >>> from nn import MLP
        >>> default_loss(MLP(2, [3], seed=1), ["red", "green", "blue"]).name
        'cross_entropy'
        >>> default_loss(MLP(2, [1], seed=1), [0.5, 3.0]).name
        'mse'
    """
    outputs, activation = outputs_of_model(model, example)
    given = listed_targets(y, "y")
    kinds = set(map(type, given))
    if kinds & {str, bool} and not kinds <= {int, float, bool}:
        labels_of_one_type(given, LOSSES["bce"], "y")  # says which is missing, or of another type
    if outputs is None:
        raise ValueError("how many outputs the model has is not known; name a loss")
    are_labels = are_labels or bool(categories_of(y))
    name = _of_one(given, activation, are_labels) if outputs == 1 else _of_many(given, activation)
    return fitted_to(LOSSES[name], outputs, activation)


def warn_of_labels(choice: LossChoice, y: Any) -> None:
    """Warn if one output is fitted, by the loss that nobody named, to what looks like labels.

    Three or more whole numbers without a gap, such as 0, 1, 2, look like labels of classes if none
    of them is rare: each has half the rows that it would have if all had as many. Counts and
    ratings are rare at their ends.

    Args:
        choice: The loss.
        y: The targets.

    Example:
        >>> warn_of_labels(default_loss(lambda row: row[0], [0, 2, 1, 7], [0.5]), [0, 2, 1, 7])
    """
    if choice.name != "mse" or choice.outputs != 1:
        return
    given = listed_targets(y, "y")
    labels = [row[0] for row in given] if is_row(given[0]) else given
    if set(map(type, labels)) != {int}:
        return
    counts = Counter(labels)
    low, high, k = min(counts), max(counts), len(counts)
    if not 3 <= k <= _MOST_LABELS or low not in (-1, 0, 1) or high - low != k - 1:
        return
    if min(counts.values()) >= max(_FEWEST_ROWS, len(labels) / (2 * k)):
        warnings.warn(
            f"y holds the whole numbers {low} to {high}, each of them often, as labels of {k} "
            "classes do, and mse fits the model's one output to them as to numbers. For classes "
            f"give the model {k} outputs, which cross_entropy tells apart; if they are numbers, "
            'say so by loss="mse"',
            stacklevel=level_of_user(),
        )


def _of_one(given: list[Any], activation: str | None, are_labels: bool) -> str:
    if is_row(given[0]) or not (are_labels or _are_two_classes(given)):
        kinds = set(map(type, given))
        if kinds <= {str} or kinds <= {bool}:
            classes_among(given, [], 2, True, "y")  # says how many there are
        return "mse"
    if activation in ("sigmoid", "linear", None):
        return "bce" if activation == "sigmoid" else "bce_with_logits"
    if are_labels or type(given[0]) in (str, bool):
        raise ValueError(
            f"the model has one output, of {activation}, for labels; give it "
            'output_activation="linear" or "sigmoid", or name a loss'
        )
    return "mse"


def _are_two_classes(given: list[Any]) -> bool:
    present = set(given)
    kinds = set(map(type, given))
    if kinds == {str}:
        return len(present) == 2
    return kinds <= {int, float, bool} and (present <= {0, 1} or present <= {-1, 1})


def _of_many(given: list[Any], activation: str | None) -> str:
    rows = is_row(given[0])
    if rows:
        numbers = [number for row in given for number in row]
        if any(number not in (0, 1) for number in numbers):
            return "mse"
        if activation == "sigmoid":
            return "bce"
    if activation == "softmax":
        return "nll"
    if activation in ("linear", None):
        are_labels = not rows or all(sum(row) == 1 for row in given)
        return "cross_entropy" if are_labels else "mse"
    if rows:
        return "mse"
    raise ValueError(
        f"the model has several outputs, of {activation}, for labels; give it "
        'output_activation="linear" or "softmax", or name a loss'
    )
