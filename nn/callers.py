"""Callers: the line of a user's code that a warning is about."""

from __future__ import annotations

import sys

_OURS = ("autograd", "nn")


def level_of_user() -> int:
    """Return the `stacklevel` by which the caller's warning is shown at the user's line.

    Example:
        >>> level_of_user() >= 1  # 1 where the user calls it
        True
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        level, frame = level + 1, frame.f_back
    return level
