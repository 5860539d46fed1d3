"""What outputs mean: probabilities and labels, from what a model was trained for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograd import Program, compile, sigmoid, softmax
from nn.reading.loss_table import LOSSES, LossChoice, outputs_of_model
from nn.reading.targets import Targets


@dataclass(frozen=True)
class Meaning:
    """What the outputs of a model stand for.

    Attributes:
        task: "classification" by one output per class, "binary" classification by one output, or
            by several that do not depend on each other, or "regression"; None if not known.
        takes: What the outputs are: "logits", "probabilities", "scores" or "numbers".
        classes: The labels, in the order of the outputs; None if there are none.
        loss: The name of the loss it was trained by.
        outputs: How many there are; None if not known.
    """

    task: str | None
    takes: str
    classes: tuple[Any, ...] | None
    loss: str | None = None
    outputs: int | None = None

    def labels(self, outputs: Any) -> Any:
        """Return the predicted label of every row; without classes the numbers.

        Of independent outputs the labels are rows of 0 and 1.

        Args:
            outputs: An array of NumPy, or lists.
        """
        if self.task == "binary" and _width(outputs) > 1:
            return _above(outputs, self._threshold)
        if self.classes is None or self.task not in ("classification", "binary"):
            return column(outputs)
        return labelled(self.codes(outputs), self.classes, outputs)

    def codes(self, outputs: Any) -> Any:
        """Return the place of every row's predicted class: that of the largest output."""
        if self.task == "binary":
            return column(_above(outputs, self._threshold))
        return places_of_largest(outputs)

    def probabilities(self, outputs: Any) -> Any:
        """Return a row of probabilities for every row of outputs: one for each class.

        Of independent outputs each has one, that of being 1.

        Raises:
            ValueError: If the outputs say nothing about probabilities.
        """
        if self.task not in ("classification", "binary"):
            what = "it is for numbers" if self.task else "what it is for is not known"
            raise ValueError(
                f"this model has no probabilities, since {what}; train it to classify, by labels"
            )
        if self.takes == "scores":
            raise ValueError(
                f"the scores that {self.loss} trains are no probabilities: only their sign counts; "
                'train with loss="bce_with_logits" for probabilities'
            )
        several = _width(outputs) > 1
        if self.task == "classification":
            return outputs if self.takes == "probabilities" else _softmax().rows(outputs)
        if several:
            return outputs if self.takes == "probabilities" else _sigmoid().rows(outputs)
        return (_both() if self.takes == "probabilities" else _both_of_logit()).rows(outputs)

    @property
    def _threshold(self) -> float:
        return 0.5 if self.takes == "probabilities" else 0.0


def meaning_of(model: Any, example: Sequence[float] | None = None) -> Meaning:
    """Return what the outputs of a model stand for.

    It is what `fit` noted on the model: `classes`, `task`, `loss_name`. Where that is missing,
    outputs of a softmax are probabilities of classes, the output of a sigmoid is that of the second
    of two, and others are numbers, unless `model.classes` says that they tell classes apart.

    Args:
        model: Any model.
        example: The numbers of an example, for models that only a call tells about.

    Example:
        >>> from nn import MLP
        >>> meaning_of(MLP(2, [3], activation="softmax", seed=1)).classes
        (0, 1, 2)
    """
    classes = getattr(model, "classes", None)
    task = getattr(model, "task", None)
    name = getattr(model, "loss_name", None)
    known = LOSSES.get(name) if isinstance(name, str) else None
    outputs, activation = outputs_of_model(model, example)
    if known is not None and known.task == task:
        takes = known.takes
    elif activation in ("softmax", "sigmoid"):
        takes = "probabilities"
    else:
        takes = "numbers" if classes is None else "logits"
    if task is None and name is None:
        if classes is None and activation in ("softmax", "sigmoid") and outputs is not None:
            classes = (0, 1) if activation == "sigmoid" else tuple(range(outputs))
            classes = classes if activation == "softmax" or outputs == 1 else None
        if classes is not None or takes == "probabilities":
            task = "binary" if activation == "sigmoid" or outputs == 1 else "classification"
    return Meaning(task, takes, None if classes is None else tuple(classes), name, outputs)


