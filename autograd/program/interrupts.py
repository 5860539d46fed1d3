"""Ctrl-C, kept waiting until the work at hand is whole."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class interrupts_wait:  # noqa: N801
    """Let Ctrl-C take effect at the end of the block, which asks `is_asked` now and then.

    Only the main thread is interrupted in Python; elsewhere the block changes nothing.

    Example:
        >>> import os
        >>> with interrupts_wait() as interrupt:
        ...     interrupt.is_asked
        False
    """

    def __enter__(self) -> interrupts_wait:  # noqa: PYI034
        self.is_asked = False
        self._handler: Any = None
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.getsignal(signal.SIGINT)
        if callable(self._handler):
            signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.is_asked = True
        self._asked_with = (number, frame)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if callable(self._handler):
            signal.signal(signal.SIGINT, self._handler)
            if self.is_asked:
                self._handler(*self._asked_with)
