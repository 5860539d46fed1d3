"""Kinds of numbers on which a recorded graph can be evaluated again: what they have in common.

Only values are stated here, never a derivative. Derivatives come from the numbers themselves (the ε
of a jet, the imaginary part of a complex step, differences in high precision), or from the rule
book's own partials, run on these numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import primitives
from autograd.operators import Operators
from autograd.primitive import Primitive

Values = dict[str, Callable[..., Any]]


class UnsupportedError(LookupError):
    """An operation that this kind of number does not have, or a kink where it has no derivative."""


@dataclass(frozen=True)
class Kind:
    """A kind of number.

    Attributes:
        name: What it is called in reports.
        lift: From a float.
        values: The operations it has, by the name of their primitive.
        because: Why it has no others.
    """

    name: str
    lift: Callable[[float], Any]
    values: Mapping[str, Callable[..., Any]]
    because: str = ""

    def apply(self, primitive: Primitive, numbers: Sequence[Any]) -> Any:
        """Return the value of an operation.

        Raises:
            UnsupportedError: If this kind of number does not have it.
        """
        if primitive.name in self.values:
            return self.values[primitive.name](*numbers)
        if primitive.name not in primitives.RULES:
            raise UnsupportedError(f"{primitive.name} is not in the rule book")
        raise UnsupportedError(f"{self.name}: no {primitive.name}{self.because}")


class Carrier(Operators):
    """A number of some kind that the rule book's partials can compute with."""

    __slots__ = ("kind", "number")

    def __init__(self, number: Any, kind: Kind) -> None:
        self.number = number
        self.kind = kind

    @property
    def data(self) -> float:
        """The number as a float, the middle of an interval."""
        return float(self.number)

    def apply_primitive(self, primitive: Primitive, operands: Sequence[Any]) -> Carrier:
        """Return the operation's value."""
        numbers = [x.number if isinstance(x, Carrier) else self.kind.lift(x) for x in operands]
        return Carrier(self.kind.apply(primitive, numbers), self.kind)


def sign_of(number: Any) -> int:
    """Return -1, 0 or 1; of an interval only if all of it agrees."""
    if hasattr(number, "sign"):
        found: int = number.sign()
        return found
    return int(number > 0) - int(number < 0)


def sign_off_kinks(number: Any) -> int:
    """Return -1 or 1 from the real part; at 0, where a kink has no derivative, refuse."""
    sign = sign_of(number.real)
    if sign == 0:
        raise UnsupportedError("at a kink")
    return sign


def arithmetic(sign: Callable[[Any], int], power: Callable[[Any, Any], Any]) -> Values:
    """Return the operations that need only + - * / and the sign of a number."""

    def chosen(x: Any, y: Any, comparison: int) -> Any:
        same = sign(x - y)
        return (x + y) / 2 if same == 0 else x if same == comparison else y

    def dot(*xs: Any) -> Any:
        size = len(xs) // 2
        products = [x * y for x, y in zip(xs[:size], xs[size : 2 * size], strict=True)]
        return sum(products) + (xs[-1] if len(xs) % 2 else 0)

    def leaky(x: Any, slope: Any) -> Any:
        return x if sign(x) > 0 else x * slope

    return {
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y,
        "neg": lambda x: -x,
        "pos": lambda x: x,
        "pow": power,
        "abs": lambda x: x * sign(x),
        "sign": lambda x: x * 0 + sign(x),
        "step": lambda x: x * 0 + (sign(x) > 0),
        "nonzero": lambda x: x * 0 + (sign(x) != 0),
        "compare": lambda x, y: x * 0 + sign(x - y),
        "where": lambda c, x, y: x if sign(c) else y,
        "relu": lambda x: x if sign(x) > 0 else x * 0,
        "leaky_relu": leaky,
        "maximum": lambda x, y: chosen(x, y, 1),
        "minimum": lambda x, y: chosen(x, y, -1),
        "clip": lambda x, low, high: chosen(chosen(x, low, 1), high, -1),
        "sum": lambda *xs: sum(xs),
        "mean": lambda *xs: sum(xs) / len(xs),
        "prod": lambda *xs: math.prod(xs),
        "dot": dot,
    }


def composed(m: Mapping[str, Callable[..., Any]], sign: Callable[[Any], int]) -> Values:
    """Return the operations that are composed of exp, log and sqrt of this kind of number."""
    exp, log, sqrt = m["exp"], m["log"], m["sqrt"]

    def sigmoid(x: Any) -> Any:
        return (x * 0 + 1) / (exp(-x) + 1)

    def elu(x: Any, alpha: Any) -> Any:
        return x if sign(x) > 0 else alpha * (exp(x) - 1)

    def logsumexp(*xs: Any) -> Any:
        largest = max(getattr(x, "middle", x).real for x in xs)
        return log(sum(exp(x - largest) for x in xs)) + largest

    scale, alpha = 1.0507009873554805, 1.6732632423543772
    found: Values = {
        "sigmoid": sigmoid,
        "softplus": lambda x: log(exp(x) + 1),
        "silu": lambda x: x * sigmoid(x),
        "elu": elu,
        "selu": lambda x: elu(x, alpha) * scale,
        "logaddexp": lambda x, y: logsumexp(x, y),
        "logsumexp": logsumexp,
        "softmax_component": lambda x, total: exp(x - total),
        "hypot": lambda x, y: sqrt(x * x + y * y),
        "norm": lambda *xs: sqrt(sum(x * x for x in xs)),
    }
    if "erfc" in m:
        found["gelu"] = lambda x: x * m["erfc"](x * -math.sqrt(0.5)) * 0.5
    return found


def whole_power(x: Any, y: Any) -> Any:
    """Return x to a whole power by multiplication; refuse any other."""
    exponent = y.real
    if exponent != exponent or exponent != int(exponent) or abs(exponent) > 64:
        raise UnsupportedError("only whole powers are rational")
    found = math.prod([x] * int(abs(exponent))) + x * 0
    return (x * 0 + 1) / found if exponent < 0 else found
