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

    def of_whole_order(x: Any, y: Any, n: Any, m: Any) -> Any:
        if whole(m) != 0:
            raise UnsupportedError("a derivative by an exponent needs a logarithm")
        return falling_power(power, x, y, n)

    def leaky(x: Any, slope: Any) -> Any:
        return x if sign(x) > 0 else x * slope

    def rounded(x: Any) -> Any:
        nearest = whole(x)
        for border in (-1, 1):  # half-way between whole numbers lies a kink
            sign((x - nearest) * 2 + border)
        return x * 0 + nearest

    return {
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y,
        "neg": lambda x: -x,
        "pos": lambda x: x,
        "pow": power,
        "power_derivative": of_whole_order,
        "abs": lambda x: x * sign(x),
        "sign": lambda x: x * 0 + sign(x),
        "step": lambda x: x * 0 + (sign(x) > 0),
        "nonzero": lambda x: x * 0 + (sign(x) != 0),
        "rint": rounded,
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


def composed(
    m: Mapping[str, Callable[..., Any]],
    sign: Callable[[Any], int],
    power: Callable[[Any, Any], Any],
) -> Values:
    """Return the operations that are composed of exp, log and sqrt of this kind of number."""
    exp, log, sqrt = m["exp"], m["log"], m["sqrt"]

    def sigmoid(x: Any) -> Any:
        return (x * 0 + 1) / (exp(-x) + 1)

    def elu(x: Any, alpha: Any) -> Any:
        return x if sign(x) > 0 else alpha * (exp(x) - 1)

    def largest(*xs: Any) -> Any:
        # A number without a derivative; any would do, this one lets no exponential overflow.
        return max(getattr(x, "middle", x).real for x in xs)

    def excess(*operands: Any) -> Any:
        *xs, shift = operands
        return sum(exp(x - shift) for x in xs) - 1

    def softmax(*xs: Any) -> list[Any]:
        shift = largest(*xs)
        return [exp(x - shift) / (excess(*xs, shift) + 1) for x in xs]

    def logsumexp(*xs: Any) -> Any:
        shift = largest(*xs)
        return log(excess(*xs, shift) + 1) + shift

    def cross_entropy(*operands: Any) -> Any:
        size = len(operands) // 2
        total = logsumexp(*operands[:size])
        pairs = zip(operands[:size], operands[size:], strict=True)
        return sum(share * (total - logit) for logit, share in pairs)

    def softmax_entropy(*xs: Any) -> Any:
        total = logsumexp(*xs)
        return sum(share * (total - x) for x, share in zip(xs, softmax(*xs), strict=True))

    def sech_squared(x: Any) -> Any:
        return (x * 0 + 4) / ((exp(x) + exp(-x)) * (exp(x) + exp(-x)))

    def xlogy(x: Any, y: Any) -> Any:
        return x * log(y)

    def power_derivative(x: Any, y: Any, n: Any, m: Any) -> Any:
        # The sum over j of (m over j) · (y)ₙ⁽ʲ⁾ · log(x)^(m - j), times x^(y - n).
        order = whole(m)
        if order == 0:
            return falling_power(power, x, y, n)
        falling = [x * 0 + 1] + [x * 0] * order
        for k in range(whole(n)):
            for j in range(order, 0, -1):
                falling[j] = falling[j] * (y - k) + falling[j - 1] * j
            falling[0] = falling[0] * (y - k)
        terms = [
            falling[j] * math.comb(order, j) * math.prod([log(x)] * (order - j))
            for j in range(order + 1)
        ]
        return power(x, y - whole(n)) * sum(terms)

    scale, alpha = 1.0507009873554805, 1.6732632423543772
    found: Values = {
        "sigmoid": sigmoid,
        "softplus": lambda x: log(exp(x) + 1),
        "silu": lambda x: x * sigmoid(x),
        "elu": elu,
        "selu": lambda x: elu(x, alpha) * scale,
        "logaddexp": lambda x, y: logsumexp(x, y),
        "logsumexp": logsumexp,
        "softmax_shift": lambda *xs: xs[0] * 0 + largest(*xs),
        "softmax_excess": excess,
        "exp_difference": lambda x, y: exp(x - y),
        "exp_product": lambda x, y: exp(x * y),
        "sigmoid_difference": lambda x, y: sigmoid(x - y),
        "one_minus_square": lambda x: -x * x + 1,
        "softmax_component": lambda x, shift, excess: exp(x - shift) / (excess + 1),
        "softmax_complement": lambda x, shift, excess: -exp(x - shift) / (excess + 1) + 1,
        "softmax_cross_entropy": cross_entropy,
        "softmax_entropy": softmax_entropy,
        "entropy": lambda *xs: -sum(xlogy(x, x) for x in xs),
        "xlogy": xlogy,
        "power_derivative": power_derivative,
        "sech_squared": sech_squared,
        "hypot": lambda x, y: sqrt(x * x + y * y),
        "norm": lambda *xs: sqrt(sum(x * x for x in xs)),
    }
    if "erfc" in m:
        found["gelu"] = lambda x: x * m["erfc"](x * -math.sqrt(0.5)) * 0.5
    return found


def falling_power(power: Callable[[Any, Any], Any], x: Any, y: Any, n: Any) -> Any:
    """Return y (y - 1) … (y - n + 1) x^(y - n), which is 0 wherever the product is."""
    order = whole(n)
    falling = math.prod([y - k for k in range(order)]) * (x * 0 + 1)
    if any(y.real == k for k in range(order)):
        return falling * 0
    return falling * power(x, y - order)


def whole(order: Any) -> int:
    """Return the order of a derivative, a whole number, whatever kind of number it comes as."""
    number: float = getattr(order, "middle", order).real
    return round(number)


def whole_power(x: Any, y: Any) -> Any:
    """Return x to a whole power by multiplication; refuse any other."""
    exponent = y.real
    if exponent != exponent or exponent != int(exponent) or abs(exponent) > 64:
        raise UnsupportedError("only whole powers are rational")
    found = math.prod([x] * int(abs(exponent))) + x * 0
    return (x * 0 + 1) / found if exponent < 0 else found
