"""What the other rooms of `nn` ask of their arguments: sizes, finite numbers, examples.

Each function returns the argument in the form that is worked with, or raises an error that names
the argument, says what came and what to do instead. It knows nothing of layers and losses.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from autograd import Value
from autograd.streams import for_stream


def size(number: Any, name: str) -> int:
    """Return a count of units or inputs: an integer of at least 1.

    Raises:
        TypeError: If it is not an integer (`True` is not taken for a size).
        ValueError: If it is less than 1.

    Example:
        >>> size(16, "nin")
        16
    """
    count = None if isinstance(number, bool) else integer(number)
    if count is None:
        raise TypeError(f"{name} must be an integer of at least 1, got {describe(number)}")
    if count < 1:
        raise ValueError(f"{name} must be at least 1, got {count}")
    return count


def integer(candidate: Any) -> int | None:
    """Return an integer of any kind as an int, and None for anything else.

    Example:
        >>> integer(3), integer(3.0)
        (3, None)
    """
    try:
        return operator.index(candidate)
    except TypeError:
        return None


def finite(number: Any, name: str) -> float:
    """Return a plain real number as a float.

    Raises:
        TypeError: If it is not a real number (text and Values are not).
        ValueError: If it is NaN or infinite.

    Example:
        >>> finite(3, "lr")
        3.0
    """
    if type(number) is not float:
        try:
            number = Value(number).data  # which refuses all that is no real number
        except TypeError:
            raise TypeError(f"{name} must be a real number, got {describe(number)}") from None
        except OverflowError:
            raise ValueError(f"{name} is too large for a float: {describe(number)}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {number}")
    return float(number)


def bounded(number: Any, name: str, lowest: float = 0.0, highest: float = math.inf) -> float:
    """Return a plain real number within bounds, which it may reach, as a float.

    Raises:
        TypeError: If it is not a real number.
        ValueError: If it is NaN or infinite, or out of bounds.

    Example:
        >>> bounded(2, "audit", highest=1.0)
        Traceback (most recent call last):
            ...
        ValueError: audit must be between 0 and 1, got 2
    """
    if not lowest <= finite(number, name) <= highest:
        bounds = (
            f"at least {lowest:g}" if highest == math.inf else f"between {lowest:g} and {highest:g}"
        )
        raise ValueError(f"{name} must be {bounds}, got {number}")
    return float(number)


def finite_scalar(scalar: Any, name: str) -> Any:
    """Return a number or node (a `Value`, or another number that carries derivatives), checked.

    Raises:
        TypeError: If it is neither a real number nor a node.
        ValueError: If it is NaN or infinite.

    Example:
        >>> finite_scalar(2, "inputs[0]")
        2.0
    """
    if not is_node(scalar):
        return finite(scalar, name)
    if not math.isfinite(scalar.data):
        raise ValueError(f"{name} must be a finite number, got {scalar!r}")
    return scalar


def is_node(thing: Any) -> bool:
    """Return whether this is a `Value`, or another number that carries derivatives.

    The class is asked: an object may answer to any name.

    Example:
        >>> is_node(Value(1.0)), is_node(1.0)
        (True, False)
    """
    return hasattr(type(thing), "carrier_level")


def is_scalar(candidate: Any) -> bool:
    """Return whether the candidate stands for one number rather than a row of them."""
    if is_node(candidate) or getattr(candidate, "shape", None) == ():
        return True
    return not (hasattr(candidate, "__iter__") or hasattr(candidate, "__len__"))


def row(candidate: Any, name: str, of: str = "numbers") -> list[Any]:
    """Return an ordered collection (a list, a tuple, an array row, a generator) as a list.

    Raises:
        TypeError: If it is a single number, text, a mapping or a set.

    Example:
        >>> row((1.0, 2.0), "inputs")
        [1.0, 2.0]
    """
    if type(candidate) in (list, tuple):
        return list(candidate)
    unordered = isinstance(candidate, (str, bytes, bytearray, Mapping, AbstractSet))
    if unordered or is_scalar(candidate):
        raise TypeError(f"{name} must be a list of {of}, got {describe(candidate)}")
    return list(candidate)


def outputs_listed(outputs: Any) -> list[Any]:
    """Return what a model gave for one example as a list.

    Raises:
        TypeError: If it is neither a number nor an ordered collection of numbers.
        ValueError: If it is empty.

    Example:
        >>> outputs_listed(0.5), outputs_listed((0.5, 1.0))
        ([0.5], [0.5, 1.0])
    """
    unordered = isinstance(outputs, (str, bytes, Mapping, AbstractSet))
    found = [outputs] if unordered or is_scalar(outputs) else list(outputs)
    if not found:
        raise ValueError(
            f"for one example the model returned an empty {type(outputs).__name__}; a number or a "
            "list of numbers is needed"
        )
    for position, output in enumerate(found):
        if not is_node(output) and not hasattr(type(output), "__float__"):
            place = "" if unordered or is_scalar(outputs) else f"; its output {position} is"
            raise TypeError(
                "for one example a model must return a number or a list of numbers"
                f"{place or ', got'} {describe(output)}"
            )
    return found


def describe(argument: Any) -> str:
    """Return a short text of an argument for an error message: its type and what it holds."""
    text = repr(argument)
    if len(text) > 60:
        text = f"{text[:57]}..."
    return for_stream(f"{type(argument).__name__} {text}")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun in the singular or the plural.

    Example:
        >>> counted(1, "parameter"), counted(9, "parameter")
        ('1 parameter', '9 parameters')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
