"""Forward mode: dual numbers, which carry a tangent along with the value.

    f(x + ε ẋ) = f(x) + ε f′(x) ẋ,   ε² = 0

Every `jvp` has its own ε (its level), so nested ones do not confuse their perturbations. A dual
number's parts may themselves be graph nodes or dual numbers of a lower level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from math import isfinite
from typing import Any

from autograd import switches
from autograd.carriers import is_carrier
from autograd.operators import Operators
from autograd.primitive import Primitive, reason
from autograd.reverse import plus, times
from autograd.selection import Value
from autograd.streams import printed_anywhere
from autograd.structure import Array, Structure, flatten, number
from autograd.switches import current, enable_grad, tell_computed


@printed_anywhere
class Dual(Operators):
    """A number with its tangent: the value and directional derivative at one ε."""

    __slots__ = ("carrier_level", "primal", "tangent")

    def __init__(self, primal: Any, tangent: Any, level: int) -> None:
        self.primal = primal
        self.tangent = tangent
        self.carrier_level = level

    @property
    def data(self) -> float:
        """The underlying number, without any tangent."""
        primal = self.primal
        return float(primal if type(primal) is float else primal.data)

    def apply_primitive(self, primitive: Primitive, operands: Sequence[Any]) -> Any:
        """Compute `primitive` and its tangent: sum of partial · tangent over the dual operands.

        Inside `no_grad()` the result is a constant, without a tangent.
        """
        level = self.carrier_level
        dual = [isinstance(x, Dual) and x.carrier_level == level for x in operands]
        primals = [
            x.primal if is_dual else number(x, f"an operand of {primitive.name}")
            for x, is_dual in zip(operands, dual, strict=True)
        ]
        out = primitive.apply(primals)
        if not current.graph:
            return out
        tangent: Any = 0.0
        try:
            derivatives = primitive.derivatives(out, primals, dual)
        except (ArithmeticError, ValueError) as error:
            shown = ", ".join(f"{x!r}" for x in primals)
            raise ArithmeticError(
                f"a derivative of {primitive.name}({shown}) is infinite or undefined: "
                f"{reason(error)}"
            ) from error
        tell_computed([out, *derivatives])
        for x, is_dual, derivative in zip(operands, dual, derivatives, strict=True):
            if is_dual:
                tangent = plus(tangent, times(derivative, x.tangent))
        if type(tangent) is float and not isfinite(tangent):
            given = [x.tangent for x, is_dual in zip(operands, dual, strict=True) if is_dual]
            _refuse_overflow(primitive, primals, [d for d in derivatives if d is not None], given)
        return Dual(out, tangent, level)

    def detach(self) -> Any:
        """Return the number without the tangent."""
        return self.primal.detach() if is_carrier(self.primal) else self.primal

    def __format__(self, specification: str) -> str:
        if switches.watchers:
            format(self.primal, specification)  # a node says that its number leaves the graph
        return super().__format__(specification)

    def __repr__(self) -> str:
        return f"Dual(primal={self.primal!r}, tangent={self.tangent!r})"


def _refuse_overflow(
    primitive: Primitive,
    primals: Sequence[Any],
    derivatives: Sequence[float],
    tangents: Sequence[float],
) -> None:
    """Raise an ArithmeticError about a tangent that is not finite although all it is made of is."""
    if all(map(isfinite, derivatives)) and all(map(isfinite, tangents)):
        shown = ", ".join(f"{x!r}" for x in primals)
        raise ArithmeticError(
            f"the derivative overflows: {primitive.name}({shown}) has the derivatives "
            f"{derivatives}, its operands the tangents {tangents}; rescale the expression, or "
            "compute with logarithms"
        )


def innermost(x: Any) -> Any:
    """Return the node, or the plain number, that dual numbers of any depth are about.

    Example:
        >>> innermost(2.0)
        2.0
    """
    while isinstance(x, Dual):
        x = x.primal
    return x


def argument_name(f: Callable[..., Any], position: int) -> str:
    """Return how errors name an argument: as f does, if it says.

    Example:
        >>> argument_name(lambda x, y: x, 1), argument_name(abs, 0)
        ('y', 'argument[0]')
    """
    while hasattr(f, "__wrapped__"):
        f = f.__wrapped__
    code = getattr(f, "__code__", None) or getattr(type(f).__call__, "__code__", None)
    is_bound = not hasattr(f, "__code__") or hasattr(f, "__self__")
    names = code.co_varnames[is_bound : code.co_argcount] if code is not None else ()
    return names[position] if position < len(names) else f"argument[{position}]"


def refuse_empty(structure: Structure, where: str) -> None:
    """Raise a ValueError if there is an array without numbers."""
    if structure.kind is Array and not structure.size:
        raise ValueError(
            f"{where} is {structure}: there is no number in it to differentiate by; leave it out, "
            "or give it to f in another way"
        )
    if not isinstance(structure.items, int):
        for part, step in zip(structure.items, structure.steps, strict=True):
            refuse_empty(part, where + step)


def refuse_strangers(numbers: Sequence[Any], structure: Structure, where: str) -> None:
    """Raise a TypeError if there are Values of the engine that does not compute here."""
    for position, x in enumerate(numbers):
        if type(x).__name__ == Value.__name__ and not isinstance(x, Value):
            place = structure.names(where)[position]
            raise TypeError(
                f"{place} is a Value of {type(x).__module__}, but {Value.__module__} computes "
                f"here: make it anew, Value({place}.data)"
            )


# Every differentiation has a level of its own, above those it is nested in; none is used twice.
_levels = count(Value.carrier_level + 1)


def pushed_forward(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any, bool]:
    """Return f(*primals), its derivative along `tangents`, and whether it has one of its own.

    Where no dual number comes out that went in, the derivative is 0 because nothing was carried
    along.

    Raises:
        TypeError: If the tangents do not have the structure of the primals.
        ArithmeticError: If a derivative is infinite or undefined, or overflows on the way.

    Example:
        >>> pushed_forward(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.5))
        (12.0, 5.5, True)
    """
    for name, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, (list, tuple)):
            raise TypeError(f"{name} has one entry for each argument of f: ({given!r},)")
    inputs, structure = flatten(list(primals), "primals")
    refuse_empty(structure, "primals")
    refuse_strangers(inputs, structure, "primals")
    directions = structure.numbers_of(tangents, "tangents")
    level = next(_levels)
    duals = [Dual(x, t, level) for x, t in zip(inputs, directions, strict=True)]
    with enable_grad():
        result = f(*structure.build(duals))
    outputs, of_result = flatten(result, "the result of f")
    mine = [isinstance(out, Dual) and out.carrier_level == level for out in outputs]
    primal = [out.primal if own else out for out, own in zip(outputs, mine, strict=True)]
    tangent = [out.tangent if own else 0.0 for out, own in zip(outputs, mine, strict=True)]
    return of_result.build(primal), of_result.build(tangent), any(mine)
