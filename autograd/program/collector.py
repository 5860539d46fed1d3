"""The cyclic collector, paused: compiling makes many small tuples, and no cycles."""

from __future__ import annotations

import gc
from contextlib import ContextDecorator


class collector_paused(ContextDecorator):  # noqa: N801
    """Pause the cyclic collector: it would walk all of the code again and again, for nothing."""

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()

    def _recreate_cm(self) -> collector_paused:
        return collector_paused()  # each call of a decorated function its own
