"""Functions to functions: grad, jacobian, hessian and products with them, to any order.

The functions differentiated take and return numbers, arrays of NumPy (or of what it can read), or
nested lists, tuples and dicts of these; in place of an array, f is given an array of Values of the
same shape. Inside, floats become fresh graph nodes; Values and dual numbers that come from an
enclosing differentiation are carried along, so every transformation composes with every other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

from autograd import primitives, switches
from autograd.arrays import is_array
from autograd.forward import Dual, pushed_forward
from autograd.leaving import warn_if_constant, warn_of_constant
from autograd.lifting import Argnums, Lifted, choose, one_number, slope, slopes
from autograd.reverse import gradient_graph
from autograd.selection import Value
from autograd.structure import crossed, flatten
from autograd.switches import enable_grad

if TYPE_CHECKING:
    from autograd.operations import Array as Elements


@overload
def gradients(output: Value, inputs: Sequence[Value]) -> list[Value]: ...
@overload
def gradients(output: Value | Elements, inputs: Sequence[Any] | Elements) -> Any: ...
def gradients(output: Any, inputs: Any) -> Any:
    """Return d output / d input for each input, as Values that can be differentiated again.

    The pure form of `backward()`: no `.grad` is touched. An input that the output does not depend
    on has gradient 0. Of an array of Values, or a list that holds such arrays, arrays come back.

    Raises:
        TypeError: If output or an input is not a Value.
        ArithmeticError: If a derivative on the way is infinite or undefined.

    Example:
        >>> x = Value(2.0)
        >>> (slope,) = gradients(x**3, [x])
        >>> (curvature,) = gradients(slope, [x])
        >>> slope.data, curvature.data
        (12.0, 12.0)
    """
    if is_array(output) and len(numbers := flatten(output, "output")[0]) == 1:
        output = numbers[0]
    if not isinstance(output, Value):
        raise TypeError(f"gradients(output, inputs) needs a Value as output, got {output!r}")
    if isinstance(inputs, Value):
        raise TypeError(
            "gradients(output, inputs) needs a list of Values as inputs: write [x] for one"
        )
    nodes, structure = flatten(inputs if is_array(inputs) else list(inputs), "inputs")
    for position, node in enumerate(nodes):
        if not isinstance(node, Value):
            place = structure.names("inputs")[position]
            raise TypeError(f"gradients() needs Values as inputs, got {node!r} at {place}")
    if output.is_constant and nodes and output not in slopes:
        warn_of_constant(output)
    with enable_grad():
        found = gradient_graph(output, nodes)
    return structure.build([slope(g) if isinstance(g, float) else g for g in found])


def grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
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
    with_value = value_and_grad(f, argnums)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return with_value(*args, **kwargs)[1]

    named_after(f, gradient, "grad")
    return gradient


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes the pair of f's value and gradient in one evaluation.

    Example:
        >>> value_and_grad(lambda x, y: x * y, (0, 1))(3.0, 4.0)
        (12.0, (4.0, 3.0))
    """

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        __tracebackhide__ = True
        lifted = Lifted(f, args, argnums)
        outputs, of_result = one_number(lifted.call(kwargs))
        found = lifted.gradients(outputs[0])
        lifted.explain_zeros([found], outputs, kwargs)
        gradients = lifted.structure.build(found)
        return of_result.build([lifted.settle(outputs[0])]), gradients

    named_after(f, value_and_gradient, "value_and_grad")
    return value_and_gradient


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return f(*primals) and the function cotangent -> cotangentᵀ · J(x): the pullback.

    The cotangent has the structure of f's result; the pullback returns one entry per primal.

    Example:
        >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
        >>> value, pullback([1.0, 10.0])
        ([12.0, 7.0], (14.0, 13.0))
    """
    lifted = Lifted(f, primals, tuple(range(len(primals))))
    outputs, of_result = flatten(lifted.call({}), "the result of f")

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        __tracebackhide__ = True
        weights = of_result.numbers_of(cotangent, "the cotangent")
        with enable_grad():
            weighted = primitives.dot(weights, outputs)
        found = lifted.gradients(weighted)
        lifted.explain_zeros([found], outputs, {})
        return tuple(lifted.structure.build(found))

    return of_result.build([lifted.settle(out) for out in outputs]), pullback


def jacobian(f: Callable[..., Any], argnums: Argnums = 0, mode: str = "auto") -> Callable[..., Any]:
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
    if mode not in ("auto", "reverse", "forward"):
        raise ValueError(f"mode is 'auto', 'reverse' or 'forward', got {mode!r}")

    def by_sweeps(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        lifted = Lifted(f, args, argnums)
        outputs, of_result = flatten(lifted.call(kwargs), "the result of f")
        rows = lifted.rows(outputs, mode)
        lifted.explain_zeros(rows, outputs, kwargs)
        return crossed(of_result, lifted.structure, rows)

    def by_forward(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        chosen, structure, put_back = choose(f, args, argnums)

        flows = False

        def of_chosen(*xs: Any) -> Any:
            nonlocal flows
            result = f(*put_back(list(xs)), **kwargs)
            outputs = flatten(result, "the result of f")[0]
            flows = flows or any(isinstance(output, Dual) for output in outputs)
            return result

        columns = []
        for position in range(len(chosen)):
            unit = [float(position == other) for other in range(len(chosen))]
            result, column, _ = pushed_forward(of_chosen, chosen, unit)
            columns.append(flatten(column, "the result of f")[0])
        if not columns:
            result = f(*args, **kwargs)
        outputs, of_result = flatten(result, "the result of f")
        rows = [[column[row] for column in columns] for row in range(len(outputs))]
        if not (flows or switches.watchers):
            lifted = Lifted(f, args, argnums)
            outputs = flatten(lifted.call(kwargs), "the result of f")[0]
            lifted.explain_zeros(rows, outputs, kwargs)
        return crossed(of_result, structure, rows)

    chosen_way = by_forward if mode == "forward" else by_sweeps
    named_after(f, chosen_way, "jacobian")
    return chosen_way


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that computes all second partial derivatives of f: the Jacobian of grad.

    Example:
        >>> hessian(lambda v: v[0] ** 2 * v[1])([3.0, 5.0])
        [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


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
    value, tangent, is_carried = pushed_forward(f, primals, tangents)
    if not is_carried:
        warn_if_constant(f, primals)
    return value, tangent


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """Return the Hessian of f times a direction, without forming the Hessian.

    Forward mode over reverse mode: the directional derivative of the gradient. The result has one
    entry per primal, each with that primal's structure.

    Example:
        >>> hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 5.0],), ([1.0, 0.0],))
        ([10.0, 6.0],)
    """
    return tuple(jvp(grad(f, tuple(range(len(primals)))), primals, tangents)[1])


def named_after(f: Any, derivative: Any, door: str) -> None:
    """Name a function as tables and tracebacks call it, `grad(f)`; it takes what f takes."""
    name = getattr(f, "__name__", None) or type(f).__name__
    derivative.__wrapped__ = f
    derivative.__name__ = derivative.__qualname__ = f"{door}({name})"
