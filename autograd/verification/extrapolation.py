"""Extrapolation to step 0 by Neville's table, with an error bar.

    D(h) = (f(x + h) − f(x − h)) / 2h = f′(x) + c₂ h² + c₄ h⁴ + ...

(Richardson 1911; Ridders 1982, "Accurate computation of F′(x) and F′(x)F″(x)"). The error bar adds
what extrapolations of different order disagree by to what the noise of f makes of them.
"""

from __future__ import annotations

import math

# An estimate, not a bound; the tests calibrate it on functions of known derivative.
SAFETY = 4.0
_DEGREE = 8


class Extrapolation:
    """The limit at h = 0 of a quantity known at ever smaller steps.

    Args:
        power: The quantity is a polynomial in h to this power: 2 for central differences, which are
            even in h, 1 for one-sided ones.

    Attributes:
        value: The entry of the table with the smallest error bar; NaN before two steps.
        error: Its error bar.
        step: The smallest step that entered it.

    Example:
        >>> table = Extrapolation(power=1)
        >>> for step in (1.0, 0.5, 0.25):
        ...     table.add(step, 3.0 + step, 0.0)
        >>> table.value, table.error
        (3.0, 0.0)
    """

    def __init__(self, power: int) -> None:
        self.power = power
        self.value, self.error, self.step = math.nan, math.inf, math.nan
        self._ordinates: list[float] = []
        self._row: list[tuple[float, float]] = []

    def add(self, step: float, quantity: float, noise: float) -> None:
        """Enter the quantity at the next smaller step, with the scatter it carries."""
        ordinate = step**self.power
        row = [(quantity, noise)]
        for column, (above, noise_above) in enumerate(self._row[:_DEGREE]):
            ratio = self._ordinates[-1 - column] / ordinate
            left, noise_left = row[-1]
            row.append(
                (
                    left + (left - above) / (ratio - 1.0),
                    (ratio * noise_left + noise_above) / (ratio - 1.0),
                )
            )
        for column, (entry, scatter) in enumerate(row):
            neighbours = [self._row[i][0] for i in (column - 1, column) if 0 <= i < len(self._row)]
            if column:
                neighbours.append(row[column - 1][0])
            if neighbours:
                spread = max(abs(entry - neighbour) for neighbour in neighbours)
                error = SAFETY * (spread + scatter)
                if error < self.error:
                    self.value, self.error, self.step = entry, error, step
        self._ordinates.append(ordinate)
        self._row = row
