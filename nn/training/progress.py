"""Progress: a bar on a terminal once a training takes long, a line where there is none."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Any

_SILENT = 0.5  # seconds
_EVERY = 0.1  # seconds between two looks of a bar


class Progress:
    """What a training shows while it runs, on stderr.

    Args:
        wanted: True shows it from the start, False never; None a bar after half a second if stderr
            is a terminal, and else one line at the end of what took longer.
        steps: How many there will be.
    """

    def __init__(self, wanted: bool | None, steps: int) -> None:
        self._wanted, self._steps = wanted, steps
        self._began = self._latest = time.perf_counter()
        self._bar: Any = None
        self._task: Any = None
        self._is_written = False
        self._on_terminal = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, steps: int, text: str) -> None:
        """Show that so many steps are taken."""
        now = time.perf_counter()
        if not self._is_due(now) or not self._on_terminal:
            return
        if now - self._latest < _EVERY and (self._bar or self._is_written):
            return
        self._latest = now
        if self._bar is None and not self._is_written:
            self._open(steps)
        if self._bar is not None:
            self._bar.update(self._task, completed=steps, description=text)
        else:
            sys.stderr.write(f"\r\x1b[K{steps}/{self._steps} steps, {text}")
            sys.stderr.flush()
            self._is_written = True

    def close(self, summary: str) -> None:
        """End the bar; write the line of a training that was long enough."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        elif self._is_written:
            sys.stderr.write("\r\x1b[K")
            self._is_written = False
        if self._is_due(time.perf_counter()) and sys.stderr is not None:
            print(summary, file=sys.stderr)

    def _is_due(self, now: float) -> bool:
        return self._wanted or (self._wanted is None and now - self._began >= _SILENT)

    def _open(self, steps: int) -> None:
        with suppress(ImportError):  # a line says the same
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                BarColumn(),
                TextColumn("{task.percentage:3.0f} %  {task.description}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("", total=self._steps, completed=steps)
            self._bar.start()
