"""The disagreements between programs and eager code that are documented, each with its reason.

The same list stands at `autograd.compile`. A disagreement that is not on it is a fault.
"""

from __future__ import annotations

import contextlib
import math

from .judging import (
    ERROR_FOR_NUMBER,
    INFINITY,
    NAN_FOR_NUMBER,
    NUMBER_FOR_ERROR,
    NUMBER_FOR_NAN,
    OTHER_ERROR,
    SIGN_OF_ZERO,
)

_LANGUAGES = ("C", "JavaScript", "Python")
_OF_INFINITIES = (NUMBER_FOR_ERROR, NUMBER_FOR_NAN, OTHER_ERROR, NAN_FOR_NUMBER, INFINITY)
_OF_OVERFLOW = (NAN_FOR_NUMBER, NUMBER_FOR_NAN, INFINITY)
_OF_NAN = (NAN_FOR_NUMBER, ERROR_FOR_NUMBER)  # an error: NaN took another branch
_HUGE = 1e150  # its square overflows


def documented(mode, verdict, case, point, found, expected):
    """Return the reason for which a disagreement is documented, or an empty text."""
    language = mode.split()[0] if mode.split()[0] in _LANGUAGES else ""
    points = point if point and isinstance(point[0], tuple) else [point]
    if language in ("C", "JavaScript") and verdict in (NUMBER_FOR_ERROR, OTHER_ERROR):
        return "C and JavaScript have no errors: they compute on with infinities and NaN"
    if language and verdict == SIGN_OF_ZERO and "gradient" in mode:
        return "emitted text does not add 0.0 to a derivative, which may be -0.0"
    if mode.startswith("compile(") and verdict == SIGN_OF_ZERO:
        return "a compiled derivative is its formula, to which no 0.0 is added"
    if language and verdict in _OF_INFINITIES and not _stay_finite(case, points):
        return "infinite numbers are left to eager code, which emitted text does not have"
    if "keep" in mode and verdict in _OF_INFINITIES and not _stay_finite(case, points):
        return "not_finite='keep' gives IEEE's results of what is infinite, also on the way"
    if language == "JavaScript" and verdict in _OF_NAN and not _stay_finite(case, points):
        return "a power of 1 with an infinite or undefined exponent is NaN in JavaScript"
    if mode.startswith("Python"):
        if verdict == OTHER_ERROR and {found, expected} <= _ARITHMETIC:
            return "emitted Python raises what floats raise, not what names the node"
        if verdict == NUMBER_FOR_ERROR and not all(map(math.isfinite, found)):
            return "emitted Python lets a derivative be infinite"
    if "keep" in mode and verdict == ERROR_FOR_NUMBER and expected == []:
        return "a function that fails on all rows cannot be recorded"
    is_total = mode.startswith(("rows, sum", "rows, mean"))
    if is_total and verdict in _OF_OVERFLOW and any(_is_extreme(case, p) for p in points):
        return "a total that overflows on the way depends on the order of adding"
    if mode.startswith("loaded") and verdict == OTHER_ERROR:
        if found is ValueError and any(step.comparison for step in case.recipe.steps):
            # The first point that takes a way may fail on it, so that it was never recorded.
            return "a file does not say what failed before a branch it does not know"
        if any(case.recipe.failures(case.recipe.weights, p) > 1 for p in points):
            return "of several operations that fail, a file names the first in its own order"
    if verdict in (NUMBER_FOR_ERROR, NUMBER_FOR_NAN) and any(_is_extreme(case, p) for p in points):
        return "what overflows and is needed by no result is no error"
    return ""


_ARITHMETIC = {ArithmeticError, ZeroDivisionError, OverflowError, ValueError}


def _is_finite(case, point):
    constants = [x for step in case.recipe.steps for x in step.operands if type(x) is float]
    return all(map(math.isfinite, [*point, *case.recipe.weights, *constants]))


def _stay_finite(case, points):
    """Whether the points, and all that is computed of them, are finite."""
    return all(_is_finite(case, p) and all(map(math.isfinite, _met(case, p))) for p in points)


def _met(case, point):
    """Return the numbers on the way, as far as eager code gets."""
    numbers = []
    with contextlib.suppress(ArithmeticError, ValueError):
        case.recipe.function(case.recipe.weights, numbers.append)(*point)
    return numbers


def _is_extreme(case, point):
    """Whether a number on the way is so large, or so small, that its square overflows."""
    numbers = [*point, *case.recipe.weights]
    try:
        case.recipe.function(case.recipe.weights, numbers.append)(*point)
    except OverflowError:
        return True
    except (ArithmeticError, ValueError):
        pass
    return any(not 1.0 / _HUGE < abs(x) < _HUGE for x in numbers if x)
