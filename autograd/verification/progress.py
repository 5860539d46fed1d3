"""What a long check shows while it runs: a line on stderr, wherever somebody can see it.

On a terminal and in notebooks, after two seconds, and gone at the end; pipes and files get nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_SILENT, _EVERY = 2.0, 0.2  # seconds, until the first line and between two of them
_WIDTH = 78

Function = Callable[[float], float]


class StatusLine:
    """The line of one check.

    Args:
        title: What is checked.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = time.perf_counter()
        self._next = self._began + _SILENT
        self._is_written = False
        self._is_seen = _is_seen()
        self._share = 0.0

    def watched(self, f: Function, doing: str, share: float = 0.0) -> Function:
        """Return f, which also lets the line be written when it is called.

        Args:
            f: What is about to be evaluated many times.
            doing: What for.
            share: The part of all work that is done by then, if it is known.
        """
        if not self._is_seen:
            return f

        def evaluated(x: float) -> float:
            now = time.perf_counter()
            if now >= self._next:
                self._write(now, doing, share)
            return f(x)

        return evaluated

    def close(self) -> None:
        """Take the line away."""
        if self._is_written:
            self._put("\r" + " " * _WIDTH + "\r")
            self._is_written = False

    def _write(self, now: float, doing: str, share: float) -> None:
        self._next = now + _EVERY
        passed = now - self._began
        left = f", about {passed / share - passed:.0f} s left" if share else ""
        line = f"{self._title}: {doing}, {passed:.0f} s{left}"
        line = line.encode("ascii", "replace").decode()
        if len(line) > _WIDTH:
            line = line[: _WIDTH - 3] + "..."
        self._put("\r" + line.ljust(_WIDTH))
        self._is_written = True

    def _put(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):
            self._is_seen = False  # closed meanwhile: the check goes on


def _is_seen() -> bool:
    stream = sys.stderr
    if stream is None or getattr(stream, "closed", False):
        return False
    return stream.isatty() or type(stream).__module__.startswith("ipykernel")
