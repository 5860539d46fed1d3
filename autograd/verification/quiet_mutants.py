"""Faults that all modes of differentiation share, so that comparing modes cannot see them.

The rules below stood in some library, this one among them: right once but not twice, right in exact
arithmetic but not in floats. Each is tried where it shows, by a check that does not compare modes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from autograd import primitives
from autograd.many_operands import Elementwise
from autograd.primitive import Primitive
from autograd.selection import values
from autograd.verification.gradcheck import check_grads
from autograd.verification.oracles.opinions import second_opinion
from autograd.verification.verdicts import GradientError


class QuietMutant(NamedTuple):
    """A rule that is wrong in every mode at once, and a point where that shows.

    Attributes:
        name: What is wrong.
        right: The rule as it should be.
        wrong: The rule as it is in the mutant.
        point: The operands.
        is_right: Says of a rule and operands whether a check confirms them.
    """

    name: str
    right: Primitive
    wrong: Primitive
    point: tuple[float, ...]
    is_right: Callable[[Primitive, tuple[float, ...]], bool]


def _to_second_order(rule: Primitive, point: tuple[float, ...]) -> bool:
    """Return whether differences of the gradient confirm the second derivatives."""
    try:
        return check_grads(lambda *xs: rule.apply(xs), *point, order=2).verdict == "PASS"
    except GradientError:
        return False


def _in_other_numbers(rule: Primitive, point: tuple[float, ...]) -> bool:
    """Return whether complex and high-precision numbers confirm the gradient in floats."""
    inputs = values(point)
    return second_opinion(rule.apply(inputs), inputs).verdict == "PASS"


def _with(name: str, *partials: Any) -> Primitive:
    rule = primitives.RULES[name]
    return rule.replace(partials=partials[0] if rule.is_variadic else partials)


def _steered(out: Any, x: Any, y: Any) -> Any:
    return y * x ** (y - primitives.nonzero(y))


_RULES = primitives.RULES
QUIET_MUTANTS = [
    QuietMutant(
        "pow steered around y = 0",
        _RULES["pow"],
        _with("pow", _steered, lambda out, x, y: out * primitives.log(x)),
        (7.0, 0.0),
        _to_second_order,
    ),
    QuietMutant(
        "tanh from its saturated result",
        _RULES["tanh"],
        _with("tanh", lambda out, x: 1.0 - out * out),
        (19.5,),
        _in_other_numbers,
    ),
    QuietMutant(
        "sigmoid from its saturated result",
        _RULES["sigmoid"],
        _with("sigmoid", lambda out, x: out * (1.0 - out)),
        (38.0,),
        _in_other_numbers,
    ),
    QuietMutant(
        "softmax from a rounded total",
        _RULES["logsumexp"],
        _with("logsumexp", Elementwise(lambda out, x, n: primitives.exp(x - out))),
        (1e12, 1e12 + 1.0),
        _in_other_numbers,
    ),
]
