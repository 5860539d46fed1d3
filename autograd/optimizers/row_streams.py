"""Where the orders of rows left off, by seed: what an optimizer remembers of shuffled trainings."""

from __future__ import annotations

import random
from typing import Any

MOST_ROWS = 1 << 20  # laid out at once, about
_MOST_SEEDS = 8  # that an optimizer remembers: some 20 kB each

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
