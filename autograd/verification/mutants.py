"""Broken rules and sweeps, and the proof that the gradient check notices each of them.

A checker that passes everything looks just like one that works. So every rule of the rule book is
broken in turn, and the sweep in the ways in which people have broken it; each has to be noticed,
and every unharmed rule has to pass at the same points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from autograd import primitives
from autograd.primitive import Primitive
from autograd.reverse import adjoints
from autograd.selection import Value
from autograd.streams import printed_anywhere
from autograd.verification.broken_sweeps import SWEEPS, Sweep, gradient_by
from autograd.verification.gradcheck import check_gradient, check_grads
from autograd.verification.quiet_mutants import QUIET_MUTANTS
from autograd.verification.verdicts import GradientError

_OPERANDS = (0.37, 1.7, -0.6, 2.9, 1.0)
# The orders of derivatives are whole numbers.
_ORDERS = {"n": (1.0, 2.0), "m": (0.0, 1.0)}
_VARIADIC = (0.37, 1.7, -0.6, 2.9)


@printed_anywhere
@dataclass(frozen=True)
class SelfTest:
    """What became of the mutants.

    Attributes:
        noticed: The mutants that were called wrong, and by the name of the broken rule.
        missed: Those that were not; empty, or the checker is broken.
        alarms: Unharmed rules that were not confirmed; empty, or the checker is broken.

    Example:
        >>> found = SelfTest(noticed=("tanh: wrong sign",), missed=("exp: missing",), alarms=())
        >>> found.is_sound
        False
    """

    noticed: tuple[str, ...]
    missed: tuple[str, ...]
    alarms: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every mutant was noticed and every unharmed rule confirmed."""
        return not self.missed and not self.alarms

    def __str__(self) -> str:
        total = len(self.noticed) + len(self.missed)
        lines = [f"{len(self.noticed)} of {total} broken rules and sweeps noticed"]
        lines += [f"  MISSED  {name}" for name in self.missed]
        lines += [f"  FALSE ALARM  {name}" for name in self.alarms]
        return "\n".join(lines)

    __repr__ = __str__


def selftest() -> SelfTest:
    """Break every rule and the sweep in turn, and return whether the gradient check notices.

    For each operand of each operation: wrong sign, wrong by one part in a million, missing; for two
    operands also swapped. For the sweep: the faults of `SWEEPS`. And the faults that all modes
    share, which comparing modes cannot see: `QUIET_MUTANTS`.

    Example:
        >>> result = selftest()
        >>> result.is_sound, result.missed, result.alarms
        (True, (), ())
        >>> str(result).endswith("broken rules and sweeps noticed")
        True
    """
    noticed: list[str] = []
    missed: list[str] = []
    alarms: list[str] = []
    for primitive in primitives.RULES.values():
        if primitive.is_reference:
            continue
        for name, broken, operands, moving in _mutants(primitive):
            (noticed if _is_noticed(broken, operands, moving) else missed).append(name)
            if _verdict(primitive, operands, moving)[0] != "PASS":
                alarms.append(name)
    for mutant in QUIET_MUTANTS:
        name = f"in all modes: {mutant.name}"
        (missed if mutant.is_right(mutant.wrong, mutant.point) else noticed).append(name)
        if not mutant.is_right(mutant.right, mutant.point):
            alarms.append(name)
    for name, (sweep, _) in SWEEPS.items():
        (noticed if _is_wrong(sweep) else missed).append(f"sweep: {name}")
    if _is_wrong(adjoints):
        alarms.append("sweep: unharmed")
    return SelfTest(tuple(noticed), tuple(missed), tuple(alarms))


