"""The confusion matrix: how often which class was taken for which, and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import fsum
from typing import Any

from autograd.streams import printed_anywhere
from nn.measuring.answers import answered, classes_given
from nn.tables import Table

_MOST_CLASSES = 20


@printed_anywhere
class ConfusionMatrix:
    """How many rows of each class were taken for each class.

    Attributes:
        classes: The labels.
        counts: A row for every true class, a column for every predicted one.

    Example:
        >>> found = confusion_matrix(["cat", "cat", "dog"], ["cat", "dog", "dog"])
        >>> print(found)
        confusion matrix: a row for every true class, a column for every predicted one
                cat  dog  rows  recall
          cat     1    1     2     0.5
          dog     0    1     1       1
        >>> found["cat", "dog"], found.counts
        (1, [[1, 1], [0, 1]])
    """

    def __init__(self, classes: Sequence[Any], counts: Sequence[Sequence[int]]) -> None:
        self.classes = tuple(classes)
        self.counts = [list(row) for row in counts]

    @property
    def true_counts(self) -> list[int]:
        """How many rows there are of every class."""
        return [sum(row) for row in self.counts]

    @property
    def predicted_counts(self) -> list[int]:
        """How many rows were taken for every class."""
        return [sum(column) for column in zip(*self.counts, strict=True)]

    @property
    def right(self) -> list[int]:
        """How many rows of every class were taken for what they are."""
        return [row[place] for place, row in enumerate(self.counts)]

    @property
    def accuracy(self) -> float:
        """The part of the rows that were taken for what they are."""
        return sum(self.right) / sum(self.true_counts)

    @property
    def precisions(self) -> list[float]:
        """For every class, how many of the rows taken for it are of it; 0 if none was."""
        return list(map(_part, self.right, self.predicted_counts))

    @property
    def recalls(self) -> list[float]:
        """For every class, how many of its rows were taken for it; 0 if it has none."""
        return list(map(_part, self.right, self.true_counts))

    @property
    def f1s(self) -> list[float]:
        """For every class the harmonic mean of precision and recall; 0 if it occurs nowhere."""
        both = map(int.__add__, self.true_counts, self.predicted_counts)
        return [_part(2 * right, count) for right, count in zip(self.right, both, strict=True)]

    def __getitem__(self, pair: tuple[Any, Any]) -> int:
        """Return how many rows of the first class were taken for the second.

        Raises:
            KeyError: If one is no class.
        """
        for label in pair:
            if label not in self.classes:
                raise KeyError(
                    f"{label!r} is none of the classes {', '.join(map(repr, self.classes))}"
                )
        true, predicted = map(self.classes.index, pair)
        return self.counts[true][predicted]

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    def table(self) -> Table:
        """Return it as a table, with the recall of every class.

        Of more than 20 classes, the table has the most frequent mistakes instead.
        """
        if len(self) > _MOST_CLASSES:
            return self._mistakes()
        names = list(map(str, self.classes))
        rows = [
            [name, *map(str, counts), str(sum(counts)), f"{recall:.3g}"]
            for name, counts, recall in zip(names, self.counts, self.recalls, strict=True)
        ]
        title = "confusion matrix: a row for every true class, a column for every predicted one"
        return Table(title, ["", *names, "rows", "recall"], rows, 1)

    def _mistakes(self) -> Table:
        pairs = [
            (count, true, predicted)
            for true, row in enumerate(self.counts)
            for predicted, count in enumerate(row)
            if count and true != predicted
        ]
        pairs.sort(key=lambda pair: (-pair[0], *pair[1:]))
        rows = [
            [str(self.classes[true]), str(self.classes[predicted]), str(count)]
            for count, true, predicted in pairs[:_MOST_CLASSES]
        ]
        left = len(pairs) - len(rows)
        notes = [f"and {left} less frequent ones"] if left else []
        title = f"the most frequent mistakes among {len(self)} classes"
        return Table(title, ["true", "taken for", "rows"], rows, 2, notes)

    def __str__(self) -> str:
        return str(self.table())

    def __repr__(self) -> str:
        return f"ConfusionMatrix({len(self)} classes, {sum(self.true_counts)} rows)"

    def _repr_html_(self) -> str:
        return self.table().html()


def confusion_matrix(
    y: Any, predicted: Any, classes: Sequence[Any] | None = None
) -> ConfusionMatrix:
    """Return how many rows of each class were taken for each class.

    Args:
        y: The label of every row.
        predicted: What was predicted.
        classes: The labels, in the order wanted; those that occur, sorted, if not given.

    Raises:
        ValueError: If there are no rows, or not as many of both, or a label is no class.

    Example:
        >>> confusion_matrix(["cat", "cat", "dog"], ["cat", "dog", "dog"]).counts
        [[1, 1], [0, 1]]
    """
    true, found = answered(y, predicted)
    labels = classes_given([*true, *found], classes)
    counts = Counter(zip(true, found, strict=True))
    return ConfusionMatrix(labels, [[counts[row, column] for column in labels] for row in labels])


def averaged(matrix: ConfusionMatrix, values: list[float], average: str | None) -> Any:
    """Return the mean over classes, or the values by class.

    Raises:
        ValueError: If no such average is known.
    """
    if average is None:
        return dict(zip(matrix.classes, values, strict=True))
    if average == "macro":
        return fsum(values) / len(values)
    if average == "weighted":
        weights = matrix.true_counts
        return fsum(map(float.__mul__, values, map(float, weights))) / sum(weights)
    if average == "micro":
        return matrix.accuracy
    raise ValueError(
        f'average is "macro", "weighted", "micro", or None for all classes, got {average!r}'
    )


def _part(some: int, all_of_them: int) -> float:
    return some / all_of_them if all_of_them else 0.0
