"""Reading targets: labels of any kind become what a loss takes, checked before anything starts.

It knows nothing of models, but for the losses that suit one.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import isfinite
from typing import Any

from nn.reading.cells import is_missing
from nn.reading.classes import (
    categories_of,
    classes_among,
    classes_named,
    classes_of_columns,
    codes_of,
    codes_of_rows,
    labels_of_one_type,
)
from nn.reading.feature_table import FeatureTable
from nn.reading.loss_table import (
    LossChoice,
    counted_outputs,
    fitted_to,
    loss_called,
    outputs_of_model,
)
from nn.reading.tables import read_features
from nn.reading.targets import Targets, as_array, one_hot
from nn.validation import describe, finite, is_scalar


def loss_named(loss: Any, model: Any, example: Sequence[float] | None = None) -> LossChoice:
    """Return a loss that suits a model.

    Args:
        loss: A name of `LOSSES`, or a function of outputs and target.
        model: What gives the outputs.
        example: The numbers of an example, for models that only a call tells about.

    Raises:
        TypeError: If the loss is neither a name nor a function.
        ValueError: If the name is unknown, or the model's outputs are not what the loss takes.

    Example:
        >>> from nn import MLP
        >>> loss_named("nll", MLP(2, [3], seed=1))
        Traceback (most recent call last):
            ...
        ValueError: nll takes probabilities, but the outputs are those of linear; \
