"""Instructions that need not be computed: identities under which IEEE arithmetic gives the same.

Each rule gets the code being written and the operands of its operation and returns the slot that
holds the result already, or None. What would change the sign of a zero, an infinity or a NaN is not
here: x + 0.0 is not x for x = -0.0, and x · 0.0 is not 0.0 for an infinite x.
"""

from __future__ import annotations

from collections.abc import Callable
from math import copysign, frexp, isfinite
from typing import NamedTuple, Protocol

from autograd import primitives
from autograd.primitive import Primitive
from autograd.special_functions import HIGHEST_ORDER


class Writer(Protocol):
    """Code being written, as far as identities ask for it: see `numbering` and `builder`."""

    operation: list[Primitive | None]
    operands: list[tuple[int, ...]]
    number: list[float | None]
    exact: bool

    def constant(self, number: float) -> int:
        """Return the slot of a number."""

    def emit(self, operation: Primitive, operands: tuple[int, ...]) -> int:
        """Return the slot of an operation applied to slots."""


class Identity(NamedTuple):
    """When an instruction need not be computed.

    Attributes:
        rule: Gets the code being written and the operands; returns the slot of the result, or None.
        concerns: It can hold only where one of these computes an operand, or, if None is among
            them, nothing does: where an operand is a number, say. None: always.
    """

    rule: Callable[..., int | None]
    concerns: frozenset[Primitive | None] | None = None


def is_never_negative_zero(code: Writer, slot: int) -> bool:
    """Return whether a slot can be seen never to hold -0.0, so that adding 0.0 changes nothing."""
    operation, operands = code.operation[slot], code.operands[slot]
    if operation is None:
        number = code.number[slot]
        return number is not None and not _is(number, -0.0)
    if operation is primitives.add:
        return any(_is_positive_zero_free(code, operand) for operand in operands)
    if operation is primitives.dot:
        return len(operands) % 2 == 0
    return operation.is_never_negative_zero


def _is_positive_zero_free(code: Writer, slot: int) -> bool:
    # a + b is -0.0 only where both are; one level deep is enough for what people write.
    operation, number = code.operation[slot], code.number[slot]
    if operation is None:
        return number is not None and not _is(number, -0.0)
    return operation.is_never_negative_zero


def _is(number: float | None, wanted: float) -> bool:
    return number == wanted and copysign(1.0, number) == copysign(1.0, wanted)


class _Multiple(NamedTuple):
    """What a slot is a known multiple of."""

    factor: float
    of: int


def _multiple(code: Writer, slot: int) -> _Multiple | None:
    """Return the factor and the slot of an instruction `-x` or `2.0 * x`."""
    if code.operation[slot] is primitives.neg:
        return _Multiple(-1.0, code.operands[slot][0])
    if code.operation[slot] is primitives.mul:
        x, y = code.operands[slot]
        for one, other in ((x, y), (y, x)):
            number = code.number[one]
            if number is not None and isfinite(number):
                return _Multiple(number, other)
    return None


def _are_opposite(code: Writer, x: int, y: int) -> bool:
    """Return whether one slot can be seen to hold what the other one holds, negated."""
    of_x, of_y = _multiple(code, x), _multiple(code, y)
    if of_x is None or of_y is None:
        return of_x == (-1.0, y)
    return of_x == (-1.0, y) or of_x == (-of_y.factor, of_y.of)


def _times(code: Writer, factor: float, slot: int) -> int:
    return code.emit(primitives.mul, (code.constant(factor), slot))


def _may_be_one(outer: float, inner: float) -> bool:
    """Return whether outer · (inner · x) has the bits of (outer · inner) · x, whatever x is.

    A power of two, 1 or more, changes no digit: inside, what overflows by it overflows in any case
    if the outer factor is 1 or more; outside, what is rounded by an inner factor is a number with
    all its digits, or a multiple of the smallest one, which a whole number does not round at all.
    """
    if inner == -1.0:
        return isfinite(outer)
    if not isfinite(outer * inner):
        return False
    return (_doubles(inner) and abs(outer) >= 1.0) or (_doubles(outer) and inner.is_integer())


def _doubles(number: float) -> bool:
    return abs(number) >= 1.0 and abs(frexp(number)[0]) == 0.5


def _pos(code: Writer, x: int) -> int | None:
    return x


def _neg(code: Writer, x: int) -> int | None:
    multiple = _multiple(code, x)
    if multiple is None:
        return None
    factor, inner = multiple
    return inner if factor == -1.0 else _times(code, -factor, inner)


