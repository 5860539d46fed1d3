"""Code as a Python function: how programs run where the native machine is not built."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from autograd import primitives
from autograd.primitive import Primitive
from autograd.program.code.instructions import Code
from autograd.program.emission.values_in_python import always_real, template

Function = Callable[[Sequence[float], Sequence[float]], list[float]]

# Instructions in one function: beyond, memory and time of compiling grow faster.
_LONGEST = 20_000
_LINE_OF_SUM = 32  # terms; deeper expressions exceed the compiler's stack
_RULES = frozenset(primitives.RULES.values())
_DEGENERATE = re.compile(r"(nan|inf)$")


def function(code: Code) -> Function:
    """Return code as a function of inputs and parameters, with the bits of `Code.evaluate`.

    It raises what the rule book's values raise. Guards are not looked at.

    Example:
        >>> from autograd import primitives
        >>> from autograd.program.code.instructions import Instruction
        >>> code = Code(2, 0, (), (Instruction(primitives.mul, (0, 1)),), (2,))
        >>> function(code)([3.0, 4.0], [])
        [12.0]
    """
    return _Function(code).compiled()


class _Function:
    def __init__(self, code: Code) -> None:
        self.code = code
        self.namespace: dict[str, Any] = {"_refuse": _refuser(code)}
        self.spellings: dict[Primitive, Callable[[Sequence[str]], str]] = {}
        given = code.first_constant
        self.texts = [f"x{slot}" for slot in range(given)]
        for position, number in enumerate(code.constants):
            text = repr(number)
            if _DEGENERATE.search(text):
                text = f"c{position}"
                self.namespace[text] = number
            self.texts.append(f"({text})" if text.startswith("-") else text)
        self.texts += [f"t{position}" for position in range(len(code.instructions))]

    def compiled(self) -> Function:
        code = self.code
        lines = ["def run(inputs, parameters):"]
        wrong = f"len(inputs) != {code.inputs} or len(parameters) != {code.parameters}"
        lines.append(f" if {wrong}: _refuse(inputs, parameters)")
        count = len(code.instructions)
        if count <= _LONGEST:
            given = self.texts[: code.first_constant]
            if code.inputs:
                lines.append(f" {', '.join(given[: code.inputs])}, = inputs")
            if code.parameters:
                lines.append(f" {', '.join(given[code.inputs :])}, = parameters")
            lines += self._statements(0, count)
            lines.append(f" return [{', '.join([self.texts[slot] for slot in code.outputs])}]")
        else:
            lines += self._parts()
        self._execute(lines)
        run: Function = self.namespace["run"]
        return run

    def _parts(self) -> list[str]:
        """Compile several functions that hand numbers on through a list; return the calls."""
        code, first = self.code, self.code.first_result
        ends = range(_LONGEST, len(code.instructions) + _LONGEST, _LONGEST)
        shared = {slot: slot for slot in range(code.first_constant)}  # its place in the list
        reads: list[dict[int, None]] = []
        for end in ends:
            outside = range(first, first + end - _LONGEST)
            reads.append({})
            for _, operands in code.instructions[end - _LONGEST : end]:
                for slot in operands:
                    if slot < code.first_constant or slot in outside:
                        reads[-1][slot] = None
                        shared.setdefault(slot, len(shared))
        for slot in code.outputs:
            if slot >= first:
                shared.setdefault(slot, len(shared))
        lines = [f" s = [*inputs, *parameters, *[0.0] * {len(shared) - code.first_constant}]"]
        for number, end in enumerate(ends):
            end = min(end, len(code.instructions))
            start = number * _LONGEST
            part = [f"def part{number}(s):"]
            part += [f" {self.texts[slot]} = s[{shared[slot]}]" for slot in reads[number]]
            part += self._statements(start, end)
            own = range(first + start, first + end)
            part += [f" s[{shared[slot]}] = {self.texts[slot]}" for slot in own if slot in shared]
            self._execute(part)
            lines.append(f" part{number}(s)")
        outputs = [
            f"s[{shared[slot]}]" if slot in shared else self.texts[slot] for slot in code.outputs
        ]
        return [*lines, f" return [{', '.join(outputs)}]"]

    def _execute(self, lines: Iterable[str]) -> None:
        exec(compile("\n".join(lines), "<program>", "exec"), self.namespace)

    def _statements(self, start: int, end: int) -> list[str]:
        texts, first, spellings = self.texts, self.code.first_result, self.spellings
        lines: list[str] = []
        for position in range(start, end):
            operation, operands = self.code.instructions[position]
            names = [texts[operand] for operand in operands]
            target = texts[first + position]
            if operation is primitives.dot:
                size = len(names) // 2
                total = names[-1] if len(names) % 2 else "0.0"
                pairs = zip(names[:size], names[size : 2 * size], strict=True)
                lines += _summed(
                    target, total, [x if y == "1.0" else f"{x} * {y}" for x, y in pairs]
                )
            elif operation is primitives.sum or (operation is primitives.mean and names):
                lines += _summed(target, "0.0", names)
                if operation is primitives.mean:
                    lines.append(f" {target} = {target} / {len(names)}")
            elif operation is primitives.pow and always_real(names[1].strip("()")):
                lines.append(f" {target} = {names[0]} ** {names[1]}")
            else:
                spelled = spellings.get(operation)
                if spelled is None:
                    spelled = spellings[operation] = self._spelling(operation)
                lines.append(f" {target} = {spelled(names)}")
        return lines

    def _spelling(self, operation: Primitive) -> Callable[[Sequence[str]], str]:
        known = template(operation) if operation in _RULES else None
        if known is None:
            name = f"f{len(self.spellings)}"
            self.namespace[name] = operation.checked_forward
            return lambda operands: f"{name}({', '.join(operands)})"
        home = vars(sys.modules[operation.forward.__module__])
        for name in known.names:
            if name in home:
                self.namespace[name] = home[name]
        text = re.sub(r"\bmath\.(\w+)", r"math_\1", known.text)
        for name in re.findall(r"\bmath_(\w+)", text):
            self.namespace[f"math_{name}"] = getattr(math, name)
        return lambda operands: text.format(*operands)


def _summed(target: str, start: str, terms: Sequence[str]) -> list[str]:
    if start == "(-0.0)" and terms:  # to which anything can be added unchanged
        start, *terms = terms
    lines = [f" {target} = {' + '.join([start, *terms[:_LINE_OF_SUM]])}"]
    for first in range(_LINE_OF_SUM, len(terms), _LINE_OF_SUM):
        part = " + ".join([target, *terms[first : first + _LINE_OF_SUM]])
        lines.append(f" {target} = {part}")
    return lines


def _refuser(code: Code) -> Callable[[Sequence[float], Sequence[float]], NoReturn]:
    takes = f"this code takes {code.inputs} inputs and {code.parameters} parameters"

    def refuse(inputs: Sequence[float], parameters: Sequence[float]) -> NoReturn:
        raise ValueError(f"{takes}; got {len(inputs)} and {len(parameters)}")

    return refuse
