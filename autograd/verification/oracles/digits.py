"""Numbers of many digits, by mpmath, which may not be installed."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograd.verification.oracles.kinds import Kind, Values, arithmetic, composed

_NAMED = (
    *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc"),
)


def high_precision(mpmath: Any, sign: Callable[[Any], int]) -> Kind:
    """Return mpmath's numbers, at the precision that is set, as a kind."""
    named: Values = {name: getattr(mpmath, name) for name in _NAMED}
    named |= {
        "log2": lambda x: mpmath.log(x, 2),
        "log10": lambda x: mpmath.log(x, 10),
        "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
        "lgamma": lambda x: mpmath.re(mpmath.loggamma(x)),
        "digamma": mpmath.digamma,
        "polygamma": lambda n, x: mpmath.psi(int(n), x),
    }
    everyday = arithmetic(sign, operator.pow)
    return Kind(
        "high precision", mpmath.mpf, {**everyday, **named, **composed(named, sign, operator.pow)}
    )
