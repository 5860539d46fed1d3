"""Programs as Python: source text to carry away, and functions that run here."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import primitives
from autograd.primitive import Primitive
from autograd.program.code.instructions import Code
from autograd.program.emission.keys import python_key
from autograd.program.emission.statements import Language, Place, bracketed, nested_places
from autograd.program.emission.unit import Unit
from autograd.program.emission.values_in_python import Sources, always_real, template
from autograd.program.emission.wrapping import HARD_SPACE, INDENT, WIDTH
from autograd.structure import Structure


def source(unit: Unit) -> str:
    """Return a unit as a Python module that imports nothing but `math`.

    Raises:
        ValueError: If an operation's value cannot be copied into the text, or a key of a dict
            cannot be written there.

    Example:
        >>> from autograd import Value
        >>> from autograd.program.record.tracing import code_of
        >>> from autograd.program.emission.unit import Argument, Unit
        >>> x = Value(3.0)
        >>> code, _ = code_of([x * x], [x], 1)
        >>> print(source(Unit("square", (Argument("x"),), (), code)).partition("def ")[2])
        square(x):
            t1 = x * x
            return t1
        <BLANKLINE>
    """
    return _Python(unit).source()


class _Python(Language):
    comment = "#"
    result_keyword = variable_keyword = ""
    end = ""
    ascii_names = False
    infinity = "math.inf"
    nan = "math.nan"
    reserved = frozenset([*keyword.kwlist, *dir(builtins), "math", "annotations"])

    def supported(self, operations: Sequence[Primitive]) -> list[str]:
        sources = Sources()
        self._called: dict[Primitive, str] = {}
        inlined = [primitives.dot, primitives.sum, primitives.mean]
        inlined += [] if any(map(_may_leave_the_reals, self.unit.codes)) else [primitives.pow]
        for operation in operations:
            known = template(operation)
            if operation not in inlined and not (known and known.is_arithmetic):
                self._called[operation] = sources.add(operation)
        for name in sources.texts:
            if name == self.function:
                self.function = self.names.take(name)
            self.names.take(name)
        return list(dict.fromkeys(sources.texts.values()))

    def stored_name(self) -> str:
        return "PARAMETERS"

    def expression(self, operation: Primitive, operands: Sequence[str]) -> str:
        known = template(operation)
        if known and known.is_arithmetic:
            return known.text.format(*bracketed(operands, known.text))
        if operation is primitives.pow and always_real(operands[1]):
            base = f"({operands[0]})" if operands[0].startswith("-") else operands[0]
            return f"{base} ** {operands[1]}"
        return f"{self._called[operation]}({', '.join(operands)})"

    def collected(
        self, operation: Primitive, operands: Sequence[str], _: str
    ) -> tuple[list[str], str]:
        return [], f"{self._called[operation]}({', '.join(operands)})"

    def loop(self, count: int, statement: str) -> list[str]:
        head = f"{INDENT}for {self.counter} in range({count}):"
        return [head, f"{2 * INDENT}{statement}"]

    def places(self, structure: Structure, name: str) -> list[Place]:
        return nested_places(structure, name, python_key)

    def guard(self, condition: str, shown: str) -> list[str]:
        condition = condition[2:-1] if condition.startswith("!") else f"not {condition}"
        message = f"{self.function} was recorded on another branch: where {shown}"
        return [f"{INDENT}if {condition}:", f"{2 * INDENT}raise ValueError({message!r})"]

    def wrapped(self, statement: str) -> list[str]:
        if len(INDENT + statement) <= WIDTH:
            return super().wrapped(statement)
        target, equals, expression = statement.partition(" = ")
        bracketed = f"{target} = ({expression})" if equals else statement
        return super().wrapped(bracketed)

    def source(self) -> str:
        unit = self.unit
        parts = ["\n".join(['"""' + "\n".join(self._docstring()), '"""'])]
        if self.support:
            parts.append("from __future__ import annotations\n\nimport math")
        elif self._needs_math():
            parts.append("import math")
        if unit.parameters:
            rows = self.parameter_rows()
            parts.append("\n".join([f"{self.stored} = [", *rows, "]"]))
        parts += ["\n" + text for text in self.support]
        parts.append("\n" + "\n".join(self._function(self.function, unit.value, self.result_text)))
        if unit.gradient is not None:
            parts.append(
                "\n" + "\n".join(self._function(self.gradient, unit.gradient, self._derivatives))
            )
        return "\n\n".join(parts) + "\n"

    def _needs_math(self) -> bool:
        if any(text.startswith("math.") for text in self._called.values()):
            return True
        numbers = [c for code in self.unit.codes for c in code.constants]
        numbers += [number for _, number in self.unit.parameters]
        return not all(map(math.isfinite, numbers))

    def _docstring(self) -> Iterable[str]:
        given = ", ".join(self.given_names())
        calls = [f"{self.function}({given}) -> {self._returned()}"]
        if self.unit.gradient is not None:
            found = ", ".join(self.derivative_names())
            calls.append(f"{self.gradient}({given}) -> (value, {found})")
        notes = "Errors are those of Python's floats and math."
        return self.described(calls, "ValueError", notes)

    def _returned(self) -> str:
        count = len(self.unit.value.outputs)
        return "number" if self.unit.is_single else f"list of {count} numbers"

    def _function(
        self, name: str, code: Code, returned: Callable[[Sequence[str]], str]
    ) -> list[str]:
        given = [*self.arguments.values()]
        given += [f"{self.parameters}={self.stored}"] * bool(self.unit.parameters)
        lines = [f"def {name}({', '.join(given)}):"]
        for array, size in self.sizes():
            what = f"{array} needs length {size}"
            lines += [
                f"{INDENT}if len({array}) != {size}:",
                f'{2 * INDENT}raise ValueError(f"{what}, got {{len({array})}}")',
            ]
        body, outputs = self.statements(code)
        return lines + body + self.wrapped(f"return {returned(outputs)}")

    def _derivatives(self, outputs: Sequence[str]) -> str:
        parts = [outputs[0]]
        for argument, first in self.unit.first_slots():
            parts.append(_nested(argument.structure, iter(outputs[1 + first :])))
        if self.unit.has_parameter_derivatives:
            parts.append(f"[{', '.join(outputs[1 + self.unit.first_captured :])}]")
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def _nested(structure: Structure, outputs: Any) -> str:
    if structure.is_number:
        return str(next(outputs))
    inner = [_nested(part, outputs) for part in structure.parts]
    if structure.kind is dict:
        pairs = zip(structure.keys, inner, strict=True)
        keyed = [f"{python_key(key).replace(' ', HARD_SPACE)}: {text}" for key, text in pairs]
        return "{" + ", ".join(keyed) + "}"
    if structure.kind is tuple:
        return f"({', '.join(inner)}{',' * (len(inner) == 1)})"
    return f"[{', '.join(inner)}]"


def _may_leave_the_reals(code: Code) -> bool:
    constants = range(code.first_constant, code.first_result)
    return any(
        operation is primitives.pow
        and not (
            operands[1] in constants
            and code.constants[operands[1] - code.first_constant].is_integer()
        )
        for operation, operands in code.instructions
    )
