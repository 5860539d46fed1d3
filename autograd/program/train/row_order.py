"""In which order training takes its rows: batch after batch, epoch after epoch, call after call."""

from __future__ import annotations

import random
from array import array
from copy import copy
from itertools import repeat
from typing import Any

MOST_ROWS = 1 << 20  # laid out at once, about
_FEWEST_STEPS = 64
_MOST_SEEDS = 8  # that an optimizer remembers: some 20 kB each

Place = tuple["array[int]", "array[int]", int, int]  # rows in turn, sizes; batches and rows taken
Layout = tuple[int, int, bool]  # rows, those of a batch, whether they are shuffled


class Stream:
    """How far the random numbers of one seed were used: all that the orders to come depend on.

    Attributes:
        state: That of the random numbers where the batches were laid out.
        layout: Of these batches; None before the first.
        taken: How many of them.
    """

    def __init__(self, seed: Any) -> None:
        self.state: Any = random.Random(seed).getstate()
        self.layout: Layout | None = None
        self.taken = 0

    def go_to_epoch(self, layout: Layout) -> None:
        """Leave whole epochs behind; one that was begun goes on only in its own layout."""
        if self.layout is not None:
            rows, size, shuffles = self.layout
            epochs, batches = divmod(self.taken, -(-rows // size))
            if batches and layout != self.layout:
                epochs, batches = epochs + 1, 0
            if epochs and shuffles:
                source = random.Random()
                source.setstate(self.state)
                for _ in range(epochs * rows):
                    source.random()
                self.state = source.getstate()
            self.taken = batches
        self.layout = layout


Streams = dict[Any, Stream]


def stream_of(streams: Streams, seed: Any) -> Stream:
    """Return the stream of a seed; forget that of the seed that was longest not asked for."""
    found = streams[seed] = streams.pop(seed) if seed in streams else Stream(seed)
    while len(streams) > _MOST_SEEDS:
        del streams[next(iter(streams))]
    return found


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
        # What is laid out, and how many batches and rows of it are taken: one assignment changes
        # all, so that whatever is raised in between leaves the order whole.
        self._now: Place = array("q"), array("q"), 0, 0

    def ahead(self, steps: int) -> tuple[array[int], array[int]]:
        """Return batches that come next, at least one: their rows in turn and their sizes.

        Args:
            steps: How many batches will be wanted, all in all.
        """
        order, sizes, taken, rows_taken = self._laid_out(steps)
        return order[rows_taken:], sizes[taken:]

    def taken(self, batches: int) -> None:
        """Advance past the next `batches` batches."""
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
        if self._is_latest() and after != self._now[2]:
            self._now = order, sizes, after, rows_taken + sum(sizes[taken:after])
            self._stream.taken = after
            self._streams[self._seed] = self._stream

    def _is_latest(self) -> bool:
        stream = self._stream
        mine = stream.state is self._state and stream.layout == self._layout
        return mine and stream.taken == self._now[2]

    def _laid_out(self, steps: int) -> Place:
        """Lay out batches of whole epochs if none is left."""
        stream, sizes = self._stream, self._now[1]
        if self._is_latest():
            if stream.taken < len(sizes):
                return self._now
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
        # Whatever is raised before, the stream is whole, and the same rows are drawn again.
        self._state, self._next_state = stream.state, after
        self._now = order, sizes * epochs, stream.taken, sum(sizes[: stream.taken])
        return self._now
