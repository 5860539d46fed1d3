"""Programs as C99, which is C++ as well."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from autograd.primitive import Primitive
from autograd.program.code.instructions import Code
from autograd.program.emission import c_words
from autograd.program.emission.c_family import CFamily, in_comment, one_a_line
from autograd.program.emission.parts import LONGEST, in_parts
from autograd.program.emission.statements import Place
from autograd.program.emission.unit import Argument, Unit
from autograd.program.emission.wrapping import HARD_SPACE, INDENT, WIDTH, broken
from autograd.structure import Structure


def source(unit: Unit) -> str:
    """Return a unit as C99 that needs `math.h` only; it compiles without warnings, as C++ too.

    Raises:
        ValueError: If an operation has no spelling in C.

    Example:
        >>> from autograd import Value
        >>> from autograd.program.record.tracing import code_of
        >>> from autograd.program.emission.unit import Argument, Unit
        >>> x = Value(3.0)
        >>> code, _ = code_of([x * x], [x], 1)
        >>> print(source(Unit("square", (Argument("x"),), (), code)).partition("#include ")[2])
        <math.h>
        <BLANKLINE>
        double square(double x)
        {
            const double t1 = x * x;
            return t1;
        }
        <BLANKLINE>
    """
    return _C(unit).source()


class _C(CFamily):
    result_keyword = "const double "
    variable_keyword = "double "
    ascii_names = True
    integer = "int"
    infinity = "INFINITY"
    nan = "NAN"
    kept_back = r"_[A-Z_]\w*"
    longest = 63  # characters that compilers of C99 have to look at
    standard_functions = frozenset(c_words.LIBRARY.split())
    reserved = frozenset(
        (c_words.KEYWORDS + c_words.LIBRARY + c_words.OTHERS + c_words.MACROS).split()
    )
    reserved_outside = frozenset(c_words.FUNCTIONS.split())

    def translated(self, text: str) -> str:
        return re.sub(r"^(static .*\)) \{$", r"\1\n{", text, flags=re.MULTILINE)

    def defined(self, name: str, operands: Sequence[str], expression: str) -> str:
        listed = ", ".join([f"double {operand}" for operand in operands])
        return f"static double {name}({listed})\n{{\n{INDENT}return {expression};\n}}"

    def defined_for_many(self, name: str, body: str) -> str:
        return f"static double {name}(const double *x, size_t n)\n{{\n{one_a_line(body)}\n}}"

    def collected(
        self, operation: Primitive, operands: Sequence[str], name: str
    ) -> tuple[list[str], str]:
        array = f"{name}_terms"
        listed = ", ".join(operands) or "0.0"
        statement = f"const double {array}[{len(operands) or 1}] = {{{listed}}};"
        return self.wrapped(statement), f"{self._templates[operation]}{array}, {len(operands)})"

    def places(self, structure: Structure, name: str) -> list[Place]:
        if structure.is_number:
            return [Place(name)]
        return [Place(name, position) for position in range(structure.size)]

    def order(self, argument: Argument) -> str:
        if argument.structure.is_flat:
            return ""
        names = argument.structure.names(argument.name)
        listed = names if len(names) <= 12 else [*names[:2], "...", names[-1]]
        return f", here a flat array: {', '.join(listed)}"

    def source(self) -> str:
        unit = self.unit
        parts = [self._head()]
        if unit.parameters:
            rows = self.parameter_rows()
            size = len(unit.parameters)
            declared = f"const double {self.stored}[{size}]"  # alone it would be private in C++
            parts.append("\n".join([f"extern {declared};", f"{declared} = {{", *rows, "};"]))
        parts += self.support
        parts.append(self._value())
        if unit.gradient is not None:
            parts.append(self._gradient(unit.gradient))
        return "\n\n".join(parts) + "\n"

    def _head(self) -> str:
        calls = [f"{self._value_prototype()};"]
        calls += [f"{self._gradient_prototype()};"] if self.unit.gradient else []
        if self.unit.parameters:
            calls.append(f"extern const double {self.stored}[{len(self.unit.parameters)}];")
        calls = [line for call in calls for line in broken(call, width=WIDTH - 8)]
        notes = (
            "Needs <math.h> only (link with -lm). Where Python would raise an error the result is "
            "infinite or NaN. With -ffp-contract=off the arithmetic has the bits of Python's."
        )
        head = in_comment(self.described(calls, "the results are NaN", notes))
        head = head.replace(HARD_SPACE, " ")
        includes = ["#include <math.h>"]
        if any("size_t" in text for text in self.support):
            includes.append("#include <stddef.h>")
        return head + "\n\n" + "\n".join(includes)

    def _given(self) -> list[str]:
        given = []
        for argument in self.unit.arguments:
            name = self.arguments[argument.name]
            given.append(_declared(f"const double {name}", name, argument.structure, argument.size))
        if self.unit.parameters:
            given.append(f"const double {self.parameters}[{len(self.unit.parameters)}]")
        return given

    def _value_prototype(self) -> str:
        given = self._given()
        if not self.unit.is_single:
            given.append(f"double {self.result}[{len(self.unit.value.outputs)}]")
        kind = "double" if self.unit.is_single else "void"
        return f"{kind} {self.function}({_listed(given)})"

    def _gradient_prototype(self) -> str:
        given = self._given()
        for argument in self.unit.arguments:
            name = self.derivatives[self.arguments[argument.name]]
            pointer = argument.structure.is_number or not argument.size
            given.append(f"double *{name}" if pointer else f"double {name}[{argument.size}]")
        if self.unit.has_parameter_derivatives:
            derivative = self.derivatives[self.parameters]
            given.append(f"double {derivative}[{len(self.unit.parameters)}]")
        return f"double {self.gradient}({_listed(given)})"

    def _value(self) -> str:
        def ending(outputs: list[str]) -> Iterator[str]:
            if self.unit.is_single:
                yield f"return {outputs[0]};"
            else:
                for position, output in enumerate(outputs):
                    yield f"{self.result}[{position}] = {output};"

        return self._function(self._value_prototype(), self.unit.value, ending)

    def _gradient(self, code: Code) -> str:
        def ending(outputs: list[str]) -> Iterator[str]:
            for argument, first in self.unit.first_slots():
                name = self.derivatives[self.arguments[argument.name]]
                if argument.structure.is_number:
                    yield f"*{name} = {outputs[1 + first]};"
                else:
                    for position in range(argument.size):
                        yield f"{name}[{position}] = {outputs[1 + first + position]};"
                    if not argument.size:
                        yield f"(void){name};"
            if self.unit.has_parameter_derivatives:
                name = self.derivatives[self.parameters]
                for position in range(len(self.unit.parameters)):
                    output = outputs[1 + self.unit.first_captured + position]
                    yield f"{name}[{position}] = {output};"
            yield f"return {outputs[0]};"

        return self._function(self._gradient_prototype(), code, ending)

    def _function(
        self, prototype: str, code: Code, ending: Callable[[list[str]], Iterator[str]]
    ) -> str:
        self._conditions: list[str] = []
        parts: list[str] = []
        if len(code.instructions) > 2 * LONGEST:
            name = re.findall(r"(\w+)\(", prototype)[0]
            parts, body, outputs = self._in_parts(name, code)
        else:
            body, outputs = self.statements(code)
            results = range(code.first_result, code.slots)
            self._conditions += self._finite(code, results, self.used)
        if self._conditions:
            body += self.wrapped(f"const int {self.inside} = {' && '.join(self._conditions)};")
            outputs = [f"{self.inside} ? {output} : NAN" for output in outputs]
        last = [line for statement in ending(outputs) for line in self.wrapped(statement)]
        unused = [f"{INDENT}(void){name};" for name in self._unused()]
        head = broken(prototype)
        whole = "\n".join([*head, "{", *unused, *body, *last, "}"])
        return "\n\n".join([*parts, whole]).replace(HARD_SPACE, " ")

    def _finite(self, code: Code, slots: Iterable[int], read: Collection[int]) -> list[str]:
        """Return conditions of the results that no other needs, which are there to fail."""
        names = [self.place_of_result(code, slot) for slot in slots if slot not in read]
        return [f"({name} - {name} == 0.0)" for name in names]

    def _in_parts(self, name: str, code: Code) -> tuple[list[str], list[str], list[str]]:
        """Return functions, each with some of the instructions; calls of them; the outputs."""
        cut = in_parts(code, LONGEST)
        shared = self.names.take("shared")
        places = self.first_places(code)
        texts: list[str] = []
        self.used = set()
        self.lines(code, places, range(-1, 0))
        always, calls, used = self._conditions, [], set(self.used)
        for number, part in enumerate(cut.parts):
            self.used, self._conditions = set(), []
            for slot, cell in part.reads.items():
                places[slot] = Place(shared, cell)
            body = self.lines(code, places, range(part.start, part.stop))
            first = code.first_result + part.start
            results = range(first, first + part.stop - part.start)
            self._conditions += self._finite(code, results, cut.read)
            kind, holds = "static void", self._conditions
            if holds:  # asked before cells that they read are written
                kind = "static int"
                body += self.wrapped(f"const int {self.inside} = {' && '.join(holds)};")
            body += [
                f"{INDENT}{shared}[{cell}] = {places[slot].text};"
                for slot, cell in part.writes.items()
            ]
            body += [f"{INDENT}return {self.inside};"] * bool(holds)
            own = self.names.take(f"{name}_part{number + 1}", self.reserved_outside)
            given, passed = self._given_to_part()
            if part.reads or part.writes:
                given, passed = [*given, f"double *{shared}"], [*passed, shared]
            texts.append("\n".join([*broken(f"{kind} {own}({_listed(given)})"), "{", *body, "}"]))
            call = f"{own}({', '.join(passed)})"
            if holds:
                always.append(self.names.take(f"{own}_holds"))
                call = f"const int {always[-1]} = {call}"
            calls += self.wrapped(f"{call};")
            used |= self.used
        self.used, self._conditions = used | set(code.outputs), always
        for slot, cell in cut.outputs.items():
            places[slot] = Place(shared, cell)
        room = [f"{INDENT}double {shared}[{cut.cells}];"] * bool(cut.cells)
        return texts, [*room, *calls], [places[slot].text for slot in code.outputs]

    def _given_to_part(self) -> tuple[list[str], list[str]]:
        """Return the arguments that a part reads, as declared and as passed."""
        unused = set(self._unused())
        both = zip(self._given(), self.given_names(), strict=True)
        read = [(text, name) for text, name in both if name not in unused]
        return [text for text, _ in read], [name for _, name in read]

    def guard(self, condition: str, _: str) -> list[str]:
        # Nothing stops C on its way: all conditions are asked together at the end.
        condition = condition if condition.startswith("!") else f"({condition})"
        if condition not in self._conditions:
            self._conditions.append(condition)
        return []

    def _unused(self) -> Iterator[str]:
        for argument, first in self.unit.first_slots():
            if self.used.isdisjoint(range(first, first + argument.size)):
                yield self.arguments[argument.name]
        if self.unit.parameters:
            first = self.unit.first_captured
            if self.used.isdisjoint(range(first, first + len(self.unit.parameters))):
                yield self.parameters


def _listed(declarations: Sequence[str]) -> str:
    return ", ".join([text.replace(" ", HARD_SPACE) for text in declarations]) or "void"


def _declared(declaration: str, name: str, structure: Structure, size: int) -> str:
    if structure.is_number:
        return f"double {name}"
    return f"{declaration}[{size}]" if size else f"const double *{name}"
