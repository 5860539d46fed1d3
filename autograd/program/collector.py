"""The cyclic collector, paused: compiling makes many small tuples, and no cycles."""

from __future__ import annotations

import gc
import os
from collections import Counter
from contextlib import ContextDecorator
from threading import RLock, get_ident

_lock = RLock()  # a finaliser may come while it is held
_pauses: Counter[int] = Counter()  # by thread; the collector is off while there is one
_was_on = False


class collector_paused(ContextDecorator):  # noqa: N801
    """Pause the cyclic collector: it would walk all of the code again and again, for nothing.

    It is on again when the last thread that paused it is done.
    """

    def __init__(self) -> None:
        self._thread = 0  # whose pause this is, while it is one

    def __enter__(self) -> None:
        global _was_on
        with _lock:
            if not _pauses:
                _was_on = gc.isenabled()
            self._thread = get_ident()
            _pauses[self._thread] += 1
            gc.disable()

    def __exit__(self, *_: object) -> None:
        self._end()

    def __del__(self) -> None:
        self._end()  # where a signal's handler raised on the way in or out

    def _end(self) -> None:
        with _lock:
            thread, self._thread = self._thread, 0
            if thread in _pauses:
                _pauses[thread] -= 1
                _end_if_last(thread)

    def _recreate_cm(self) -> collector_paused:
        return collector_paused()  # each call of a decorated function its own


def _end_if_last(thread: int) -> None:
    if not _pauses[thread]:
        del _pauses[thread]
    if not _pauses and _was_on:
        gc.enable()


def _forked() -> None:
    """End the pauses of threads that the child process does not have."""
    global _lock
    _lock = RLock()
    me = get_ident()
    for thread in [*_pauses]:
        if thread != me:
            _pauses[thread] = 0
            _end_if_last(thread)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
