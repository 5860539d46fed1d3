"""Judging: what a program gave beside what eager code gave, sorted into a few classes."""

from __future__ import annotations

import math
import random

from autograd.program.code.instructions import TOTAL

EQUAL = "equal"
UNDECIDED = "undecided"  # so ill-conditioned that no bound says anything
NUMBER_FOR_ERROR = "a number where eager code raises"
ERROR_FOR_NUMBER = "an error where eager code gives a number"
OTHER_ERROR = "an error of another kind"
SIGN_OF_ZERO = "another sign of zero"
NAN_FOR_NUMBER = "NaN for a number or infinity"
NUMBER_FOR_NAN = "a number or infinity for NaN"
INFINITY = "an infinity for a number, or the reverse"
WRONG = "a wrong number"

# Results of which no last digits are at stake.
_CHOSEN = frozenset(
    ["sign", "step", "nonzero", "rint", "compare", "where", "pos", "neg", "abs", "relu",
     "maximum", "minimum", "clip"]
)  # fmt: skip
_RUNS = 6


def judged(found, expected, tolerances=None):
    """Return the class of a result.

    Args:
        found: Numbers, or the type of an error.
        expected: The same of eager code.
        tolerances: How far each number may be off; None: not at all. An infinite one: undecided.
    """
    if isinstance(expected, type):
        if not isinstance(found, type):
            return NUMBER_FOR_ERROR
        return EQUAL if found is expected else OTHER_ERROR
    if isinstance(found, type):
        return ERROR_FOR_NUMBER
    assert len(found) == len(expected), (found, expected)
    classes = {
        _of_number(x, y, tolerances[k] if tolerances else 0.0)
        for k, (x, y) in enumerate(zip(found, expected, strict=True))
    }
    classes.discard(EQUAL)
    if len(classes) > 1:
        classes.discard(UNDECIDED)
    return min(classes, key=_GRAVITY.index) if classes else EQUAL


_GRAVITY = [WRONG, INFINITY, NUMBER_FOR_NAN, NAN_FOR_NUMBER, SIGN_OF_ZERO, UNDECIDED]


def _of_number(found, expected, tolerance):
    if math.isinf(tolerance):
        return UNDECIDED
    if math.isnan(expected):
        return EQUAL if math.isnan(found) else NUMBER_FOR_NAN
    if math.isnan(found):
        return NAN_FOR_NUMBER
    if found == expected:
        same = math.copysign(1.0, found) == math.copysign(1.0, expected)
        return EQUAL if same else SIGN_OF_ZERO
    if abs(found - expected) <= tolerance:
        return EQUAL
    return INFINITY if math.isinf(found) or math.isinf(expected) else WRONG


def tolerances(code, inputs, parameters, last_digits=4.0):
    """Return how far off outputs may be if every step is off by some last digits.

    Found by trying: the code runs a few times with random errors of that size. Where that changes
    what kind of number comes out, the tolerance is infinite.
    """
    exact = code.trace(list(inputs), list(parameters))
    source = random.Random(0)
    found = [_with_errors(code, inputs, parameters, last_digits, source) for _ in range(_RUNS)]
    allowed = []
    for output in code.outputs:
        x = exact[output]
        runs = [run[output] if run is not None else math.nan for run in found]
        if not math.isfinite(x):
            same = all(repr(run) == repr(x) for run in runs)
            allowed.append(0.0 if same else math.inf)
        elif not all(map(math.isfinite, runs)):
            allowed.append(math.inf)
        else:
            spread = max([abs(run - x) for run in runs])
            # What underflows, x · 0.5 + x · 0.5, say, has lost its last digits for good.
            allowed.append(4.0 * spread + last_digits * math.ulp(x))
    return allowed


def _with_errors(code, inputs, parameters, last_digits, source):
    slots = [*inputs, *parameters, *code.constants]
    try:
        for operation, operands in code.instructions:
            assert operation is not TOTAL
            x = operation.forward(*[slots[operand] for operand in operands])
            if operation.name not in _CHOSEN and math.isfinite(x):
                error = source.uniform(-last_digits, last_digits)
                x += error * _last_digit(operation, [slots[operand] for operand in operands], x)
            slots.append(x)
    except (ArithmeticError, ValueError):
        return None
    return slots


def _last_digit(operation, numbers, x):
    """The last digit of a result; of a sum, in whatever order, that of its largest term."""
    terms = [x]
    if operation.name == "sum":
        terms += numbers
    elif operation.name == "dot":
        size = len(numbers) // 2
        pairs = zip(numbers[:size], numbers[size : 2 * size], strict=True)
        terms += [left * right for left, right in pairs] + numbers[2 * size :]
    largest = max(map(abs, terms))
    return math.ulp(largest) if largest else 0.0
