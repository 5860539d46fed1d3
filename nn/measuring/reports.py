"""Reports: how good a model is, class by class, and which examples are the hardest for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from autograd.streams import printed_anywhere
from nn.measuring.confusion import ConfusionMatrix, confusion_matrix
from nn.measuring.decisions import column, meaning_by
from nn.measuring.number_metrics import mean_absolute_error, r2
from nn.measuring.predictions import loss_at, loss_of, outputs_of, table_of
from nn.measuring.row_pictures import image_shape, svg_picture, text_pictures
from nn.reading.labels import read_targets
from nn.reading.tables import require_equal_rows
from nn.tables import MOST_ROWS, Table, short_number
from nn.validation import counted, size

_PICTURES_IN_TEXT = 5


@printed_anywhere
@dataclass(frozen=True)
class HardExample:
    """An example with a large loss.

    Attributes:
        row: Its number, counted from 0.
        true: What the model should answer.
        predicted: What it answers.
        loss: Its loss.
        probability: That of the true class; None where there is none.
        features: The numbers of the row.
    """

    row: int
    true: Any
    predicted: Any
    loss: float
    probability: float | None
    features: list[float] = field(repr=False)


@printed_anywhere
class ModelReport:
    """How good a model is on some rows; prints itself, also in notebooks.

    Attributes:
        rows: How many rows there are.
        metrics: The loss, and of classes the accuracy, of numbers r2 and the mean absolute error.
        confusion: Of classes, how often which was taken for which.
        hardest: The examples with the largest losses, the largest first.
        shape: The height and width of the images that the rows are, if they are.
    """

    def __init__(
        self,
        rows: int,
        metrics: dict[str, float],
        confusion: ConfusionMatrix | None,
        hardest: Sequence[HardExample],
        shape: tuple[int, int] | None = None,
    ) -> None:
        self.rows = rows
        self.metrics = metrics
        self.confusion = confusion
        self.hardest = list(hardest)
        self.shape = shape

    @property
    def title(self) -> str:
        """The line above it."""
        found = [f"{name.replace('_', ' ')} {value:.4g}" for name, value in self.metrics.items()]
        return f"{counted(self.rows, 'row')}: {', '.join(found)}"

    def tables(self) -> list[Table]:
        """Return its tables: classes, the confusion matrix, the hardest examples."""
        found = []
        if self.confusion is not None:
            found += [_by_class(self.confusion), self.confusion.table()]
        return [*found, self._hardest_table()] if self.hardest else found

    def _hardest_table(self) -> Table:
        columns: dict[str, list[str]] = {
            "row": [str(one.row) for one in self.hardest],
            "true": [_text(one.true) for one in self.hardest],
            "predicted": [_text(one.predicted) for one in self.hardest],
        }
        numbers = [
            one.true - one.predicted
            for one in self.hardest
            if type(one.true) is type(one.predicted) is float
        ]
        if len(numbers) == len(self.hardest):
            columns["residual"] = list(map(short_number, numbers))
        sure = [one.probability for one in self.hardest if one.probability is not None]
        if sure:
            columns["p(true)"] = list(map(short_number, sure))
        columns["loss"] = [short_number(one.loss) for one in self.hardest]
        rows = list(zip(*columns.values(), strict=True))
        return Table("the hardest examples: the largest losses", list(columns), rows)

    def __str__(self) -> str:
        parts = [self.title, *map(str, self.tables())]
        shown = self.hardest[:_PICTURES_IN_TEXT]
        if self.shape is not None and shown:
            rows = [one.features for one in shown]
            parts.append(text_pictures(rows, self.shape[1], list(map(_caption, shown))))
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return f"<report on {self.title}>"

    def _repr_html_(self) -> str:
        tables = "".join(table.html() for table in self.tables())
        pictures = ""
        if self.shape is not None:
            width = self.shape[1]
            pictures = "".join(
                '<figure style="display: inline-block; margin: 4px">'
                f"{svg_picture(one.features, width)}"
                f"<figcaption>{escape(_caption(one))}</figcaption></figure>"
                for one in self.hardest
            )
        return f"<p>{escape(self.title)}</p>{tables}{pictures}"


def report(
    model: Any,
    X: Any,
    y: Any,
    *,
    hardest: int = 10,
    shape: tuple[int, int] | None = None,
    loss: Any = None,
) -> ModelReport:
    """Return how good a model is: class by class, and on the examples that are hardest for it.

    Args:
        model: A network, or any function of one example.
        X: Rows of numbers.
        y: What the model should answer.
        hardest: How many of the examples with the largest losses are shown.
        shape: The height and width of the images that the rows are, to show them.
        loss: What the model was trained by, if not given.

    Raises:
        TypeError: If X, y or the loss are not what they should be.
        ValueError: The same; or if the shape does not fit the rows.

    Example:
        >>> from nn import MLP
        >>> model = MLP(1, [2], initializer="zeros")
        >>> model["w_12^(1)"] = 1.0
        >>> print(report(model, [[-1.0], [2.0], [3.0]], ["no", "yes", "no"], hardest=1))
        3 rows: loss 1.163, accuracy 0.6667
        <BLANKLINE>
        by class
          class  precision  recall      f1  rows
          no             1     0.5  0.6667     2
          yes          0.5       1  0.6667     1
          mean        0.75    0.75  0.6667     3
        <BLANKLINE>
        confusion matrix: a row for every true class, a column for every predicted one
               no  yes  rows  recall
          no    1    1     2     0.5
          yes   0    1     1       1
        <BLANKLINE>
        the hardest examples: the largest losses
          row  true  predicted  p(true)   loss
            2    no        yes  0.04743  3.049
    """
    table = table_of(model, X)
    shape = image_shape(shape, table.columns)
    count = 0 if type(hardest) is int and hardest == 0 else size(hardest, "hardest")
    choice = loss_of(model, y, table, loss)
    targets = read_targets(y, choice, choice.outputs, getattr(model, "classes", None))
    require_equal_rows(table.rows, targets.rows, "X", "y")
    meaning = meaning_by(choice, targets)
    outputs = outputs_of(model, table)
    losses = list(loss_at(choice, outputs, targets, reduce=None))
    true, predicted = targets.labels(), _plain(meaning.labels(outputs))
    metrics = {"loss": sum(losses) / len(losses)}
    confusion = None
    if targets.classes is not None:
        confusion = confusion_matrix(true, predicted, targets.classes)
        metrics["accuracy"] = confusion.accuracy
    elif choice.task == "regression":
        answers = _plain(column(outputs))
        metrics["r2"] = r2(true, answers)
        metrics["mean_absolute_error"] = mean_absolute_error(true, answers)
    certain = None
    if targets.codes is not None and choice.takes != "scores":
        certain = _plain(meaning.probabilities(outputs))
    worst = sorted(range(table.rows), key=lambda row: (-losses[row], row))[:count]
    found = []
    for row in worst:
        sure = None
        if certain is not None and targets.codes is not None:
            sure = certain[row][targets.codes[row]]
        example = HardExample(
            row, true[row], predicted[row], float(losses[row]), sure, table.row(row)
        )
        found.append(example)
    return ModelReport(table.rows, metrics, confusion, found, shape)


def _by_class(matrix: ConfusionMatrix) -> Table:
    columns = [matrix.precisions, matrix.recalls, matrix.f1s]
    rows = [
        [str(label), *map(short_number, numbers), str(count)]
        for label, *numbers, count in zip(matrix.classes, *columns, matrix.true_counts, strict=True)
    ]
    means = [short_number(sum(numbers) / len(numbers)) for numbers in columns]
    hidden = len(rows) - MOST_ROWS
    notes = [f"and {hidden} more classes"] if hidden > 0 else []
    rows = rows[:MOST_ROWS]
    rows.append(["mean", *means, str(sum(matrix.true_counts))])
    return Table("by class", ("class", "precision", "recall", "f1", "rows"), rows, 1, notes)


def _caption(example: HardExample) -> str:
    true = f"{example.row}: {_text(example.true)}"
    return true if example.true == example.predicted else f"{true} as {_text(example.predicted)}"


def _text(answer: Any) -> str:
    if isinstance(answer, float):
        return short_number(answer)
    if isinstance(answer, list):
        return f"[{', '.join(map(_text, answer))}]"
    return str(answer)


def _plain(rows: Any) -> list[Any]:
    return list(rows.tolist() if hasattr(rows, "tolist") else rows)
