"""Functions to functions: grad, jacobian, hessian and products with them, to any order.

The functions differentiated take and return numbers, arrays of NumPy (or of what it can read), or
nested lists, tuples and dicts of these; in place of an array, f is given an array of Values of the
same shape. Inside, floats become fresh graph nodes; Values and dual numbers that come from an
enclosing differentiation are carried along, so every transformation composes with every other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload
from weakref import WeakSet

from autograd import primitives, switches
from autograd.arrays import is_array
from autograd.forward import Dual, argument_name, jvp, refuse_empty, refuse_strangers
from autograd.leaving import warn_if_left, warn_of_constant
from autograd.reverse import gradient_graph
from autograd.selection import Value, constant
from autograd.structure import NUMBER, Array, Structure, crossed, flatten, number
from autograd.switches import enable_grad
from autograd.tangents import saves_time, tangents

if TYPE_CHECKING:
    from autograd.operations import Array as Elements

Argnums = int | tuple[int, ...]


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
    if output.is_constant and nodes and output not in _slopes:
        warn_of_constant(output)
    with enable_grad():
        found = gradient_graph(output, nodes)
    return structure.build([_slope(g) if isinstance(g, float) else g for g in found])


# The constants among derivatives; theirs are 0, as is meant.
_slopes: WeakSet[Value] = WeakSet()


def _slope(number: float) -> Value:
    found = constant(number)
    _slopes.add(found)
    return found


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

    gradient.__wrapped__ = f  # type: ignore[attr-defined]
    _call_it(gradient, "grad", f)
    return gradient


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """Return the function that computes the pair of f's value and gradient in one evaluation.

    Example:
        >>> value_and_grad(lambda x, y: x * y, (0, 1))(3.0, 4.0)
        (12.0, (4.0, 3.0))
    """

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        __tracebackhide__ = True
        lifted = _Lifted(f, args, argnums)
        outputs, of_result = _one_number(lifted.call(kwargs))
        found = lifted.gradients(outputs[0])
        lifted.explain_zeros([found], outputs, kwargs)
        gradients = lifted.structure.build(found)
        return of_result.build([lifted.settle(outputs[0])]), gradients

    _call_it(value_and_gradient, "value_and_grad", f)
    return value_and_gradient


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return f(*primals) and the function cotangent -> cotangentᵀ · J(x): the pullback.

    The cotangent has the structure of f's result; the pullback returns one entry per primal.

    Example:
        >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
        >>> value, pullback([1.0, 10.0])
        ([12.0, 7.0], (14.0, 13.0))
    """
    lifted = _Lifted(f, primals, tuple(range(len(primals))))
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
        lifted = _Lifted(f, args, argnums)
        outputs, of_result = flatten(lifted.call(kwargs), "the result of f")
        rows = lifted.rows(outputs, mode)
        lifted.explain_zeros(rows, outputs, kwargs)
        return crossed(of_result, lifted.structure, rows)

    def by_forward(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        chosen, structure, put_back = _choose(f, args, argnums)

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
            result, column = jvp(of_chosen, chosen, unit)
            columns.append(flatten(column, "the result of f")[0])
        if not columns:
            result = f(*args, **kwargs)
        outputs, of_result = flatten(result, "the result of f")
        rows = [[column[row] for column in columns] for row in range(len(outputs))]
        if not (flows or switches.watchers):
            lifted = _Lifted(f, args, argnums)
            outputs = flatten(lifted.call(kwargs), "the result of f")[0]
            lifted.explain_zeros(rows, outputs, kwargs)
        return crossed(of_result, structure, rows)

    chosen_way = by_forward if mode == "forward" else by_sweeps
    _call_it(chosen_way, "jacobian", f)
    return chosen_way


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return the function that computes all second partial derivatives of f: the Jacobian of grad.

    Example:
        >>> hessian(lambda v: v[0] ** 2 * v[1])([3.0, 5.0])
        [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """Return the Hessian of f times a direction, without forming the Hessian.

    Forward mode over reverse mode: the directional derivative of the gradient. The result has one
    entry per primal, each with that primal's structure.

    Example:
        >>> hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 5.0],), ([1.0, 0.0],))
        ([10.0, 6.0],)
    """
    return tuple(jvp(grad(f, tuple(range(len(primals)))), primals, tangents)[1])


# --- Lifting arguments into nodes, settling results into numbers ----------------------------------


def _call_it(derivative: Any, door: str, f: Any) -> None:
    # As tables, notebooks and tracebacks call it.
    name = getattr(f, "__name__", None) or type(f).__name__
    derivative.__name__ = derivative.__qualname__ = f"{door}({name})"


def _choose(
    f: Callable[..., Any], args: tuple[Any, ...], argnums: Argnums
) -> tuple[list[Any], Structure, Callable[[list[Any]], list[Any]]]:
    positions = _positions(argnums, len(args))
    try:
        leaves, structure = flatten(tuple([args[position] for position in positions]), "argument")
        refuse_empty(structure, "argument")
    except (TypeError, ValueError):
        for position in positions:  # again, with the names that f has for them
            name = argument_name(f, position)
            refuse_empty(flatten(args[position], name)[1], name)
        raise
    of_gradient = structure if isinstance(argnums, tuple) else structure.parts[0]

    def put_back(things: list[Any]) -> list[Any]:
        arguments = list(args)
        for position, built in zip(positions, structure.build(things), strict=True):
            arguments[position] = built
        return arguments

    return leaves, of_gradient, put_back


def _positions(argnums: Argnums, arguments: int) -> list[int]:
    listed = argnums if isinstance(argnums, tuple) else (argnums,)
    for position in listed:
        if not isinstance(position, int):
            raise TypeError(f"argnums is a position or a tuple of positions, got {argnums!r}")
        if not -arguments <= position < arguments:
            raise ValueError(f"argnums has {position}, but the call has {arguments} arguments")
    positions = [position % arguments for position in listed]
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums names an argument twice: {argnums!r}")
    return positions


# The leaves that differentiations made for their arguments, and those of a differentiation still
# at work. The others are constants to everybody else: nobody can ask for their gradient again.
_made: WeakSet[Value] = WeakSet()
_active: set[Value] = set()


class _Lifted:
    """The arguments of one call, the chosen ones made into graph nodes of its own."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], argnums: Argnums) -> None:
        self.f = f
        chosen, self.structure, put_back = _choose(f, args, argnums)
        try:
            with enable_grad():
                self.inputs = [_fresh(x) for x in chosen]
        except TypeError:
            where = argument_name(f, argnums) if isinstance(argnums, int) else "argument"
            refuse_strangers(chosen, self.structure, where)
            raise
        self._put_back = put_back
        self.arguments = put_back(self.inputs)
        self.nodes = [_innermost(x) for x in self.inputs]
        _made.update(node for node in self.nodes if node.is_leaf)
        self.from_values = any(isinstance(x, Value) for x in chosen)

    def call(self, kwargs: dict[str, Any]) -> Any:
        """Return f of the arguments, recorded."""
        __tracebackhide__ = True
        _active.update(self.nodes)
        try:
            with enable_grad():
                return self.f(*self.arguments, **kwargs)
        finally:
            _active.difference_update(self.nodes)

    def explain_zeros(
        self, rows: Sequence[Sequence[Any]], outputs: Sequence[Any], kwargs: dict[str, Any]
    ) -> None:
        """Warn if all derivatives are 0 because a number left the graph on the way."""
        if switches.watchers or any(map(any, rows)):
            return

        def of_inputs(inputs: Sequence[Any]) -> Any:
            return self.f(*self._put_back(list(inputs)), **kwargs)

        warn_if_left(of_inputs, self.inputs, outputs)

    def gradients(self, output: Any) -> list[Any]:
        """Return d output / d input for each input, of the kind that the inputs are."""
        found = _gradients(output, self.nodes)
        if self.from_values:
            return [_slope(g) if isinstance(g, float) else g for g in found]
        return found

    def rows(self, outputs: Sequence[Any], mode: str) -> Sequence[Sequence[Any]]:
        """Return d output / d input for each input, for each output."""
        if self.from_values or not all(map(self._is_settled, outputs)):
            return [self.gradients(output) for output in outputs]
        if mode == "auto" and saves_time(outputs, self.nodes):
            return tangents(outputs, self.nodes)
        return [
            output.adjoints_of(self.nodes) if _flows(output) else [0.0] * len(self.nodes)
            for output in outputs
        ]

    def _is_settled(self, output: Any) -> bool:
        # Whether no enclosing differentiation or recording asks for what is below an output.
        if switches.watchers:
            return not _flows(output) or not _reaches_outside(output, self.nodes)
        if not isinstance(output, Value):
            return not isinstance(output, Dual)
        enclosing = _active.difference(self.nodes)
        return not (enclosing and _flows(output)) or enclosing.isdisjoint(output.leaves())

    def settle(self, output: Any) -> Any:
        """Return a result as a float, unless somebody outside may differentiate it."""
        if isinstance(output, Value) and not _reaches_outside(output, self.nodes):
            output = output.data
        output = number(output, "the result of f")
        return constant(output) if self.from_values and isinstance(output, float) else output


def _fresh(x: Any) -> Any:
    # A node of our own: the same Value may also reach f by another way, which must not count.
    if isinstance(x, Dual):
        return Dual(_fresh(x.primal), x.tangent, x.carrier_level)
    if isinstance(x, Value):
        return Value(x.data) if x.is_constant else +x
    return Value(x)


def _innermost(x: Any) -> Any:
    while isinstance(x, Dual):
        x = x.primal
    return x


def _one_number(result: Any) -> tuple[list[Any], Structure]:
    if isinstance(result, Value):
        return [result], NUMBER
    try:
        outputs, of_result = flatten(result, "the result of f")
    except TypeError:
        outputs, of_result = [], NUMBER
    if len(outputs) != 1 or of_result.kind not in (None, Array):
        got = of_result if of_result.kind is Array else repr(result)
        raise TypeError(
            f"grad needs a function with one number as its result, got {got}; "
            "use jacobian for several"
        )
    return outputs, of_result


def _gradients(output: Any, nodes: Sequence[Value]) -> list[Any]:
    if isinstance(output, Dual):
        # d/dx (P + ε T) = dP/dx + ε dT/dx
        of_primal = _gradients(output.primal, nodes)
        of_tangent = _gradients(output.tangent, nodes)
        level = output.carrier_level
        return [Dual(p, t, level) for p, t in zip(of_primal, of_tangent, strict=True)]
    if not _flows(output):
        return [0.0] * len(nodes)
    if _reaches_outside(output, nodes):
        with enable_grad():
            return gradient_graph(output, nodes)
    return list(output.adjoints_of(nodes))


def _flows(output: Any) -> bool:
    return isinstance(output, Value) and not output.is_constant


def _reaches_outside(output: Value, nodes: Sequence[Value]) -> bool:
    # Whether somebody outside may ask for a gradient through this output.
    own = set(nodes)
    return any(
        node not in own and (node in _active or node not in _made) for node in output.leaves()
    )
