"""The cyclic collector, paused where many small tuples are made, and no cycles."""

from __future__ import annotations

import gc
import os
from contextlib import ContextDecorator
from threading import RLock, get_ident

_lock = RLock()  # a finaliser may come while it is held
_pauses: dict[
    int, int
] = {}  # the threads of pauses, by id; the collector is off while there is one
_was_on = False


class collector_paused(ContextDecorator):  # noqa: N801
    """Pause the cyclic collector: it would walk all of them again and again, for nothing.

    It is on again when the last thread that paused it is done.
    """

    _counts = False

    def __enter__(self) -> None:
        global _was_on
        with _lock:
            if not _pauses:
                _was_on = gc.isenabled()
            self._counts = True
            _pauses[id(self)] = get_ident()
            gc.disable()

    def __exit__(self, *_: object) -> None:
        self._end()

    def __del__(self) -> None:
        if self._counts:  # a signal's handler raised on the way in or out, or there was no memory
            self._end()

    def _end(self) -> None:
        with _lock:
            _pauses.pop(id(self), None)
            if not _pauses and _was_on:
                gc.enable()
            self._counts = False

    def _recreate_cm(self) -> collector_paused:
        return collector_paused()  # each call of a decorated function its own


def _forked() -> None:
    """End the pauses of threads that the child process does not have."""
    global _lock
    _lock = RLock()
    me = get_ident()
    for pause, thread in [*_pauses.items()]:
        if thread != me:
            del _pauses[pause]
    if not _pauses and _was_on:
        gc.enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
