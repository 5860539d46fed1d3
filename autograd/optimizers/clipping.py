"""Clipping: a gradient that is too large, made smaller before an optimizer steps by it.

The machine does the same in C (`machine/clipping.h`), bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import frexp, inf, isfinite, isnan, ldexp, sqrt
from typing import Any

from autograd.optimizers.parameters import checked_parameters, named
from autograd.optimizers.settings import positive
from autograd.selection import Value

_SUMS = 16  # added at the end, so that the machine may add several squares at once
_LEAST, _MOST = ldexp(1.0, -900), ldexp(1.0, 1000)  # of a sum of squares that is right as it is


def clip_gradients(
    parameters: Iterable[Value], norm: float | None = None, value: float | None = None
) -> float:
    """Limit the gradients of parameters and return their norm ‖g‖ = √Σ gₖ² before that.

    First every gₖ is limited to −value … value, then all of them are multiplied by
    min(1, norm / ‖g‖). That is PyTorch's `clip_grad_norm_`, which divides by ‖g‖ + 1e-6. Without
    limits nothing is changed.

    Args:
        parameters: As `model.parameters()` returns them, after `backward()`.
        norm: The largest norm of all gradients together.
        value: The largest size of each.

    Raises:
        ArithmeticError: If a gradient is NaN or infinite, or ‖g‖ exceeds the largest float and is
            to be limited; nothing is changed.
        TypeError: If the parameters are not a list of Values, or a limit is no number.
        ValueError: If there are no parameters, or a limit is not above 0.

    Example:
        >>> w, b = Value(1.0), Value(2.0)
        >>> (3.0 * w + 4.0 * b).backward()
        >>> clip_gradients([w, b], norm=0.5), w.grad, b.grad
        (5.0, 0.30000000..., 0.4)
    """
    norm, value = limit_of(norm, "norm"), limit_of(value, "value")
    checked = checked_parameters(parameters, "limits have names: norm=1.0")
    gradient = [float(parameter.grad) for parameter in checked]
    for position, number in enumerate(gradient):
        if not isfinite(number):
            where = named(checked[position], position)
            raise ArithmeticError(f"the gradient of {where} is {number}; nothing was clipped")
    before = norm_of(gradient)
    limited = clipped(gradient, norm, value)
    if limited is None:
        raise ArithmeticError("the norm of the gradient is infinite; nothing was clipped")
    for parameter, number in zip(checked, limited, strict=True):
        parameter.grad = number
    return before


def limit_of(limit: Any, name: str) -> float | None:
    """Return a limit, a finite number above 0, or None where there is none.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is not above 0, or not finite.
    """
    return None if limit is None else float(positive(limit, name))


def norm_of(gradient: Sequence[float]) -> float:
    """Return √Σ gₖ², of whatever size: infinite only if a number or the norm itself is.

    Square k is added to sum k mod 16, then the sums are added from the first on. Where they would
    overflow or underflow, all numbers are first multiplied by a power of two.

    Example:
        >>> norm_of([0.0, 1e200]), norm_of([3e-320, 4e-320]), norm_of([])
        (1e+200, 5e-320, 0.0)
    """
    total, scale = _squares(gradient, 1.0), 1.0
    if not _LEAST <= total <= _MOST:
        largest = max(map(abs, gradient), default=0.0)
        if isnan(total) or largest in (0.0, inf):
            return total
        scale = ldexp(1.0, -min(max(frexp(largest)[1], -1000), 1000))
        total = _squares(gradient, scale)
    return sqrt(total) / scale


def clipped(
    gradient: Sequence[float], norm: float | None, value: float | None
) -> Sequence[float] | None:
    """Return the gradient within its limits; None if it is not finite, or not to be limited.

    Args:
        gradient: What to limit.
        norm: The largest √Σ gₖ², applied second.
        value: The largest |gₖ|, applied first.

    Example:
        >>> clipped([3.0, -4.0], 0.5, None), clipped([3.0, -4.0], None, 3.5)
        ([0.30000000..., -0.4], [3.0, -3.5])
    """
    if value is not None:
        if not all(map(isfinite, gradient)):
            return None
        gradient = [value if x > value else -value if x < -value else x for x in gradient]
    if norm is not None:
        length = norm_of(gradient)
        if not isfinite(length):
            return None
        if length > norm:
            factor = norm / length
            gradient = [factor * x for x in gradient]
    return gradient


def _squares(numbers: Sequence[float], scale: float) -> float:
    sums = [0.0] * _SUMS
    for first in range(0, len(numbers), _SUMS):
        for k, x in enumerate(numbers[first : first + _SUMS]):
            scaled = scale * x
            sums[k] += scaled * scaled
    total = 0.0
    for part in sums:
        total += part
    return total
