"""Signals, kept waiting while what belongs together is changed."""

from __future__ import annotations

import threading
from importlib import import_module
from types import FrameType
from typing import Any

_signal: Any = import_module("_signal")  # sooner there than `signal`, which makes enums
_NUMBERS = sorted(_signal.valid_signals())


class SignalsWait:
    """Let the handlers of signals, which may raise, run only at the end of the block.

    Only the main thread is interrupted in Python; elsewhere the block changes nothing.

    Example:
        >>> import signal
        >>> heard = []
        >>> before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
        >>> with SignalsWait():
        ...     signal.raise_signal(signal.SIGINT)
        ...     len(heard)
        0
        >>> len(heard)
        1
        >>> _ = signal.signal(signal.SIGINT, before)
    """

    def __enter__(self) -> None:
        self._asked: list[int] = []
        self._handlers: dict[int, Any] = {}
        if threading.current_thread() is not threading.main_thread():
            return
        try:
            for number in _NUMBERS:
                handler = _signal.getsignal(number)
                if callable(handler):
                    self._handlers[number] = handler
                    _signal.signal(number, self._note)
        except BaseException:  # of a handler that is still in its place
            self.__exit__()
            raise

    def _note(self, number: int, _: FrameType | None) -> None:
        self._asked.append(number)

    def __exit__(self, *_: object) -> None:
        try:
            self._give_back()
        except BaseException:  # of a handler that is in its place again
            self._give_back()
            raise
        for number in dict.fromkeys(self._asked):
            _signal.raise_signal(number)

    def _give_back(self) -> None:
        for number, handler in self._handlers.items():
            _signal.signal(number, handler)