def meaning_by(choice: LossChoice, targets: Targets) -> Meaning:
    """Return what outputs stand for that are trained by a loss and targets.

    Example:
        >>> from nn.reading.labels import read_targets
        >>> meaning_by(LOSSES["nll"], read_targets(["a", "b"], "nll")).classes
        ('a', 'b')
    """
    return Meaning(choice.task, choice.takes, targets.classes, choice.name, choice.outputs)


# --- Rows, in lists or in arrays ------------------------------------------------------------------


def column(rows: Any) -> Any:
    """Return rows of one number as a column; others as they are."""
    if _width(rows) != 1:
        return rows
    return rows[:, 0] if hasattr(rows, "dtype") else [row[0] for row in rows]


def places_of_largest(rows: Any) -> Any:
    """Return where the largest number of every row is, the first of equal ones."""
    if hasattr(rows, "dtype"):
        return rows.argmax(axis=1)
    return [row.index(max(row)) for row in rows]


def labelled(codes: Any, classes: tuple[Any, ...], like: Any) -> Any:
    """Return the labels of classes, in an array of NumPy if `like` is one."""
    if not hasattr(like, "dtype"):
        return [classes[code] for code in codes]
    return sys.modules["numpy"].array(list(classes))[codes]


def _width(rows: Any) -> int:
    return len(rows[0])


def _above(rows: Any, threshold: float) -> Any:
    if hasattr(rows, "dtype"):
        return (rows > threshold).astype(int)
    return [[int(number > threshold) for number in row] for row in rows]


# --- Classes in the targets of a regression -------------------------------------------------------


def classes_in_numbers(targets: Targets, meaning: Meaning) -> tuple[list[int], Meaning] | None:
    """Return the classes that numbers stand for, and how outputs tell them; None if for none.

    Rows with a single 1 and otherwise 0 are classes, as in the lecture's squared error of sigmoid
    units. Of several outputs, so are whole numbers that count them; of one output -1 and +1, and in
    a regression 0 and 1.
    """
    given, several = targets.labels(), meaning.outputs is not None and meaning.outputs > 1
    if isinstance(given[0], list):
        width = len(given[0])
        if any(row.count(1.0) != 1 or row.count(0.0) != width - 1 for row in given):
            return None
        codes = [row.index(1.0) for row in given]
        return codes, Meaning("classification", "numbers", tuple(range(width)))
    present = set(given)
    if several:
        if not all(t.is_integer() and 0 <= t < (meaning.outputs or 0) for t in present):
            return None
        classes = tuple(range(meaning.outputs or 0))
        return [int(t) for t in given], Meaning("classification", "numbers", classes)
    if present <= {0.0, 1.0} and meaning.task == "regression":
        return [int(t) for t in given], Meaning("binary", "probabilities", (0, 1))
    if present <= {-1.0, 1.0}:
        return [int(t > 0.0) for t in given], Meaning("binary", "scores", (0, 1))
    return None


# --- Probabilities, compiled ----------------------------------------------------------------------


@lru_cache(maxsize=1)
def _softmax() -> Program:
    return compile(lambda z: softmax(z), name="softmax")


@lru_cache(maxsize=1)
def _sigmoid() -> Program:
    return compile(lambda z: [sigmoid(logit) for logit in z], name="sigmoid")


@lru_cache(maxsize=1)
def _both() -> Program:
    return compile(lambda p: [1.0 - p[0], p[0]], name="probabilities")


@lru_cache(maxsize=1)
def _both_of_logit() -> Program:
    # Of a certain class the other's probability is not rounded to 0.
    return compile(lambda z: [sigmoid(-z[0]), sigmoid(z[0])], name="probabilities")
