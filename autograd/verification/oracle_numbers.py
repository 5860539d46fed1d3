"""Kinds of numbers on which a recorded graph can be evaluated again, and their operations.

Only values are stated here, never a derivative. Derivatives come from the numbers themselves (the ε
of a jet, the imaginary part of a complex step, differences in high precision), or from the rule
book's own partials, run on these numbers.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from autograd import primitives
from autograd.operators import Operators
from autograd.primitive import Primitive

Values = dict[str, Callable[..., Any]]

# Units in the last place by which a library function may be off.
_LIBRARY_ULPS = 4


class UnsupportedError(LookupError):
    """An operation that this kind of number does not have, or a kink where it has no derivative."""


@dataclass(frozen=True)
class Kind:
    """A kind of number.

    Attributes:
        name: What it is called in reports.
        lift: From a float.
        values: The operations it has, by the name of their primitive.
    """

    name: str
    lift: Callable[[float], Any]
    values: Mapping[str, Callable[..., Any]]

    def apply(self, primitive: Primitive, numbers: Sequence[Any]) -> Any:
        """Return the value of an operation.

        Raises:
            UnsupportedError: If this kind of number does not have it.
        """
        if primitive.name not in self.values:
            raise UnsupportedError(f"{self.name} have no {primitive.name}")
        return self.values[primitive.name](*numbers)


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


class Jet:
    """a + b ε with exact rational a, b and ε² = 0; products and quotients follow by algebra."""

    __slots__ = ("a", "b")

    def __init__(self, a: Fraction, b: Fraction) -> None:
        self.a, self.b = a, b

    @staticmethod
    def of(number: Any) -> Jet:
        """Return any number as a jet."""
        return number if isinstance(number, Jet) else Jet(Fraction(number), Fraction(0))

    def __add__(self, other: Any) -> Jet:
        other = Jet.of(other)
        return Jet(self.a + other.a, self.b + other.b)

    def __neg__(self) -> Jet:
        return Jet(-self.a, -self.b)

    def __sub__(self, other: Any) -> Jet:
        return self + -Jet.of(other)

    def __mul__(self, other: Any) -> Jet:
        other = Jet.of(other)
        return Jet(self.a * other.a, self.a * other.b + self.b * other.a)

    def __truediv__(self, other: Any) -> Jet:
        # The inverse of c + d ε is its conjugate c - d ε by c².
        other = Jet.of(other)
        return self * Jet(other.a, -other.b) * Jet.of(1 / (other.a * other.a))

    __radd__, __rmul__ = __add__, __mul__


class Interval:
    """Numbers from low to high; every operation rounds outward, so the truth stays inside."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        if not low <= high:
            raise UnsupportedError("intervals have no NaN")
        self.low, self.high = low, high

    @staticmethod
    def of(number: Any) -> Interval:
        """Return any number as an interval."""
        return number if isinstance(number, Interval) else Interval(float(number), float(number))

    @property
    def is_zero(self) -> bool:
        """Whether it is exactly 0."""
        return self.low == self.high == 0.0

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    def __float__(self) -> float:
        return 0.5 * self.low + 0.5 * self.high

    def __add__(self, other: Any) -> Interval:
        other = Interval.of(other)
        if other.is_zero or self.is_zero:
            return self if other.is_zero else other
        return widened(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Any) -> Interval:
        return self + -Interval.of(other)

    def __mul__(self, other: Any) -> Interval:
        other = Interval.of(other)
        if other.is_zero or self.is_zero:
            return Interval(0.0, 0.0)
        ends = [x * y for x in (self.low, self.high) for y in (other.low, other.high)]
        return widened(min(ends), max(ends))

    def __truediv__(self, other: Any) -> Interval:
        other = Interval.of(other)
        if 0.0 in other:
            raise UnsupportedError("an interval around 0 cannot divide")
        ends = [x / y for x in (self.low, self.high) for y in (other.low, other.high)]
        return widened(min(ends), max(ends))

    __radd__, __rmul__ = __add__, __mul__


def widened(low: float, high: float, ulps: int = 1) -> Interval:
    """Return the interval, wider by so many units in the last place on both sides.

    Example:
        >>> widened(1.0, 1.0).low < 1.0 < widened(1.0, 1.0).high
        True
    """
    for _ in range(ulps):
        low, high = math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
    return Interval(low, high)


def sign_of(number: Any) -> int:
    """Return -1, 0 or 1; of an interval only if all of it agrees."""
    if isinstance(number, Interval):
        if number.low == number.high == 0.0 or number.low > 0.0 or number.high < 0.0:
            return (number.low > 0.0) - (number.high < 0.0)
        raise UnsupportedError("an interval lies across a kink")
    return int(number > 0) - int(number < 0)


