"""Predictions: what a model answers for many rows, and how good the answers are."""

from __future__ import annotations

from math import isfinite
from typing import Any

from autograd import Program, compile
from nn.measuring.compiled_models import program_of
from nn.measuring.decisions import column, meaning_by, meaning_of
from nn.measuring.metrics import metrics_named
from nn.measuring.scales import warn_of_other_scale
from nn.measuring.scoring import measured, require_suited
from nn.module import Module
from nn.reading.default_losses import default_loss
from nn.reading.feature_table import FeatureTable
from nn.reading.labels import read_targets
from nn.reading.loss_table import LossChoice, fitted_to, loss_called, outputs_of_model
from nn.reading.tables import read_features, require_equal_rows, require_same_columns
from nn.reading.targets import Targets

_USUAL = {
    "classification": ("accuracy",),
    "binary": ("accuracy",),
    "regression": ("r2", "mean_absolute_error"),
    None: (),
}


def outputs_of(model: Any, X: Any) -> Any:
    """Return the outputs of a model for every row: rows of numbers.

    The model is compiled when it is first asked; the numbers are those of `model(row)`, up to
    4 ulp an operation.

    Args:
        model: A network, or any function of one example.
        X: Rows of numbers; see `read_features`.

    Returns:
        Lists; an array of NumPy if X is one, or a table of pandas.

    Raises:
        TypeError: If the model cannot be called, or X holds something else than real numbers.
        ValueError: If X differs in columns from the model's inputs, or holds NaN or infinity.

    Example:
        >>> from nn import MLP
        >>> outputs_of(MLP(2, [3, 2], initializer="zeros"), [[0.5, 1.0], [2.0, 3.0]])
        [[0.0, 0.0], [0.0, 0.0]]
    """
    table = table_of(model, X)
    return outputs_by(program_of(model), model, table)


def rows_of(model: Any, X: Any) -> Any:
    """Return what `model(row)` gives for every row, as plain numbers, fast.

    Arguments and errors are those of `outputs_of`.

    Returns:
        A column for a single output, else rows; in lists, or in an array of NumPy if X is one.

    Example:
        >>> from nn import MLP
        >>> rows_of(MLP(2, [3, 1], initializer="zeros"), [[0.5, 1.0], [2.0, 3.0]])
        [0.0, 0.0]
    """
    return column(outputs_of(model, X))


def predict(model: Any, X: Any) -> Any:
    """Return what a model predicts for every row: a label if it tells classes apart, else numbers.

    The label is that of the largest output; with a single output the second class where its
    probability is above 1/2. Arguments and errors are those of `outputs_of`.

    Returns:
        A label or number for every row; rows of numbers for several; in lists, or in an array of
        NumPy if X is one.

    Example:
        >>> from nn import MLP
        >>> model = MLP(1, [2], initializer="zeros")
        >>> model["b_2^(1)"] = 1.0
        >>> model.classes = ("cat", "dog")
        >>> predict(model, [[0.5], [2.0]])
        ['dog', 'dog']
    """
    table = table_of(model, X)
    return meaning_of(model, table.row(0)).labels(outputs_of(model, table))


def predict_proba(model: Any, X: Any) -> Any:
    """Return the probability of every class, for every row.

    Of models trained by net inputs it is their softmax, or sigmoid. Arguments are those of
    `outputs_of`.

    Returns:
        A row for each, with as many probabilities as there are classes, two for a single output, in
        the order of `model.classes`.

    Raises:
        ValueError: If the model was not trained to classify, or by a loss that knows only scores.

    Example:
        >>> from nn import MLP
        >>> model = MLP(1, [1], activation="sigmoid", initializer="zeros")
        >>> predict_proba(model, [[0.5], [2.0]])
        [[0.5, 0.5], [0.5, 0.5]]
    """
    table = table_of(model, X)
    return meaning_of(model, table.row(0)).probabilities(outputs_of(model, table))


