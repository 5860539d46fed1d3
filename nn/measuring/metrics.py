"""Metrics by name: what each is called, and which predictions it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any

from nn.measuring.confusion import ConfusionMatrix, confusion_matrix
from nn.measuring.label_metrics import accuracy, f1, precision, recall
from nn.measuring.number_metrics import (
    mean_absolute_error,
    mean_squared_error,
    r2,
    root_mean_squared_error,
)
from nn.measuring.probability_metrics import log_loss, roc_auc, top_k
from nn.validation import describe

__all__ = [
    "ALIASES",
    "METRICS",
    "ConfusionMatrix",
    "Metric",
    "accuracy",
    "confusion_matrix",
    "f1",
    "log_loss",
    "mean_absolute_error",
    "mean_squared_error",
    "metrics_named",
    "precision",
    "r2",
    "recall",
    "roc_auc",
    "root_mean_squared_error",
    "top_k",
]


@dataclass(frozen=True)
class Metric:
    """A metric.

    Attributes:
        name: What its results are called.
        function: Takes what is true and what was predicted, and returns a number.
        takes: What was predicted: "labels" or "probabilities" of a classification, "numbers" of a
            regression; None for a function of one's own, which gets what `predict` returns.
    """

    name: str
    function: Callable[..., Any]
    takes: str | None


METRICS: dict[str, Metric] = {
    function.__name__: Metric(function.__name__, function, takes)
    for takes, functions in {
        "labels": (accuracy, precision, recall, f1),
        "probabilities": (top_k, log_loss, roc_auc),
        "numbers": (r2, mean_squared_error, root_mean_squared_error, mean_absolute_error),
    }.items()
    for function in functions
}
ALIASES = {
    "acc": "accuracy",
    "auc": "roc_auc",
    "mse": "mean_squared_error",
    "rmse": "root_mean_squared_error",
    "mae": "mean_absolute_error",
}


def metrics_named(metrics: Any) -> list[Metric]:
    """Return metrics by their names, or functions as metrics; each result has the name given.

    Args:
        metrics: A name of `METRICS`, "top_3" for the three largest of several scores, a function
            `(y, predicted) -> float`; several of them in a list; or a dict of names of one's own.

    Raises:
        TypeError: If something is neither a name nor a function.
        ValueError: If a name is unknown, with the nearest one, or given twice.

    Example:
        >>> [metric.name for metric in metrics_named(["acc", "top_3", max])]
        ['acc', 'top_3', 'max']
        >>> metrics_named("acuracy")
        Traceback (most recent call last):
            ...
        ValueError: metric 'acuracy' is unknown; did you mean 'accuracy'? There are accuracy, \
precision, recall, f1, top_k, log_loss, roc_auc, r2, mean_squared_error, root_mean_squared_error, \
mean_absolute_error, and any function of what is true and what was predicted
    """
    if metrics is None:
        return []
    if isinstance(metrics, Mapping):
        found = [_metric(choice, str(name)) for name, choice in metrics.items()]
    elif isinstance(metrics, (str, Metric)) or not isinstance(metrics, Iterable):
        found = [_metric(metrics)]
    else:
        found = [_metric(choice) for choice in metrics]
    names = [metric.name for metric in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"metrics names {name!r} twice; give a dict of names to tell functions apart"
            )
    return found


def _metric(choice: Any, name: str | None = None) -> Metric:
    if isinstance(choice, Metric):
        return Metric(name or choice.name, choice.function, choice.takes)
    if isinstance(choice, str):
        known = _known(choice)
        return Metric(name or choice, known.function, known.takes)
    if not callable(choice):
        raise TypeError(
            "metrics must be names or functions of what is true and what was predicted, got "
            f"{describe(choice)}"
        )
    for metric in METRICS.values():
        if choice is metric.function:
            return Metric(name or metric.name, choice, metric.takes)
    called = getattr(choice, "__name__", type(choice).__name__)
    return Metric(name or str(called), choice, None)


def _known(name: str) -> Metric:
    found = METRICS.get(ALIASES.get(name, name))
    if found is not None:
        return found
    first, _, number = name.rpartition("_")
    if first == "top" and number.isdecimal() and int(number):
        top = partial(top_k, k=int(number))
        return Metric(name, top, "probabilities")
    near = get_close_matches(name, [*METRICS, *ALIASES], n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"metric {name!r} is unknown; {meant}There are {', '.join(METRICS)}, and any function of "
        "what is true and what was predicted"
    )
