"""Intervals: every operation rounds outward, so that the truth stays inside."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import primitives
from autograd.verification.oracles.kinds import (
    Kind,
    UnsupportedError,
    arithmetic,
    composed,
    sign_of,
    whole_power,
)

# Units in the last place by which a library function may be off.
_LIBRARY_ULPS = 4
# What our own gamma functions may be off by, relative to their largest term; the tests measure it.
_GAMMA_ERROR = 2e-14


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

    @property
    def middle(self) -> float:
        """The number half-way."""
        return 0.5 * self.low + 0.5 * self.high

    @property
    def real(self) -> float:
        """The number it is, or NaN if it is more than one."""
        return self.low if self.low == self.high else math.nan

    def sign(self) -> int:
        """Return -1, 0 or 1, if all of it agrees."""
        if self.is_zero or self.low > 0.0 or self.high < 0.0:
            return (self.low > 0.0) - (self.high < 0.0)
        raise UnsupportedError("an interval lies across a kink")

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    def __float__(self) -> float:
        return self.middle

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
        middle = x.middle
        reach = math.nextafter(max(x.high - middle, middle - x.low), math.inf)
        return widened(forward(middle), forward(middle), _LIBRARY_ULPS) + Interval(-reach, reach)

    return enclosed


def _digamma(x: Interval) -> Interval:
    # ψ′ > 0: it rises between any two poles, which lie at 0, -1, -2, ...
    _refuse_poles(x)
    low, high = primitives.digamma.forward(x.low), primitives.digamma.forward(x.high)
    # To the left of 0 it is a difference of two terms, the larger of them ψ(1 - x).
    size = max(abs(low), abs(high), math.log(abs(x.middle) + 1.0), 1.0)
    return widened(min(low, high), max(low, high)) + Interval(
        -_GAMMA_ERROR * size, _GAMMA_ERROR * size
    )


def _polygamma(order: Interval, x: Interval) -> Interval:
    # The sign of ψ⁽ⁿ⁾ and of its slope is the same on all of x > 0.
    if order.real == 0.0:
        return _digamma(x)
    if x.low <= 0.0:
        raise UnsupportedError("intervals: polygamma only to the right of 0")
    low, high = sorted([primitives.polygamma.forward(order.real, end) for end in (x.low, x.high)])
    size = _GAMMA_ERROR * max(abs(low), abs(high))
    return widened(low, high) + Interval(-size, size)


def _log_gamma(x: Interval) -> Interval:
    # The mean value theorem: f(x) lies in f(m) + f′(x) · (x - m).
    slope = _digamma(x)
    value = primitives.lgamma.forward(x.middle)
    error = _GAMMA_ERROR * max(abs(value), 1.0)
    return slope * (x - x.middle) + Interval(value, value) + Interval(-error, error)


def _atan2(y: Interval, x: Interval) -> Interval:
    if x.low > 0.0:
        return _ENCLOSED["atan"](y / x)
    quarter = widened(0.5 * math.pi, 0.5 * math.pi)
    rest = _ENCLOSED["atan"](x / y)
    return (quarter if y.sign() > 0 else -quarter) - rest


def _refuse_poles(x: Interval) -> None:
    if x.low <= 0.0 and math.floor(x.high) >= x.low:
        raise UnsupportedError("intervals: a pole of the gamma function lies inside")


def _interval_power(x: Interval, y: Interval) -> Interval:
    try:
        return Interval.of(whole_power(x, y))
    except UnsupportedError:
        return _ENCLOSED["exp"](_ENCLOSED["log"](x) * y)


_RISING = (
    *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "asin", "atan"),
    *("sinh", "tanh", "asinh", "acosh", "atanh", "erf"),
)
_ENCLOSED: dict[str, Callable[..., Interval]] = {
    **{name: _monotone(name) for name in _RISING},
    **{name: _monotone(name, falling=True) for name in ("acos", "erfc")},
    **{name: _steady(name) for name in ("sin", "cos")},
    "atan2": _atan2,
    "lgamma": _log_gamma,
    "digamma": _digamma,
    "polygamma": _polygamma,
    "cosh": lambda x: (_ENCLOSED["exp"](x) + _ENCLOSED["exp"](-x)) * 0.5,
    "tan": lambda x: _ENCLOSED["sin"](x) / _ENCLOSED["cos"](x),
}
INTERVALS = Kind(
    "intervals",
    Interval.of,
    {
        **arithmetic(sign_of, _interval_power),
        **_ENCLOSED,
        **composed(_ENCLOSED, sign_of, _interval_power),
    },
)
