"""Code as statements: what the three languages have in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any, ClassVar, NamedTuple

from autograd import primitives
from autograd.primitive import Primitive
from autograd.program.code.instructions import Code
from autograd.program.emission.conditions import guard_texts, guards_by_slot
from autograd.program.emission.identifiers import Names, comment_text
from autograd.program.emission.unit import Argument, Unit
from autograd.program.emission.wrapping import HARD_SPACE, INDENT, WIDTH, statement_lines
from autograd.structure import Structure
from autograd.version import __distribution__, __version__

_LOOP_FROM = 8  # as many terms that lie side by side are written as a loop
_TERMS = 24  # longer sums are written as several statements: compilers dislike deep expressions
_COMMENTS_FROM = 48


class Place(NamedTuple):
    """Where a number is found: a variable, or an element of an array."""

    array: str
    position: int | None = None

    @property
    def text(self) -> str:
        """The expression that reads it."""
        return self.array if self.position is None else f"{self.array}[{self.position}]"


class Language(ABC):
    """A language while one unit is written in it."""

    comment: ClassVar[str]
    result_keyword: ClassVar[str]  # before a new variable that is assigned once
    variable_keyword: ClassVar[str]  # before one that is added to
    end: ClassVar[str]  # of a statement
    ascii_names: ClassVar[bool]
    infinity: ClassVar[str]
    nan: ClassVar[str]
    reserved: ClassVar[frozenset[str]]
    reserved_outside: ClassVar[frozenset[str]] = frozenset()  # for names that a file shows
    kept_back: ClassVar[str] = r"__\w*__"
    longest: ClassVar[int | None] = None  # name

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.names = self.own_names(self.reserved)
        name = "f" if unit.name == "<lambda>" else unit.name
        self.function = self.names.take(name, self.reserved_outside)
        operations = [i.operation for code in unit.codes for i in code.instructions]
        self.support = self.supported(list(dict.fromkeys(operations)))
        self.gradient = self.names.take(f"{self.function}_gradient", self.reserved_outside)
        self.stored = self.names.take(self.stored_name(), self.reserved_outside)
        self.arguments = {a.name: self.names.take(a.name) for a in unit.arguments}
        self.parameters = self.names.take("parameters")
        derived = [*self.arguments.values(), self.parameters]
        self.derivatives = {name: self.names.take(f"d_{name}") for name in derived}
        self.result = self.names.take("result")
        self.counter = self.names.take("i")
        self.inside = self.names.take("inside")
        self.letter = self.names.prefix()
        self._guards_of: tuple[Code, dict[int, list[int]], list[str]] | None = None
        self.used: set[int] = set()  # slots that were read since this was last emptied

    def own_names(self, reserved: Iterable[str]) -> Names:
        """Return what hands out identifiers of this language."""
        return Names(reserved, self.ascii_names, self.kept_back, self.longest)

    # --- What each language says its own way ------------------------------------------------------

    @abstractmethod
    def supported(self, operations: Sequence[Primitive]) -> list[str]:
        """Return the functions that the operations need, and remember how each is spelled."""

    @abstractmethod
    def expression(self, operation: Primitive, operands: Sequence[str]) -> str:
        """Return an operation with a fixed number of operands."""

    @abstractmethod
    def collected(
        self, operation: Primitive, operands: Sequence[str], name: str
    ) -> tuple[list[str], str]:
        """Return statements, and the expression of an operation of any number of operands."""

    @abstractmethod
    def loop(self, count: int, statement: str) -> list[str]:
        """Return a statement repeated for `counter` from 0 to count - 1."""

    @abstractmethod
    def places(self, structure: Structure, name: str) -> list[Place]:
        """Return where the numbers of an argument are found, in their order."""

    @abstractmethod
    def guard(self, condition: str, shown: str) -> list[str]:
        """Return what happens where a guard has its operands."""

    def stored_name(self) -> str:
        """Return the name of the array of the recorded parameters."""
        return f"{self.function}_parameters"

    def literal(self, number: float) -> str:
        """Return a number that is read back as the same one."""
        if math.isnan(number):
            return self.nan
        if math.isinf(number):
            return self.infinity if number > 0.0 else f"-{self.infinity}"
        return repr(number)

    def wrapped(self, statement: str) -> list[str]:
        """Return a long statement on several lines."""
        lines = statement_lines(statement)
        return [line.replace(HARD_SPACE, " ") for line in lines]

    # --- Statements -------------------------------------------------------------------------------

    def given_places(self) -> list[Place]:
        """Return where inputs and parameters are found, in the order of their slots."""
        places = [Place("")] * self.unit.value.first_constant
        for argument, first in self.unit.first_slots():
            found = self.places(argument.structure, self.arguments[argument.name])
            places[first : first + len(found)] = [
                Place(place.array.replace(" ", HARD_SPACE), place.position) for place in found
            ]
        for position in range(len(self.unit.parameters)):
            places[self.unit.first_captured + position] = Place(self.parameters, position)
        return places

    def statements(self, code: Code) -> tuple[list[str], list[str]]:
        """Return the lines that compute code, and the expressions of its outputs."""
        places = self.first_places(code)
        self.used = set()
        lines = self.lines(code, places, range(-1, len(code.instructions)))
        self.used.update(code.outputs)
        return lines, [places[slot].text for slot in code.outputs]

    def unread(self, code: Code) -> list[str]:
        """Return the results that no other needs: they stand there because they may fail."""
        results = range(code.first_result, code.slots)
        return [self.place_of_result(code, slot) for slot in results if slot not in self.used]

    def place_of_result(self, code: Code, slot: int) -> str:
        """Return the variable of an instruction's result."""
        return f"{self.letter}{slot - code.first_result + 1}"

    def first_places(self, code: Code) -> list[Place]:
        """Return where inputs, parameters and constants are found, in the order of their slots."""
        return self.given_places() + [Place(self.literal(c)) for c in code.constants]

    def lines(self, code: Code, places: list[Place], positions: range) -> list[str]:
        """Return the lines of some instructions and of the guards that are due after each.

        Args:
            code: The code.
            places: Of all slots before; those of the instructions are added.
            positions: Of the instructions; -1 for the guards that ask for nothing computed.
        """
        lines: list[str] = []
        due, shown = self._guards(code)
        for position in positions:
            slot = code.first_result + position
            if position >= 0:
                operation, operands = code.instructions[position]
                name = self.place_of_result(code, slot)
                places.append(Place(name))
                self.used.update(operands)
                label = code.labels.get(slot, "")
                lines += self._instruction(operation, [places[o] for o in operands], name, label)
            for number in due.get(slot if position >= 0 else -1, ()):
                lines += self._guard(code, places, number, shown)
        return [line.replace(HARD_SPACE, " ") for line in lines]

    def _guards(self, code: Code) -> tuple[dict[int, list[int]], list[str]]:
        if self._guards_of is None or self._guards_of[0] is not code:
            self._guards_of = code, guards_by_slot(code), guard_texts(code, self.unit)
        return self._guards_of[1:]

    def _guard(
        self, code: Code, places: Sequence[Place], number: int, shown: Sequence[str]
    ) -> list[str]:
        left, comparison, right, outcome = code.guards[number]
        self.used.update((left, right))
        condition = f"{places[left].text} {comparison} {places[right].text}"
        return self.guard(condition if outcome else f"!({condition})", shown[number])

    def _instruction(
        self, operation: Primitive, operands: Sequence[Place], name: str, label: str
    ) -> list[str]:
        if operation is primitives.dot:
            size = len(operands) // 2
            bias = operands[-1].text if len(operands) % 2 else self.literal(0.0)
            return self._sum(name, bias, [operands[:size], operands[size : 2 * size]], "", label)
        if operation in (primitives.sum, primitives.mean):
            divisor = f" / {self.literal(float(len(operands)))}"
            divisor = divisor if operation is primitives.mean else ""
            return self._sum(name, self.literal(0.0), [operands], divisor, label)
        texts = [operand.text for operand in operands]
        if not operation.is_variadic:
            return self._assigned(name, self.expression(operation, texts), label)
        before, text = self.collected(operation, texts, name)
        return before + self._assigned(name, text, label)

    def _sum(
        self, name: str, start: str, columns: Sequence[Sequence[Place]], divisor: str, label: str
    ) -> list[str]:
        """Add up the products of the columns from left to right."""
        count = len(columns[0])
        indices = [self._run(column) for column in columns]
        if count >= _LOOP_FROM and all(indices):
            lines = self._assigned(name, start, label, self.variable_keyword)
            lines += self.loop(count, f"{name} += {' * '.join(indices)}{self.end}")
        else:
            terms = [self._product(row) for row in zip(*columns, strict=True)]
            if start == self.literal(-0.0) and terms:  # to which anything can be added unchanged
                start, *terms = terms
            alone = len(terms) <= _TERMS
            keyword = self.result_keyword if alone else self.variable_keyword
            if alone and divisor:
                whole = f"({' + '.join([start, *terms])}){divisor}"
                return self._assigned(name, whole, label, keyword)
            lines = self._assigned(name, " + ".join([start, *terms[:_TERMS]]), label, keyword)
            for first in range(_TERMS, len(terms), _TERMS):
                part = " + ".join([name, *terms[first : first + _TERMS]])
                lines += self._assigned(name, part, "", "")
        if divisor:
            lines += self._assigned(name, f"{name}{divisor}", "", "")
        return lines

    def _product(self, factors: Sequence[Place]) -> str:
        one = self.literal(1.0)
        return " * ".join([x.text for x in factors if x.text != one]) or one

    def _run(self, column: Sequence[Place]) -> str:
        """Return the element that a loop reads, if the places lie side by side in one array."""
        first = column[0] if column else Place("")
        for position, place in enumerate(column):
            if first.position is None or place != (first.array, first.position + position):
                return ""
        index = f"{self.counter} + {first.position}" if first.position else self.counter
        return f"{first.array}[{index}]"

    def _assigned(
        self, name: str, expression: str, label: str, keyword: str | None = None
    ) -> list[str]:
        keyword = self.result_keyword if keyword is None else keyword
        expression = expression.replace(" * ", f"{HARD_SPACE}*{HARD_SPACE}")
        expression = expression.replace(" + ", f" +{HARD_SPACE}")
        lines = self.wrapped(f"{keyword}{name} = {expression}{self.end}")
        if not label:
            return lines
        remark = f"{self.comment} {comment_text(label)}"
        if len(lines) > 1:
            return [INDENT + remark, *lines]
        return [f"{lines[0]:<{_COMMENTS_FROM}}  {remark}"]

    # --- What functions are given, and give -------------------------------------------------------

    def given_names(self) -> list[str]:
        """Return the names of the arguments, and of the parameters if there are any."""
        return [*self.arguments.values()] + [self.parameters] * bool(self.unit.parameters)

    def derivative_names(self) -> list[str]:
        """Return the names of the derivatives, those by the parameters at the end."""
        found = [self.derivatives[name] for name in self.arguments.values()]
        return found + [self.derivatives[self.parameters]] * self.unit.has_parameter_derivatives

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield what has a length, and the length that it must have."""
        for argument in self.unit.arguments:
            if argument.structure.kind not in (None, dict):
                yield self.arguments[argument.name], len(argument.structure.parts)
        if self.unit.parameters:
            yield self.parameters, len(self.unit.parameters)

    def result_text(self, outputs: Sequence[str]) -> str:
        """Return a number, or an array of several."""
        return outputs[0] if self.unit.is_single else f"[{', '.join(outputs)}]"

    # --- The head of the file ---------------------------------------------------------------------

    def described(self, calls: Sequence[str], elsewhere: str, notes: str) -> Iterator[str]:
        """Say what is computed of what, how to call it, and where it does not hold."""
        unit = self.unit
        what = "value and gradient" if unit.gradient else "value"
        yield f"{self.function}: {what}, written by {__distribution__} {__version__}."
        yield ""
        said = [
            (self.arguments[argument.name], str(argument.structure) + self.order(argument))
            for argument in unit.arguments
        ]
        if unit.parameters:
            count = len(unit.parameters)
            said += [(self.parameters, f"{count} numbers, as recorded in {self.stored}")]
        column = max([len(name) for name, _ in said], default=0)
        for name, text in said:
            indent = " " * (column + 6)
            line = f"    {name:<{column}}  {comment_text(text)}"
            yield from wrap(line, WIDTH - 8, subsequent_indent=indent, break_long_words=False)
        yield from [""] * bool(said)
        yield from [f"    {call}" for call in calls]
        yield ""
        yield from wrap(notes, WIDTH - 8)
        guards = list(dict.fromkeys(guard_texts(unit.value, unit)))
        if guards:
            yield ""
            yield f"Recorded on one branch; {elsewhere} unless"
            most = 20
            yield from [f"    {comment_text(text)}" for text in guards[:most]]
            if len(guards) > most:
                yield f"    ... and {len(guards) - most} more"

    def order(self, _: Argument) -> str:
        """Say how the numbers of an argument are ordered, where it is not obvious."""
        return ""

    def parameter_rows(self) -> list[str]:
        """Return the recorded parameters, one a line with its label."""
        rows = []
        for position, (label, number) in enumerate(self.unit.parameters):
            remark = f"{position}: {label}" if label else str(position)
            start = f"{INDENT}{self.literal(number)},"
            rows.append(f"{start:<30}{self.comment} {comment_text(remark)}")
        return rows


def bracketed(operands: Sequence[str], template: str) -> list[str]:
    """Return operands with brackets around negative numbers, except in front."""
    return [
        f"({text})" if text.startswith("-") and (position or not template.startswith("{")) else text
        for position, text in enumerate(operands)
    ]


def nested_places(structure: Structure, name: str, key: Callable[[Any], str]) -> list[Place]:
    """Return where numbers are found in a language with nested arrays; `key` spells an index."""
    if structure.is_number:
        return [Place(name)]
    if structure.is_flat:
        return [Place(name, position) for position in range(structure.size)]
    parts = structure.parts
    keys = map(key, structure.keys) if structure.kind is dict else map(str, range(len(parts)))
    return [
        place
        for index, part in zip(keys, parts, strict=True)
        for place in nested_places(part, f"{name}[{index}]", key)
    ]
