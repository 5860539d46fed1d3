"""In which order training takes its rows: batch after batch, epoch after epoch."""

from __future__ import annotations

import random
from array import array
from itertools import repeat

_MOST_ROWS = 1 << 20  # laid out at once, about
_FEWEST_STEPS = 64


class RowOrder:
    """The batches of a training, laid out some time before they are taken.

    Args:
        rows: How many rows there are.
        size: How many of them a batch has; the last of an epoch may have fewer.
        shuffle: Whether each epoch takes the rows in another order,
            `sorted(range(rows), key=lambda row: source.random())`: a third of the time of
            `source.shuffle`.
        seed: Of `source = random.Random(seed)`.
    """

    def __init__(self, rows: int, size: int, shuffle: bool, seed: int | None) -> None:
        self.rows, self.size = rows, size
        self._shuffles = shuffle and size < rows
        self._draw = random.Random(seed).random
        self._order, self._sizes = array("q"), array("q")
        self._taken = self._rows_taken = 0

    def ahead(self, steps: int) -> tuple[array[int], array[int]]:
        """Return batches that come next, at least one: their rows in turn and their sizes.

        Args:
            steps: How many batches will be wanted, all in all.
        """
        self._lay_out(steps)
        return self._order[self._rows_taken :], self._sizes[self._taken :]

    def taken(self, batches: int) -> None:
        """Go on behind so many of the batches ahead."""
        after = self._taken + batches
        if batches == 1:
            self._rows_taken += self._sizes[self._taken]
        else:
            self._rows_taken += sum(self._sizes[self._taken : after])
        self._taken = after

    def next_batch(self, steps: int) -> array[int]:
        """Take one batch; `steps` as for `ahead`."""
        self._lay_out(steps)
        first = self._rows_taken
        self.taken(1)
        return self._order[first : self._rows_taken]

    def _lay_out(self, steps: int) -> None:
        """Lay out batches of whole epochs if none is left."""
        if self._taken < len(self._sizes):
            return
        rows, size = self.rows, self.size
        sizes = array("q", [size]) * (rows // size) + array("q", [rows % size]) * (rows % size > 0)
        steps = max(1, min(max(steps, _FEWEST_STEPS), _MOST_ROWS // size))
        epochs = -(-steps // len(sizes))
        self._order, self._sizes = array("q"), sizes * epochs
        self._taken = self._rows_taken = 0
        if not self._shuffles:
            self._order = array("q", range(rows)) * epochs
            return
        for _ in range(epochs):
            keys = [draw() for draw in repeat(self._draw, rows)]
            self._order.extend(sorted(range(rows), key=keys.__getitem__))
