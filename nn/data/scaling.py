"""Scaling: columns brought to mean 0 and deviation 1, as the training rows have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from autograd.streams import printed_anywhere
from nn.data.columns import mean_and_deviation
from nn.data.datasets import Dataset, counted_names
from nn.reading.feature_table import FeatureTable
from nn.reading.tables import read_features, require_same_columns
from nn.validation import counted, finite, row


@printed_anywhere
class Scaler:
    """Brings columns to mean 0 and standard deviation 1, by rows that it has learned from.

        x' = (x − mean) / deviation,    deviation² = sum (x − mean)² / n

    A column in which all numbers are the same becomes 0. What is learned from the training rows is
    applied to all others, so that nothing of a test is seen before it:

        scaler = Scaler()
        train, test = scaler.fit_transform(train), scaler.transform(test)

    Args:
        means: Of each column; to be learned by `fit` if they are not given.
        deviations: Of each column, as positive numbers.

    Raises:
        TypeError: If one is not a number.
        ValueError: If there are not as many of both, or a deviation is not positive.

    Example:
        >>> scaler = Scaler().fit([[1.0, 5.0], [3.0, 5.0]])
        >>> scaler
        Scaler(means=[2.0, 5.0], deviations=[1.0, 1.0])
        >>> scaler.transform([[4.0, 6.0]]), scaler.inverse_transform([[2.0, 1.0]])
        ([[2.0, 1.0]], [[4.0, 6.0]])
        >>> scaler.means, scaler.deviations, Scaler().fit_transform([[1.0], [3.0]])
        ([2.0, 5.0], [1.0, 1.0], [[-1.0], [1.0]])
    """

    def __init__(
        self, means: Sequence[float] | None = None, deviations: Sequence[float] | None = None
    ) -> None:
        if (means is None) != (deviations is None):
            raise ValueError("give means and deviations, or neither, and call fit")
        self._names: tuple[str, ...] | None = None
        self._means = _numbers(means, "means")
        self._deviations = _numbers(deviations, "deviations")
        if len(self._means) != len(self._deviations):
            raise ValueError(
                f"means has {counted(len(self._means), 'number')}, deviations "
                f"{len(self._deviations)}"
            )
        for place, deviation in enumerate(self._deviations):
            if deviation <= 0.0:
                raise ValueError(f"deviations[{place}] must be positive, got {deviation}")

    def fit(self, rows: Any) -> Scaler:
        """Learn means and deviations from these rows, or from those of a dataset; return itself.

        Raises:
            TypeError: If an entry is not a number.
            ValueError: If there are no rows, their lengths differ, a number is NaN or infinite, or
                the numbers of a column are too far apart for floats.
        """
        table = read_features(rows.X if isinstance(rows, Dataset) else rows, None)
        names = _names_of(rows, table)
        learned = []
        for place, column in enumerate(zip(*table.lists(), strict=True)):
            name = repr(names[place]) if names else str(place)
            learned.append(mean_and_deviation(column, name))
        self._names = names
        self._means = [mean for mean, _ in learned]
        self._deviations = [deviation for _, deviation in learned]
        return self

    @overload
    def transform(self, rows: Dataset) -> Dataset: ...

    @overload
    def transform(self, rows: Any) -> list[list[float]]: ...

    def transform(self, rows: Any) -> Any:
        """Return these rows, or a dataset with its rows, at the scale that was learned.

        Raises:
            TypeError: If an entry is not a number.
            ValueError: If nothing was learned yet, rows have another length, columns are called
                otherwise than those that were learned, or a number is NaN or infinite.
        """
        return self._mapped(rows, lambda x, mean, deviation: (x - mean) / deviation)

    @overload
    def fit_transform(self, rows: Dataset) -> Dataset: ...

    @overload
    def fit_transform(self, rows: Any) -> list[list[float]]: ...

    def fit_transform(self, rows: Any) -> Any:
        """Learn from these rows and return them at the scale that was learned.

        Raises:
            TypeError, ValueError: As for `fit`.
        """
        return self.fit(rows).transform(rows)

    @overload
    def inverse_transform(self, rows: Dataset) -> Dataset: ...

    @overload
    def inverse_transform(self, rows: Any) -> list[list[float]]: ...

    def inverse_transform(self, rows: Any) -> Any:
        """Return what rows were before they were transformed.

        Raises:
            TypeError, ValueError: As for `transform`.
        """
        return self._mapped(rows, lambda x, mean, deviation: x * deviation + mean)

    @property
    def means(self) -> list[float]:
        """The mean of each column; empty before `fit`."""
        return list(self._means)

    @property
    def deviations(self) -> list[float]:
        """What each column is divided by: its deviation, or 1 if all its numbers are the same."""
        return list(self._deviations)

    def _mapped(self, rows: Any, change: Any) -> Any:
        if not self._means:
            raise ValueError("this scaler has learned nothing yet; call fit with training rows")
        table = read_features(rows.X if isinstance(rows, Dataset) else rows, len(self._means))
        require_same_columns(self._names, _names_of(rows, table), "rows", "the scaler")
        changed = [
            list(map(change, numbers, self._means, self._deviations)) for numbers in table.lists()
        ]
        if isinstance(rows, Dataset):
            return Dataset(changed, rows.y, rows.features, rows.classes, rows.source)
        return changed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scaler):
            return NotImplemented
        return (self._means, self._deviations) == (other._means, other._deviations)

    def __repr__(self) -> str:
        if not self._means:
            return "Scaler()"
        return f"Scaler(means={self._means!r}, deviations={self._deviations!r})"


def _names_of(rows: Any, table: FeatureTable) -> tuple[str, ...] | None:
    """Return what columns are called by those who have them: a dataset may have counted them."""
    if not isinstance(rows, Dataset):
        return table.names
    names = tuple(rows.features)
    return None if names == counted_names(len(names)) else names


def _numbers(numbers: Sequence[float] | None, name: str) -> list[float]:
    given = [] if numbers is None else row(numbers, name)
    return [finite(number, f"{name}[{place}]") for place, number in enumerate(given)]
