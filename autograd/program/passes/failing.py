"""What stays in code although no result needs it: operations that can fail, for their errors.

Eager code computes whatever it meets, and raises where a number leaves the domain of an operation.
A program drops what no result needs; but log(x) at -1 has to be the same error whether the result
is log(x), its derivative 1 / x, or where(1.0, x, log(x)).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import zip_longest
from math import isfinite
from typing import Any

from autograd import primitives
from autograd.primitive import Primitive
from autograd.program.passes.builder import Builder

_RULES = frozenset(primitives.RULES.values())
_NEVER = frozenset([None, *[rule for rule in _RULES if not rule.domain or rule.exists == "True"]])


class _Unknown:
    """An operand that may be any number: no comparison is sure to hold."""

    def _is_unsure(self, _: object) -> bool:
        return False

    def __mod__(self, _: object) -> _Unknown:
        return self

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _is_unsure


_UNKNOWN = _Unknown()


def can_fail(operation: Primitive | None, numbers: Sequence[float | None]) -> bool:
    """Return whether an operation has no value on some finite operands.

    An overflow does not count: what overflows, and is needed by nobody, has left no domain.

    Args:
        operation: The operation; one that is not in the rule book can do anything.
        numbers: Of every operand the number, if it is known, else None.

    Example:
        >>> can_fail(primitives.div, [None, 2.0]), can_fail(primitives.div, [None, None])
        (False, True)
    """
    if operation is None or operation in _NEVER:
        return False
    if operation not in _RULES or operation.is_variadic or numbers.count(None) == len(numbers):
        return True
    known = [_UNKNOWN if number is None else number for number in numbers]
    return not eval(
        _condition(operation), {}, dict(zip(operation.operand_names, known, strict=True))
    )


@cache
def _condition(operation: Primitive) -> Any:
    return compile(operation.exists or operation.domain, f"<{operation.name}>", "eval")


def failing(builder: Builder) -> list[int]:
    """Return the slots of a builder whose operation can fail."""
    operands, number = builder.operands, builder.number
    return [
        slot
        for slot, operation in enumerate(builder.operation)
        if operation not in _NEVER and can_fail(operation, [number[x] for x in operands[slot]])
    ]


def witnesses(builder: Builder, unused: Sequence[int]) -> list[int]:
    """Write what raises a flag where a constant that is infinite does what raises none.

    An infinity that arises raises a flag, one that comes in as an argument is left to eager code.
    One that is written down, as in `clip(x, 0.0, inf)`, raises a flag as a dividend of 0, which
    Python refuses, and as a derivative times 0.0, which is NaN, only if somebody looks.

    Args:
        builder: Where to write.
        unused: Derivatives that eager code multiplies by 0.0.
    """
    if all(number is None or isfinite(number) for number in builder.number):
        return []
    infinite = _perhaps_infinite(builder)
    zero = builder.constant(0.0)
    divisions = [
        builder.operands[slot]
        for slot, operation in enumerate(builder.operation)
        if operation is primitives.div
    ]
    found = [
        builder.emit(primitives.div, (zero, y))
        for x, y in divisions
        if infinite[x] and builder.number[y] is None
    ]
    return found + [builder.emit(primitives.sub, (x, x)) for x in unused if infinite[x]]


def _perhaps_infinite(builder: Builder) -> bytearray:
    number = builder.number
    found = bytearray(len(builder.operation))
    for slot, operation in enumerate(builder.operation):
        operands = builder.operands[slot]
        if operation is None:
            known = number[slot]
            found[slot] = known is not None and not isfinite(known)
        elif not operation.is_bounded:
            for x, bound in zip_longest(operands, operation.neutral):
                if found[x] and (bound is None or number[x] != bound):
                    found[slot] = 1
    return found
