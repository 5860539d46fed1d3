"""What is checked: something that can be evaluated at a point and claims to know its derivatives.

Three kinds: a function of its arguments, a loss of parameters that it uses from outside, and
foreign code with a gradient of its own. The first two can be differentiated again.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from autograd import primitives
from autograd.carriers import is_carrier
from autograd.forward import pushed_forward
from autograd.functional import grad, gradients
from autograd.reverse import adjoints
from autograd.selection import Value
from autograd.switches import enable_grad, no_grad
from autograd.verification.cancelling import cancelled_terms
from autograd.verification.foreign import ForeignCode
from autograd.verification.points import one_number

Point = list[float]
Function = Callable[[Sequence[Any]], Any]
Combine = Callable[[Sequence[Any]], Any]
Claims = dict[str, list[float]]


class Subject(ABC):
    """A function of several numbers together with what it claims about its derivatives."""

    @abstractmethod
    def evaluate(self, point: Point) -> float:
        """Return the function's value."""

    @abstractmethod
    def claims(self, point: Point, modes: Sequence[str]) -> tuple[Claims, list[bool]]:
        """Return the gradient by at least one mode, and which inputs the value depends on.

        By all of `modes` that give a whole gradient at once; forward mode does not.
        """

    @abstractmethod
    def derivative(self, combine: Combine) -> Subject:
        """Return a combination of the components of the gradient as a subject of its own."""

    def cancelled(self, point: Point) -> list[float]:
        """Return how large the terms are that cancel in each claim, as far as that shows."""
        return [0.0] * len(point)

    def along(self, point: Point, direction: Sequence[float]) -> Callable[[float], float]:
        """Return the function of t at point + t · direction."""
        both = list(zip(point, direction, strict=True))
        return lambda t: self.evaluate([x + t * move for x, move in both] if t else list(point))

    def along_input(self, point: Point, position: int) -> Callable[[float], float]:
        """Return the function of one input, the others as in the point."""
        moved = list(point)

        def along(x: float) -> float:
            moved[position] = x
            return self.evaluate(moved)

        return along

    def tangent(self, point: Point, direction: Sequence[float]) -> float:  # noqa: ARG002
        """Return the derivative along a direction by forward mode, where there is one."""
        raise TypeError("forward mode needs a function of its arguments")


class OfArguments(Subject):
    """A function of the numbers in its arguments."""

    def __init__(self, f: Function) -> None:
        self._f = f

    def evaluate(self, point: Point) -> float:
        """Return f(point), without recording."""
        with no_grad():
            return real_number(self._f(list(point)), "the result of f")

    def claims(self, point: Point, modes: Sequence[str]) -> tuple[Claims, list[bool]]:
        """Return the gradient by the sweeps, and which inputs the result depends on."""
        return reverse_and_graph(*self.record(point), modes)

    def cancelled(self, point: Point) -> list[float]:
        """Return how large the terms are that cancel in each claim."""
        return cancelled_terms(*self.record(point))

    def _f_of_list(self, inputs: Any) -> Any:
        return self._f(inputs)

    def tangent(self, point: Point, direction: Sequence[float]) -> float:
        """Return the derivative along a direction, from one evaluation with dual numbers."""
        tangent = pushed_forward(self._f_of_list, (list(point),), (list(direction),))[1]
        return real_number(tangent, "the tangent of f")

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


class OfParameters(Subject):
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
        """Return the gradient by the sweeps, and which parameters the loss depends on."""
        self.move_to(point)
        return reverse_and_graph(self._record(self._combines), self._nodes, modes)

    def cancelled(self, point: Point) -> list[float]:
        """Return how large the terms are that cancel in each claim."""
        self.move_to(point)
        return cancelled_terms(self._record(self._combines), self._nodes)

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


class OfForeignCode(Subject):
    """A function of floats and a gradient that somebody else computes."""

    def __init__(self, code: ForeignCode) -> None:
        self.code = code
        self._claimed: tuple[Point, list[float]] | None = None

    def evaluate(self, point: Point) -> float:
        """Return the function's value."""
        return self.code.evaluate(self.code.form.vector(point))

    def along(self, point: Point, direction: Sequence[float]) -> Callable[[float], float]:
        """Return the function of t at point + t · direction, arrays moved as arrays."""
        return self.code.along(point, direction)

    def along_input(self, point: Point, position: int) -> Callable[[float], float]:
        """Return the function of one number, set in its array."""
        return self.code.along_input(point, position)

    def claims(self, point: Point, modes: Sequence[str]) -> tuple[Claims, list[bool]]:
        """Return the gradient that is claimed; what depends on what is not known."""
        if self._claimed is None or self._claimed[0] != point:
            self._claimed = list(point), self.code.claimed(self.code.form.vector(point))
        return dict.fromkeys(modes, self._claimed[1]), [True] * len(point)

    def derivative(self, _: Combine) -> OfForeignCode:
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
    while is_carrier(result):
        result = result.data
    return one_number(result, f"{what}: a gradient check")
