"""Operations on lanes of numbers: the rule book's values for many rows at once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import repeat
from math import copysign, inf, nan
from typing import Any

from autograd import primitives
from autograd.primitive import Primitive

_POLES = {"log": 0.0, "log2": 0.0, "log10": 0.0, "log1p": -1.0}


def ieee(operation: Primitive, numbers: Sequence[float]) -> float:
    """Return an operation's value, an infinity or NaN where the rule book raises an error.

    Example:
        >>> ieee(primitives.div, [-1.0, 0.0]), ieee(primitives.exp, [1000.0])
        (-inf, inf)
    """
    try:
        return operation.value(numbers)
    except ZeroDivisionError:
        x, y = numbers
        if operation is primitives.pow:
            return copysign(inf, x) if y % 2.0 == 1.0 else inf
        return nan if x == 0.0 or x != x else copysign(inf, x) * copysign(1.0, y)
    except OverflowError:
        x = numbers[0]
        if operation is primitives.pow:
            return -inf if x < 0.0 and numbers[1] % 2.0 == 1.0 else inf
        return copysign(inf, x) if operation is primitives.sinh else inf
    except ValueError:
        if operation is primitives.atanh and abs(numbers[0]) == 1.0:
            return copysign(inf, numbers[0])
        if operation is primitives.lgamma:
            return inf
        return -inf if _POLES.get(operation.name) == numbers[0] else nan


# --- Operations on whole lanes --------------------------------------------------------------------


def _both(function: Callable[[float, float], float]) -> Callable[[Any, Any], list[float]]:
    def of_lists(x: Any, y: Any) -> list[float]:
        return list(
            map(
                function,
                x if type(x) is list else repeat(x),
                y if type(y) is list else repeat(y),
            )
        )

    return of_lists


_add, _mul = _both(operator.add), _both(operator.mul)


def _dot_of_lists(*operands: Any) -> Any:
    size = len(operands) // 2
    total = operands[-1] if len(operands) % 2 else 0.0
    for x, y in zip(operands[:size], operands[size : 2 * size], strict=True):
        is_number = type(x) is float and type(y) is float
        total = _plus(total, x * y if is_number else _mul(x, y))
    return total


def _plus(x: Any, y: Any) -> Any:
    return x + y if type(x) is float and type(y) is float else _add(x, y)


def _sum_of_lists(*operands: Any) -> Any:
    total: Any = 0.0
    for x in operands:
        total = _plus(total, x)
    return total


# Those that raise nothing and are worth a way of their own.
LISTS: dict[Primitive, Callable[..., Any]] = {
    primitives.add: _add,
    primitives.sub: _both(operator.sub),
    primitives.mul: _mul,
    primitives.dot: _dot_of_lists,
    primitives.sum: _sum_of_lists,
}


def arrays(np: Any) -> dict[Primitive, Callable[..., Any]]:
    """Return the operations that NumPy has, or that are written in a line of it."""

    def sigmoid(x: Any) -> Any:
        decay = np.exp(-np.abs(x))
        return np.where(x >= 0.0, 1.0, decay) / (1.0 + decay)

    def relu(x: Any) -> Any:
        return np.where(x <= 0.0, 0.0, x)

    def expm1_below(x: Any) -> Any:
        return np.expm1(np.where(x > 0.0, 0.0, x))  # -0.0 stays

    def maximum(x: Any, y: Any) -> Any:
        return np.where((x >= y) | (x != x), x, y)

    def minimum(x: Any, y: Any) -> Any:
        return np.where((x <= y) | (x != x), x, y)

    def total(*xs: Any) -> Any:
        found: Any = 0.0
        for x in xs:
            found = found + x
        return found

    def dot(*operands: Any) -> Any:
        size = len(operands) // 2
        found = operands[-1] if len(operands) % 2 else 0.0
        for x, y in zip(operands[:size], operands[size : 2 * size], strict=True):
            found = found + x * y
        return found

    def product(*xs: Any) -> Any:
        found: Any = 1.0
        for x in xs:
            found = found * x
        return found

    def exp_difference(x: Any, y: Any) -> Any:
        difference = np.where(x == y, 0.0, np.subtract(x, y))
        near = np.where(np.abs(difference) < 750.0, x, y)
        rounded = near - y
        lost = (near - (rounded - (rounded - near))) - (y + (rounded - near))
        found = np.exp(difference)
        return np.where(lost != 0.0, found + found * lost, found)

    def sech_squared(x: Any) -> Any:
        decay = np.exp(-2.0 * np.abs(x))
        return 4.0 * decay / ((1.0 + decay) * (1.0 + decay))

    def norm(*xs: Any) -> Any:
        found: Any = 0.0
        for x in xs:
            found = np.hypot(found, x)
        return found

    def power(x: Any, y: Any) -> Any:
        if type(y) is float and y == 0.5:  # NumPy's power would be the root: -0.0, and NaN at -inf
            return np.sqrt(np.where(x == -inf, inf, x)) + 0.0
        return np.power(x, y)

    def sign(x: Any) -> Any:
        return np.where(x > 0.0, 1.0, np.where(x < 0.0, -1.0, x))

    def where(condition: Any, x: Any, y: Any) -> Any:
        return np.where(np.not_equal(condition, 0.0), x, y)

    scale, alpha = primitives.selu(1.0), -primitives.selu(-1e3)
    named = (
        "exp expm1 log log1p log2 log10 sqrt cbrt sin cos tan asin acos atan atan2 sinh cosh tanh "
        "asinh acosh atanh hypot"
    )
    found: dict[Primitive, Callable[..., Any]] = {
        primitives.RULES[name]: getattr(np, primitives.RULES[name].numpy or name)
        for name in named.split()
    }
    return found | {
        primitives.pos: lambda x: x,
        primitives.neg: operator.neg,
        primitives.add: operator.add,
        primitives.sub: operator.sub,
        primitives.mul: operator.mul,
        primitives.div: np.divide,
        primitives.pow: power,
        primitives.abs: np.abs,
        primitives.sign: sign,
        primitives.step: lambda x: np.where(x > 0.0, 1.0, np.where(x <= 0.0, 0.0, x)),
        primitives.nonzero: lambda x: np.where(x != 0.0, 1.0, 0.0),
        primitives.compare: lambda x, y: np.where(x == y, 0.0, sign(x - y)),
        primitives.where: where,
        primitives.sigmoid: sigmoid,
        primitives.softplus: lambda x: relu(x) + np.log1p(np.exp(-np.abs(x))),
        primitives.logaddexp: np.logaddexp,
        primitives.relu: relu,
        primitives.leaky_relu: lambda x, slope: np.where(x > 0.0, x, slope * x),
        primitives.elu: lambda x, a: np.where(x > 0.0, x, a * expm1_below(x)),
        primitives.selu: lambda x: np.where(x > 0.0, scale * x, alpha * expm1_below(x)),
        primitives.silu: lambda x: x * sigmoid(x),
        primitives.maximum: maximum,
        primitives.minimum: minimum,
        primitives.clip: lambda x, low, high: np.where(
            np.less_equal(low, high), minimum(maximum(x, low), high), nan
        ),
        primitives.sech_squared: sech_squared,
        primitives.exp_difference: exp_difference,
        primitives.softmax_component: lambda x, shift, excess: (
            exp_difference(x, shift) / (1.0 + excess)
        ),
        primitives.sum: total,
        primitives.mean: lambda *xs: total(*xs) / len(xs),
        primitives.dot: dot,
        primitives.prod: product,
        primitives.norm: norm,
    }
