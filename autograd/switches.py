"""What is being recorded: switches that hold for the current thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import ContextDecorator
from functools import partial
from types import FrameType, TracebackType
from typing import Any, Protocol, TypeVar

_CO_GENERATOR = 0x20
_F = TypeVar("_F", bound=Callable[..., object])
_PACKAGE = __name__.partition(".")[0]
_LOOKING_IS_NOT_BRANCHING = (_PACKAGE, "nn")
_NUMBERS_THEMSELVES = ("autograd.value", "autograd.forward")  # whose `.data` others read


class Watch(Protocol):
    """Is told, while it watches, where a computation looks at the numbers of nodes."""

    def compared(self, left: Any, comparison: str, right: Any, outcome: bool) -> None:
        """Note that `left comparison right` was asked, and how it came out."""

    def frozen(self, node: Any) -> None:
        """Note that the number of a node was taken out of the graph."""

    def computed(self, nodes: Iterable[Any]) -> None:
        """Note what a differentiation computed, whether or not its result needs it."""

    def later(self, call: Callable[[], None]) -> None:
        """Note what is to be called when this has ended to watch."""

    def swept(self, what: str) -> None:
        """Note that `what`, a gradient, was asked for in a way that leaves no trace."""


class Switches(threading.local):
    """What this thread records, and who watches."""

    graph: bool = True
    locations: bool = False
    group: Any = None  # of what is recorded now (`groups`)
    watch: Watch | None = None
    # Called with output and seed before each reverse sweep; what it raises, the sweep raises.
    inspector: Callable[[Any, float], None] | None = None


current = Switches()
# Called with this thread's switches whenever one changes: a compiled engine keeps a copy.
followers: list[Callable[[Switches], None]] = []
# Who watches now, and what is switched at all, in all threads: while nobody does and nothing is,
# no thread is asked.
watchers: set[Switched] = set()
switched: set[Switched] = set()


def _is_generator_function(function: Any) -> bool:
    # As in `inspect`, which would take a quarter of the time of `import autograd`.
    while isinstance(function, partial):
        function = function.func
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & _CO_GENERATOR)


class Switched(ContextDecorator):
    """Set a switch for the length of a `with` block or of a decorated function."""

    def __init__(self, name: str, on: Any) -> None:
        self._name = name
        self._on = on
        self._before: list[Any] = []

    def __call__(self, function: _F) -> _F:
        """Return the function, with the switch set while it runs."""
        if _is_generator_function(function):
            name = getattr(function, "__name__", repr(function))
            raise TypeError(
                f"{name} is a generator: its body runs after this returns; "
                "use a with block inside it"
            )
        return super().__call__(function)

    def __repr__(self) -> str:
        setting = f"{self._name} = {self._on}"
        return f"<{setting} inside a with block, or as a decorator>"

    def _recreate_cm(self) -> Switched:
        return Switched(self._name, self._on)  # each call of a decorated function its own

    def __enter__(self) -> None:
        self._before.append(getattr(current, self._name))
        try:
            switched.add(self)
            if self._name == "watch":
                watchers.add(self)
            _switch(self._name, self._setting())
        except BaseException:  # of a signal's handler
            self._leave()
            self._end()
            raise

    def _setting(self) -> Any:
        return self._on

    # The compiled engine puts its own in this place. Here a signal's handler that raises at the
    # first instruction leaves the switch as it is in the block.
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._leave()
        except BaseException:  # of a signal's handler
            self._leave()
            raise
        finally:
            self._end()

    def _leave(self) -> None:
        _switch(self._name, self._before[-1])
        watchers.discard(self)

    def _end(self) -> None:
        self._before.pop()
        if not self._before:  # it may have been entered again inside itself, or in another thread
            switched.discard(self)


def _switch(name: str, on: Any) -> None:
    setattr(current, name, on)
    for follow in followers:
        follow(current)


def no_grad() -> Switched:
    """Compute without recording: in this block or function, results are constants.

    Ctrl-C in the block ends it like any error; with the engine in plain Python it can also strike
    as the block is being left, which then stays as it is in this thread until another one is left.

    Example:
        >>> from autograd import Value, no_grad
        >>> x = Value(2.0)
        >>> with no_grad():
        ...     y = x * x
        >>> y.data, y.parents
        (4.0, ())
    """
    return Switched("graph", False)


def enable_grad() -> Switched:
    """Record in this block or function, even inside `no_grad()`.

    Example:
        >>> from autograd import Value, no_grad
        >>> x = Value(3.0)
        >>> with no_grad():
        ...     frozen = x * x
        ...     with enable_grad():
        ...         y = x * x
        >>> frozen.is_constant, y.is_constant
        (True, False)
    """
    return Switched("graph", True)


def record_locations() -> Switched:
    """Remember, in this block or function, the source line that recorded each node.

    Errors then name the line; recording costs about twice as much.

    Example:
        >>> from autograd import Value, record_locations
        >>> with record_locations():
        ...     y = Value(2.0) * 3.0
        >>> y.location is None
        False
    """
    return Switched("locations", True)


def inspect_sweeps(inspector: Callable[[Any, float], None] | None) -> Switched:
    """Call `inspector(output, seed)` before each reverse sweep of this block; None: do not.

    Example:
        >>> from autograd import Value
        >>> with inspect_sweeps(lambda output, seed: print(output.op, seed)):
        ...     (Value(2.0) * 3.0).backward()
        * 1.0
    """
    return Switched("inspector", inspector)


def watching(watch: Watch) -> Switched:
    """Tell `watch` of every comparison of nodes, and of every number taken out of the graph."""
    return Switched("watch", watch)


def tell_compared(left: Any, comparison: str, right: Any, outcome: bool) -> None:
    """Tell this thread's watch, if there is one, of a comparison."""
    if current.watch is not None:
        current.watch.compared(left, comparison, right, outcome)


def tell_frozen(node: Any) -> None:
    """Tell this thread's watch, if there is one, that a node's number leaves the graph."""
    if current.watch is not None and not node.is_constant:
        current.watch.frozen(node)


def tell_looked_at(node: Any) -> None:
    """Tell this thread's watch, if there is one, that `.data` was read.

    The two packages read it to compute and to refuse bad input, which does not count.
    """
    if current.watch is not None and not node.is_constant and _is_read_from_outside():
        current.watch.frozen(node)


def tell_computed(nodes: Iterable[Any]) -> None:
    """Tell this thread's watch, if there is one, what a differentiation computed."""
    if current.watch is not None:
        current.watch.computed(nodes)


def tell_swept(what: str, within: str = "") -> None:
    """Tell this thread's watch, if there is one, that user code ran a sweep or read a `.grad`.

    Args:
        within: The module in which that is done, if it is none of the numbers themselves.
    """
    if current.watch is not None and _is_read_from_outside(within):
        current.watch.swept(what)


def _is_read_from_outside(within: str = "") -> bool:
    frame: FrameType | None = sys._getframe(2)
    passed = (*_NUMBERS_THEMSELVES, within)
    while frame is not None and frame.f_globals.get("__name__") in passed:
        frame = frame.f_back
    reader = frame.f_globals.get("__name__", "") if frame is not None else ""
    return reader.partition(".")[0] not in _LOOKING_IS_NOT_BRANCHING


def frame_outside(*packages: str) -> FrameType:
    """Return the nearest frame of code that is in none of these packages."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in packages:
            break
        frame = frame.f_back
    return frame


def caller() -> str:
    """Return `file:line` of the nearest frame outside this package."""
    frame = frame_outside(_PACKAGE)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
