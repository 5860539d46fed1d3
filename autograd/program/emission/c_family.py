"""C and JavaScript: the rule book's C texts as expressions and functions."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import ClassVar

from autograd import primitives
from autograd.primitive import Primitive
from autograd.program.code.instructions import TOTAL
from autograd.program.emission.statements import Language, bracketed
from autograd.program.emission.wrapping import INDENT
from autograd.special_in_c import FUNCTIONS

_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*\(")
_NOT_CALLS = frozenset(("if", "for", "while", "return", "sizeof", "function"))
_ARITHMETIC = re.compile(r"\(?(\{\w+\}|[-+*/ ])+\)?")
_ONE_CALL = re.compile(r"[\w.]+\((\{\w+\}(, )?)+\)")


class CFamily(Language):
    """A language that spells operations as C does."""

    comment = "//"
    end = ";"
    standard_functions: ClassVar[frozenset[str]]  # functions of C that exist
    integer: ClassVar[str]  # before a new counter
    in_statements: ClassVar[Sequence[Primitive]] = (primitives.dot, primitives.sum, primitives.mean)

    def stated(self, operation: Primitive) -> str:
        """Return the value of an operation, with {operand} in the places of the operands."""
        listed = ", ".join([f"{{{name}}}" for name in operation.operand_names])
        return operation.c or f"{operation.name}({listed})"

    @abstractmethod
    def defined(self, name: str, operands: Sequence[str], expression: str) -> str:
        """Return a function of numbers that gives an expression."""

    @abstractmethod
    def defined_for_many(self, name: str, body: str) -> str:
        """Return a function of an array x of n numbers."""

    @abstractmethod
    def translated(self, text: str) -> str:
        """Return a text in C in this language."""

    def supported(self, operations: Sequence[Primitive]) -> list[str]:
        """See `Language.supported`."""
        self._templates: dict[Primitive, str] = {}
        self._support: dict[str, str] = {}
        for operation in operations:
            if operation not in self.in_statements:
                self._templates[operation] = self._spelled(operation)
        for name in [name for name in FUNCTIONS if name in self._support]:
            self._rename(name, self.names.take(name, self.reserved_outside))
        return list(self._support.values())

    def _rename(self, name: str, new: str) -> None:
        call = re.compile(rf"\b{name}(?=\()")
        for operation, text in self._templates.items():
            self._templates[operation] = call.sub(new, text)
        for function, text in self._support.items():
            self._support[function] = call.sub(new, text)

    def expression(self, operation: Primitive, operands: Sequence[str]) -> str:
        """See `Language.expression`."""
        template = self._templates[operation]
        if _ARITHMETIC.fullmatch(template):
            operands = bracketed(operands, template)
        return template.format(**dict(zip(operation.operand_names, operands, strict=True)))

    def loop(self, count: int, statement: str) -> list[str]:
        """See `Language.loop`."""
        counter = self.counter
        head = f"for ({self.integer} {counter} = 0; {counter} < {count}; {counter}++)"
        return [f"{INDENT}{head} {statement}"]

    def _spelled(self, operation: Primitive) -> str:
        """Return the template of an operation, and note the functions that it needs."""
        if operation.is_variadic:
            return self._of_many(operation)
        text = self.stated(operation)
        self._need_called(text, operation)
        text = self.translated(text)
        if _ARITHMETIC.fullmatch(text):
            return text[1:-1] if text.startswith("(") else text
        if _ONE_CALL.fullmatch(text):
            return text
        names = operation.operand_names
        legal = self.own_names(self.reserved.union(FUNCTIONS))
        own = {name: legal.take(name) for name in names}
        expression = text.format(**own)
        if expression.startswith("(") and closes_at_the_end(expression):
            expression = expression[1:-1]
        name = self.names.take(operation.name, self.reserved_outside)
        self._support[name] = self.defined(name, list(own.values()), expression)
        return f"{name}({', '.join(['{' + n + '}' for n in names])})"

    def _of_many(self, operation: Primitive) -> str:
        if not operation.c:
            self._need(operation.name, operation)
            return operation.name + "("
        self._need_called(operation.c, operation)
        name = self.names.take(operation.name, self.reserved_outside)
        self._support[name] = self.defined_for_many(name, self.translated(operation.c))
        return name + "("

    def _need_called(self, text: str, operation: Primitive) -> None:
        for name in dict.fromkeys(_CALL.findall(text)):
            if name not in _NOT_CALLS:
                self._need(name, operation)

    def _need(self, name: str, operation: Primitive) -> None:
        if name in self.standard_functions or name in self._support or "." in name:
            return
        if name not in FUNCTIONS or operation is TOTAL:
            raise ValueError(
                f"{operation!r} has no spelling in C: {name} is not a function of <math.h>; state "
                "its value with c=... where the operation is defined"
            )
        self._support[name] = ""  # it may need itself
        for called in dict.fromkeys(_CALL.findall(FUNCTIONS[name])):
            if called in FUNCTIONS:
                self._need(called, operation)
        del self._support[name]
        self._support[name] = self.translated(FUNCTIONS[name])


def closes_at_the_end(text: str) -> bool:
    """Whether the bracket that a text begins with closes at its end."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position == len(text) - 1
    return False


def in_comment(lines: Iterable[str]) -> str:
    """Return lines as one comment."""
    first, *others = lines
    return "\n".join([f"/* {first}", *[f"   {line}".rstrip() for line in others]]) + " */"


def one_a_line(body: str) -> str:
    """Break the body of a function after each statement, but not inside the head of a loop."""
    lines = [""]
    depth = 0
    for character in body:
        depth += (character == "(") - (character == ")")
        lines[-1] += character
        if character == ";" and not depth:
            lines.append("")
    return indent("\n".join([line.strip() for line in lines if line.strip()]), INDENT)
