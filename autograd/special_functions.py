"""Float functions that Python's `math` lacks: polygamma, and the cube root on Python 3.10."""

from __future__ import annotations

import math

# Bernoulli numbers B_2, B_4, ..., B_20 of the asymptotic series of the polygamma functions.
_BERNOULLI = (
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
    43867 / 798,
    -174611 / 330,
)
_ASYMPTOTIC_FROM = 15.0
_HIGHEST_ORDER = 100.0  # (n + 20)! has to be a float


def digamma(x: float) -> float:
    """Return ψ(x) = d/dx log|Γ(x)|.

    Recurrence ψ(x) = ψ(x + 1) - 1/x up to x >= 15, then the asymptotic series (Abramowitz and
    Stegun 6.3.18); reflection ψ(1 - x) - ψ(x) = π cot(πx) for negative x (6.3.7).

    Raises:
        ValueError: At the poles 0, -1, -2, ..., as `math.lgamma`.

    Example:
        >>> -round(digamma(1.0), 12)  # the Euler-Mascheroni constant
        0.577215664902
    """
    if math.isnan(x):
        return x
    _refuse_poles(x)
    if x < 0.0:
        return digamma(1.0 - x) - math.pi * _cotangent_of_pi_times(x)
    shift = 0.0
    while x < _ASYMPTOTIC_FROM:
        shift += 1.0 / x
        x += 1.0
    if math.isinf(x):
        return x
    inverse_square = 1.0 / (x * x)
    series = 0.0
    for index in range(len(_BERNOULLI), 0, -1):
        series = (series + _BERNOULLI[index - 1] / (2 * index)) * inverse_square
    return math.log(x) - 0.5 / x - series - shift


def polygamma(n: float, x: float) -> float:
    """Return ψ⁽ⁿ⁾(x), the n-th derivative of the digamma function.

    Recurrence and asymptotic series (Abramowitz and Stegun 6.4.6, 6.4.11), reflection (6.4.7).

    Raises:
        ValueError: If n is not a whole number from 0 to 100, or x is a pole.
        OverflowError: If the result is too large for a float.

    Example:
        >>> round(polygamma(1.0, 1.0), 12) == round(math.pi**2 / 6, 12)
        True
    """
    if not (0.0 <= n <= _HIGHEST_ORDER) or n != math.floor(n):
        raise ValueError(f"polygamma needs a whole number n >= 0, at most 100, got n = {n!r}")
    if n == 0.0:
        return digamma(x)
    if math.isnan(x):
        return x
    _refuse_poles(x)
    order = int(n)
    sign = 1.0 if order % 2 else -1.0
    if x < 0.0:
        reflected = -sign * polygamma(n, 1.0 - x)
        return _finite(reflected - _nth_derivative_of_pi_cotangent(order, x))
    shift = 0.0
    while x < _ASYMPTOTIC_FROM + order:
        shift += x ** -(order + 1)
        x += 1.0
    factorial = math.factorial(order)
    if math.isinf(x):
        return 0.0
    series = 0.0
    rising = math.factorial(order + 1) / 2.0  # (2k + n - 1)! / (2k)! at k = 1
    power = x**-order
    for index, bernoulli in enumerate(_BERNOULLI, start=1):
        power /= x * x
        series += bernoulli * rising * power
        top = 2 * index + order
        rising *= top * (top + 1) / ((2 * index + 1) * (2 * index + 2))
    leading = math.factorial(order - 1) * x**-order + factorial / 2.0 * x ** -(order + 1)
    return _finite(sign * (leading + series + factorial * shift))


def cube_root(x: float) -> float:
    """Return the real cube root of x: `math.cbrt`, or its equal on Python 3.10, which lacks it.

    Example:
        >>> round(cube_root(-27.0), 12)
        -3.0
    """
    return _cube_root(x)


def _cube_root_by_newton(x: float) -> float:
    if x == 0.0 or not math.isfinite(x):
        return x
    root = math.copysign(abs(x) ** (1.0 / 3.0), x)
    return root - (root - x / (root * root)) / 3.0


_cube_root = getattr(math, "cbrt", _cube_root_by_newton)


def _finite(result: float) -> float:
    if not math.isfinite(result):
        raise OverflowError("math range error")
    return result


def _refuse_poles(x: float) -> None:
    if x == -math.inf or (x <= 0.0 and x == math.floor(x)):
        raise ValueError("math domain error")


def _cotangent_of_pi_times(x: float) -> float:
    within_a_period = math.remainder(x, 1.0)  # exact, so that large |x| keep their accuracy
    if abs(within_a_period) == 0.5:
        return 0.0
    return 1.0 / math.tan(math.pi * within_a_period)


def _nth_derivative_of_pi_cotangent(order: int, x: float) -> float:
    # With c = cot(πx), d/dx p(c) = -π (1 + c²) p'(c): keep the polynomial, evaluate once.
    coefficients = [0.0, math.pi]
    for _ in range(order):
        slopes = [index * value for index, value in enumerate(coefficients)][1:]
        coefficients = [0.0] * (len(slopes) + 2)
        for index, slope in enumerate(slopes):
            coefficients[index] -= math.pi * slope
            coefficients[index + 2] -= math.pi * slope
    cotangent = _cotangent_of_pi_times(x)
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * cotangent + coefficient
    return total
