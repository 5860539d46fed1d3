"""What is being recorded: switches that hold for the current thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import ContextDecorator
from inspect import isgeneratorfunction
from types import TracebackType
from typing import TypeVar

_F = TypeVar("_F", bound=Callable[..., object])
_PACKAGE = __name__.partition(".")[0]


class _Switches(threading.local):
    graph: bool = True
    locations: bool = False


switches = _Switches()
# Called with this thread's switches whenever one changes: a compiled engine keeps a copy.
followers: list[Callable[[bool, bool], None]] = []


class _Switched(ContextDecorator):
    """Set a switch for the length of a `with` block or of a decorated function."""

    def __init__(self, name: str, on: bool) -> None:
        self._name = name
        self._on = on
        self._before: list[bool] = []

    def __call__(self, function: _F) -> _F:
        if isgeneratorfunction(function):
            raise TypeError(
                f"{function.__name__} is a generator: its body runs after this returns; "
                "use a with block inside it"
            )
        return super().__call__(function)

    def _recreate_cm(self) -> _Switched:
        return _Switched(self._name, self._on)  # each call of a decorated function its own

    def __enter__(self) -> None:
        self._before.append(getattr(switches, self._name))
        self._set(self._on)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._set(self._before.pop())

    def _set(self, on: bool) -> None:
        setattr(switches, self._name, on)
        for follow in followers:
            follow(switches.graph, switches.locations)


def no_grad() -> _Switched:
    """Compute without recording: in this block or function, results are constants.

    Example:
        >>> from autograd import Value, no_grad
        >>> x = Value(2.0)
        >>> with no_grad():
        ...     y = x * x
        >>> y.data, y.parents
        (4.0, ())
    """
    return _Switched("graph", False)


def enable_grad() -> _Switched:
    """Record in this block or function, even inside `no_grad()`."""
    return _Switched("graph", True)


def record_locations() -> _Switched:
    """Remember, in this block or function, the source line that recorded each node.

    Errors then name the line; recording costs about twice as much.

    Example:
        >>> from autograd import Value, record_locations
        >>> with record_locations():
        ...     y = Value(2.0) * 3.0
        >>> y.location is None
        False
    """
    return _Switched("locations", True)


def caller() -> str:
    """Return `file:line` of the nearest frame outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] != _PACKAGE:
            break
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