def evaluate(model: Any, X: Any, y: Any, metrics: Any = None, loss: Any = None) -> dict[str, float]:
    """Return how good a model is on rows and targets: its loss, and metrics.

    Args:
        model: A network, or any function of one example.
        X: Rows of numbers.
        y: What the model should answer.
        metrics: Names, functions `(y, predicted) -> float`, or a dict of them; if not given, the
            accuracy of a classification, r2 and the mean absolute error of a regression.
        loss: What the model was trained by, if not given.

    Raises:
        TypeError: If X, y, metrics or loss are not what they should be.
        ValueError: The same; or if a metric is not one for the task.

    Example:
        >>> from nn import MLP
        >>> evaluate(MLP(1, [1], initializer="zeros"), [[0.5], [2.0]], [1.0, 3.0], loss="mse")
        {'loss': 5.0, 'r2': -4.0, 'mean_absolute_error': 2.0}
    """
    table = table_of(model, X)
    y = list(y) if hasattr(y, "__next__") else y
    choice = loss_of(model, y, table, loss)
    targets = read_targets(y, choice, choice.outputs, getattr(model, "classes", None))
    require_equal_rows(table.rows, targets.rows, "X", "y")
    wanted = metrics_named(_USUAL[choice.task] if metrics is None else metrics)
    meaning = meaning_by(choice, targets)
    require_suited(wanted, meaning, targets)
    outputs = outputs_of(model, table)
    found = {"loss": loss_at(choice, outputs, targets)}
    return found | measured(meaning, outputs, targets, wanted)


def table_of(model: Any, rows: Any) -> FeatureTable:
    """Return rows as a table with the columns that the model was fitted to; see `scales`."""
    table = read_features(rows, getattr(model, "nin", None))
    require_same_columns(getattr(model, "feature_names", None), table.names, "X")
    warn_of_other_scale(model, table)
    return table


def outputs_by(program: Program, model: Any, table: FeatureTable) -> Any:
    """Return the outputs of a model for rows that are read already.

    Args:
        program: That of the model.
        model: The model, to say which of its parameters is no number.
        table: The rows.

    Raises:
        ValueError: If a parameter is NaN or infinite.
    """
    outputs = program.rows(table.data)
    total = outputs.sum() if table.from_array else sum(map(sum, outputs))
    if not isfinite(total) and isinstance(model, Module):  # seldom, and perhaps only large
        for name, parameter in model.named_parameters():
            if not isfinite(parameter.data):
                raise ValueError(
                    f"{parameter.label or name} is {parameter.data}: what the model answers would "
                    "mean nothing"
                )
    return outputs


# --- Losses ---------------------------------------------------------------------------------------


def loss_of(model: Any, y: Any, table: FeatureTable, loss: Any = None) -> LossChoice:
    """Return the loss that is named, or that a model was trained by, or that it asks for.

    Raises:
        ValueError: If the model was trained by a function of one's own, which it does not keep.
    """
    example = table.row(0)
    name = getattr(model, "loss_name", None)
    if loss is None and name is None:
        return default_loss(model, y, example)
    if loss is None and getattr(model, "task", None) is None:
        raise ValueError(
            f"the model was trained by a function of one's own, {name!r}, which it does not keep; "
            "give loss=..."
        )
    choice = loss_called(name if loss is None else loss)
    return fitted_to(choice, *outputs_of_model(model, example))


def loss_at(choice: LossChoice, outputs: Any, targets: Targets, reduce: str | None = "mean") -> Any:
    """Return the mean of a loss over rows of outputs and targets, or all losses."""
    single = len(outputs[0]) == 1

    def loss(of: Any, target: Any) -> Any:
        return choice.function(of[0] if single else of, target)

    program: Program = compile(loss, name=choice.name)
    found = program.rows(outputs, targets.columns, reduce=reduce)
    return found if reduce is None else float(found)
