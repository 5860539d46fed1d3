"""What is emitted: a function with its arguments, its parameters, and its gradient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from autograd.program.code.instructions import Code
from autograd.structure import NUMBER, Structure


class Argument(NamedTuple):
    """An argument of the emitted functions.

    Attributes:
        name: Its name.
        structure: How its numbers are nested.
        uniform: Whether its numbers are parameters of the code, not inputs.
    """

    name: str
    structure: Structure = NUMBER
    uniform: bool = False

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.structure.size


@dataclass(frozen=True, eq=False)
class Unit:
    """A function to be written as source text.

    The numbers of the arguments are the code's inputs, those of the uniform arguments its first
    parameters, each in order; the captured `parameters` are the last.

    Attributes:
        name: The function's name; its gradient is called `name_gradient`.
        arguments: What it takes.
        parameters: Label and number of every weight that it takes from outside.
        value: The code of the results.
        gradient: The code of the one result, then of its derivatives by every input and every
            parameter; those by the captured parameters may be left out.

    Raises:
        ValueError: If the numbers of slots do not fit together, or code has no output.
    """

    name: str
    arguments: tuple[Argument, ...]
    parameters: tuple[tuple[str, float], ...]
    value: Code
    gradient: Code | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", tuple(_told_apart(self.arguments)))
        uniform = sum([argument.size for argument in self.arguments if argument.uniform])
        inputs = sum([argument.size for argument in self.arguments]) - uniform
        own = inputs + uniform
        parameters = uniform + len(self.parameters)
        for code in self.codes:
            if (code.inputs, code.parameters) != (inputs, parameters):
                raise ValueError(
                    f"the arguments and parameters of {self.name} hold {inputs} and {parameters} "
                    f"numbers; its code takes {code.inputs} and {code.parameters}"
                )
        if not self.value.outputs:
            raise ValueError(f"{self.name} has no results to write down")
        derivatives = (own, own + len(self.parameters))
        if self.gradient and len(self.gradient.outputs) - 1 not in derivatives:
            raise ValueError(
                f"the gradient of {self.name} has {len(self.gradient.outputs)} outputs; expected "
                f"the value and {own} derivatives, or {own + len(self.parameters)} with those by "
                "the parameters"
            )

    @property
    def codes(self) -> tuple[Code, ...]:
        """The code of the value, and of the gradient if there is one."""
        return (self.value, self.gradient) if self.gradient else (self.value,)

    @property
    def is_single(self) -> bool:
        """Whether the result is one number."""
        return len(self.value.outputs) == 1

    @property
    def first_captured(self) -> int:
        """The slot of the first captured parameter."""
        return self.value.first_constant - len(self.parameters)

    @property
    def has_parameter_derivatives(self) -> bool:
        """Whether the gradient goes on to the captured parameters."""
        size = self.first_captured + len(self.parameters)
        return bool(self.parameters and self.gradient and len(self.gradient.outputs) == 1 + size)

    def first_slots(self) -> Iterator[tuple[Argument, int]]:
        """Each argument, with the slot of its first number."""
        slots = {False: 0, True: self.value.inputs}
        for argument in self.arguments:
            yield argument, slots[argument.uniform]
            slots[argument.uniform] += argument.size


def _told_apart(arguments: Iterable[Argument]) -> Iterator[Argument]:
    """Yield arguments with names of their own: those behind `*args` may repeat another's."""
    seen: set[str] = set()
    for position, argument in enumerate(arguments):
        name, number = argument.name, position + 1
        while name in seen:
            name, number = f"{argument.name}_{number}", number + 1
        seen.add(name)
        yield argument._replace(name=name)
