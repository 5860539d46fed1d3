"""What is checked: something that can be evaluated at a point and claims to know its derivatives.

Three kinds: a function of its arguments, a loss of parameters that it uses from outside, and
foreign code with a gradient of its own. The first two can be differentiated again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from autograd import primitives
from autograd.forward import jvp
from autograd.functional import grad, gradients
from autograd.primitive import as_float
from autograd.recording import enable_grad, no_grad
from autograd.reverse import adjoints
from autograd.selection import Value

Point = list[float]
Function = Callable[[Sequence[Any]], Any]
Combine = Callable[[Sequence[Any]], Any]
Claims = dict[str, list[float]]


class Subject(Protocol):
    """A function of several numbers together with what it claims about its derivatives."""

    def evaluate(self, point: Point) -> float:
        """Return the function's value."""

    def claims(self, point: Point, modes: Sequence[str]) -> tuple[Claims, list[bool]]:
        """Return the claimed derivatives by mode, and which inputs the value depends on."""

    def claims_along(
        self, point: Point, direction: Sequence[float], modes: Sequence[str]
    ) -> tuple[dict[str, float], list[float]]:
        """Return the claimed derivative along a direction by mode, and one claimed gradient."""

    def derivative(self, combine: Combine) -> Subject:
        """Return a combination of the components of the gradient as a subject of its own."""


class OfArguments:
    """A function of the numbers in its arguments."""

    def __init__(self, f: Function) -> None:
        self._f = f

    def evaluate(self, point: Point) -> float:
        """Return f(point), without recording."""
        with no_grad():
            return real_number(self._f(list(point)), "the result of f")

    def claims(self, point: Point, modes: Sequence[str]) -> tuple[Claims, list[bool]]:
        """Return the gradient by mode, and which inputs the result depends on."""
        claimed, connected = reverse_and_graph(*self.record(point), modes)
        if "forward" in modes:
            units = [[float(i == j) for i in range(len(point))] for j in range(len(point))]
            claimed["forward"] = [self._tangent(point, unit) for unit in units]
        return {mode: claimed[mode] for mode in modes}, connected

    def claims_along(
        self, point: Point, direction: Sequence[float], modes: Sequence[str]
    ) -> tuple[dict[str, float], list[float]]:
        """Return direction · gradient by mode; forward mode needs one evaluation for it."""
        claimed, _ = reverse_and_graph(*self.record(point), modes)
        found = {mode: _projected(slopes, direction) for mode, slopes in claimed.items()}
        if "forward" in modes:
            found["forward"] = self._tangent(point, list(direction))
        return {mode: found[mode] for mode in modes}, claimed["reverse"]

    def derivative(self, combine: Combine) -> OfArguments:
        """Return a combination of the components of the gradient."""

        def combined(inputs: Sequence[Any]) -> Any:
            return combine(grad(self._f)(list(inputs)))

        return OfArguments(combined)

    def record(self, point: Point) -> tuple[Any, list[Value]]:
        """Return the output's graph and its inputs."""
        inputs = [Value(x) for x in point]
        with enable_grad():
            return self._f(inputs), inputs

    def _tangent(self, point: Point, direction: list[float]) -> float:
        _, tangent = jvp(lambda inputs: self._f(inputs), (list(point),), (direction,))
        return real_number(tangent, "the tangent of f")


