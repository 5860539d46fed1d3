"""Exact rational numbers, alone and with their derivative: a + b ε, where ε² = 0."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from autograd.verification.oracles.kinds import (
    Kind,
    arithmetic,
    sign_of,
    sign_off_kinks,
    whole_power,
)


class Jet:
    """a + b ε with exact rational a, b and ε² = 0; products and quotients follow by algebra."""

    __slots__ = ("a", "b")

    def __init__(self, a: Fraction, b: Fraction) -> None:
        self.a, self.b = a, b

    @property
    def real(self) -> Fraction:
        """The part without ε."""
        return self.a

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


_WHY = ": its values are not rational"
RATIONAL = Kind("exact fractions", Fraction, arithmetic(sign_of, whole_power), _WHY)
JETS = Kind("exact fractions", Jet.of, arithmetic(sign_off_kinks, whole_power), _WHY)
