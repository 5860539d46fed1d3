# The types of grad and its like, which `autograd` shows to type checkers in place of those in
# functional.py. A test holds the parameters against the functions themselves.
#
# What is certain is said. A function that is said to return a float never meets a Value from
# outside, so its gradient has the type of the argument, and its parameters are kept. One that
# returns a Value is often written for Values and differentiated at floats: its parameters say
# nothing of the gradient's. As in Python, the argument that is differentiated goes by position.
#
# A lambda fits several signatures. Where all of them returned a Callable, mypy would make one
# untyped function of them and complain of every call: hence the classes, and Any.
# Pyright takes what it knows of a lambda's arguments from the signature that fits first: hence
# classes that are no protocols, which any lambda would fit, and a signature for those of which no
# result is known.

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Literal, ParamSpec, TypeAlias, TypeVar, overload

from autograd.callables import AnyFunction
from autograd.value import Value

_X = TypeVar("_X", bound=Any)
_P = ParamSpec("_P")

class Nothing: ...

# Nothing is a Nothing but Any: these are lambdas and functions of which no result is known.
Untyped: TypeAlias = (
    Callable[[Any], Nothing] | Callable[[Any, Any], Nothing] | Callable[[Any, Any, Any], Nothing]
)

class Gradient:
    @overload
    def __call__(self, x: Value, /, *others: Any, **named: Any) -> Value: ...
    @overload
    def __call__(self, x: list[Value], /, *others: Any, **named: Any) -> list[Value]: ...
    @overload
    def __call__(self, x: Any, /, *others: Any, **named: Any) -> Any: ...

class ValueAndGradient:
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
def grad(f: Untyped, argnums: Literal[0] = 0) -> Gradient: ...
@overload
def grad(
    f: Callable[Concatenate[_X, _P], float], argnums: Literal[0] = 0
) -> Callable[Concatenate[_X, _P], _X]: ...
@overload
def grad(f: AnyFunction, argnums: Literal[0] = 0) -> Gradient: ...
@overload
def grad(f: AnyFunction, argnums: tuple[int, ...]) -> Callable[..., tuple[Any, ...]]: ...
@overload
def grad(f: AnyFunction, argnums: int) -> Callable[..., Any]:
    """Return the function that computes the gradient of f.

    Args:
        f: A function with one number as its result.
        argnums: Which argument to differentiate by position; a tuple of positions gives a tuple.

    Returns:
        A function of the same arguments; its result has the structure of the chosen argument: of
        an array, an array of its shape. Floats in give floats out; where a Value is involved (an
        argument, or one that f uses from outside), the result is a Value that can be
        differentiated again.

    Example:
        >>> grad(lambda x: x**3)(2.0)
        12.0
        >>> grad(grad(grad(lambda x: x**4)))(1.0)
        24.0
        >>> grad(lambda p: p["w"] * p["b"])({"w": 3.0, "b": 5.0})
        {'w': 5.0, 'b': 3.0}
        >>> import numpy as np
        >>> grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
        array([2., 4.])
    """

