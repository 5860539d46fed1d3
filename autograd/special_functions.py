"""Float functions that Python's `math` lacks.

Polygamma, derivatives of powers, sech², exponentials of what is rounded, the cube root on
Python 3.10.
"""

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
HIGHEST_ORDER = 100.0  # of a derivative; of polygamma, (n + 20)! has to be a float


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
    if not (0.0 <= n <= HIGHEST_ORDER) or n != math.floor(n):
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


def power_derivative(x: float, y: float, n: float, m: float) -> float:
    """Return ∂ⁿ/∂xⁿ ∂ᵐ/∂yᵐ of x^y.

    With (y)ₙ = y (y - 1) … (y - n + 1) it is (y)ₙ x^(y - n) for m = 0, and else the sum over j of
    C(m, j) (y)ₙ⁽ʲ⁾ log(x)^(m - j) x^(y - n). Where (y)ₙ is 0, so is (y)ₙ x^(y - n), at x = 0 too.

    Raises:
        ValueError: If n or m is not a whole number, or the derivative does not exist: by y for
            negative x, or at x = 0 unless y > n, where it is 0.
        ZeroDivisionError: If x is 0 and the derivative infinite.

    Example:
        >>> power_derivative(2.0, 3.0, 1.0, 0.0), power_derivative(0.0, 2.0, 3.0, 0.0)
        (12.0, 0.0)
    """
    if not (0.0 <= n <= HIGHEST_ORDER and 0.0 <= m <= HIGHEST_ORDER) or n % 1.0 or m % 1.0:
        raise ValueError(
            f"power_derivative needs whole numbers n, m from 0 to 100, got n = {n!r}, m = {m!r}"
        )
    if m == 0.0:
        product = 1.0
        for k in range(int(n)):
            product *= y - k
        return 0.0 if product == 0.0 else product * power(x, y - n)
    if x < 0.0:
        raise ValueError(
            f"a negative base, {x!r}, has no derivative by its exponent; make the exponent a plain "
            "number, or detach() it"
        )
    if x == 0.0:
        if y > n:
            return 0.0
        raise ValueError(f"0 to the power {y!r} has no derivative by its exponent")
    # The coefficients of ε⁰ … εᵐ in (y + ε)(y + ε - 1) … (y + ε - n + 1).
    falling = [1.0] + [0.0] * int(m)
    for k in range(int(n)):
        for j in range(int(m), 0, -1):
            falling[j] = falling[j] * (y - k) + falling[j - 1]
        falling[0] *= y - k
    logarithm, scale, total = math.log(x), 1.0, 0.0
    for j in range(int(m) + 1):
        total += scale * falling[j] * logarithm ** (m - j)
        scale *= m - j
    return power(x, y - n) * total


def power(x: float, y: float) -> float:
    """Return x^y, a real number.

    Raises:
        ValueError: If it is not real.
        ZeroDivisionError: If x is 0 and y negative.

    Example:
        >>> power(-2.0, 3.0)
        -8.0
    """
    result = x**y
    if isinstance(result, complex):  # Python's float ** float leaves the reals here
        raise ValueError(
            f"math domain error: {x!r} ** {y!r} is not a real number; "
            "a negative base needs a whole exponent (autograd.cbrt is the real cube root)"
        )
    return float(result)


def sech_squared(x: float) -> float:
    """Return 1 / cosh(x)², of full relative accuracy and without overflow.

    Example:
        >>> sech_squared(0.0), sech_squared(20.0)
        (1.0, 1.699341702...e-17)
    """
    decay = math.exp(-2.0 * math.fabs(x))
    below = 1.0 + decay
    return 4.0 * decay / (below * below)


def exp_difference(x: float, y: float) -> float:
    """Return e^(x - y), with all its digits also where x - y is rounded; 1 where x = y.

    Raises:
        OverflowError: If the result is too large for a float.

    Example:
        >>> exp_difference(1e16, 1e16 + 2.0) == math.exp(-2.0)
        True
    """
    difference = x - y
    result = 1.0 if x == y else math.exp(difference)
    if not -750.0 < difference < 750.0:
        return result
    back = difference - x  # what the rounding of the difference lost: Knuth's two-sum
    lost = (x - (difference - back)) - (y + back)
    return result + result * lost


def exp_product(x: float, y: float) -> float:
    """Return e^(x y), with all its digits also where x y is rounded.

    Raises:
        OverflowError: If the result is too large for a float.

    Example:
        >>> exp_product(-26.1, 26.1), math.exp(-26.1 * 26.1)
        (1.426448125651665e-296, 1.426448125651719e-296)
    """
    product = x * y
    result = math.exp(product)
    if not -750.0 < product < 750.0:
        return result
    high_x, high_y = _upper_half(x), _upper_half(y)
    low_x, low_y = x - high_x, y - high_y
    # What the rounding of the product lost: Dekker's product.
    lost = ((high_x * high_y - product) + (high_x * low_y + low_x * high_y)) + low_x * low_y
    return result + result * lost if lost == lost else result  # beyond 1e300 halves overflow


def sigmoid_difference(x: float, y: float) -> float:
    """Return σ(x - y) = e^x / (e^x + e^y), with all its digits also where x - y is rounded.

    Raises:
        ValueError: If both are the same infinity: no limit then exists.

    Example:
        >>> sigmoid_difference(1e16, 1e16), sigmoid_difference(-math.inf, 0.0)
        (0.5, 0.0)
    """
    if x == y and math.isinf(x):
        what = "all are -inf" if x < 0.0 else "2 are inf"
        raise ValueError(f"the softmax of logits of which {what} is undefined")
    if x >= y:
        return 1.0 / (1.0 + exp_difference(y, x))
    growth = exp_difference(x, y)
    return growth / (1.0 + growth)


def softmax_shift(*xs: float) -> float:
    """Return the largest x, relative to which softmax is computed.

    Raises:
        ValueError: If all are -inf or more than one is inf: no limit then exists.

    Example:
        >>> softmax_shift(1.0, 3.0, 2.0)
        3.0
    """
    largest = max(xs)
    if any(map(math.isnan, xs)):
        return math.nan
    if math.isinf(largest) and (largest < 0.0 or xs.count(largest) > 1):
        what = "all are -inf" if largest < 0.0 else f"{xs.count(largest)} are inf"
        raise ValueError(f"the softmax of logits of which {what} is undefined")
    return largest


def softmax_excess(*operands: float) -> float:
    """Return the sum of e^(x - shift) over all operands but the last, shift, less 1.

    Where an x equals the shift, its term is the 1 and left out, so nothing cancels; the rest is
    added up with Kahan's correction.

    Example:
        >>> softmax_excess(0.0, -50.0, 0.0) == math.exp(-50.0)
        True
    """
    shift = operands[-1]
    total, lost, is_largest_met = 0.0, 0.0, False
    for x in operands[:-1]:
        if x == shift and not is_largest_met:
            is_largest_met = True
        else:
            term = exp_difference(x, shift) - lost
            grown = total + term
            lost = (grown - total) - term
            total = grown
    return total if is_largest_met else total - 1.0


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


def _upper_half(x: float) -> float:
    scaled = 134217729.0 * x  # 2^27 + 1: Veltkamp's splitting
    return scaled - (scaled - x)


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
