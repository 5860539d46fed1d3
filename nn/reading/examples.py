"""Examples: rows with their targets, and with what each counts, as a loss takes them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import fsum
from typing import Any

from nn.reading.feature_table import FeatureTable
from nn.reading.targets import Targets


class Examples:
    """Rows of features, each with a target, and with a weight where they do not count alike.

    Attributes:
        features: The rows.
        targets: What a model should answer.
        weights: The weight of each row; None if all count alike.

    Example:
        >>> from nn.reading.tables import read_features
        >>> features = read_features([[0.5], [1.5], [2.5]], 1)
        >>> some = Examples(features, Targets(array("d", [1.0, 2.0, 3.0])), array("d", [1, 1, 2]))
        >>> some.take([1, 2]).at(1), some.rows
        (([2.5], 3.0, 2.0), 3)
    """

    def __init__(
        self, features: FeatureTable, targets: Targets, weights: array[float] | None = None
    ) -> None:
        self.features, self.targets, self.weights = features, targets, weights

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.features.rows

    @property
    def columns(self) -> tuple[Any, ...]:
        """What the program of a loss takes: rows and targets, and weights if there are any."""
        rows = self.features.data, self.targets.columns
        return rows if self.weights is None else (*rows, self.weights)

    @property
    def parts(self) -> tuple[Any, ...]:
        """Features, targets and, if there are any, weights: as `fit` takes them."""
        known = self.features, self.targets
        return known if self.weights is None else (*known, self.weights)

    def at(self, number: int) -> tuple[Any, ...]:
        """Return one of them, as a loss of a row takes it."""
        row = self.features.row(number), self.targets.row(number)
        return row if self.weights is None else (*row, self.weights[number])

    def take(self, indices: Sequence[int]) -> Examples:
        """Return these of them, in this order."""
        weights = self.weights
        chosen = None if weights is None else array("d", [weights[row] for row in indices])
        return Examples(self.features.take(indices), self.targets.take(indices), chosen)

    def weighted(self, factors: Sequence[float] | None, name: str) -> Examples:
        """Return them with weights, multiplied by factors of their classes, that are 1 on average.

        Args:
            factors: For every class; None for none.
            name: What the rows are called in error messages.

        Raises:
            ValueError: If none of them counts.

        Example:
            >>> from nn.reading.tables import read_features
            >>> targets = Targets(array("d", [1.0, 0.0]), ("no", "yes"), [1, 0])
            >>> some = Examples(read_features([[0.5], [1.5]], 1), targets)
            >>> some.weighted([1.0, 3.0], "X").weights.tolist()
            [1.5, 0.5]
        """
        codes = self.targets.codes
        counts = [1.0] * self.rows if self.weights is None else self.weights.tolist()
        if factors is not None and codes is not None:
            counts = [count * factors[code] for count, code in zip(counts, codes, strict=True)]
        mean = fsum(counts) / len(counts)
        if not mean:
            raise ValueError(f"the weights of all rows of {name} are 0: none would count")
        return Examples(self.features, self.targets, array("d", [x / mean for x in counts]))
