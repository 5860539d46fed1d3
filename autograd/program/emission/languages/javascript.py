"""Programs as JavaScript: an ES module for browsers, Node and Deno."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from autograd.formula import Symbol
from autograd.primitive import Primitive
from autograd.program.code.instructions import Code, Instruction
from autograd.program.emission.c_family import CFamily, closes_at_the_end, in_comment, one_a_line
from autograd.program.emission.identifiers import Names
from autograd.program.emission.keys import (
    javascript_key,
    javascript_property,
    refuse_equal_properties,
)
from autograd.program.emission.parts import in_parts
from autograd.program.emission.statements import Place, nested_places
from autograd.program.emission.unit import Argument, Unit
from autograd.program.emission.wrapping import HARD_SPACE, INDENT, broken
from autograd.structure import Structure

_RESERVED = """
arguments await break case catch class const continue debugger default delete do else enum eval
export extends false finally for function if implements import in instanceof interface let new null
package private protected public return static super switch this throw true try typeof var void
while with yield async of undefined NaN Infinity Math Array Object Number RangeError
"""
_MATH = """
acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 floor hypot log log10 log1p log2 pow
sin sinh sqrt tan tanh
"""
LONGEST_PART = 500  # operations and operands: browsers leave much longer functions unoptimized
_INTO = "into"  # what the functions of scripts write to
_CONSTANTS = {"NAN": "NaN", "INFINITY": "Infinity"}


def source(unit: Unit) -> str:
    """Return a unit as an ES module without imports.

    Raises:
        ValueError: If an operation has no spelling in C or JavaScript, or two keys of a dict are
            one there.

    Example:
        >>> from autograd import Value
        >>> from autograd.program.record.tracing import code_of
        >>> from autograd.program.emission.unit import Argument, Unit
        >>> x = Value(3.0)
        >>> code, _ = code_of([x * x], [x], 1)
        >>> print(source(Unit("square", (Argument("x"),), (), code)).partition("export ")[2])
        function square(x) {
            const t1 = x * x;
            return t1;
        }
        <BLANKLINE>
    """
    return _JavaScript(unit).source()


class Spelling:
    """Operations of the rule book spelled for a script that is not a program.

    Attributes:
        support: The functions that the spellings call, as text.

    Raises:
        ValueError: If an operation has no spelling in C or JavaScript.

    Example:
        >>> from autograd import primitives
        >>> from autograd.formula import Symbol
        >>> spelling = Spelling([primitives.mul, primitives.sub])
        >>> spelling.expression(1.0 - Symbol("x") * Symbol("x"))
        '(1.0 - (x * x))'
    """

    def __init__(self, operations: Sequence[Primitive]) -> None:
        calls = tuple([Instruction(one, (0,) * max(one.arity, 1)) for one in operations])
        code = Code(1, 0, (), calls, (0,))
        self._language = _Rules(Unit("rules", (Argument("x"),), (), code))
        self.support = self._language.support

    def expression(self, formula: Any) -> str:
        """Return a formula of symbols; what is more than a name or a call stands in brackets."""
        if not isinstance(formula, Symbol):
            return self._language.literal(float(formula))
        if formula.primitive is None:
            return formula.name
        operands = [self.expression(operand) for operand in formula.operands]
        if formula.primitive.is_variadic:
            listed = ", ".join(operands)
            return f"{self.function(formula.primitive)}([{listed}], {len(operands)})"
        text = self._language.expression(formula.primitive, operands)
        return text if _is_call(text) else f"({text})"

    def function(self, operation: Primitive) -> str:
        """Return the name of a function of an array and its length, one of any length."""
        return self._language.called(operation)


def in_javascript(text: str) -> str:
    """Return C text in JavaScript: expressions, and functions as `special_in_c` has them.

    Example:
        >>> print(in_javascript("static double f(const double *x) { double y = fabs(x[0]); }"))
        function f(x) { let y = Math.abs(x[0]); }
    """
    text = re.sub(r"\bconst double (\w+)\[\d*\] = \{(.*?)\}", r"const \1 = [\2]", text, flags=re.S)
    text = re.sub(r"\(double\)\s*", "", text)
    text = re.sub(r"\bsize_t (\w+) = ([^;]*/[^;]*);", r"let \1 = Math.floor(\2);", text)
    text = re.sub(r"static double (?=\w+\()", "function ", text)
    text = re.sub(r"(?<=[(,] )(?:const )?(?:double|size_t) \*?(?=\w+\s*[,)])", "", text)
    text = re.sub(r"(?<=\()(?:const )?(?:double|size_t) \*?(?=\w+\s*[,)])", "", text)
    text = re.sub(r"\b(?:const )?(?:double|size_t|int) ", "let ", text)
    text = re.sub(r"(?<=[ ,])(\w+)\[\d+\](?=[,;])(?![^;{}]*=)", _new_array, text)
    for name, here in _CONSTANTS.items():
        text = re.sub(rf"\b{name}\b", here, text)
    text = re.sub(r"(?<![\w.])fabs\(", "Math.abs(", text)
    return re.sub(rf"(?<![\w.])({'|'.join(_MATH.split())})\(", r"Math.\1(", text)


def _new_array(match: re.Match[str]) -> str:
    return f"{match[1]} = []"


class _JavaScript(CFamily):
    result_keyword = "const "
    variable_keyword = "let "
    ascii_names = False
    integer = "let"
    infinity = _CONSTANTS["INFINITY"]
    nan = _CONSTANTS["NAN"]
    standard_functions = frozenset([*_MATH.split(), "fabs"])
    reserved = frozenset(_RESERVED.split())

    def stated(self, operation: Primitive) -> str:
        return operation.javascript or super().stated(operation)

    def translated(self, text: str) -> str:
        return in_javascript(text)

    def defined(self, name: str, operands: Sequence[str], expression: str) -> str:
        return f"function {name}({', '.join(operands)}) {{\n{INDENT}return {expression};\n}}"

    def defined_for_many(self, name: str, body: str) -> str:
        return f"function {name}(x, n) {{\n{one_a_line(body)}\n}}"

    def collected(
        self, operation: Primitive, operands: Sequence[str], _: str
    ) -> tuple[list[str], str]:
        return [], f"{self._templates[operation]}[{', '.join(operands)}], {len(operands)})"

    def places(self, structure: Structure, name: str) -> list[Place]:
        refuse_equal_properties(structure, name)
        return nested_places(structure, name, javascript_key)

    def guard(self, condition: str, shown: str) -> list[str]:
        opposite = condition[2:-1] if condition.startswith("!") else f"!({condition})"
        message = json.dumps(f"{self.function} was recorded on another branch: where {shown}")
        return [f"{INDENT}if ({opposite})", f"{2 * INDENT}throw new RangeError({message});"]

    def source(self) -> str:
        unit = self.unit
        parts = [self._head()]
        if unit.parameters:
            rows = self.parameter_rows()
            parts.append("\n".join([f"export const {self.stored} = [", *rows, "];"]))
        parts += self.support
        parts.append(self._function(self.function, unit.value, self.result_text))
        if unit.gradient is not None:
            parts.append(self._function(self.gradient, unit.gradient, self._gradient))
        return "\n\n".join(parts) + "\n"

    def _head(self) -> str:
        given = ", ".join(self.given_names())
        several = f"array of {len(self.unit.value.outputs)} numbers"
        calls = [f"{self.function}({given}) -> {'number' if self.unit.is_single else several}"]
        if self.unit.gradient is not None:
            found = ", ".join(["value", *self.derivative_names()])
            calls.append(f"{self.gradient}({given}) -> {{ {found} }}")
        notes = (
            "An ES module without imports; for a plain script element, delete the word export. "
            "Where Python would raise an error the result is infinite or NaN."
        )
        said = self.described(calls, "a RangeError is thrown", notes)
        return in_comment(line for text in said for line in broken(text, later="        "))

    def checked(self, code: Code) -> tuple[list[str], list[str]]:
        """Return lines and outputs; these are NaN where what may fail, and is not read, does."""
        body, outputs = self.statements(code)
        failing = self.unread(code)
        if failing:
            condition = " && ".join([f"Number.isFinite({name})" for name in failing])
            body += self.wrapped(f"const {self.inside} = {condition};")
            outputs = [f"({self.inside} ? {output} : NaN)" for output in outputs]
        return body, outputs

    def _function(self, name: str, code: Code, returned: Any) -> str:
        given = [*self.arguments.values()]
        given += [f"{self.parameters} = {self.stored}"] * bool(self.unit.parameters)
        lines = [f"export function {name}({', '.join(given)}) {{"]
        body, outputs = self.checked(code)
        checks = [line for array, size in self.sizes() for line in _length_check(array, size)]
        lines += [*checks, *body, *self.wrapped(f"return {returned(outputs)};")]
        return "\n".join([*lines, "}"])

    def _gradient(self, outputs: Sequence[str]) -> str:
        parts = [f"value: {outputs[0]}"]
        for argument, first in self.unit.first_slots():
            name = self.derivatives[self.arguments[argument.name]]
            parts.append(f"{name}: {_nested(argument.structure, iter(outputs[1 + first :]))}")
        if self.unit.has_parameter_derivatives:
            found = ", ".join(outputs[1 + self.unit.first_captured :])
            parts.append(f"{self.derivatives[self.parameters]}: [{found}]")
        return f"{{ {', '.join(parts)} }}"


class Statements(_JavaScript):
    """A unit as an arrow function, for a script that is not a program.

    Args:
        unit: What is written.
        otherwise: The statement where the numbers take another branch than the recorded one.
        put: The statement that uses an output, by its position and its expression; it may be empty,
            and may write to `into`, the last argument of the function.

    Raises:
        ValueError: If an operation has no spelling in C or JavaScript.

    Example:
        >>> from autograd import primitives
        >>> code = Code(1, 0, (), (Instruction(primitives.mul, (0, 0)),), (1,))
        >>> unit = Unit("square", (Argument("x"),), (), code)
        >>> put = lambda position, text: f"into[{position}] = {text};"
        >>> print(Statements(unit, "return;", put).function_of(code, "return true;"))
        (() => {
        return (x, parameters, into) => {
            const t1 = x * x;
        into[0] = t1;
        return true;
        };
        })()
    """

    def __init__(self, unit: Unit, otherwise: str, put: Callable[[int, str], str]) -> None:
        self._otherwise = otherwise
        self._put = put
        super().__init__(unit)
        self.takes = f"({', '.join([*self.arguments.values(), self.parameters, _INTO])})"

    def own_names(self, reserved: Iterable[str]) -> Names:
        """Return what hands out identifiers, but none of those that `put` writes."""
        return super().own_names([*reserved, _INTO])

    def guard(self, condition: str, _: str) -> list[str]:
        """Return the statement that leaves where the numbers take another branch."""
        return [f"{INDENT}if (!({condition})) {self._otherwise}"]

    def function_of(self, code: Code, ending: str) -> str:
        """Return the function; where it is long, in parts, which browsers can optimize.

        Args:
            code: What it computes.
            ending: Its last statement, in which {first} is the first output.
        """
        if sum(map(_length, code.instructions)) <= LONGEST_PART:
            parts: list[str] = []
            body, outputs = self.checked(code)
        else:
            parts, body, outputs = self._in_parts(code)
        body += [self._put(place, text) for place, text in enumerate(outputs) if text]
        lines = ["(() => {", *self.support, *parts, f"return {self.takes} => {{", *body]
        return "\n".join(filter(None, [*lines, ending.format(first=outputs[0]), "};", "})()"]))

    def _in_parts(self, code: Code) -> tuple[list[str], list[str], list[str]]:
        """Return functions, the calls of them, and the outputs; one that is put is empty."""
        due, _ = self._guards(code)
        decided = max([code.first_result - 1, *due])  # what is computed later is put at once
        early = {0: code.outputs[0]}
        at_once: dict[int, list[int]] = {}
        for place, slot in enumerate(code.outputs):
            if slot > decided and place:
                at_once.setdefault(slot, []).append(place)
            else:
                early[place] = slot
        cut = in_parts(replace(code, outputs=tuple(early.values())), LONGEST_PART, _length)
        read = cut.read.union(code.outputs)
        cells, lost = self.names.take("cells"), self.names.take("lost")
        places = self.first_places(code)
        body = [f"{lost} = 0;", *self.lines(code, places, range(-1, 0))]
        texts = [f"const {cells} = new Float64Array({cut.cells});", f"let {lost} = 0;"]
        for number, part in enumerate(cut.parts, start=1):
            slots = range(code.first_result + part.start, code.first_result + part.stop)
            lines = [f"const {places[slot].text} = {cells}[{c}];" for slot, c in part.reads.items()]
            lines += self.lines(code, places, range(part.start, part.stop))
            names = {slot: places[slot].text for slot in slots}
            lines += [f"{lost} += {names[s]} - {names[s]};" for s in slots if s not in read]
            lines += [f"{cells}[{c}] = {names[slot]};" for slot, c in part.writes.items()]
            lines += [self._put(p, names[s]) for s in slots for p in at_once.get(s, ())]
            name = self.names.take(f"part{number}")
            can_leave = not due.keys().isdisjoint(slots)
            texts += [f"const {name} = {self.takes} => {{", *lines, "return true;", "};"]
            call = f"{name}{self.takes}"
            body.append(f"if (!{call}) {self._otherwise}" if can_leave else f"{call};")
        for slot, cell in cut.outputs.items():
            places[slot] = Place(cells, cell)
        outputs = [""] * len(code.outputs)
        for place, slot in early.items():
            outputs[place] = f"({lost} === 0 ? {places[slot].text} : NaN)"
        return texts, body, outputs


def _length(instruction: Instruction) -> int:
    return 1 + len(instruction.operands)


class _Rules(_JavaScript):
    """JavaScript in which no operation is spread over statements."""

    in_statements = ()

    def called(self, operation: Primitive) -> str:
        """Return the name of the function that a variadic operation is."""
        return self._templates[operation].removesuffix("(")


def _is_call(text: str) -> bool:
    name, bracket, rest = text.partition("(")
    return name.replace(".", "").isidentifier() and closes_at_the_end(bracket + rest)


def _length_check(array: str, size: int) -> list[str]:
    message = f'"{array} needs length {size}, got " + {array}.length'
    return [
        f"{INDENT}if ({array}.length !== {size})",
        f"{2 * INDENT}throw new RangeError({message});",
    ]


def _nested(structure: Structure, outputs: Iterator[str]) -> str:
    if structure.is_number:
        return next(outputs)
    inner = [_nested(part, outputs) for part in structure.parts]
    if structure.kind is dict:
        pairs = zip(structure.keys, inner, strict=True)
        keyed = [
            f"{javascript_property(key).replace(' ', HARD_SPACE)}: {text}" for key, text in pairs
        ]
        return "{ " + ", ".join(keyed) + " }"
    return f"[{', '.join(inner)}]"
