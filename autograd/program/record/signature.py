"""How a program is called: its arguments, their structure, and the names of the numbers in them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from inspect import CO_VARARGS
from typing import Any, NamedTuple

from autograd.carriers import is_carrier
from autograd.loaded_numpy import require_real
from autograd.primitive import Primitive
from autograd.structure import Structure, flatten


class Arguments(NamedTuple):
    """The positional arguments that a function takes.

    Attributes:
        names: Those with a name of their own.
        required: How many have to be given.
        open: Whether there may be more, as after `*args`.
    """

    names: tuple[str, ...]
    required: int
    open: bool = False

    def __str__(self) -> str:
        return ", ".join([*self.names, *(["…"] if self.open else [])])

    def named(self, count: int, owner: str) -> list[str]:
        """Return the names of the arguments of a call with `count` of them.

        Raises:
            TypeError: If the function does not take so many.
        """
        if count < self.required or (count > len(self.names) and not self.open):
            raise TypeError(f"{owner}({self}) takes {self._how_many()}, got {count}")
        more = [f"x{position + 1}" for position in range(len(self.names), count)]
        return [*self.names[:count], *more]

    def _how_many(self) -> str:
        if self.open:
            return f"at least {self.required} arguments"
        if self.required < len(self.names):
            return f"{self.required} to {len(self.names)} arguments"
        return f"{self.required} argument" + "s" * (self.required != 1)


def arguments_of(f: Callable[..., Any]) -> Arguments:
    """Return the positional arguments of a function.

    Example:
        >>> print(arguments_of(lambda x, y=1.0: x))
        x, y
    """
    if isinstance(f, Primitive):
        names = f.operand_names
        return Arguments(names, len(names) - len(f.defaults), open=f.is_variadic)
    f = getattr(f, "__wrapped__", f)
    bound = getattr(f, "__self__", None) is not None
    code = getattr(f, "__code__", None)
    if code is None:  # perhaps an object with __call__
        f, bound = getattr(type(f), "__call__", f), True  # noqa: B004
        code = getattr(f, "__code__", None)
    if code is None:  # written in C, or a partial: it will say itself what it takes
        return Arguments((), 0, open=True)
    names = code.co_varnames[bound : code.co_argcount]
    return Arguments(
        names, len(names) - len(f.__defaults__ or ()), bool(code.co_flags & CO_VARARGS)
    )


class Call(NamedTuple):
    """The arguments of one call, taken apart.

    Attributes:
        structure: That of the tuple of arguments.
        numbers: The numbers in them.
        from_arrays: Whether there was a NumPy array among them: then results are arrays too.
    """

    structure: Structure
    numbers: list[Any]
    from_arrays: bool = False

    def arguments(self) -> Any:
        """Return the arguments, put together again."""
        return self.structure.build(self.numbers)


class Signature(NamedTuple):
    """Which numbers of a call are inputs and which are parameters.

    Attributes:
        structure: That of the tuple of arguments.
        names: The name of every number, in the order of the arguments.
        inputs: The positions of those that vary in a batch.
        parameters: The positions of those that are the same for all rows.
        arguments: The names of the arguments.
        uniform: The positions of the arguments that hold parameters.
    """

    structure: Structure
    names: list[str]
    inputs: list[int]
    parameters: list[int]
    arguments: tuple[str, ...]
    uniform: tuple[int, ...]

    def placed(self, given: Sequence[Any]) -> Any:
        """Return the arguments, made of the inputs followed by the parameters."""
        numbers: list[Any] = [None] * len(given)
        order = [*self.inputs, *self.parameters]
        for position, number in zip(order, given, strict=True):
            numbers[position] = number
        return self.structure.build(numbers)

    def split(self, numbers: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Return the inputs and the parameters of the numbers of a call."""
        if not self.parameters:
            return list(numbers), []
        return [numbers[i] for i in self.inputs], [numbers[i] for i in self.parameters]


def taken_apart(arguments: tuple[Any, ...]) -> Call:
    """Return the structure and the numbers of a call's arguments.

    Raises:
        TypeError: If something in them is neither a container nor a number, naming its place.

    Example:
        >>> call = taken_apart((1.0, [2.0, 3.0]))
        >>> str(call.structure), call.numbers
        ('a tuple of 2 nested structures', [1.0, 2.0, 3.0])
    """
    found = [_without_arrays(argument, f"argument {i}") for i, argument in enumerate(arguments)]
    numbers, structure = flatten(tuple([argument for argument, _ in found]), "arguments")
    return Call(structure, numbers, any([is_numpy for _, is_numpy in found]))


def _without_arrays(argument: Any, where: str) -> tuple[Any, bool]:
    """Return an argument with lists in place of an array, and whether it was one of NumPy's."""
    if type(argument) in (float, list, tuple, int, dict) or is_carrier(argument):
        return argument, False
    kind = getattr(getattr(argument, "dtype", None), "kind", None)
    if isinstance(kind, str) and getattr(argument, "ndim", None):
        require_real(argument, where)
        return argument.tolist(), True
    return (argument.tolist(), False) if isinstance(argument, array) else (argument, False)


def signature(structure: Structure, arguments: Sequence[str], uniform: Sequence[int]) -> Signature:
    """Return which numbers of a call are inputs and which are parameters, and their names.

    Args:
        structure: That of the tuple of arguments.
        arguments: Their names.
        uniform: The positions of those that are the same for all rows of a batch.
    """
    names: list[str] = []
    shared = set(uniform)
    inputs: list[int] = []
    parameters: list[int] = []
    for position, (name, part) in enumerate(zip(arguments, structure.parts, strict=True)):
        first = len(names)
        names += part.names(name)
        kind = parameters if position in shared else inputs
        kind += range(first, len(names))
    return Signature(structure, names, inputs, parameters, tuple(arguments), tuple(uniform))
