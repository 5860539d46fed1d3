"""Metrics by name: what each is called, and which predictions it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any

from nn.training import label_metrics, number_metrics, probability_metrics
from nn.validation import describe


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
    metric.name: metric
    for metric in (
        Metric("accuracy", label_metrics.accuracy, "labels"),
        Metric("precision", label_metrics.precision, "labels"),
        Metric("recall", label_metrics.recall, "labels"),
        Metric("f1", label_metrics.f1, "labels"),
        Metric("top_k", probability_metrics.top_k, "probabilities"),
        Metric("log_loss", probability_metrics.log_loss, "probabilities"),
        Metric("roc_auc", probability_metrics.roc_auc, "probabilities"),
        Metric("r2", number_metrics.r2, "numbers"),
        Metric("mean_squared_error", number_metrics.mean_squared_error, "numbers"),
        Metric("root_mean_squared_error", number_metrics.root_mean_squared_error, "numbers"),
        Metric("mean_absolute_error", number_metrics.mean_absolute_error, "numbers"),
    )
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
    if isinstance(metrics, (str, Metric)) or callable(metrics):
        metrics = [metrics]
    if isinstance(metrics, Mapping):
        found = [_metric(choice, str(name)) for name, choice in metrics.items()]
    else:
        try:
            found = [_metric(choice) for choice in metrics]
        except TypeError as error:
            if hasattr(metrics, "__iter__"):
                raise
            raise TypeError(_not_a_metric(metrics)) from error
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
        raise TypeError(_not_a_metric(choice))
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
        top = partial(probability_metrics.top_k, k=int(number))
        return Metric(name, top, "probabilities")
    near = get_close_matches(name, [*METRICS, *ALIASES], n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"metric {name!r} is unknown; {meant}There are {', '.join(METRICS)}, and any function of "
        "what is true and what was predicted"
    )


def _not_a_metric(choice: Any) -> str:
    return (
        "metrics must be names or functions of what is true and what was predicted, got "
        f"{describe(choice)}"
    )