use loss="cross_entropy", or output_activation="softmax"
    """
    return fitted_to(loss_called(loss), *outputs_of_model(model, example))


def read_targets(
    y: Any,
    loss: LossChoice | str,
    outputs: int | None = None,
    classes: Sequence[Any] | None = None,
    name: str = "y",
) -> Targets:
    """Return what a model should answer, in the form that a loss takes.

    Args:
        y: For classes: a label for every row, a whole number, a text or a truth value; or rows with
            a single 1. For regression: a number for every row, or a row of numbers for several
            outputs. In lists, arrays, or columns of pandas.
        loss: For what; its choice or its name.
        outputs: How many outputs the model has; None if that is not known.
        classes: The labels that there are, in the order of the outputs, where they are known.
        name: What the argument is called in error messages.

    Returns:
        The targets. The classes are `range(outputs)` where all labels are among them, also if some
        are absent; else the labels in sorted order. Rows with a single 1 are given to
        cross_entropy, class numbers to nll, 0 and 1 to bce, -1 and +1 to hinge, numbers to
        the others.

    Raises:
        TypeError: If labels are of different types, or of none that labels can be.
        ValueError: If one is missing, there are none, or they do not fit the outputs.

    Example:
        >>> targets = read_targets(["no", "yes", "no"], "bce", outputs=1)
        >>> targets.columns.tolist(), targets.classes
        ([0.0, 1.0, 0.0], ('no', 'yes'))
        >>> read_targets([0, 1, 2, 3, 4], "cross_entropy", outputs=3)
        Traceback (most recent call last):
            ...
        ValueError: y has 5 classes (0, 1, 2, 3, 4), but the model has 3 outputs
    """
    choice = loss_called(loss)
    if isinstance(y, Targets):
        return y
    given = listed_targets(y, name)
    from_array = hasattr(type(y), "__array__")
    if choice.task in ("regression", None):
        return _numbers(y, given, choice, outputs, name)
    binary = choice.task == "binary"
    several = outputs if not binary or outputs is None else max(2, outputs)
    if is_row(given[0]):
        table = read_features(y, None, name)
        if binary and outputs is not None and outputs > 1:
            return _independent(table, choice, outputs, name)
        codes = codes_of_rows(table, 1 if binary else outputs, name)
        found = (
            classes_of_columns(y, table.columns)
            if classes is None
            else classes_named(classes, table.columns)
        )
    else:
        if binary and outputs is not None and outputs > 1:
            raise ValueError(
                f"{name} has one label for each row, but {counted_outputs(outputs)}, of which "
                f"{choice.name} takes each as a question of its own: give rows of 0 and 1, or use "
                'loss="cross_entropy" for classes that exclude each other'
            )
        labels = labels_of_one_type(given, choice, name)
        if classes is None:
            found = classes_among(labels, categories_of(y), several, binary, name)
        else:
            found = classes_named(classes, several)
        codes = codes_of(labels, found, name)
    columns = _columns(codes, choice, len(found), from_array)
    return Targets(columns, found, codes, are_places=choice.name == "nll")


def listed_targets(y: Any, name: str) -> list[Any]:
    """Return targets of any form as a list: all labels, all numbers, or all rows.

    Raises:
        TypeError: If it is no collection, or mixes rows with others.
        ValueError: If it is empty.

    Example:
        >>> listed_targets([[1.0], [2.0]], "y")
        [1.0, 2.0]
    """
    if isinstance(y, Targets):
        return y.labels()
    if hasattr(type(y), "__array__") and not is_scalar(y):
        given = y.tolist() if hasattr(y, "tolist") else y.__array__().tolist()
    elif isinstance(y, (memoryview, array)):
        given = y.tolist()
    elif isinstance(y, (str, bytes, bytearray, Mapping, AbstractSet)) or is_scalar(y):
        raise TypeError(f"{name} must hold a target for every row, got {describe(y)}")
    else:
        given = [x.tolist() if hasattr(x, "tolist") else x for x in y]
    if not given:
        raise ValueError(f"{name} is empty; a target is needed for every row")
    are_rows = is_row(given[0])
    for row, target in enumerate(given):
        if is_row(target) != are_rows:
            raise TypeError(
                f"{name} mixes {describe(given[0])} in row 0 and {describe(target)} in row {row}; "
                "targets are all labels, all numbers, or all rows"
            )
    if are_rows and all(len(target) == 1 for target in given):
        given = [target[0] for target in given]
        if is_row(given[0]):
            raise ValueError(f"{name} has rows within rows; give {name}.reshape({len(given)}, -1)")
    return list(given)


def is_row(thing: Any) -> bool:
    """Return whether a target is a row of numbers, and not a number or a text."""
    return not is_scalar(thing) and not isinstance(thing, (str, bytes))


def _columns(codes: list[int], choice: LossChoice, classes: int, from_array: bool) -> Any:
    if choice.name == "cross_entropy":
        return one_hot(codes, classes, from_array)
    numbers = array("d", codes)
    if choice.takes == "scores":
        numbers = array("d", [2.0 * code - 1.0 for code in codes])
    return as_array(numbers) if from_array else numbers


def _independent(table: FeatureTable, choice: LossChoice, outputs: int, name: str) -> Targets:
    """Return targets of several outputs, each of which answers a question of its own."""
    if table.columns != outputs:
        raise ValueError(
            f"{name} has rows of {table.columns} numbers, but {counted_outputs(outputs)}"
        )
    rows = table.lists()
    for row, numbers in enumerate(rows):
        if numbers.count(0.0) + numbers.count(1.0) != outputs:
            raise ValueError(f"{name} has {numbers} in row {row}; {choice.name} takes 0 and 1")
    if choice.takes != "scores":
        return Targets(table)
    return Targets(read_features([[2 * x - 1 for x in numbers] for numbers in rows], None))


def _numbers(
    y: Any, given: list[Any], choice: LossChoice, outputs: int | None, name: str
) -> Targets:
    """Return the targets of a regression, or of a loss of one's own."""
    bound = choice.task is not None and outputs is not None
    if is_row(given[0]):
        table = read_features(y if len(given[0]) > 1 else given, None, name)
        if bound and table.columns != outputs:
            raise ValueError(
                f"{name} has rows of {table.columns} numbers, but {counted_outputs(outputs or 1)}"
            )
        return Targets(table)
    if bound and outputs != 1:
        raise ValueError(
            f"{name} has one number for each row, but {counted_outputs(outputs or 1)}; give rows "
            'of as many numbers, or use loss="cross_entropy" if they are labels'
        )
    numbers = array("d")
    if set(map(type, given)) <= {float, bool}:
        numbers = array("d", given)
    if not numbers or not isfinite(sum(numbers)):
        numbers = array("d", [_number(x, f"{name}[{row}]", choice) for row, x in enumerate(given)])
    return Targets(as_array(numbers) if hasattr(type(y), "__array__") else numbers)


def _number(number: Any, place: str, choice: LossChoice) -> float:
    if isinstance(number, str):
        raise TypeError(
            f"{place} is the text {number!r}, but {choice.name} takes numbers; use "
            'loss="cross_entropy" for classes'
        )
    if is_missing(number):
        raise ValueError(f"{place} is {number}; drop such rows, or fill in a number")
    return finite(number, place)