def sign_off_kinks(number: Any) -> int:
    """Return -1 or 1 from the real part; at 0, where a kink has no derivative, refuse."""
    real = number.a if isinstance(number, Jet) else getattr(number, "real", number)
    sign = sign_of(real)
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
        largest = max(_middle(x) for x in xs)
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
    exponent = y.a if isinstance(y, Jet) else y
    if isinstance(exponent, Interval):
        exponent = exponent.low if exponent.low == exponent.high else math.nan
    if exponent != exponent or exponent != int(exponent) or abs(exponent) > 64:
        raise UnsupportedError("only whole powers are rational")
    found = math.prod([x] * int(abs(exponent))) + x * 0
    return (x * 0 + 1) / found if exponent < 0 else found


RATIONAL = Kind("exact fractions", Fraction, arithmetic(sign_of, whole_power))
JETS = Kind("jets", Jet.of, arithmetic(sign_off_kinks, whole_power))


def _complex_power(x: complex, y: complex) -> complex:
    return complex(whole_power(x, y.real) if y == int(y.real) else x**y)


def _complex_cube_root(x: complex) -> complex:
    sign = sign_off_kinks(x)
    return complex(sign * (sign * x) ** (1.0 / 3.0))


_BY_CMATH = [
    "exp",
    "log",
    "log10",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
]
_CMATH: Values = {
    **{name: getattr(cmath, name) for name in _BY_CMATH},
    "log2": lambda x: cmath.log(x) / math.log(2.0),
    "log1p": lambda x: cmath.log(x + 1.0),
    "expm1": lambda x: cmath.exp(x) - 1.0,
    "cbrt": _complex_cube_root,
    "atan2": lambda y, x: cmath.atan(y / x) if x.real else -cmath.atan(x / y),
}
COMPLEX = Kind(
    "complex step",
    complex,
    {**arithmetic(sign_off_kinks, _complex_power), **_CMATH, **composed(_CMATH, sign_off_kinks)},
)


def _monotone(name: str, falling: bool = False) -> Callable[[Interval], Interval]:
    forward = primitives.RULES[name].forward

    def enclosed(x: Interval) -> Interval:
        ends = forward(x.low), forward(x.high)
        return widened(*(ends[::-1] if falling else ends), _LIBRARY_ULPS)

    return enclosed


def _steady(name: str) -> Callable[[Interval], Interval]:
    # A function whose slope is at most 1: it moves no further than its argument.
    forward = primitives.RULES[name].forward

    def enclosed(x: Interval) -> Interval:
        middle = float(x)
        reach = math.nextafter(max(x.high - middle, middle - x.low), math.inf)
        return widened(forward(middle), forward(middle), _LIBRARY_ULPS) + Interval(-reach, reach)

    return enclosed


def _interval_power(x: Interval, y: Interval) -> Interval:
    try:
        return Interval.of(whole_power(x, y))
    except UnsupportedError:
        return _ENCLOSED["exp"](_ENCLOSED["log"](x) * y)  # type: ignore[no-any-return]


_RISING = [
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "cbrt",
    "asin",
    "atan",
    "sinh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
]
_ENCLOSED: Values = {
    **{name: _monotone(name) for name in _RISING},
    **{name: _monotone(name, falling=True) for name in ("acos", "erfc")},
    **{name: _steady(name) for name in ("sin", "cos")},
    "cosh": lambda x: (_ENCLOSED["exp"](x) + _ENCLOSED["exp"](-x)) * 0.5,
    "tan": lambda x: _ENCLOSED["sin"](x) / _ENCLOSED["cos"](x),
}
INTERVALS = Kind(
    "intervals",
    Interval.of,
    {**arithmetic(sign_of, _interval_power), **_ENCLOSED, **composed(_ENCLOSED, sign_of)},
)


def high_precision(mpmath: Any, sign: Callable[[Any], int]) -> Kind:
    """Return mpmath's numbers, at the precision that is set, as a kind."""
    same = {*_RISING, "sin", "cos", "tan", "acos", "cosh", "erfc", "atan2"}
    named: Values = {name: getattr(mpmath, name) for name in same - {"log2", "log10", "cbrt"}}
    named |= {
        "log2": lambda x: mpmath.log(x, 2),
        "log10": lambda x: mpmath.log(x, 10),
        "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
        "lgamma": lambda x: mpmath.re(mpmath.loggamma(x)),
        "digamma": mpmath.digamma,
        "polygamma": lambda n, x: mpmath.psi(int(n), x),
    }
    everyday = arithmetic(sign, lambda x, y: x**y)
    return Kind("high precision", mpmath.mpf, {**everyday, **named, **composed(named, sign)})


def _middle(x: Any) -> Any:
    return float(x) if isinstance(x, Interval) else x.real if isinstance(x, complex) else x
