"""Ranges of slots, taken and given back, and places a step apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence


def evenly_spaced(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield from where to where places lie a step apart, taken together as far as they do.

    Example:
        >>> list(evenly_spaced([4, 5, 6, 10, 13, 16])), list(evenly_spaced([-1, -1, 2]))
        ([(0, 3), (3, 6)], [(0, 2), (2, 3)])
    """
    start = 0
    while start < len(places):
        end = start + 1
        step = places[end] - places[start] if end < len(places) else 0
        while end < len(places) and places[end] - places[end - 1] == step:
            end += 1
        yield start, end
        start = end


class Ranges:
    """A memory of as many slots as were ever in use at once.

    Example:
        >>> memory = Ranges(0)
        >>> memory.take(3), memory.take(2)
        (0, 3)
        >>> memory.free(0, 3)
        >>> memory.take(2), memory.take(4), memory.size
        (0, 5, 9)
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._bases: list[int] = []
        self._counts: list[int] = []

    def take(self, count: int) -> int:
        """Return the first of `count` free slots that lie side by side."""
        for position, free in enumerate(self._counts):
            if free >= count:
                base = self._bases[position]
                if free == count:
                    del self._bases[position], self._counts[position]
                else:
                    self._bases[position] += count
                    self._counts[position] -= count
                return base
        base = self.size
        self.size += count
        return base

    def free(self, base: int, count: int) -> None:
        """Give slots back, joined with free neighbours."""
        position = bisect_left(self._bases, base)
        self._bases.insert(position, base)
        self._counts.insert(position, count)
        for left in (position, position - 1):
            joins = (
                0 <= left < len(self._bases) - 1
                and self._bases[left] + self._counts[left] == self._bases[left + 1]
            )
            if joins:
                self._counts[left] += self._counts[left + 1]
                del self._bases[left + 1], self._counts[left + 1]
