"""What a program is called with: the structure of its arguments, and the numbers in them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from autograd.arrays import is_array
from autograd.program.record.arguments import CallForm
from autograd.sparse_matrices import SparseMatrix
from autograd.structure import Array, Structure, container, flatten

_CONTAINERS = (list, tuple, dict)


class Call(NamedTuple):
    """The arguments of one call, taken apart.

    Attributes:
        structure: That of the tuple of arguments that hold numbers.
        numbers: The numbers in them.
        form: How the function is given its arguments.
    """

    structure: Structure
    numbers: list[Any]
    form: CallForm

    @property
    def from_arrays(self) -> bool:
        """Whether there is an array among the arguments."""
        return self.structure.has_arrays

    def plain(self) -> Call:
        """Return the call as a program without its function knows it."""
        return self._replace(structure=self.structure.plain())

    def of(self, f: Callable[..., Any]) -> Any:
        """Return what f gives for the arguments, put together again."""
        return self.form.call(f, self.structure.build(self.numbers))


class Signature(NamedTuple):
    """Which numbers of a call are inputs and which are parameters.

    Attributes:
        structure: That of the tuple of arguments.
        names: The name of every number, in the order of the arguments.
        inputs: The positions of those that vary in a batch.
        parameters: The positions of those that are the same for all rows.
        arguments: The names of the arguments.
        uniform: The positions of the arguments that hold parameters.
        key: What it was called with beside numbers: see `CallForm`.
    """

    structure: Structure
    names: list[str]
    inputs: list[int]
    parameters: list[int]
    arguments: tuple[str, ...]
    uniform: tuple[int, ...]
    key: Hashable = ()

    def fits(self, call: Call) -> bool:
        """Return whether it is that of a call."""
        return self.structure == call.structure and self.key == call.form.key

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


def in_lists(structure: Structure) -> Structure:
    """Return a structure with nested lists in place of its arrays, and of a matrix's entries.

    Example:
        >>> print(in_lists(Structure(Array, 6, (2, 3))))
        a list of 2 lists of 3 numbers
    """
    if structure.kind in (Array, SparseMatrix):
        return structure.plain()
    if isinstance(structure.items, int):
        return structure
    return Structure(structure.kind, tuple(map(in_lists, structure.items)), structure.keys)


def taken_apart(arguments: tuple[Any, ...], form: CallForm) -> Call:
    """Return the structure and the numbers of the arguments that hold numbers.

    Raises:
        TypeError: If something in them is neither a container nor a number, naming its place.
        ValueError: If values are missing in a column or a table.

    Example:
        >>> call = taken_apart((1.0, [2.0, 3.0]), CallForm(("x", "p"), (0, 1)))
        >>> str(call.structure), call.numbers
        ('a tuple of 2 nested structures', [1.0, 2.0, 3.0])
    """
    numbers: list[Any] = []
    parts = []
    for name, argument in zip(form.names, arguments, strict=True):
        if type(argument) is array:
            argument = argument.tolist()
        try:
            found, part = flatten(argument, name)
        except TypeError as error:
            if isinstance(argument, _CONTAINERS) or is_array(argument):
                raise
            raise TypeError(
                f"{error}. What is a plain value to the function, not a number to differentiate "
                f"by, is named: compile(f, static={name!r})"
            ) from None
        numbers += found
        parts.append(part)
    return Call(container(tuple, parts), numbers, form)


def signature(
    structure: Structure, arguments: Sequence[str], uniform: Sequence[int], key: Hashable = ()
) -> Signature:
    """Return which numbers of a call are inputs and which are parameters, and their names.

    Args:
        structure: That of the tuple of arguments.
        arguments: Their names.
        uniform: The positions of those that are the same for all rows of a batch.
        key: What it was called with beside numbers.
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
    return Signature(structure, names, inputs, parameters, tuple(arguments), tuple(uniform), key)
