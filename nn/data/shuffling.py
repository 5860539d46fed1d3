"""Chance for data: the same numbers from a seed on every platform and with every Python.

Of a source only uniform numbers are taken, which Python promises to keep. Sines and logarithms may
differ in their last bit between C libraries, so results are rounded where nobody sees it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from nn.initializers import Source, source_of

Thing = TypeVar("Thing")


def shuffled(things: Sequence[Thing], seed: int | Source) -> list[Thing]:
    """Return the things in an order drawn from a seed, or from a source.

    Example:
        >>> shuffled("abcd", 1)
        ['a', 'd', 'c', 'b']
    """
    source = source_of(seed)
    order = sorted((source.uniform(0.0, 1.0), place) for place in range(len(things)))
    return [things[place] for _, place in order]


def normal(source: Source) -> float:
    """Return a normal number of mean 0 and deviation 1 (Box and Muller, 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - source.uniform(0.0, 1.0)))
    return radius * math.cos(math.tau * source.uniform(0.0, 1.0))


def rounded(number: float, scale: float = 1.0) -> float:
    """Return a number without what is a thousand million times smaller than the scale.

    Example:
        >>> rounded(math.sin(math.pi)), rounded(12345.678901234567, 1000.0)
        (0.0, 12345.678901)
    """
    digits = 9 - math.floor(math.log10(scale)) if scale > 0.0 else 9
    return round(number, digits) + 0.0  # no negative zero
