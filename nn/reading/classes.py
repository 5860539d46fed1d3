"""Classes: labels of one type, and the order in which outputs stand for them."""

from __future__ import annotations

from typing import Any

from autograd.streams import for_stream
from nn.reading.cells import is_missing
from nn.reading.feature_table import FeatureTable
from nn.reading.loss_table import LossChoice, counted_outputs
from nn.validation import counted, describe, is_scalar

_SHOWN = 6


def labels_of_one_type(given: list[Any], choice: LossChoice, name: str) -> list[Any]:
    """Return labels of one type: texts, truth values or whole numbers.

    Raises:
        TypeError: If they are of several types, or of another.
        ValueError: If one is missing, or is a number between whole ones.
    """
    kinds = set(map(type, given))
    if all(issubclass(kind, float) for kind in kinds):
        given = [_whole(label, row, choice, name) for row, label in enumerate(given)]
        kinds = {int}
    if len(kinds) == 1 and all(issubclass(kind, (str, int)) for kind in kinds):
        return given
    for row, label in enumerate(given):
        if is_missing(label):
            raise ValueError(f"{name} has {label} in row {row}; drop such rows, or name a class")
        if not isinstance(label, (str, int, bool, float)):
            raise TypeError(
                f"{name} has {describe(label)} in row {row}; labels are whole numbers, texts or "
                "truth values"
            )
    first = type(given[0])
    row = next(row for row, label in enumerate(given) if type(label) is not first)
    raise TypeError(
        f"{name} mixes {describe(given[0])} in row 0 and {describe(given[row])} in row {row}; "
        "labels are of one type"
    )


def _whole(label: float, row: int, choice: LossChoice, name: str) -> int:
    if label.is_integer():
        return int(label)
    if label != label:
        raise ValueError(f"{name} has nan in row {row}; drop such rows, or name a class")
    raise ValueError(
        f"{name} has {label} in row {row}, but {choice.name} takes labels: whole numbers, texts or "
        'truth values; for numbers use loss="mse"'
    )


def classes_among(
    labels: list[Any], categories: list[Any], outputs: int | None, binary: bool, name: str
) -> tuple[Any, ...]:
    """Return the classes, in the order of the outputs.

    Args:
        labels: Those of all rows.
        categories: The labels that there may be, as far as a column of pandas says so.
        outputs: How many classes there have to be; None for any number.
        binary: Whether a single output tells the two apart.
        name: What the labels are called.

    Raises:
        ValueError: If there are more or less.

    Example:
        >>> classes_among([2, 0], [], 3, False, "y"), classes_among([7, 3, 3], [], 2, True, "y")
        ((0, 1, 2), (3, 7))
    """
    present = sorted(set(labels))
    if type(present[0]) is bool and outputs == 2:
        return (False, True)
    if type(present[0]) is int:
        if outputs is None and present[0] >= 0:
            return tuple(range(max(2, present[-1] + 1)))
        if outputs is not None and present[0] >= 0 and present[-1] < outputs:
            return tuple(range(outputs))
        if binary and set(present) <= {-1, 1}:
            return (-1, 1)
    if len(present) == outputs or (outputs is None and len(present) > 1):
        return tuple(present)
    if len(categories) == outputs and set(present) <= set(categories):
        return tuple(sorted(categories))
    shown = ", ".join(map(repr, present[:_SHOWN])) + ", ..." * (len(present) > _SHOWN)
    classes = "1 class" if len(present) == 1 else f"{len(present)} classes"
    wanted = "a model with one output tells 2 apart" if binary else counted_outputs(outputs or 2)
    hint = ""
    if len(present) == 1:
        hint = "; where others are to come, name them all: classes=[...]"
    if type(present[0]) is int and len(present) < (outputs or 0):
        wrong = present[-1] if present[-1] >= (outputs or 0) else present[0]
        hint = (
            f"; labels from 0 to {(outputs or 2) - 1} may be absent, but {wrong}, in row "
            f"{labels.index(wrong)}, is not one of them"
        )
    raise ValueError(for_stream(f"{name} has {classes} ({shown}), but {wanted}{hint}"))


def classes_named(classes: Any, outputs: int | None) -> tuple[Any, ...]:
    """Return the classes that somebody names, in the order of the outputs.

    Args:
        classes: Labels: in a list, an array of NumPy, an index of pandas.
        outputs: How many there have to be; None for any number.

    Raises:
        TypeError: If it is no collection.
        ValueError: If a label stands there twice, or they are too many or too few.

    Example:
        >>> classes_named(["low", "high"], 3)
        Traceback (most recent call last):
            ...
        ValueError: classes names 2 labels, but the model tells 3 apart
    """
    if isinstance(classes, (str, bytes)) or is_scalar(classes):
        raise TypeError(f"classes must be the labels, one for each class, got {describe(classes)}")
    found = tuple([label.item() if hasattr(label, "item") else label for label in classes])
    for label in found:
        if found.count(label) > 1:
            raise ValueError(f"classes names {label!r} twice")
    if outputs is not None and len(found) != outputs:
        raise ValueError(
            f"classes names {counted(len(found), 'label')}, but the model tells {outputs} apart"
        )
    return found


def codes_of(labels: list[Any], classes: tuple[Any, ...], name: str) -> list[int]:
    """Return the place of every label among the classes.

    Raises:
        ValueError: If one is none of them.

    Example:
        >>> codes_of(["b", "a"], ("a", "b"), "y")
        [1, 0]
    """
    places = {label: place for place, label in enumerate(classes)}
    try:
        return [places[label] for label in labels]
    except KeyError:
        row = next(row for row, label in enumerate(labels) if label not in places)
        shown = ", ".join(map(repr, classes[:_SHOWN])) + ", ..." * (len(classes) > _SHOWN)
        raise ValueError(
            for_stream(
                f"{name} has the label {labels[row]!r} in row {row}, which is none of the classes "
                f"{shown}"
            )
        ) from None


def categories_of(y: Any) -> list[Any]:
    """Return the categories of a column of pandas, those too that are absent."""
    if type(getattr(y, "dtype", None)).__name__ != "CategoricalDtype":
        return []
    return list(y.dtype.categories.tolist())


def codes_of_rows(table: FeatureTable, outputs: int | None, name: str) -> list[int]:
    """Return where the single 1 of every row is.

    Raises:
        ValueError: If a row has none, or more than one, or the rows are of another length.
    """
    if outputs is not None and table.columns != outputs:
        advice = "; give one label for each row" * (outputs == 1)
        raise ValueError(
            f"{name} has rows of {table.columns} numbers, but {counted_outputs(outputs)}{advice}"
        )
    codes = []
    for row, numbers in enumerate(table.lists()):
        if numbers.count(1.0) != 1 or numbers.count(0.0) != table.columns - 1:
            raise ValueError(
                f"{name} has {numbers} in row {row}, which does not name a class: a single 1 and "
                'otherwise 0 does; for numbers use loss="mse"'
            )
        codes.append(numbers.index(1.0))
    return codes


def classes_of_columns(y: Any, columns: int) -> tuple[Any, ...]:
    """Return the names of the columns of a table of pandas; of other rows the numbers from 0."""
    names = getattr(y, "columns", None)
    return tuple(range(columns)) if names is None else tuple(names)
