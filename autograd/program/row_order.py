"""In which order training takes its rows: batch after batch, epoch after epoch."""

from __future__ import annotations

import random
from array import array
from itertools import repeat

Place = tuple["array[int]", "array[int]", int, int]  # rows in turn, sizes; batches and rows taken

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
        self._source = random.Random(seed)
        # What is laid out, and how many batches and rows of it are taken: one assignment changes
        # all, so that whatever is raised in between leaves the order whole.
        self._now = array("q"), array("q"), 0, 0

    def ahead(self, steps: int) -> tuple[array[int], array[int]]:
        """Return batches that come next, at least one: their rows in turn and their sizes.

        Args:
            steps: How many batches will be wanted, all in all.
        """
        order, sizes, taken, rows_taken = self._laid_out(steps)
        return order[rows_taken:], sizes[taken:]

    def taken(self, batches: int) -> None:
        """Go on behind so many of the batches ahead."""
        self.go_to(self._now, batches)

    def next_batch(self, steps: int) -> array[int]:
        """Return the batch that comes next; `steps` as for `ahead`."""
        order, sizes, taken, rows_taken = self._laid_out(steps)
        return order[rows_taken : rows_taken + sizes[taken]]

    @property
    def place(self) -> Place:
        """Where the order is, to come back to."""
        return self._now

    def go_to(self, place: Place, batches: int) -> None:
        """Go on so many batches behind a place."""
        order, sizes, taken, rows_taken = place
        after = taken + batches
        self._now = order, sizes, after, rows_taken + sum(sizes[taken:after])

    def _laid_out(self, steps: int) -> Place:
        """Lay out batches of whole epochs if none is left."""
        if self._now[2] < len(self._now[1]):
            return self._now
        rows, size = self.rows, self.size
        sizes = array("q", [size]) * (rows // size) + array("q", [rows % size]) * (rows % size > 0)
        steps = max(1, min(max(steps, _FEWEST_STEPS), _MOST_ROWS // size))
        epochs = -(-steps // len(sizes))
        order = array("q")
        if not self._shuffles:
            order = array("q", range(rows)) * epochs
            self._now = order, sizes * epochs, 0, 0
            return self._now
        before = self._source.getstate()
        try:
            for _ in range(epochs):
                keys = [draw() for draw in repeat(self._source.random, rows)]
                order.extend(sorted(range(rows), key=keys.__getitem__))
            self._now = order, sizes * epochs, 0, 0
        except BaseException:
            self._source.setstate(before)  # the same rows will be drawn again
            raise
        return self._now
