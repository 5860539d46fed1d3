"""Recording in plain Python: the operators and named methods of Value, the short way.

`Operators` finds out what came, whatever it is. Nearly always it is a Value with a Value or plain
number, and no switch is set: then the node is made at once. All else goes the long way, errors too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from autograd import primitives, switches
from autograd.operators import Operators, infix
from autograd.primitive import Primitive

_INFIX = ("__add__", "__sub__", "__mul__", "__truediv__", "__pow__")
# Makes the node of a number computed by a primitive from operands, of which one has a gradient.
Record = Callable[[float, Primitive, tuple[Any, ...]], Any]


class _Asked(Operators):
    """Answers an operator with the operation and the operands that it means."""

    def apply_primitive(self, primitive: Primitive, operands: Any) -> Any:
        return primitive, operands


def methods(kind: type[Any], record: Record) -> dict[str, Callable[..., Any]]:
    """Return the operators and methods of a class of nodes with the fields of Value, by name."""
    asked = _Asked()
    found: dict[str, Callable[..., Any]] = {}
    for name in _INFIX:
        primitive, _ = getattr(asked, name)(0.0)
        found[name] = _operator(primitive, kind, record)
        found[name.replace("__", "__r", 1)] = _reflected(primitive, record)
    found["__neg__"] = _unary(asked.__neg__()[0], record)
    for primitive in primitives.RULES.values():
        if primitive.arity == 1:
            method = _unary(primitive, record)
            for name in filter(None, (primitive.name, primitive.numpy_name)):
                found[name] = method
    return {name: _named(method, getattr(Operators, name)) for name, method in found.items()}


def _named(method: Any, like: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method as another is called and documented, in tracebacks, too."""
    code = method.__code__.replace(co_name=like.__name__)
    named = FunctionType(code, method.__globals__, like.__name__, None, method.__closure__)
    return wraps(like)(named)


def _operator(primitive: Primitive, kind: type[Any], record: Record) -> Callable[..., Any]:
    forward = primitive.checked_forward

    def operator(left: Any, right: Any) -> Any:
        __tracebackhide__ = True  # of pytest and IPython
        if type(right) is kind:
            number = right._data
        elif type(right) is float:
            number = right
        elif type(right) is int:
            number = right = float(right)
        else:
            return infix(primitive, left, right, right)
        if not (left._is_constant or switches.switched):
            try:
                return record(forward(left._data, number), primitive, (left, right))
            except (ArithmeticError, ValueError):
                pass  # told by the long way
        return primitive.apply((left, right))

    return operator


def _reflected(primitive: Primitive, record: Record) -> Callable[..., Any]:
    forward = primitive.checked_forward

    def operator(right: Any, left: Any) -> Any:
        __tracebackhide__ = True
        if type(left) is int:
            left = float(left)
        elif type(left) is not float:
            return infix(primitive, left, right, left)
        if not (right._is_constant or switches.switched):
            try:
                return record(forward(left, right._data), primitive, (left, right))
            except (ArithmeticError, ValueError):
                pass
        return primitive.apply((left, right))

    return operator


def _unary(primitive: Primitive, record: Record) -> Callable[..., Any]:
    forward = primitive.checked_forward

    def method(x: Any, *others: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        if not (others or named or x._is_constant or switches.switched):
            try:
                return record(forward(x._data), primitive, (x,))
            except (ArithmeticError, ValueError):
                pass
        return primitive(x, *others, **named)

    return method
