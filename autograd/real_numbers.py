"""Real numbers: what is one, whatever library it comes from, and what to say of anything else."""

from __future__ import annotations

import sys
from numbers import Real
from typing import Any

from autograd.carriers import is_carrier
from autograd.streams import for_stream


def as_float(number: Any, where: str) -> float:
    """Return any real number as a float.

    Raises:
        TypeError: For anything that is not one real number, naming `where` it came to.

    Example:
        >>> from fractions import Fraction
        >>> as_float(Fraction(1, 4), "here")
        0.25
    """
    if is_real_number(number) or is_array_of_one_number(number):
        return float(number)
    raise TypeError(for_stream(f"{where} needs a real number, got {_what(number)}"))


def is_real_number(thing: Any) -> bool:
    """Return whether this is a real number of Python's: a float, int, bool, Fraction or Decimal."""
    if isinstance(thing, (float, int, Real)):
        return True
    decimal = sys.modules.get("decimal")  # there is no Decimal before somebody loads it
    return decimal is not None and isinstance(thing, decimal.Decimal)


def is_array_of_one_number(thing: Any) -> bool:
    """Return whether this is a scalar or zero-dimensional array of an array library."""
    kind = getattr(getattr(thing, "dtype", None), "kind", "")
    is_one = getattr(thing, "ndim", None) == 0 and kind in ("b", "i", "u", "f")
    return is_one and not getattr(thing, "mask", False)  # what is masked is none


def _what(thing: Any) -> str:
    kind = type(thing).__name__
    if isinstance(thing, str):
        return f"the str {thing!r}; convert it first with float(...)"
    if isinstance(thing, complex):
        return f"the complex number {thing!r}; only real numbers are supported"
    if hasattr(thing, "dtype"):
        shape = getattr(thing, "shape", "?")
        return f"an array of shape {shape}; use one Value per element, or nested lists: .tolist()"
    if isinstance(thing, (list, tuple, set, frozenset, dict)):
        return f"a {kind}; use one Value per element, for example [Value(x) for x in xs]"
    if is_carrier(thing):
        return f"{thing!r}, which has a gradient of its own; use it as it is, or its .data"
    return "None" if thing is None else f"{thing!r} of type {kind}"
