"""Complex numbers for the complex step: analytic functions near the real axis."""

from __future__ import annotations

import cmath
import math

from autograd.verification.oracles.kinds import (
    Kind,
    UnsupportedError,
    Values,
    arithmetic,
    composed,
    sign_off_kinks,
    whole_power,
)

_BY_CMATH = (
    *("exp", "log", "log10", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
)
# Bernoulli's numbers B2, B4, ..., of the asymptotic series of the gamma functions.
_BERNOULLI = tuple(
    enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510), start=1)
)
_ASYMPTOTIC_FROM = 20.0
_STEPS = 1000
# Beyond, the terms of the power series of erf cancel.
_SERIES_UP_TO = 2.0


def _complex_power(x: complex, y: complex) -> complex:
    return complex(whole_power(x, y.real) if y == int(y.real) else x**y)


def _complex_cube_root(x: complex) -> complex:
    sign = sign_off_kinks(x)
    return complex(sign * (sign * x) ** (1.0 / 3.0))


def _log_gamma(z: complex) -> complex:
    """Return log |Γ| continued from the real axis: Stirling's series, after steps to the right."""
    z, passed = _moved_right(z)
    series = sum([b / (2 * k * (2 * k - 1) * z ** (2 * k - 1)) for k, b in _BERNOULLI])
    stirling = (z - 0.5) * cmath.log(z) - z + 0.5 * math.log(2.0 * math.pi) + series
    return complex(stirling - sum([cmath.log(x if x.real > 0.0 else -x) for x in passed]))


def _polygamma(order: complex, z: complex) -> complex:
    """Return ψ⁽ⁿ⁾(z) by its asymptotic series, after steps to the right."""
    n = int(order.real)
    z, passed = _moved_right(z)
    if n == 0:
        series = sum([b / (2 * k * z ** (2 * k)) for k, b in _BERNOULLI])
        return complex(cmath.log(z) - 0.5 / z - series - sum([1.0 / x for x in passed]))
    sign = 1.0 if n % 2 else -1.0
    series = sum(
        [
            b * math.factorial(2 * k + n - 1) / (math.factorial(2 * k) * z ** (2 * k + n))
            for k, b in _BERNOULLI
        ]
    )
    leading = math.factorial(n - 1) / z**n + math.factorial(n) / (2.0 * z ** (n + 1))
    steps = math.factorial(n) * sum([x ** -(n + 1) for x in passed])
    return complex(sign * (leading + series + steps))


def _moved_right(z: complex) -> tuple[complex, list[complex]]:
    if z.real < -_STEPS:
        raise UnsupportedError(f"complex step: gamma functions only from {-_STEPS} on")
    passed = []
    while z.real < _ASYMPTOTIC_FROM:
        passed.append(z)
        z += 1.0
    return z, passed


def _erf(z: complex) -> complex:
    """Return erf(z) near the real axis: its power series, or far out 1 - erfc(z)."""
    if abs(z.real) > _SERIES_UP_TO:
        return 1.0 - _erfc(z) if z.real > 0.0 else _erfc(-z) - 1.0
    term, total = z, z
    for n in range(1, 60):
        term *= -z * z / n
        total += term / (2 * n + 1)
    return total * 2.0 / math.sqrt(math.pi)


def _erfc(z: complex) -> complex:
    """Return erfc(z) near the real axis: far out by Laplace's continued fraction."""
    if z.real <= _SERIES_UP_TO:
        return 1.0 - _erf(z)
    fraction = z
    for n in range(120, 0, -1):
        fraction = z + 0.5 * n / fraction
    return cmath.exp(-z * z) / (fraction * math.sqrt(math.pi))


_CMATH: Values = {
    **{name: getattr(cmath, name) for name in _BY_CMATH},
    "log2": lambda x: cmath.log(x) / math.log(2.0),
    "log1p": lambda x: cmath.log(x + 1.0),
    "expm1": lambda x: cmath.exp(x) - 1.0,
    "cbrt": _complex_cube_root,
    "atan2": lambda y, x: cmath.atan(y / x) if x.real else -cmath.atan(x / y),
    "erf": _erf,
    "erfc": _erfc,
    "lgamma": _log_gamma,
    "digamma": lambda x: _polygamma(0j, x),
    "polygamma": _polygamma,
}
COMPLEX = Kind(
    "complex step",
    complex,
    {
        **arithmetic(sign_off_kinks, _complex_power),
        **_CMATH,
        **composed(_CMATH, sign_off_kinks, _complex_power),
    },
)
