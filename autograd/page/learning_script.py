"""What learning computes, as JavaScript: losses with their gradients, answers, the update rule.

All of it follows from what Python recorded: from the program of a row's loss and the rule book its
gradient, from the optimizer's rule the step. The script only adds up over rows, in eager code's
order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from autograd.formula import Symbol
from autograd.optimizers.forms import Form
from autograd.primitive import Primitive
from autograd.program.code.instructions import Code
from autograd.program.emission.languages.javascript import Spelling, Statements
from autograd.program.emission.unit import Argument, Unit
from autograd.program.passes.derived import gradient_code, value_code
from autograd.program.variants.variant import Variant

_INDENT = re.compile(r"^ +", re.MULTILINE)
_NO_WAY = "return undefined;"
_WORDS = frozenset(("default", "delete", "new", "this", "let", "const", "var", "function", "step"))


def row_loss(variant: Variant) -> str:
    """Return a function of a row, its target, its weight, the parameters, and sums.

    It adds the weighted derivatives by the parameters to the sums and returns the loss, without the
    weight; nothing at all where the numbers lead another way through the function.

    Args:
        variant: Recorded of a function whose result is its last argument times the loss.
    """
    recorded = variant.recorded
    (output,) = recorded.outputs
    _, (_, loss) = recorded.instructions[output - recorded.first_result]
    code = gradient_code(recorded, variant.trained_slots, to_read=True, shown=loss).code

    def add(place: int, derivative: str) -> str:
        is_nothing = not place or derivative == "0.0"  # the first is the loss
        return "" if is_nothing else f"into[{place - 1}] += {derivative};"

    return _function(variant, code, add, "return {first};")


def row_answers(variant: Variant) -> str:
    """Return a function of a row, the parameters, and an array to put the results in."""

    def put(place: int, answer: str) -> str:
        return f"into[{place}] = {answer};"

    return _function(variant, value_code(variant.recorded).code, put, "return true;")


def update_rule(form: Form) -> str:
    """Return a function of parameters, gradients, memories, settings and the number of the step.

    Parameters and memories are changed in place.

    Raises:
        ValueError: If a setting or memory has a name that JavaScript keeps for itself.

    Example:
        >>> from autograd.optimizers import SGD
        >>> print(update_rule(SGD(lr=0.5)._ready()))
        (ps, gs, memories, settings, t) => {
        const [lr, momentum, nesterov, weight_decay] = settings;
        for (let i = 0; i < ps.length; i++) {
        const p = ps[i], g = gs[i];
        ps[i] = (p - (lr * g));
        }
        }
    """
    for name in (*form.settings, *form.memories):
        if name in _WORDS:
            raise ValueError(f"{name!r} is a word of JavaScript: give the setting another name")
    formulas = [formula for _, formula in (*form.once, *form.each)] + form.results
    spelling = Spelling(list(dict.fromkeys(_operations(formulas))))
    own = dict(zip(form.memories, form.results[1:], strict=True))
    given = ["p = ps[i]", "g = gs[i]"]
    given += [f"{name} = memories[{place}][i]" for place, name in enumerate(own)]
    lines = [
        "(ps, gs, memories, settings, t) => {",
        *spelling.support,
        f"const [{', '.join(form.settings)}] = settings;",
        *[f"const {name} = {spelling.expression(formula)};" for name, formula in form.once],
        "for (let i = 0; i < ps.length; i++) {",
        f"const {', '.join(given)};",
        *[f"const {name} = {spelling.expression(formula)};" for name, formula in form.each],
        f"ps[i] = {spelling.expression(form.results[0])};",
        *[
            f"memories[{place}][i] = {spelling.expression(result)};"
            for place, result in enumerate(own.values())
        ],
        "}",
        "}",
    ]
    return "\n".join(lines)


def _function(variant: Variant, code: Code, put: Callable[[int, str], str], ending: str) -> str:
    """A function of the variant's arguments, the parameters and an array."""
    signature = variant.signature
    names, parts = signature.arguments, signature.structure.parts
    arguments = [Argument(name, part) for name, part in zip(names, parts, strict=True)]
    parameters = [("", value.data) for value in variant.captured]
    code = replace(code, labels={})
    unit = Unit("f", tuple(arguments), tuple(parameters), code)
    return _INDENT.sub("", Statements(unit, _NO_WAY, put).function_of(code, ending))


def _operations(formulas: Iterable[object]) -> Iterable[Primitive]:
    pending = list(formulas)
    while pending:
        part = pending.pop()
        if isinstance(part, Symbol) and part.primitive is not None:
            yield part.primitive
            pending.extend(part.operands)
