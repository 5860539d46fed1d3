"""Measuring: what is true and what was predicted, as each metric takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.measuring.decisions import Meaning, classes_in_numbers, column
from nn.measuring.metrics import Metric, accuracy, roc_auc
from nn.reading.targets import Targets
from nn.validation import describe

_CLASSES = ("classification", "binary")


def require_suited(metrics: Sequence[Metric], meaning: Meaning, targets: Targets) -> None:
    """Refuse metrics that are not for what a model learns, before it does.

    Args:
        metrics: What shall be measured.
        meaning: What the outputs stand for; its task and what the loss takes are enough.
        targets: What the model should answer.

    Raises:
        ValueError: If one is for classes and there are numbers, or the other way round.

    Example:
        >>> from nn.reading.labels import read_targets
        >>> from nn.measuring.metrics import metrics_named
        >>> targets = read_targets([0.5, 2.0], "mse", 1)
        >>> require_suited(metrics_named(["f1"]), Meaning("regression", "numbers", None), targets)
        Traceback (most recent call last):
            ...
        ValueError: the metric 'f1' is for classes, but y holds numbers; use r2 or \
mean_absolute_error
    """
    for metric in metrics:
        known = f"the metric {metric.name!r}"
        if metric.takes is None:
            continue
        if meaning.task not in _CLASSES:
            if metric.takes == "probabilities" or (
                metric.takes == "labels" and classes_in_numbers(targets, meaning) is None
            ):
                raise ValueError(
                    f"{known} is for classes, but y holds numbers; use r2 or mean_absolute_error"
                )
        elif metric.takes == "numbers":
            raise ValueError(
                f"{known} is for numbers, but y holds classes; use accuracy or log_loss"
            )
        elif targets.classes is None and metric.function is not accuracy:
            raise ValueError(
                f"{known} is for classes that exclude each other, but y has several answers in a "
                "row; use accuracy, or a function of your own"
            )
        elif (meaning.takes, metric.takes) == ("scores", "probabilities") and (
            metric.function is not roc_auc
        ):
            raise ValueError(
                f"{known} is for probabilities, but {meaning.loss} gives scores; use roc_auc"
            )


def measured(
    meaning: Meaning, outputs: Any, targets: Targets, metrics: Sequence[Metric]
) -> dict[str, float]:
    """Return metrics of outputs, by their names.

    Raises:
        TypeError: If a function of one's own returns no number.
        ValueError: If a metric is not one for the task.
    """
    require_suited(metrics, meaning, targets)
    found = {}
    for metric in metrics:
        true, predicted = _answers(meaning, outputs, targets, metric)
        named = {"classes": targets.classes} if metric.takes == "probabilities" else {}
        result = metric.function(true, predicted, **named)
        try:
            found[metric.name] = float(result)
        except (TypeError, ValueError):
            raise TypeError(
                f"the metric {metric.name!r} must return a number, got {describe(result)}"
            ) from None
    return found


def _answers(meaning: Meaning, outputs: Any, targets: Targets, metric: Metric) -> tuple[Any, Any]:
    """Return what is true and what was predicted, as a metric takes it."""
    if metric.takes is None:
        return targets.labels(), meaning.labels(outputs)
    if metric.takes == "numbers":
        return targets.labels(), column(outputs)
    if metric.takes == "probabilities":
        if meaning.takes == "scores":
            return targets.labels(), column(outputs)
        return targets.labels(), meaning.probabilities(outputs)
    if meaning.task not in _CLASSES:
        known = classes_in_numbers(targets, meaning)
        assert known is not None, "looked at before"
        codes, of_numbers = known
        return codes, of_numbers.codes(outputs)
    if targets.classes is None:
        true = [[int(t > 0.0) for t in row] for row in targets.labels()]
        return true, meaning.labels(outputs)
    return targets.labels(), meaning.labels(outputs)
