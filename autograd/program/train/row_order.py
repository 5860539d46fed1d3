"""In which order training takes its rows: batch after batch, epoch after epoch, call after call."""

from __future__ import annotations

import random
from array import array
from copy import copy
from itertools import repeat
from typing import Any

from autograd.optimizers.row_streams import MOST_ROWS, Stream, Streams, stream_of

_FEWEST_STEPS = 64

Place = tuple["array[int]", "array[int]", int]  # rows in turn and sizes, as laid out; batches taken


class RowOrder:
    """The batches of a training, laid out some time before they are taken.

    Args:
        rows: How many rows there are.
        size: How many of them a batch has; the last of an epoch may have fewer.
        shuffle: Whether each epoch takes the rows in another order,
            `sorted(range(rows), key=lambda row: source.random())`: a third of the time of
            `source.shuffle`.
        seed: Of `source = random.Random(seed)`.
        streams: Where the order that went on last left off, by seed: a new one begins there. Orders
            that exist keep places of their own, so that trainings may take turns.
    """

    def __init__(
        self, rows: int, size: int, shuffle: bool, seed: Any, streams: Streams | None = None
    ) -> None:
        self.rows, self.size = rows, size
        self._layout = (rows, size, shuffle and size < rows)
        self._streams, self._seed = ({} if streams is None else streams), seed
        self._stream = copy(stream_of(self._streams, seed))
        self._state: Any = None  # that of the stream where the batches were laid out
        self._next_state: Any = None  # and behind them
        self._laid: tuple[array[int], array[int]] = array("q"), array("q")  # rows in turn, sizes

    def ahead(self, steps: int) -> tuple[array[int], array[int]]:
        """Return batches that come next, at least one: their rows in turn and their sizes.

        Args:
            steps: How many batches will be wanted, all in all.
        """
        order, sizes, taken = self._laid_out(steps)
        return order[self._rows_in(taken) :], sizes[taken:]

    def taken(self, batches: int) -> None:
        """Advance past the next `batches` batches."""
        self.go_to(self.place, batches)

    def next_batch(self, steps: int) -> array[int]:
        """Return the batch that comes next; `steps` as for `ahead`."""
        order, sizes, taken = self._laid_out(steps)
        first = self._rows_in(taken)
        return order[first : first + sizes[taken]]

    @property
    def place(self) -> Place:
        """Where the order is, to come back to."""
        return *self._laid, self._stream.taken

    @property
    def stream(self) -> tuple[Streams, Any, Stream]:
        """Where it is written how many batches are taken, and by whom: see `go_to`."""
        return self._streams, self._seed, self._stream

    def go_to(self, place: Place, batches: int) -> None:
        """Go on so many batches behind a place."""
        after = place[2] + batches
        if self._is_latest() and after != self._stream.taken:
            self._stream.taken = after
            self._streams[self._seed] = self._stream

    def _is_latest(self) -> bool:
        stream = self._stream
        return stream.state is self._state and stream.layout == self._layout

    def _rows_in(self, batches: int) -> int:
        """Return how many rows the first batches laid out have, beginning with a whole epoch."""
        rows, size, _ = self._layout
        epochs, more = divmod(batches, -(-rows // size))
        return epochs * rows + more * size

    def _laid_out(self, steps: int) -> Place:
        """Lay out batches of whole epochs if none is left."""
        stream = self._stream
        if self._is_latest():
            if stream.taken < len(self._laid[1]):
                return self.place
            stream.state, stream.taken = self._next_state, 0  # as go_to_epoch would find
        stream.go_to_epoch(self._layout)
        rows, size, shuffles = self._layout
        sizes = array("q", [size]) * (rows // size) + array("q", [rows % size]) * (rows % size > 0)
        steps = max(1, min(max(steps, _FEWEST_STEPS), MOST_ROWS // size))
        epochs = -(-steps // len(sizes))
        order, after = array("q"), stream.state
        if shuffles:
            source = random.Random()
            source.setstate(stream.state)
            for _ in range(epochs):
                keys = [draw() for draw in repeat(source.random, rows)]
                order.extend(sorted(range(rows), key=keys.__getitem__))
            after = source.getstate()
        else:
            order = array("q", range(rows)) * epochs
        laid = order, sizes * epochs
        # Whatever is raised before, the stream is whole, and the same rows are drawn again; from
        # here on nothing is called, so that no handler of a signal comes in between.
        self._state, self._next_state, self._laid = stream.state, after, laid
        return *laid, stream.taken