def _add(code: Writer, x: int, y: int) -> int | None:
    for one, other in ((x, y), (y, x)):
        number = code.number[one]
        if number == 0.0 and (copysign(1.0, number) < 0.0 or is_never_negative_zero(code, other)):
            return other
        if code.operation[one] is primitives.neg:
            return code.emit(primitives.sub, (other, code.operands[one][0]))
    return _times(code, 2.0, x) if x == y else None


def _sub(code: Writer, x: int, y: int) -> int | None:
    if _are_opposite(code, x, y):
        return _times(code, -2.0, y)
    if _is(code.number[y], 0.0):
        return x
    if code.operation[y] is primitives.neg:
        return code.emit(primitives.add, (x, code.operands[y][0]))
    return None


def _mul(code: Writer, x: int, y: int) -> int | None:
    for one, other in ((x, y), (y, x)):
        number = code.number[one]
        if number == 1.0:
            return other
        if number == -1.0:
            return code.emit(primitives.neg, (other,))
        if number is not None:
            multiple = _multiple(code, other)
            if multiple is not None and _may_be_one(number, multiple.factor):
                return _times(code, number * multiple.factor, multiple.of)
    return None


def _div(code: Writer, x: int, y: int) -> int | None:
    divisor = code.number[y]
    if divisor is None:
        return None
    if divisor == 1.0:
        return x
    # Dividing by a power of two rounds the same real number as multiplying by its inverse.
    if divisor != 0.0 and isfinite(divisor) and abs(frexp(divisor)[0]) == 0.5:
        inverse = 1.0 / divisor if abs(divisor) > 2.0**-1000 else 0.0
        if abs(inverse) >= 2.0**-1000:
            return code.emit(primitives.mul, (x, code.constant(inverse)))
    return None


def _pow(code: Writer, x: int, y: int) -> int | None:
    exponent = code.number[y]
    if exponent == 1.0:
        return x
    if exponent == 0.0:
        return code.constant(1.0)
    if not code.exact and exponent in (2.0, 3.0, 4.0):
        square = code.emit(primitives.mul, (x, x))
        if exponent == 2.0:
            return square
        return code.emit(primitives.mul, (square, x if exponent == 3.0 else square))
    if not code.exact and exponent == -1.0:
        return code.emit(primitives.div, (code.constant(1.0), x))
    return None


def _where(code: Writer, condition: int, x: int, y: int) -> int | None:
    number = code.number[condition]
    if number is None:
        return x if x == y else None
    return x if number != 0.0 else y


def _power_derivative(code: Writer, x: int, y: int, n: int, m: int) -> int | None:
    """Write (y)ₙ x^(y - n) for a known exponent y: `special_functions.power_derivative`."""
    exponent, order = code.number[y], code.number[n]
    if exponent is None or order is None or code.number[m] != 0.0:
        return None
    if order not in range(int(HIGHEST_ORDER) + 1):
        return None
    falling = 1.0
    for k in range(int(order)):
        falling *= exponent - k
    if falling == 0.0:
        return code.constant(0.0)
    power = code.emit(primitives.pow, (x, code.constant(exponent - order)))
    return code.emit(primitives.mul, (code.constant(falling), power))


def _softmax_cross_entropy(code: Writer, *operands: int) -> int | None:
    """Over rows write what value and gradient have in common: the shift and the excess.

    A share of 0 times an infinite logit is no number then; rows with such are run eagerly.
    """
    if code.exact or len(operands) % 2:
        return None
    size = len(operands) // 2
    logits, shares = operands[:size], operands[size:]
    shift = code.emit(primitives.softmax_shift, logits)
    excess = code.emit(primitives.softmax_excess, (*logits, shift))
    total = code.emit(primitives.sum, shares)
    largest_part = code.emit(primitives.mul, (total, code.emit(primitives.log1p, (excess,))))
    below = [code.emit(primitives.sub, (shift, logit)) for logit in logits]
    return code.emit(primitives.dot, (*below, *shares, largest_part))


def _dot(code: Writer, *operands: int) -> int | None:
    return operands[0] if len(operands) == 1 else None  # nothing but a bias


_NUMBER = frozenset((None,))

IDENTITIES: dict[Primitive, Identity] = {
    primitives.pos: Identity(_pos),
    primitives.neg: Identity(_neg, frozenset((primitives.neg, primitives.mul))),
    primitives.add: Identity(_add),
    primitives.sub: Identity(_sub, frozenset((None, primitives.neg, primitives.mul))),
    primitives.mul: Identity(_mul, _NUMBER),
    primitives.div: Identity(_div, _NUMBER),
    primitives.pow: Identity(_pow, _NUMBER),
    primitives.where: Identity(_where),
    primitives.power_derivative: Identity(_power_derivative),
    primitives.softmax_cross_entropy: Identity(_softmax_cross_entropy),
    primitives.dot: Identity(_dot),
}
