"""How the rule book's derivatives look in textbooks: found from the rules, listed nowhere.

The rules are written for exact digits: tanh′ is sech², σ′ is sech²(x/2)/4. A textbook writes 1 - a²
and a (1 - a). That a derivative is a polynomial in the result, and that f(-x) is 1 - f(x), is found
by fitting at a few points, and believed if it holds at others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from autograd.formula import Symbol
from autograd.primitive import Primitive

_FITTED = (0.25, 0.75, 1.5)
_TRIED = (-0.875, 0.125, 1.25)
_TOLERANCE = 1e-12


@lru_cache(maxsize=256)
def polynomial_in_result(operation: Primitive) -> tuple[float, float, float] | None:
    """Return c with f′ = c₀ + c₁ f + c₂ f² and whole numbers c, or None if there are none.

    Example:
        >>> from autograd import primitives
        >>> polynomial_in_result(primitives.tanh), polynomial_in_result(primitives.sigmoid)
        ((1.0, 0.0, -1.0), (0.0, 1.0, -1.0))
        >>> polynomial_in_result(primitives.sin)
    """
    if not _is_smooth_function(operation):
        return None
    try:
        points = [_value_and_slope(operation, x) for x in (*_FITTED, *_TRIED)]
    except (ArithmeticError, ValueError):
        return None  # not defined there
    (f0, d0), (f1, d1), (f2, d2) = points[:3]
    if len({f0, f1, f2}) < 3:
        return None
    # Newton's divided differences.
    first, second = (d1 - d0) / (f1 - f0), (d2 - d1) / (f2 - f1)
    c2 = round((second - first) / (f2 - f0))
    c1 = round(first - c2 * (f0 + f1))
    c0 = round(d0 - c1 * f0 - c2 * f0 * f0)
    holds = all(abs(c0 + c1 * f + c2 * f * f - d) < _TOLERANCE for f, d in points)
    # What is flat everywhere is no polynomial in its result worth writing.
    return (float(c0), float(c1), float(c2)) if holds and (c0 or c1 or c2) else None


@lru_cache(maxsize=256)
def of_negative(operation: Primitive) -> tuple[float, float] | None:
    """Return c with f(-x) = c₀ + c₁ f(x) and whole numbers c, or None if there are none.

    Example:
        >>> from autograd import primitives
        >>> of_negative(primitives.sigmoid), of_negative(primitives.tanh)
        ((1.0, -1.0), (0.0, -1.0))
        >>> of_negative(primitives.exp)
    """
    if not _is_smooth_function(operation):
        return None
    try:
        pairs = [(operation.forward(x), operation.forward(-x)) for x in (*_FITTED, *_TRIED)]
    except (ArithmeticError, ValueError):
        return None
    (f0, g0), (f1, g1) = pairs[:2]
    if f0 == f1:
        return None
    c1 = round((g1 - g0) / (f1 - f0))
    c0 = round(g0 - c1 * f0)
    holds = all(abs(c0 + c1 * f - g) < _TOLERANCE for f, g in pairs)
    return (float(c0), float(c1)) if holds else None


def _is_smooth_function(operation: Primitive) -> bool:
    # Operations of a user's own may do anything when they are called: they are taken as they stand.
    is_ours = operation.__module__ == "autograd.primitives"
    return is_ours and operation.arity == 1 and not operation.binding


def _value_and_slope(operation: Primitive, x: float) -> tuple[float, float]:
    out = operation.forward(x)
    (slope,) = operation.derivatives(out, (x,), (True,))
    assert slope is not None  # it was wanted
    return out, float(slope)


def written_in_result(operation: Primitive, out: Any) -> Any:
    """Return f′ as a polynomial in the result, as textbooks write it, or None."""
    found = polynomial_in_result(operation)
    if found is None:
        return None
    c0, c1, c2 = found
    if c0 == 0.0:
        return out * (c1 + c2 * out) if c2 > 0.0 else _times(c1, out, -c2)
    middle = c0 if c1 == 0.0 else c0 + c1 * out
    if c2 == 0.0:
        return middle
    square = out**2.0 if abs(c2) == 1.0 else abs(c2) * out**2.0
    return middle - square if c2 < 0.0 else middle + square


def _times(c1: float, out: Any, minus_c2: float) -> Any:
    if minus_c2 == 0.0:
        return out if c1 == 1.0 else c1 * out
    return out * (c1 - (out if minus_c2 == 1.0 else minus_c2 * out))


def is_logistic(operation: Primitive | None) -> bool:
    """Whether the derivative is a (1 - a): what cancels with the derivative of a log-likelihood."""
    return operation is not None and polynomial_in_result(operation) == (0.0, 1.0, -1.0)


def mirrored(operation: Primitive, operand: Symbol) -> Any:
    """Return f(-x) in terms of f(x), or None."""
    found = of_negative(operation)
    if found is None:
        return None
    c0, c1 = found
    value = Symbol("", operation, (operand,))
    scaled = value if abs(c1) == 1.0 else abs(c1) * value
    if c0 == 0.0:
        return scaled if c1 > 0.0 else -scaled
    return c0 + scaled if c1 > 0.0 else c0 - scaled