class OfParameters:
    """A loss as a function of Values that it uses from outside; varied in place."""

    def __init__(
        self, loss: Callable[[], Any], nodes: Sequence[Value], combines: Sequence[Combine] = ()
    ) -> None:
        self._loss = loss
        self._nodes = list(nodes)
        self._combines = tuple(combines)

    def evaluate(self, point: Point) -> float:
        """Return the loss with the parameters set to the point."""
        self.move_to(point)
        if not self._combines:
            with no_grad():
                return real_number(self._loss(), "the loss")
        output = self._record(self._combines[:-1])
        return real_number(self._combines[-1](self._slopes(output)), "the gradient of the loss")

    def claims(self, point: Point, modes: Sequence[str]) -> tuple[Claims, list[bool]]:
        """Return the gradient by mode, and which parameters the loss depends on."""
        self.move_to(point)
        output = self._record(self._combines)
        claimed, connected = reverse_and_graph(output, self._nodes, modes)
        return {mode: claimed[mode] for mode in modes}, connected

    def claims_along(
        self, point: Point, direction: Sequence[float], modes: Sequence[str]
    ) -> tuple[dict[str, float], list[float]]:
        """Return direction · gradient by mode."""
        claimed, _ = self.claims(point, modes)
        found = {mode: _projected(slopes, direction) for mode, slopes in claimed.items()}
        return found, claimed["reverse"]

    def derivative(self, combine: Combine) -> OfParameters:
        """Return a combination of the components of the gradient."""
        return OfParameters(self._loss, self._nodes, (*self._combines, combine))

    def move_to(self, point: Point) -> None:
        """Set the parameters, those that differ."""
        for node, number in zip(self._nodes, point, strict=True):
            if node.data != number or math.copysign(1.0, node.data) != math.copysign(1.0, number):
                node.data = number

    def _record(self, combines: Sequence[Combine]) -> Any:
        with enable_grad():
            output = self._loss()
            for combine in combines:
                real_number(output, "the loss")
                output = combine(gradients(output, self._nodes))
        return output

    def _slopes(self, output: Any) -> list[float]:
        return list(output.adjoints_of(self._nodes))


class OfForeignCode:
    """A function of floats and a gradient that somebody else computes."""

    def __init__(
        self, evaluate: Callable[[Point], float], gradient: Callable[[Point], list[float]]
    ) -> None:
        self._evaluate = evaluate
        self._gradient = gradient

    def evaluate(self, point: Point) -> float:
        """Return the function's value."""
        return self._evaluate(point)

    def claims(self, point: Point, modes: Sequence[str]) -> tuple[Claims, list[bool]]:
        """Return the gradient that is claimed; what depends on what is not known."""
        return {mode: self._gradient(point) for mode in modes}, [True] * len(point)

    def claims_along(
        self, point: Point, direction: Sequence[float], modes: Sequence[str]
    ) -> tuple[dict[str, float], list[float]]:
        """Return direction · gradient."""
        slopes = self._gradient(point)
        return {mode: _projected(slopes, direction) for mode in modes}, slopes

    def derivative(self, combine: Combine) -> OfForeignCode:  # noqa: ARG002
        """Refuse: a gradient of foreign code is a number, not a graph."""
        raise TypeError(
            "foreign code can be checked to first order; for its second order, check its gradient "
            "as a function of its own, one component at a time"
        )


def reverse_and_graph(
    output: Any, inputs: Sequence[Value], modes: Sequence[str]
) -> tuple[Claims, list[bool]]:
    """Return the gradient by the sweep on floats and by the one on nodes, and what is connected."""
    if not isinstance(output, Value):
        real_number(output, "the result of f")
        output = Value(output).detach()
    found = adjoints(output)
    claimed = {"reverse": [found.get(node, 0.0) for node in inputs]}
    if "graph" in modes:
        claimed["graph"] = [node.data for node in gradients(output, inputs)]
    return claimed, [node in found for node in inputs]


def weighted(weights: Sequence[float]) -> Combine:
    """Return the combination Σ weight · component."""
    return lambda components: primitives.dot(weights, components)


def component(position: int) -> Combine:
    """Return the combination that picks one component."""
    return lambda components: components[position]


def real_number(result: Any, what: str) -> float:
    """Return a result as a float, whatever derivatives it carries.

    Raises:
        TypeError: If it is not one real number.
    """
    while hasattr(result, "carrier_level"):
        result = result.data
    return as_float(result, f"{what}: a gradient check")


def _projected(slopes: Sequence[float], direction: Sequence[float]) -> float:
    terms = [slope * move for slope, move in zip(slopes, direction, strict=True) if move]
    return math.fsum(terms) if all(map(math.isfinite, terms)) else math.nan