@overload
def value_and_grad(f: Gradient, argnums: Literal[0] = 0) -> ValueAndGradient: ...
@overload
def value_and_grad(f: Untyped, argnums: Literal[0] = 0) -> ValueAndGradient: ...
@overload
def value_and_grad(
    f: Callable[Concatenate[_X, _P], float], argnums: Literal[0] = 0
) -> Callable[Concatenate[_X, _P], tuple[float, _X]]: ...
@overload
def value_and_grad(f: AnyFunction, argnums: Literal[0] = 0) -> ValueAndGradient: ...
@overload
def value_and_grad(
    f: AnyFunction, argnums: tuple[int, ...]
) -> Callable[..., tuple[Any, tuple[Any, ...]]]: ...
@overload
def value_and_grad(f: AnyFunction, argnums: int) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes the pair of f's value and gradient in one evaluation.

    Example:
        >>> value_and_grad(lambda x, y: x * y, (0, 1))(3.0, 4.0)
        (12.0, (4.0, 3.0))
    """

@overload
def jacobian(f: Gradient, argnums: int | tuple[int, ...] = 0, mode: str = "auto") -> Any: ...
@overload
def jacobian(
    f: Callable[[Any], list[Nothing]], argnums: Literal[0] = 0, mode: str = "auto"
) -> Any: ...
@overload
def jacobian(f: Untyped, argnums: int | tuple[int, ...] = 0, mode: str = "auto") -> Any: ...
@overload
def jacobian(
    f: Callable[Concatenate[_X, _P], list[float]], argnums: Literal[0] = 0, mode: str = "auto"
) -> Callable[Concatenate[_X, _P], list[_X]]: ...
@overload
def jacobian(f: AnyFunction, argnums: int | tuple[int, ...] = 0, mode: str = "auto") -> Any:
    """Return the function that computes all partial derivatives of f's results.

    Args:
        f: A function of numbers or nested structures, with any structure of numbers as its result.
        argnums: As in `grad`.
        mode: "reverse" (one sweep per result), "forward" (one evaluation per input), or "auto":
            one evaluation, then the sweeps that take less time for so many results and inputs.

    Returns:
        A function whose result has the structure of f's result, with the structure of the chosen
        argument in place of each number: `J[i][j] = ∂f_i / ∂x_j`. Of arrays it is an array, whose
        shape is that of the result and then that of the argument. Its numbers are floats, also
        where f uses Values from outside; Values in an argument give Values.

    Example:
        >>> jacobian(lambda v: [v[0] * v[1], v[0] + v[1]])([3.0, 4.0])
        [[4.0, 3.0], [1.0, 1.0]]
    """

@overload
def hessian(f: Gradient, argnums: int | tuple[int, ...] = 0) -> Any: ...
@overload
def hessian(f: Untyped, argnums: int | tuple[int, ...] = 0) -> Any: ...
@overload
def hessian(
    f: Callable[Concatenate[_X, _P], float], argnums: int | tuple[int, ...] = 0
) -> Callable[Concatenate[_X, _P], Any]: ...
@overload
def hessian(f: AnyFunction, argnums: int | tuple[int, ...] = 0) -> Any:
    """Return the function that computes all second partial derivatives of f: the Jacobian of grad.

    Example:
        >>> hessian(lambda v: v[0] ** 2 * v[1])([3.0, 5.0])
        [[10.0, 6.0], [6.0, 0.0]]
    """

@overload
def jvp(f: Untyped, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]: ...
@overload
def jvp(
    f: Callable[..., float], primals: Sequence[float], tangents: Sequence[float]
) -> tuple[float, float]: ...
@overload
def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return f(*primals) and its derivative along `tangents`: the Jacobian-vector product J(x) · v.

    One evaluation with dual numbers, no graph. Arguments and results may be arrays and nested
    lists, tuples and dicts; the tangents have the structure of the primals, the result's tangent
    that of f's result.

    Raises:
        TypeError: If the tangents do not have the structure of the primals.
        ArithmeticError: If a derivative is infinite or undefined, or overflows on the way.

    Example:
        >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.5))
        (12.0, 5.5)
        >>> import numpy as np
        >>> jvp(lambda x: x**2, [np.array([1.0, 2.0])], [np.array([1.0, 10.0])])
        (array([1., 4.]), array([ 2., 40.]))
    """

@overload
def vjp(f: Untyped, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]: ...
@overload
def vjp(
    f: Callable[..., float], *primals: float
) -> tuple[float, Callable[[float], tuple[float, ...]]]: ...
@overload
def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return f(*primals) and the function cotangent -> cotangentᵀ · J(x): the pullback.

    The cotangent has the structure of f's result; the pullback returns one entry per primal.

    Example:
        >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
        >>> value, pullback([1.0, 10.0])
        ([12.0, 7.0], (14.0, 13.0))
    """

@overload
def hvp(f: Untyped, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]: ...
@overload
def hvp(
    f: Callable[..., float], primals: Sequence[float], tangents: Sequence[float]
) -> tuple[float, ...]: ...
@overload
def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """Return the Hessian of f times a direction, without forming the Hessian.

    Forward mode over reverse mode: the directional derivative of the gradient. The result has one
    entry per primal, each with that primal's structure.

    Example:
        >>> hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 5.0],), ([1.0, 0.0],))
        ([10.0, 6.0],)
    """
