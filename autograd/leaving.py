"""Where a number left the graph, if a gradient is 0 because of it.

A result that depends on its inputs only through their numbers (`x.data ** 2`, `x.detach()`) has the
gradient 0, by the rules and seldom by intention. Nothing is watched while functions are recorded;
only where no path leads from any result to any input is f called again, with its inputs watched.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from autograd.carriers import is_carrier
from autograd.forward import innermost
from autograd.graph import dependents, topological_order
from autograd.selection import Value
from autograd.structure import flatten
from autograd.switches import current, enable_grad, frame_outside, watching

# Far from each other and from where anybody looks, so that what reacts does so.
_MOVES: tuple[Callable[[Any], Any], ...] = (
    lambda x: 1.25 * x + 0.618033988749895,
    lambda x: 0.7 * x - 1.4142135623730951,
)


class LostGradientWarning(UserWarning):
    """A gradient is 0 everywhere because a number left the graph on the way.

    Example:
        >>> import warnings
        >>> from autograd import grad
        >>> with warnings.catch_warnings(record=True) as told:
        ...     warnings.simplefilter("always")
        ...     slope = grad(lambda x: x.detach() * 2.0)(3.0)
        >>> slope, told[0].category.__name__
        (0.0, 'LostGradientWarning')
    """


class _Place(NamedTuple):
    file: str
    line: int
    what: str


class _Departures:
    """Watches where the number of a node that depends on an input leaves the graph, first."""

    def __init__(self, inputs: Iterable[Any]) -> None:
        self._inputs = list(inputs)
        self.first: _Place | None = None

    def compared(self, left: Any, comparison: str, right: Any, outcome: bool) -> None:
        """A comparison chooses a branch, whose derivative is meant."""

    def frozen(self, node: Any) -> None:
        """Note where the number of a node is read."""
        if self.first is None and node in dependents(topological_order(node), self._inputs):
            self.first = _place(f"the number of {node.describe()} left the graph here")

    def computed(self, nodes: Iterable[Any]) -> None:
        """What a differentiation computed is in the graph."""

    def later(self, call: Callable[[], None]) -> None:
        """Zeros inside of the second call are explained by the first."""

    def swept(self, what: str) -> None:
        """Note where a `.grad` is read, which is no node."""
        if self.first is None and what == ".grad":
            self.first = _place("a .grad was read here, which is a number outside of the graph")


def _place(what: str) -> _Place:
    frame = frame_outside("autograd", "nn", "copy", "contextlib")
    return _Place(frame.f_code.co_filename, frame.f_lineno, what)


def _warn(place: _Place) -> None:
    warnings.warn_explicit(
        f"{place.what}: no path leads from any result to any input, so every derivative is 0. "
        "Compute with the Values themselves, not with .data, detach() or no_grad()",
        LostGradientWarning,
        place.file,
        place.line,
    )


def warn_of_constant(output: Any) -> None:
    """Warn that the gradients of an output that is a constant are 0."""
    if current.watch is None:
        place = _place(
            f"the output, {output.describe()}, was computed under no_grad(), detached, or from "
            "plain numbers only"
        )
        _warn(place)


def warn_if_left(
    f: Callable[[Sequence[Any]], Any], inputs: Sequence[Any], outputs: Sequence[Any]
) -> None:
    """Warn if no output has a path to any input, but a number that left the graph is why.

    Args:
        f: The function, of the list of its inputs. It is called again, and once or twice more with
            other numbers, to see whether its result reacts to them at all.
        inputs: Values, or duals of Values.
        outputs: What it returned.
    """
    nodes = [innermost(x) for x in inputs]
    if current.watch is not None or not nodes or _has_path(outputs, nodes):
        return
    departures = _Departures(nodes)
    try:
        with watching(departures), enable_grad():
            f(inputs)
            if departures.first is None or not _reacts(f, inputs, outputs):
                return
    except Exception:
        return  # of a call that nobody asked for
    _warn(departures.first)


def warn_if_constant(f: Callable[..., Any], arguments: Sequence[Any]) -> None:
    """Warn if the results of f do not depend on its arguments because a number left the graph.

    Args:
        f: The function, which is called again with Values in place of the numbers.
        arguments: What it was called with.
    """
    numbers, structure = flatten(list(arguments), "the arguments")
    if current.watch is not None or any(map(is_carrier, numbers)):
        return
    inputs = [Value(x) for x in numbers]

    def of_inputs(numbers: Sequence[Any]) -> Any:
        return f(*structure.build(numbers))

    try:
        with enable_grad():
            outputs = flatten(of_inputs(inputs), "the result of f")[0]
    except Exception:
        return  # of a call that nobody asked for
    warn_if_left(of_inputs, inputs, outputs)


def _has_path(outputs: Sequence[Any], nodes: Sequence[Any]) -> bool:
    ends = [y for y in map(innermost, outputs) if isinstance(y, Value)]
    return not dependents(topological_order(*ends), nodes).isdisjoint(ends)


def _reacts(f: Callable[[Sequence[Any]], Any], inputs: Sequence[Any], outputs: Any) -> bool:
    """Whether other inputs make other outputs; whether it fails for them is an answer, too."""
    before = _numbers(outputs)
    for move in _MOVES:
        try:
            after = _numbers(flatten(f([move(x) for x in inputs]), "the result of f")[0])
        except Exception:
            return True
        if after != before:
            return True
    return False


def _numbers(outputs: Sequence[Any]) -> list[str]:
    # As text, in which NaN is itself.
    return [repr(getattr(innermost(y), "data", y)) for y in outputs]
