"""Forms: an update rule as straight-line code, found by running it on symbols.

A rule may ask whether a setting is zero (`if self.momentum:`) and nothing else; each way through it
is a form of its own. What does not depend on the parameter is computed once a step, and a memory
that comes back as it went in is not remembered.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from autograd.formula import Symbol, code
from autograd.primitive import Primitive
from autograd.primitives import RULES

Call = Callable[[Primitive, list[str]], str]
Moved = Callable[..., tuple[list[float], list[list[float]]]]

PARAMETER, GRADIENT, STEP = "p", "g", "t"
_OURS = re.compile(r"_\w*|[ux]\d+|[pgt]|inf|nan")  # names in what is generated


class Given(Symbol):
    """A setting, of which only whether it is zero is known."""

    __slots__ = ("is_true",)

    def __init__(self, name: str, is_true: bool) -> None:
        super().__init__(name)
        self.is_true = is_true

    def __bool__(self) -> bool:
        return self.is_true


class Form:
    """One way through a rule.

    Args:
        rule: A function of p, g, t and memories, whose defaults are what these begin with; it
            returns the parameter, and each memory, after step number t.
        settings: The names of the settings that it uses.

    Attributes:
        settings: These names.
        memories: The names of what is remembered, and what it begins with.
        once: Statements that are the same for all parameters, names and formulas.
        each: Statements for each parameter.
        results: The parameter and the memories after the step.
        text: All there is to a form: two that read the same compute the same.

    Example:
        >>> lr = Symbol("lr")
        >>> Form(lambda p, g, t, v=0.0: (p - lr / t * (g + v), g + v), ["lr"]).text
        'of lr; from v; u0 = div(lr, t); p = sub(p, mul(u0, add(g, v))); v = add(g, v)'
    """

    def __init__(self, rule: Callable[..., Any], settings: Sequence[str]) -> None:
        code_of, defaults = rule.__code__, rule.__defaults__ or ()
        names = code_of.co_varnames[: code_of.co_argcount][-len(defaults) :] if defaults else ()
        begin = dict(zip(names, map(float, defaults), strict=True))
        for name in (*begin, *settings):
            if _OURS.fullmatch(name) or (name in begin and name in settings):
                raise TypeError(f"{name!r} has a meaning in a rule: no setting or memory has it")
        p, g, t = map(Symbol, (PARAMETER, GRADIENT, STEP))
        before = {name: Symbol(name) for name in begin}
        found = rule(p, g, t, *before.values())
        moved, *rest = found if isinstance(found, tuple) else (found,)
        if len(rest) != len(begin):
            raise TypeError(f"a rule returns p and its memories {[*begin]}, got {found!r}")
        after = dict(zip(begin, rest, strict=True))
        changed = [after[name] for name in begin if after[name] is not before[name]]
        lines = _Lines([moved, *changed], [p, g, *before.values()])
        self.settings = list(settings)
        self.memories = {
            name: number
            for name, number in begin.items()
            if after[name] is not before[name] or lines.uses[id(before[name])]
        }
        self.results = [
            lines.operand(result, True) for result in (moved, *[after[x] for x in self.memories])
        ]
        self.once, self.each = lines.once, lines.each
        results = zip((PARAMETER, *self.memories), self.results, strict=True)
        parts = [f"of {', '.join(self.settings)}", f"from {', '.join(self.memories)}"]
        parts += [
            f"{name} = {code(formula, _plainly)}"
            for name, formula in (*self.once, *self.each, *results)
        ]
        self.text = "; ".join(parts)

    @cached_property
    def in_python(self) -> Moved:
        """A function of parameters, gradients, lists of memories, settings and step number.

        It returns the parameters and the memories that come next.
        """
        namespace: dict[str, Any] = {"inf": math.inf, "nan": math.nan, "_zip": zip}

        def call(operation: Primitive, xs: list[str]) -> str:
            if operation.symbol in ("+", "-", "*", "/") and len(xs) == 2:
                return f"({xs[0]} {operation.symbol} {xs[1]})"
            namespace[f"_{operation.name}"] = operation.forward
            return f"_{operation.name}({', '.join(xs)})"

        after = [f"_after{position}" for position in range(len(self.results))]
        names = (PARAMETER, GRADIENT, *self.memories)
        lines = [
            f"def moved(_p, _g, _memories, _settings, {STEP}):",
            f" {', '.join(self.settings)}, = _settings",
            *[f" {name} = {code(formula, call)}" for name, formula in self.once],
            *[f" {name} = []" for name in after],
            f" for {', '.join(names)} in _zip(_p, _g, *_memories, strict=True):",
            *[f"  {name} = {code(formula, call)}" for name, formula in self.each],
            *[
                f"  {x}.append({code(result, call)})"
                for x, result in zip(after, self.results, strict=True)
            ],
            f" return {after[0]}, [{', '.join(after[1:])}]",
        ]
        exec("\n".join(lines), namespace)
        moved: Moved = namespace["moved"]
        return moved


class _Lines:
    """Formulas as statements: what is used twice, or is the same for all parameters, has a name."""

    def __init__(self, formulas: Sequence[Any], varying: Sequence[Symbol]) -> None:
        self.once: list[tuple[str, Symbol]] = []
        self.each: list[tuple[str, Symbol]] = []
        self.uses = Counter[int]()
        self._varying = {id(symbol): True for symbol in varying}  # and what depends on them
        self._placed: dict[int, Any] = {}
        for formula in formulas:
            self._count(formula)

    def _count(self, formula: Any) -> None:
        self.uses[id(formula)] += 1
        if self.uses[id(formula)] == 1:
            for operand in _operands(formula):
                self._count(operand)

    def operand(self, formula: Any, above_varies: bool) -> Any:
        """Return what stands for a formula in a statement: itself, or the name it has."""
        if not _operands(formula):
            return formula
        if id(formula) not in self._placed:
            varies = self._varies(formula)
            placed = Symbol(
                "", formula.primitive, [self.operand(x, varies) for x in formula.operands]
            )
            if self.uses[id(formula)] > 1 or varies != above_varies:
                statements, letter = (self.each, "x") if varies else (self.once, "u")
                name = f"{letter}{len(statements)}"
                statements.append((name, placed))
                placed = Symbol(name)
            self._placed[id(formula)] = placed
        return self._placed[id(formula)]

    def _varies(self, formula: Any) -> bool:
        if id(formula) not in self._varying:
            self._varying[id(formula)] = any(map(self._varies, _operands(formula)))
        return self._varying[id(formula)]


def _operands(formula: Any) -> tuple[Any, ...]:
    return formula.operands if isinstance(formula, Symbol) else ()


def _plainly(operation: Primitive, operands: Sequence[str]) -> str:
    ours = RULES.get(operation.name) is operation
    return f"{'' if ours else operation.__module__ + '.'}{operation.name}({', '.join(operands)})"
