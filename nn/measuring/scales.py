"""Scales: rows that a model is asked about, beside those that it was fitted to.

A model fitted to standardised rows and asked about rows as they came answers anything, and nothing
about its answers shows it. Two things tell: the scaler that a model carries, and how far out the
rows were that it was fitted to.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from nn.callers import level_of_user
from nn.reading.feature_table import FeatureTable
from nn.remembering import Remembered

_LOOKED_AT = 20_000  # numbers, of rows from all over
_ENOUGH = 50  # rows that show how far out others may be
_NEAR = 0.15  # how near to 0 and 1 means and deviations of standardised columns are
_BEYOND = 1.5  # rows this much farther out than the farthest are of another kind
_SURE = 7.0  # the logarithm of odds: 1,100 to 1
_WARNED: Remembered[bool] = Remembered()
_FARTHEST: Remembered[float] = Remembered()


def remember_scale(model: Any, features: FeatureTable) -> None:
    """Remember how far out the rows are that a model is fitted to, if they are standardised.

    A row's distance is the root of the mean square of its numbers, about 1 for standardised ones.

    Args:
        model: What is fitted.
        features: The rows.

    Example:
        >>> from nn import MLP
        >>> from nn.reading.tables import read_features
        >>> remember_scale(MLP(1, [1], seed=1), read_features([[-1.0], [1.0]], 1))
    """
    _FARTHEST.forget(model)
    if features.rows < _ENOUGH:
        return
    rows = _some(features)
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    if columns and all(map(_is_standardised, columns)):
        _FARTHEST.set(model, max(map(_distance, rows)))


def warn_of_other_scale(model: Any, features: FeatureTable) -> None:
    """Warn, once per model, if rows look as they were before they were standardised.

    With `model.scaler` they do if they are likelier for normal distributions of its means and
    deviations than for those of mean 0 and deviation 1; without, if the model was fitted to
    standardised rows, and each of these is farther out than all of those.

    Args:
        model: What is asked.
        features: The rows.

    Example:
        >>> from nn import MLP
        >>> from nn.reading.tables import read_features
        >>> warn_of_other_scale(MLP(1, [1], seed=1), read_features([[-100.0], [1.0]], 1))
    """
    scaler, farthest = getattr(model, "scaler", None), _FARTHEST.get(model)
    if (scaler is None and farthest is None) or _WARNED.get(model):
        return
    rows = _some(features)
    if scaler is not None:
        means, deviations = getattr(scaler, "means", ()), getattr(scaler, "deviations", ())
        is_known = len(means) == len(deviations) == features.columns
        is_raw = is_known and _evidence(rows, means, deviations) > _SURE
        told = "look as before the model's scaler; it takes them scaled"
        advice = "model.scaler.transform(X)"
    else:
        is_raw = min(map(_distance, rows)) > _BEYOND * (farthest or 0.0)
        told = (
            "are all farther from 0 than any that the model was fitted to, whose columns had mean "
            "0 and deviation 1; if those were scaled, scale these by the same means and deviations"
        )
        advice = "scaler.transform(X)"
    if is_raw:
        _WARNED.set(model, True)
        warnings.warn(f"the rows of X {told}: {advice}", stacklevel=level_of_user())


def _evidence(
    rows: Sequence[Sequence[float]], means: Sequence[float], deviations: Sequence[float]
) -> float:
    """Return log of how much likelier rows are at the scale of the means and deviations."""
    found = 0.0
    for row in rows:
        for x, mean, deviation in zip(row, means, deviations, strict=True):
            z = (x - mean) / deviation
            found += 0.5 * (x * x - z * z) - math.log(deviation)
    return found


def _some(features: FeatureTable) -> list[list[float]]:
    count = min(max(100, _LOOKED_AT // features.columns), features.rows)
    if count == features.rows:
        return features.lists()
    return features.take([k * features.rows // count for k in range(count)]).lists()


def _is_standardised(column: Sequence[float]) -> bool:
    n = len(column)
    mean = math.fsum(column) / n
    variance = math.fsum((x - mean) * (x - mean) for x in column) / n
    return abs(mean) < _NEAR and abs(math.sqrt(variance) - 1.0) < _NEAR


def _distance(row: Sequence[float]) -> float:
    return math.hypot(*row) / math.sqrt(len(row))
