# The types of grad and its like, which `autograd` shows to type checkers in place of those in
# functional.py and forward.py. A test holds the parameters against the functions themselves.
#
# What is certain is said. A function that is said to return a float never meets a Value from
# outside, so its gradient has the type of the argument, and its parameters are kept. One that
# returns a Value is often written for Values and differentiated at floats: its parameters say
# nothing of the gradient's. As in Python, the argument that is differentiated goes by position.
#
# A lambda fits several signatures. Where all of them returned a Callable, mypy would make one
# untyped function of them and complain of every call: hence the classes, and Any.

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar, overload

from autograd.value import Value

_X = TypeVar("_X", bound=Any)
_P = ParamSpec("_P")

class Gradient(Protocol):
    @overload
    def __call__(self, x: Value, /, *others: Any, **named: Any) -> Value: ...
    @overload
    def __call__(self, x: list[Value], /, *others: Any, **named: Any) -> list[Value]: ...
    @overload
    def __call__(self, x: Any, /, *others: Any, **named: Any) -> Any: ...

class ValueAndGradient(Protocol):
    @overload
    def __call__(self, x: Value, /, *others: Any, **named: Any) -> tuple[Value, Value]: ...
    @overload
    def __call__(
        self, x: list[Value], /, *others: Any, **named: Any
    ) -> tuple[Value, list[Value]]: ...
    @overload
    def __call__(self, x: Any, /, *others: Any, **named: Any) -> tuple[Any, Any]: ...

@overload
def grad(f: Gradient, argnums: Literal[0] = 0) -> Gradient: ...
@overload
def grad(
    f: Callable[Concatenate[_X, _P], float], argnums: Literal[0] = 0
) -> Callable[Concatenate[_X, _P], _X]: ...
@overload
def grad(f: Callable[..., Any], argnums: Literal[0] = 0) -> Gradient: ...
@overload
def grad(f: Callable[..., Any], argnums: tuple[int, ...]) -> Callable[..., tuple[Any, ...]]: ...
@overload
def grad(f: Callable[..., Any], argnums: int) -> Callable[..., Any]: ...
@overload
def value_and_grad(f: Gradient, argnums: Literal[0] = 0) -> ValueAndGradient: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_X, _P], float], argnums: Literal[0] = 0
) -> Callable[Concatenate[_X, _P], tuple[float, _X]]: ...
@overload
def value_and_grad(f: Callable[..., Any], argnums: Literal[0] = 0) -> ValueAndGradient: ...
@overload
def value_and_grad(
    f: Callable[..., Any], argnums: tuple[int, ...]
) -> Callable[..., tuple[Any, tuple[Any, ...]]]: ...
@overload
def value_and_grad(f: Callable[..., Any], argnums: int) -> Callable[..., tuple[Any, Any]]: ...
@overload
def jacobian(f: Gradient, argnums: int | tuple[int, ...] = 0, mode: str = "auto") -> Any: ...
@overload
def jacobian(
    f: Callable[Concatenate[_X, _P], list[float]], argnums: Literal[0] = 0, mode: str = "auto"
) -> Callable[Concatenate[_X, _P], list[_X]]: ...
@overload
def jacobian(
    f: Callable[..., Any], argnums: int | tuple[int, ...] = 0, mode: str = "auto"
) -> Any: ...
@overload
def hessian(f: Gradient, argnums: int | tuple[int, ...] = 0) -> Any: ...
@overload
def hessian(
    f: Callable[Concatenate[_X, _P], float], argnums: int | tuple[int, ...] = 0
) -> Callable[Concatenate[_X, _P], Any]: ...
@overload
def hessian(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Any: ...
@overload
def jvp(
    f: Callable[..., float], primals: Sequence[float], tangents: Sequence[float]
) -> tuple[float, float]: ...
@overload
def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any]: ...
@overload
def vjp(
    f: Callable[..., float], *primals: float
) -> tuple[float, Callable[[float], tuple[float, ...]]]: ...
@overload
def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]: ...
@overload
def hvp(
    f: Callable[..., float], primals: Sequence[float], tangents: Sequence[float]
) -> tuple[float, ...]: ...
@overload
def hvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, ...]: ...