def _mutants(primitive: Primitive) -> Iterator[tuple[str, Primitive, list[float], list[int]]]:
    arity = 4 if primitive.is_variadic else primitive.arity
    swaps = []
    for position in range(arity):
        point = _point(primitive, position, arity)
        if point is None:
            continue
        operands, is_zero = point
        changes: dict[str, Callable[[Any], Any]] = {"one instead of zero": lambda d: d + 1.0}
        if not is_zero:
            changes = {
                "sign": lambda d: -d,
                "off by 1e-6": lambda d: d * (1.0 + 1e-6),
                "missing": lambda _: 0.0,
            }
            swaps.append(operands)
        for what, change in changes.items():
            mutant = _changed(primitive, position, change)
            yield f"{primitive.name}, operand {position}: {what}", mutant, operands, [position]
    if arity == 2 and len(swaps) == 2 and isinstance(primitive.partials, tuple):
        left, right = primitive.partials
        slopes = _slopes(primitive, swaps[0])
        if slopes and not math.isclose(slopes[0], slopes[1], rel_tol=1e-3):
            swapped = primitive.replace(partials=(right, left))
            yield f"{primitive.name}: swapped operands", swapped, swaps[0], [0, 1]


def _changed(primitive: Primitive, position: int, change: Callable[[Any], Any]) -> Primitive:
    if isinstance(primitive.partials, tuple):
        partials = list(primitive.partials)
        right: Any = partials[position]
        partials[position] = lambda out, *operands: change(right(out, *operands))
        return primitive.replace(partials=tuple(partials))
    together = primitive.partials

    def changed(out: Any, *operands: Any) -> list[Any]:
        found = list(together(out, *operands))
        found[position] = change(found[position])
        return found

    return primitive.replace(partials=changed)


def _point(primitive: Primitive, position: int, arity: int) -> tuple[list[float], bool] | None:
    # Operands at which this derivative matters; if there are none, where it is 0.
    if isinstance(primitive.partials, tuple) and primitive.partials[position] is None:
        return None
    flat = None
    choices = [_ORDERS.get(name, _OPERANDS) for name in primitive.operand_names]
    candidates = [_VARIADIC] if primitive.is_variadic else product(*choices)
    for operands in candidates:
        if len(set(operands)) == arity:
            slopes = _slopes(primitive, operands)
            if slopes and slopes[position]:
                return list(operands), False
            if slopes and flat is None:
                flat = list(operands)
    return None if flat is None else (flat, True)


def _slopes(primitive: Primitive, operands: Sequence[float]) -> list[float] | None:
    partials = primitive.partials
    wanted = (
        [partial is not None for partial in partials]
        if isinstance(partials, tuple)
        else [True] * len(operands)
    )
    try:
        out = primitive.forward(*operands)
        found = primitive.derivatives(out, list(operands), wanted)
    except (ArithmeticError, ValueError):
        return None
    return [0.0 if slope is None else float(slope) for slope in found]


def _verdict(
    primitive: Primitive, operands: Sequence[float], moving: Sequence[int]
) -> tuple[str, str]:
    def f(*xs: Any) -> Any:
        numbers: list[Any] = list(operands)
        for position, x in zip(moving, xs, strict=True):
            numbers[position] = x
        return primitive.apply(numbers)

    try:
        point = [operands[position] for position in moving]
        report = check_grads(f, *point, order=1, modes=("reverse",))
    except GradientError as error:
        return error.report.verdict, str(error)
    return report.verdict, ""


def _is_noticed(primitive: Primitive, operands: Sequence[float], moving: Sequence[int]) -> bool:
    verdict, message = _verdict(primitive, operands, moving)
    return verdict == "FAIL" and f"the first wrong operation is {primitive.name} " in message


def _is_wrong(sweep: Sweep) -> bool:
    point = [0.7, -1.3]
    try:
        check_gradient(lambda x: _tangled(x).data, gradient_by(sweep, _tangled), point)
    except GradientError as error:
        return error.report.verdict == "FAIL"
    return False


def _tangled(x: Sequence[Any]) -> Any:
    # Every fault of a sweep shows: shared nodes, a square, a long way beside a short one.
    left, right = [entry if isinstance(entry, Value) else Value(entry) for entry in x]
    shared = left * 2.0 + right
    square = shared * shared
    return (square * 3.0 + shared).tanh() * 0.5 + square * left
