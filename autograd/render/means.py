"""The mean of numbers of which some may be infinite, undefined, or too large to be added."""

from __future__ import annotations

import math
from collections.abc import Sequence


def mean(numbers: Sequence[float]) -> float:
    """Return the mean; NaN if there are no numbers.

    Example:
        >>> mean([1.0, 2.0]), mean([1e308, 1e308]), mean([math.inf, 1.0])
        (1.5, 1e+308, inf)
    """
    count = len(numbers)
    if count < 2:
        return numbers[0] if numbers else math.nan
    if not all(map(math.isfinite, numbers)):
        return sum(numbers) / count
    try:
        return math.fsum(numbers) / count
    except OverflowError:
        return math.fsum([number / count for number in numbers])
