"""Ranges of slots, taken and given back."""

from __future__ import annotations

from bisect import bisect_left


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
