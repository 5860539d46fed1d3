"""The operators and named methods of all that computes like a number, bound to the rule book.

`Operators` is the mixin of graph nodes, dual numbers and symbols. It knows no derivative: each
method hands a primitive and its operands to `apply`, which asks the operand of the highest level.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from autograd import primitives, switches, ufuncs
from autograd.carriers import is_carrier
from autograd.primitive import Primitive
from autograd.real_numbers import as_float, is_array_of_one_number, is_real_number

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}
_REFUSED = (str, bytes, complex, list, tuple, set, frozenset, dict, type(None))


class Operators:
    """Arithmetic, comparison and the named methods (`x.tanh()`), derived from the rule book."""

    __slots__ = ()
    carrier_level = 0

    if TYPE_CHECKING:

        @property
        def data(self) -> float:
            """The number itself, which comparisons compare."""

        def __getattr__(self, name: str) -> Callable[..., Any]: ...

    def apply_primitive(self, primitive: Primitive, operands: Any) -> Any:
        """Return `primitive` of `operands`, of which at least one is of this class."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to apply a primitive")

    def __add__(self, other: Any) -> Any:
        return infix(primitives.add, self, other, other)

    def __radd__(self, other: Any) -> Any:
        return infix(primitives.add, other, self, other)

    def __sub__(self, other: Any) -> Any:
        return infix(primitives.sub, self, other, other)

    def __rsub__(self, other: Any) -> Any:
        return infix(primitives.sub, other, self, other)

    def __mul__(self, other: Any) -> Any:
        return infix(primitives.mul, self, other, other)

    def __rmul__(self, other: Any) -> Any:
        return infix(primitives.mul, other, self, other)

    def __truediv__(self, other: Any) -> Any:
        return infix(primitives.div, self, other, other)

    def __rtruediv__(self, other: Any) -> Any:
        return infix(primitives.div, other, self, other)

    def __pow__(self, other: Any) -> Any:
        return infix(primitives.pow, self, other, other)

    def __rpow__(self, other: Any) -> Any:
        return infix(primitives.pow, other, self, other)

    def __neg__(self) -> Any:
        return primitives.neg.apply((self,))

    def __pos__(self) -> Any:
        return primitives.pos.apply((self,))

    def __abs__(self) -> Any:
        return primitives.abs.apply((self,))

    def __lt__(self, other: Any) -> Any:
        return comparison("<", self, other)

    def __le__(self, other: Any) -> Any:
        return comparison("<=", self, other)

    def __gt__(self, other: Any) -> Any:
        return comparison(">", self, other)

    def __ge__(self, other: Any) -> Any:
        return comparison(">=", self, other)

    def __eq__(self, other: object) -> Any:
        return comparison("==", self, other)

    def __ne__(self, other: object) -> Any:
        return comparison("!=", self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        outcome: bool = comparison("!=", self, 0.0)
        return outcome

    def __format__(self, specification: str) -> str:
        if switches.watchers and hasattr(self, "is_constant"):
            switches.tell_frozen(self)
        return format(self.data, specification) if specification else str(self)

    def __float__(self) -> NoReturn:
        refuse_float(self)

    __int__ = __index__ = __float__

    def __round__(self, digits: int | None = None) -> NoReturn:
        refuse_rounding("round(x)")

    def __mod__(self, other: Any) -> NoReturn:
        refuse_rounding("x % y")

    def __floordiv__(self, other: Any) -> NoReturn:
        refuse_rounding("x // y")

    def __divmod__(self, other: Any) -> NoReturn:
        refuse_rounding("divmod(x, y)")

    __rmod__, __rfloordiv__, __rdivmod__ = __mod__, __floordiv__, __divmod__


def infix(primitive: Primitive, left: Any, right: Any, other: Any) -> Any:
    """Return `left operator right`, of which `other` may be anything a user wrote there."""
    __tracebackhide__ = True  # of pytest and IPython
    if type(other) is float or is_carrier(other):
        return primitive.apply((left, right))
    if is_real_number(other):
        return primitive.apply((left, right))
    if isinstance(other, _REFUSED):
        as_float(other, f"operator {primitive.symbol}")  # raises
    if is_array_of_one_number(other):
        return primitive.apply((left, right))
    return NotImplemented  # an array or another class may know what to do


def comparison(symbol: str, left: Any, right: Any) -> Any:
    """Return `left symbol right`, a comparison of the numbers, or NotImplemented."""
    number = compared(right)
    if number is NotImplemented:
        return NotImplemented
    outcome = COMPARISONS[symbol](left.data, number)
    if switches.watchers:
        switches.tell_compared(left, symbol, right, outcome)
    return outcome


def compared(other: Any) -> Any:
    """Return the number that a comparison with `other` compares, or NotImplemented."""
    if is_real_number(other):
        return other
    if is_carrier(other):
        return other.data
    return NotImplemented


def refuse_float(number: Any) -> NoReturn:
    """Raise the error of `float(number)`: losing a gradient is never silent."""
    raise TypeError(
        f"float() and the functions of math would lose the gradient of {number!r}: "
        "use autograd.sin, autograd.exp, ... or, to drop the gradient, its .data; to print it, "
        'f"{x:.4f}"; to fill an array with Values, np.zeros(n, dtype=object)'
    )


_ROUNDED = {
    "round(x)": 'round(x.data, 2); to print it, f"{x:.2f}"',
    "x % y": "x - y * math.floor(x.data / y.data), or of arrays x - y * np.floor(x / y)",
    "x // y": "math.floor(x.data / y.data), or of arrays np.floor(x / y)",
    "divmod(x, y)": "n = math.floor(x.data / y.data), and x - n * y",
}


def refuse_rounding(call: str) -> NoReturn:
    """Raise the error of a call that rounds: its result is a staircase, of derivative 0."""
    raise TypeError(
        f"{call} of a Value rounds, and the derivative of what is rounded is 0: say so by rounding "
        f"the number, {_ROUNDED[call]}"
    )


def _method(primitive: Primitive) -> Callable[..., Any]:
    def method(self: Any, *others: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        return primitive(self, *others, **named)

    method.__code__ = method.__code__.replace(co_name=primitive.name)  # as tracebacks call it
    method.__name__ = method.__qualname__ = primitive.name
    method.__doc__ = f"Return `autograd.{primitive.name}` of this number; see there."
    return method


for _asked, _answer in ufuncs.METHODS.items():
    setattr(Operators, _asked, _answer)
for _primitive in primitives.RULES.values():
    if not _primitive.is_variadic:
        for _name in filter(None, (_primitive.name, _primitive.numpy_name)):
            setattr(Operators, _name, _method(_primitive))
