"""One call of a function, lifted: arguments become graph nodes, results are numbers again.

Whatever an enclosing differentiation or recording may still ask for stays a node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakSet

from autograd import switches
from autograd.forward import Dual, argument_name, innermost, refuse_empty, refuse_strangers
from autograd.leaving import warn_if_left
from autograd.reverse import gradient_graph
from autograd.selection import Value, constant
from autograd.sparsity import Entries, entries
from autograd.structure import NUMBER, Array, Structure, flatten, number
from autograd.switches import current, enable_grad
from autograd.tangents import saves_time, tangents

Argnums = int | tuple[int, ...]

# The constants among derivatives; theirs are 0, as is meant.
slopes: WeakSet[Value] = WeakSet()


def _is_nothing(derivative: Any) -> bool:
    """Whether a derivative is 0, and a constant; nobody who watches is told of the question."""
    if isinstance(derivative, Value):
        return derivative.is_constant and derivative.data == 0.0
    return type(derivative) is float and derivative == 0.0


def slope(number: float) -> Value:
    """Return a derivative that is a plain number as a constant, whose own derivatives are 0."""
    found = constant(number)
    slopes.add(found)
    return found


def choose(
    f: Callable[..., Any], args: tuple[Any, ...], argnums: Argnums
) -> tuple[list[Any], Structure, Callable[[list[Any]], list[Any]]]:
    """Return the numbers to differentiate by, their structure, and what puts others there.

    Raises:
        TypeError: If argnums is no position, or an argument holds something else.
        ValueError: If there is no such argument, or there are no numbers in it.
    """
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
            raise ValueError(
                f"argnums has {position}, but the call has {arguments} arguments without a name; "
                "give those to differentiate by in their places"
            )
    positions = [position % arguments for position in listed]
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums names an argument twice: {argnums!r}")
    return positions


# The leaves that differentiations made for their arguments, and those of a differentiation still
# at work. The others are constants to everybody else: nobody can ask for their gradient again.
_made: WeakSet[Value] = WeakSet()
_active: set[Value] = set()


class Lifted:
    """The arguments of one call, the chosen ones made into graph nodes of its own."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], argnums: Argnums) -> None:
        self.f = f
        chosen, self.structure, put_back = choose(f, args, argnums)
        try:
            with enable_grad():
                self.inputs = [_fresh(x) for x in chosen]
        except TypeError:
            where = argument_name(f, argnums) if isinstance(argnums, int) else "argument"
            refuse_strangers(chosen, self.structure, where)
            raise
        self._put_back = put_back
        self.arguments = put_back(self.inputs)
        self.nodes = [innermost(x) for x in self.inputs]
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
        if not all(_is_nothing(x) for row in rows for x in row):
            return

        def of_inputs(inputs: Sequence[Any]) -> Any:
            return self.f(*self._put_back(list(inputs)), **kwargs)

        def explain() -> None:
            warn_if_left(of_inputs, self.inputs, outputs)

        if current.watch is not None:
            current.watch.later(explain)
        elif not switches.watchers:
            explain()

    def gradients(self, output: Any) -> list[Any]:
        """Return d output / d input for each input, of the kind that the inputs are."""
        found = _gradients(output, self.nodes)
        if self.from_values:
            if switches.watchers:  # a recording has use for one zero, and nobody edits it
                zero = slope(0.0)
                found = [zero if type(g) is float and g == 0.0 else g for g in found]
            return [slope(g) if isinstance(g, float) else g for g in found]
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

    def entries(self, outputs: Sequence[Any]) -> list[Entries]:
        """Return d output / d input for each output, where it can be other than 0."""
        levels = [output.carrier_level for output in outputs if isinstance(output, Dual)]
        if levels:  # d/dx (P + ε T) = dP/dx + ε dT/dx
            level = max(levels)
            own = [isinstance(x, Dual) and x.carrier_level == level for x in outputs]
            pairs = list(zip(outputs, own, strict=True))
            of_primals = self.entries([x.primal if is_own else x for x, is_own in pairs])
            of_tangents = self.entries([x.tangent if is_own else 0.0 for x, is_own in pairs])
            return [
                {k: Dual(p.get(k, 0.0), t.get(k, 0.0), level) for k in sorted({*p, *t})}
                for p, t in zip(of_primals, of_tangents, strict=True)
            ]
        with enable_grad():
            found = entries(outputs, self.nodes)
        is_settled = not self.from_values and all(map(self._is_settled, outputs))
        return [{k: self._handed_out(x, is_settled) for k, x in row.items()} for row in found]

    def _handed_out(self, derivative: Any, is_settled: bool) -> Any:
        if isinstance(derivative, float):
            return slope(derivative) if self.from_values else derivative
        return derivative.data if is_settled else derivative

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


def one_number(result: Any) -> tuple[list[Any], Structure]:
    """Return a result that is one number, in a list, and its structure.

    Raises:
        TypeError: If it is something else.
    """
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
