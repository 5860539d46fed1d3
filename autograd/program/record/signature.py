"""How a program is called: the structure of its arguments, and the names of the numbers in them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from importlib import import_module
from inspect import CO_VARARGS
from typing import Any, NamedTuple

from autograd.carriers import is_carrier
from autograd.primitive import Primitive
from autograd.structure import flatten

# The structure of a call, hashable: NUMBER, (list or tuple, parts), or (dict, keys, parts). A
# sequence of nothing but numbers has their count in place of its parts.
Shape = Any
NUMBER = -1


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
        shape: Their structure.
        numbers: The numbers in them.
        rebuild: Puts numbers in their places.
        from_arrays: Whether there was a NumPy array among them: then results are arrays too.
    """

    shape: Shape
    numbers: list[Any]
    rebuild: Callable[[Sequence[Any]], Any]
    from_arrays: bool = False

    @property
    def parts(self) -> tuple[Shape, ...]:
        """The structures of the arguments, one by one."""
        return parts_of(self.shape)


class Signature(NamedTuple):
    """Which numbers of a call are inputs and which are parameters.

    Attributes:
        shape: The structure of the call.
        names: The name of every number, in the order of the arguments.
        inputs: The positions of those that vary in a batch.
        parameters: The positions of those that are the same for all rows.
        rebuild: Makes the arguments of numbers in their order.
        arguments: The names of the arguments.
        uniform: The positions of the arguments that hold parameters.
    """

    shape: Shape
    names: list[str]
    inputs: list[int]
    parameters: list[int]
    rebuild: Callable[[Sequence[Any]], Any]
    arguments: tuple[str, ...]
    uniform: tuple[int, ...]

    def placed(self, given: Sequence[Any]) -> Any:
        """Return the arguments, made of the inputs followed by the parameters."""
        numbers: list[Any] = [None] * len(given)
        order = [*self.inputs, *self.parameters]
        for position, number in zip(order, given, strict=True):
            numbers[position] = number
        return self.rebuild(numbers)

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
        >>> call.shape, call.numbers
        ((<class 'tuple'>, (-1, (<class 'list'>, 2))), [1.0, 2.0, 3.0])
    """
    found = [_without_arrays(argument, f"argument {i}") for i, argument in enumerate(arguments)]
    plain = tuple([argument for argument, _ in found])
    numbers, rebuild = flatten(plain, "arguments")
    return Call(shape_of(plain), numbers, rebuild, any([is_numpy for _, is_numpy in found]))


def _without_arrays(argument: Any, where: str) -> tuple[Any, bool]:
    """Return an argument with lists in place of an array, and whether it was one of NumPy's."""
    if type(argument) in (float, list, tuple, int, dict) or is_carrier(argument):
        return argument, False
    kind = getattr(getattr(argument, "dtype", None), "kind", None)
    if isinstance(kind, str) and getattr(argument, "ndim", None):
        if kind not in "biuf":
            raise TypeError(f"{where} is an array of {argument.dtype}; only real numbers will do")
        return argument.tolist(), True
    return (argument.tolist(), False) if isinstance(argument, array) else (argument, False)


def as_arrays(result: Any) -> Any:
    """Return a result with NumPy arrays in place of lists of numbers."""
    numpy = import_module("numpy")  # whoever calls with arrays has it
    if isinstance(result, list) and not any(isinstance(item, (tuple, dict)) for item in result):
        return numpy.array(result)
    if isinstance(result, (list, tuple)) and not hasattr(result, "_fields"):
        return type(result)([as_arrays(item) for item in result])
    if isinstance(result, dict):
        return {key: as_arrays(item) for key, item in result.items()}
    return result


def shape_of(tree: Any) -> Shape:
    """Return the structure of nested lists, tuples and dicts of numbers."""
    if isinstance(tree, dict):
        return (dict, tuple(tree), tuple(map(shape_of, tree.values())))
    if isinstance(tree, (list, tuple)):
        parts = tuple(map(shape_of, tree))
        kind = list if isinstance(tree, list) else tuple
        if hasattr(tree, "_fields"):  # a named tuple
            kind = type(tree)
        if parts.count(NUMBER) == len(parts):
            return (kind, len(parts))
        return (kind, parts)
    return NUMBER


def signature(call: Call, arguments: Sequence[str], uniform: Sequence[int]) -> Signature:
    """Return which numbers of a call are inputs and which are parameters, and their names.

    Args:
        call: The arguments taken apart.
        arguments: Their names.
        uniform: The positions of those that are the same for all rows of a batch.
    """
    names: list[str] = []
    shared = set(uniform)
    inputs: list[int] = []
    parameters: list[int] = []
    for position, (name, part) in enumerate(zip(arguments, call.parts, strict=True)):
        first = len(names)
        names += names_in(part, name)
        kind = parameters if position in shared else inputs
        kind += range(first, len(names))
    return Signature(
        call.shape, names, inputs, parameters, call.rebuild, tuple(arguments), tuple(uniform)
    )


def plain(shape: Shape) -> Shape:
    """Return a structure with tuples in place of named tuples."""
    if shape == NUMBER:
        return shape
    if shape[0] is dict:
        return (dict, shape[1], tuple(map(plain, shape[2])))
    kind = tuple if issubclass(shape[0], tuple) else list
    return (kind, shape[1] if isinstance(shape[1], int) else tuple(map(plain, shape[1])))


def with_lists(shape: Shape) -> Shape:
    """Return a structure with lists in place of tuples: of a batch, a row given as either is a row.

    Example:
        >>> with_lists((tuple, (NUMBER, (tuple, 2))))
        (<class 'list'>, (-1, (<class 'list'>, 2)))
    """
    if shape == NUMBER:
        return NUMBER
    if shape[0] is dict:
        return (dict, shape[1], tuple(map(with_lists, shape[2])))
    parts = shape[1]
    return (list, parts if isinstance(parts, int) else tuple(map(with_lists, parts)))


def parts_of(shape: Shape) -> tuple[Shape, ...]:
    """Return the structures of the items of a list or tuple."""
    parts: int | tuple[Shape, ...] = shape[1]
    return (NUMBER,) * parts if isinstance(parts, int) else parts


def structure_of(tree: Any) -> Any:
    """Return a structure as calls of the machine have it, or None if it has no such form.

    A number is -1, a list of n numbers n; a tuple and any other list are themselves, of such.

    Example:
        >>> structure_of((1.0, [2.0, 3.0], [[4.0], [5.0]]))
        (-1, 2, [1, 1])
    """
    if type(tree) is float:
        return -1
    if type(tree) not in (list, tuple):
        return None
    parts = [structure_of(part) for part in tree]
    if None in parts:
        return None
    if type(tree) is list:
        return len(parts) if parts.count(-1) == len(parts) else parts
    return tuple(parts)


def names_in(shape: Shape, name: str) -> list[str]:
    """Return the names of the numbers of a structure called `name`.

    Example:
        >>> names_in(shape_of({"w": [1.0, 2.0], "b": 0.0}), "p")
        ["p['w'][0]", "p['w'][1]", "p['b']"]
    """
    if shape == NUMBER:
        return [name]
    if shape[0] is dict:
        pairs = zip(shape[1], shape[2], strict=True)
        return [inner for key, part in pairs for inner in names_in(part, f"{name}[{key!r}]")]
    parts = shape[1]
    if isinstance(parts, int):
        return [f"{name}[{position}]" for position in range(parts)]
    return [
        inner
        for position, part in enumerate(parts)
        for inner in names_in(part, f"{name}[{position}]")
    ]
