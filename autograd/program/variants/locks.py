"""Locks that no thread holds which a child process does not have."""

from __future__ import annotations

import os
from threading import RLock
from typing import Any

_generation = 0


def _forked() -> None:
    global _generation
    _generation += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class ProcessLock:
    """A lock for every process: a forked one begins with a new lock.

    What it guards is changed by single assignments, so it is whole in a child, too.

    Example:
        >>> lock = ProcessLock()
        >>> with lock.here:
        ...     lock.here is lock.here
        True
    """

    def __init__(self) -> None:
        self._locks: dict[int, Any] = {}

    @property
    def here(self) -> Any:
        """The lock of this process; its own thread may take it again."""
        found = self._locks.get(_generation)
        return self._locks.setdefault(_generation, RLock()) if found is None else found
