"""Predictions side by side with their targets, checked before a loss records anything.

It knows nothing of particular losses. Errors name the argument by the name the loss gives it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import Value, nonzero
from autograd import sum as total
from nn.validation import describe, finite_scalar, integer, is_node, is_scalar, row

Numbers = Value | float | Sequence[Any]


def examples_with_targets(outputs: Numbers, targets: Numbers) -> list[list[tuple[Any, Any]]]:
    """Return one list of (output, target) pairs per example.

    Raises:
        TypeError: If something is not a number.
        ValueError: If the shapes differ, a list is empty, or a number is NaN or infinite.

    Example:
        >>> examples_with_targets([[1.0, 2.0], [3.0, 4.0]], [[0, 0], [1, 1]])
        [[(1.0, 0.0), (2.0, 0.0)], [(3.0, 1.0), (4.0, 1.0)]]
    """
    if is_scalar(outputs):
        return [paired(outputs, targets, "outputs", "targets")]
    given = row(outputs, "outputs")
    if not given or is_scalar(given[0]):
        return [paired(given, targets, "outputs", "targets")]
    wanted = row(targets, "targets", of="lists, one per example")
    _check_lengths(given, wanted, "outputs", "targets")
    return [
        paired(
            row(example, f"outputs[{position}]"),
            target,
            f"outputs[{position}]",
            f"targets[{position}]",
        )
        for position, (example, target) in enumerate(zip(given, wanted, strict=True))
    ]


def paired(predictions: Any, targets: Any, name: str, target_name: str) -> list[tuple[Any, Any]]:
    """Return the (prediction, target) pairs of one number each or of two lists.

    Raises:
        TypeError: If something is not a number.
        ValueError: If the shapes differ, a list is empty, or a number is NaN or infinite.

    Example:
        >>> paired([0.5, 2.0], [-1, 1], "scores", "targets")
        [(0.5, -1.0), (2.0, 1.0)]
    """
    if is_scalar(predictions) and is_scalar(targets):
        return [(finite_scalar(predictions, name), finite_scalar(targets, target_name))]
    if is_scalar(predictions) or is_scalar(targets):
        single, several = (name, target_name) if is_scalar(predictions) else (target_name, name)
        raise ValueError(
            f"{several} is a list but {single} is one number; give two numbers or two lists of the "
            "same length"
        )
    given, wanted = row(predictions, name), row(targets, target_name)
    _check_lengths(given, wanted, name, target_name)
    return [
        (
            finite_scalar(prediction, f"{name}[{position}]"),
            finite_scalar(target, f"{target_name}[{position}]"),
        )
        for position, (prediction, target) in enumerate(zip(given, wanted, strict=True))
    ]


def labelled(
    predictions: Any, labels: Any, name: str, shares: bool = False
) -> list[tuple[list[Any], Any, str]]:
    """Return, for every example, the numbers per class, the true class and their name.

    Args:
        predictions: Numbers per class, of one example or of several.
        labels: A class, or one per example.
        name: What the predictions are called.
        shares: Whether a label may also be a list of every class's probability.

    Returns:
        The class as an integer; the probabilities as a list. Of a label that is a node, as an input
        of a compiled loss is, a list too: 1 for the class it is the number of, 0 for the others.

    Raises:
        TypeError: If a prediction is not a number or a label not an integer.
        ValueError: If shapes do not match, a label is outside the classes, or a number is NaN or
            infinite.

    Example:
        >>> labelled([[0.5, 2.0]], [1], "logits")
        [([0.5, 2.0], 1, 'logits[0]')]
    """
    if is_scalar(predictions):
        raise TypeError(
            f"{name} must be a list of one number per class, got {describe(predictions)}; for a "
            "single output unit use bce or bce_with_logits"
        )
    given = row(predictions, name)
    if given and is_scalar(given[0]):
        return [_classes(given, labels, name, "labels", shares)]
    wanted = row(labels, "labels", of="classes, one per example")
    _check_lengths(given, wanted, name, "labels")
    return [
        _classes(
            row(example, f"{name}[{position}]"),
            label,
            f"{name}[{position}]",
            f"labels[{position}]",
            shares,
        )
        for position, (example, label) in enumerate(zip(given, wanted, strict=True))
    ]


def _classes(
    predictions: list[Any], label: Any, name: str, label_name: str, shares: bool
) -> tuple[list[Any], Any, str]:
    if len(predictions) < 2:
        raise ValueError(
            f"{name} must have one number per class, at least two, got {len(predictions)}; for a "
            "single output unit use bce or bce_with_logits"
        )
    checked = [
        finite_scalar(value, f"{name}[{position}]") for position, value in enumerate(predictions)
    ]
    if shares and not is_scalar(label) and not isinstance(label, str):
        return checked, _shares(label, len(predictions), label_name), name
    if is_node(label):
        return checked, _indicators(label, len(predictions), label_name), name
    number = integer(label)
    if number is None:
        kinds = "a class, an integer" + (", or the probabilities of all classes" * shares)
        raise TypeError(f"{label_name} must be {kinds}, got {describe(label)}")
    if not 0 <= number < len(predictions):
        raise ValueError(
            f"{label_name} is {number}, but there are {len(predictions)} classes, counted from 0"
        )
    return checked, number, name


def _indicators(label: Any, classes: int, label_name: str) -> list[Any]:
    """Return 1 for the class that a node is the number of, and 0 for the others."""
    # Recorded as operations, so that a program knows the label of every row: the branch below is
    # a guard that sends a row whose label is no class here, to its error.
    indicators = [1.0 - nonzero(label - float(place)) for place in range(classes)]
    if total(indicators) != 1.0:
        raise ValueError(
            f"{label_name} is {label.data:g}, but there are {classes} classes, the whole numbers "
            f"from 0 to {classes - 1}"
        )
    return indicators


def _shares(label: Any, classes: int, label_name: str) -> list[Any]:
    if all(type(share) is int for share in label):
        raise TypeError(
            f"{label_name} must be a class, an integer, or the probabilities of all classes; "
            f"{label!r} could be classes: write probabilities as floats"
        )
    given = [
        finite_scalar(share, f"{label_name}[{position}]")
        for position, share in enumerate(row(label, label_name, of="probabilities"))
    ]
    if len(given) != classes:
        raise ValueError(f"{label_name} has {len(given)} probabilities for {classes} classes")
    # Of a loss that is being compiled, these are the numbers it is recorded with.
    numbers = [share.data if isinstance(share, Value) else share for share in given]
    if min(numbers) < 0.0 or not math.isclose(math.fsum(numbers), 1.0, rel_tol=1e-6):
        raise ValueError(
            f"{label_name} must be probabilities that add up to 1, got {numbers}; for a class, "
            "give its number"
        )
    return given


def _check_lengths(given: list[Any], wanted: list[Any], name: str, target_name: str) -> None:
    if len(given) != len(wanted):
        raise ValueError(
            f"{name} and {target_name} must have the same length, got {len(given)} and "
            f"{len(wanted)}"
        )
    if not given:
        raise ValueError(f"{name} is empty; a loss needs at least one prediction")
