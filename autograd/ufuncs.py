"""NumPy's universal functions of numbers that carry derivatives, from the rule book.

NumPy asks an array of objects for methods (`x.exp()`), and has no loop over objects at all for
some functions (`isnan`, `logaddexp`) or one that compares in another way (`maximum` of NaN). So
whatever has a meaning here is stated once, as a function of numbers; `Operators` has it as a
method, and arrays of Values call it through `__array_ufunc__`. What rounds (`floor`, `ceil`,
`trunc`, `rint`) has the derivative 0, like `sign`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from autograd import primitives
from autograd.arrays import is_array, looped
from autograd.carriers import is_carrier
from autograd.loaded_numpy import loaded_numpy

_DEGREE, _LN2 = math.pi / 180.0, math.log(2.0)


def _floor(x: Any) -> Any:
    nearest = primitives.rint(x)
    return nearest - primitives.step(primitives.compare(nearest, x))


def _ceil(x: Any) -> Any:
    return -_floor(-x)


def _trunc(x: Any) -> Any:
    return primitives.where(primitives.step(x), _floor(x), _ceil(x))


def _heaviside(x: Any, at_zero: Any) -> Any:
    return primitives.where(primitives.nonzero(x), primitives.step(x), at_zero)


def _logaddexp2(x: Any, y: Any) -> Any:
    return primitives.logaddexp(_LN2 * x, _LN2 * y) / _LN2


def _fmax(x: Any, y: Any) -> Any:
    return y if _isnan(x) else x if _isnan(y) else primitives.maximum(x, y)


def _fmin(x: Any, y: Any) -> Any:
    return y if _isnan(x) else x if _isnan(y) else primitives.minimum(x, y)


# Questions are comparisons, as which programs record them.
def _isnan(x: Any) -> bool:
    return bool(x != x)


def _isinf(x: Any) -> bool:
    return bool(x == math.inf) or bool(x == -math.inf)


def _isfinite(x: Any) -> bool:
    return bool(-math.inf < x) and bool(x < math.inf)


QUESTIONS: dict[str, Callable[[Any], bool]] = {
    "isnan": _isnan, "isinf": _isinf, "isfinite": _isfinite,
}  # fmt: skip

# What NumPy has under a name that the rule book has not.
COMPOSED: dict[str, Callable[..., Any]] = {
    "floor": _floor, "ceil": _ceil, "trunc": _trunc,
    "fmax": _fmax, "fmin": _fmin, "heaviside": _heaviside, "logaddexp2": _logaddexp2,
    "exp2": lambda x: primitives.pow(2.0, x),
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "conjugate": lambda x: x, "fabs": lambda x: primitives.abs(x),
    "deg2rad": lambda x: x * _DEGREE, "radians": lambda x: x * _DEGREE,
    "rad2deg": lambda x: x / _DEGREE, "degrees": lambda x: x / _DEGREE,
}  # fmt: skip

_ARITHMETIC = {
    "add": primitives.add, "subtract": primitives.sub, "multiply": primitives.mul,
    "divide": primitives.div, "true_divide": primitives.div,
    "negative": primitives.neg, "positive": primitives.pos,
}  # fmt: skip
_SPELLED: dict[str, Callable[..., Any]] = {
    "absolute": primitives.abs, "power": primitives.pow,
    "float_power": primitives.pow,
    "real": lambda x: x, "imag": lambda _: 0.0,  # functions of their own since NumPy 2.5
    # SciPy's functions of arrays are universal functions, too.
    "expit": primitives.sigmoid, "gammaln": primitives.lgamma, "psi": primitives.digamma,
}  # fmt: skip
_RULES: dict[str, Callable[..., Any]] = {
    **{rule.numpy_name or name: rule for name, rule in primitives.RULES.items()},
    **_SPELLED, **COMPOSED, **QUESTIONS,
}  # fmt: skip
del _RULES["add"]  # as all arithmetic of arrays: NumPy's loop over objects writes a + b


def applied(ufunc: Any, method: str, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Return a universal function of arrays and numbers, of which some carry derivatives.

    Args:
        ufunc: The function, as NumPy hands it to `__array_ufunc__`.
        method: How it is called: "__call__", "reduce", "accumulate", …
        inputs: Its operands.
        named: Its keyword arguments.

    Raises:
        TypeError: If it has no meaning here; the error names it.

    Example:
        >>> import numpy as np
        >>> from autograd import Value
        >>> np.logaddexp(Value(0.0), np.zeros(2))[0]
        Value(data=0.6931471805599453, grad=0.0)
    """
    name = ufunc.__name__
    rule = _RULES.get(name)
    if method == "__call__" and not named and not any(map(is_array, inputs)):
        rule = rule or _ARITHMETIC.get(name)
        if rule is not None:
            return rule(*inputs)
    numpy = loaded_numpy()
    known = (numpy.ndarray, numpy.generic, float, int)
    for x in inputs:
        # An operand of another library, a column of pandas for one, comes first.
        if not isinstance(x, known) and hasattr(type(x), "__array_ufunc__") and not is_carrier(x):
            return NotImplemented
    if rule is not None:
        found = looped(_loop(name, ufunc.nin), method, inputs, named)
        return found.astype(bool) if name in QUESTIONS and is_array(found) else found
    error = None
    if _takes_objects(ufunc):
        try:
            return looped(ufunc, method, inputs, named)
        except AttributeError as missing:  # a method that NumPy asked the elements for
            error = missing
    raise TypeError(
        f"the universal function {name} has no rule for numbers that carry derivatives: write it "
        "in other functions, or, where no derivative flows, give it numbers: [v.data for v in x]"
    ) from error


@cache
def _takes_objects(ufunc: Any) -> bool:
    return any("O" in types.partition("->")[0] for types in ufunc.types)


@cache
def _loop(name: str, operands: int) -> Any:
    # Its identity None says that axes may be reduced in any order.
    return loaded_numpy().frompyfunc(_RULES[name], operands, 1, identity=None)


def _array_ufunc(_: Any, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
    return applied(ufunc, method, inputs, named)


# What NumPy asks numbers for: `__array_ufunc__`, and the methods that its loops over objects call.
METHODS: dict[str, Callable[..., Any]] = {
    **COMPOSED, **QUESTIONS,
    "__array_ufunc__": _array_ufunc,
}  # fmt: skip
for _name, _function in COMPOSED.items():
    _function.__name__ = _function.__qualname__ = _name
for _name, _function in {**COMPOSED, **QUESTIONS}.items():
    _function.__doc__ = f"Return NumPy's `{_name}`: what loops over arrays of Values call."
