"""Points, functions and gradients of other libraries, as functions of a list of floats.

Arrays are known by what they offer (`shape`, `tolist`), so no array library is imported. A point
keeps its form: a function that takes a NumPy array gets one, with the same shape.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd.real_numbers import as_float
from autograd.structure import flatten
from autograd.verification.points import one_number


def is_array(thing: Any) -> bool:
    """Return whether this is an array with at least one dimension.

    Example:
        >>> is_array([1.0]), is_array(1.0)
        (False, False)
    """
    return hasattr(thing, "tolist") and len(getattr(thing, "shape", ())) > 0


def as_lists(tree: Any) -> Any:
    """Return the same nested structure with lists in place of arrays, floats in place of scalars.

    Example:
        >>> from array import array
        >>> as_lists({"w": array("d", [1.0, 2.0]), "b": (3.0,)})
        {'w': [1.0, 2.0], 'b': (3.0,)}
    """
    if isinstance(tree, dict):
        return {key: as_lists(entry) for key, entry in tree.items()}
    if isinstance(tree, (list, tuple)):
        entries = [as_lists(entry) for entry in tree]
        return type(tree)(*entries) if hasattr(tree, "_fields") else type(tree)(entries)
    return tree.tolist() if hasattr(tree, "tolist") else tree


def like(tree: Any, numbers: Sequence[float]) -> Any:
    """Return the numbers in the structure of `tree`: new containers, new arrays of floats.

    Raises:
        TypeError: If an array of the structure cannot hold floats.

    Example:
        >>> like({"w": (1.0, 2.0), "b": 3.0}, [4.0, 5.0, 6.0])
        {'w': (4.0, 5.0), 'b': 6.0}
    """
    remaining = iter(numbers)
    return _filled(tree, remaining)


def scalar(result: Any, what: str) -> float:
    """Return the result of foreign code as a float; scalars of any array library count.

    Raises:
        TypeError: If it is not one real number.

    Example:
        >>> scalar(True, "the result")
        1.0
    """
    if getattr(result, "shape", None) == () and hasattr(result, "item"):
        result = result.item()
    return one_number(result, what)


def evaluator(function: Callable[[Any], Any], point: Any) -> Callable[[list[float]], float]:
    """Return the function of a list of floats that calls foreign code in the form of `point`.

    Raises:
        ArithmeticError: When called elsewhere than at the point, if the result is complex, as
            Python's `(-1.0) ** 0.5`: there the domain ends.
        TypeError: When called, if the result is not one real number.
        ValueError: When called, if the function changed its argument.
    """
    start = flatten(as_lists(point), "point")[0]

    def evaluate(numbers: list[float]) -> float:
        argument = like(point, numbers)
        found = function(argument)
        if isinstance(found, complex) and numbers != start:
            raise ArithmeticError(f"the result of the function is {found!r}")
        result = scalar(found, "the result of the function: a gradient check")
        if not _same(flatten(as_lists(argument), "point")[0], numbers):
            raise ValueError(
                "the function changed its argument while it was evaluated; copy it inside first"
            )
        return result

    return evaluate


def claimed_by(gradient: Any, point: Any) -> Callable[[list[float]], list[float]]:
    """Return the function of a list of floats that asks foreign code for its gradient.

    Args:
        gradient: A function of the point, or the gradient itself; in the structure of the point.

    Raises:
        TypeError: When called, if the gradient is not made of real numbers.
        ValueError: When called, if it does not have the structure of the point.
    """
    _, structure = flatten(as_lists(point), "point")

    def claimed(numbers: list[float]) -> list[float]:
        found = gradient(like(point, numbers)) if callable(gradient) else gradient
        slopes = structure.numbers_of(as_lists(found), "the gradient", ValueError)
        return [as_float(slope, "the gradient") for slope in slopes]

    return claimed


def _filled(tree: Any, remaining: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _filled(entry, remaining) for key, entry in tree.items()}
    if isinstance(tree, (list, tuple)):
        entries = [_filled(entry, remaining) for entry in tree]
        return type(tree)(*entries) if hasattr(tree, "_fields") else type(tree)(entries)
    if not hasattr(tree, "tolist") or getattr(tree, "shape", None) == ():
        return next(remaining)
    filled = copy.copy(tree)
    if hasattr(tree, "astype"):
        filled = filled.astype("float64", copy=True)
    _fill(filled, remaining, getattr(filled, "shape", (len(filled),)))
    return filled


def _fill(array: Any, remaining: Any, shape: Sequence[int]) -> None:
    for position in range(shape[0]):
        if len(shape) > 1:
            _fill(array[position], remaining, shape[1:])
        else:
            number = next(remaining)
            try:
                array[position] = number
            except TypeError as error:
                raise TypeError(
                    f"the point is an array of type {type(array).__name__}, which cannot be "
                    "varied: give it as lists or as a NumPy array, and convert inside the function"
                ) from error


def _same(left: Sequence[float], right: Sequence[float]) -> bool:
    return len(left) == len(right) and all(
        x == y or (math.isnan(x) and math.isnan(y)) for x, y in zip(left, right, strict=True)
    )
