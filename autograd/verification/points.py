"""The numbers at which a check stands: their places, their names, and that they can be varied."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from autograd.arrays import is_array
from autograd.carriers import is_carrier
from autograd.real_numbers import as_float
from autograd.selection import Value
from autograd.structure import flatten


def finite(number: Any, path: str) -> float:
    """Return a coordinate as a float; a Value counts as its data.

    Raises:
        TypeError: If it is not one real number.
        ValueError: If it is not finite.

    Example:
        >>> finite(Value(3), "args[0]")
        3.0
    """
    x = as_float(number.data if is_carrier(number) else number, path)
    if not math.isfinite(x):
        raise ValueError(f"{path} is {x!r}; a gradient can be checked at finite numbers only")
    return x


def one_number(result: Any, what: str) -> float:
    """Return the result of a function as a float.

    Raises:
        TypeError: If it is not one real number.

    Example:
        >>> one_number([1.0, 2.0], "the result of f: a gradient check")
        Traceback (most recent call last):
            ...
        TypeError: the result of f: a gradient check needs one real number, got a list; check one \
of its numbers at a time, or their sum with weights
    """
    if isinstance(result, (list, tuple, dict)) or len(getattr(result, "shape", ())) > 0:
        kind = type(result).__name__
        raise TypeError(
            f"{what} needs one real number, got a {kind}; check one of its numbers at a time, or "
            "their sum with weights"
        )
    return as_float(result, what)


def unwrapped(result: Any) -> Any:
    """Return the number in an array of no axes, anything else as it is.

    Example:
        >>> import numpy as np
        >>> unwrapped(np.array(3.0)), unwrapped(3.0)
        (3.0, 3.0)
    """
    return result.item() if is_array(result) and getattr(result, "shape", None) == () else result


def named_parameters(parameters: Any) -> tuple[list[Value], list[str]]:
    """Return Values that can be varied, and their names.

    Args:
        parameters: A list of Values, or with names: a dict or a list of pairs; arrays of Values.

    Raises:
        TypeError: If one is not a Value.
        ValueError: If there is none, or one is computed, constant, or there twice.

    Example:
        >>> named_parameters([Value(1.0, label="w")])[1]
        ['parameters[0] (w)']
    """
    if is_array(parameters):
        parameters = [("parameters", parameters)]
    if isinstance(parameters, Mapping):
        parameters = parameters.items()
    if isinstance(parameters, (Value, str)) or not isinstance(parameters, Iterable):
        raise TypeError(f"check_parameters needs a list of Values, got {parameters!r}")
    found: dict[Value, str] = {}
    for position, entry in enumerate(parameters):
        name, thing = entry if isinstance(entry, tuple) and len(entry) == 2 else (None, entry)
        where = f"parameters[{position}]" if name is None else str(name)
        for path, node in _nodes(thing, where):
            if not isinstance(node, Value):
                other = ", of another engine" if type(node).__name__ == "Value" else ""
                raise TypeError(f"{path} must be a Value, got {node!r}{other}")
            if node.is_constant or not node.is_leaf:
                raise ValueError(
                    f"{path} is {node.describe()}; only a Value that was given can be varied"
                )
            if node in found:
                raise ValueError(f"{path} is the same Value as {found[node]}; give each one once")
            found[node] = f"{path} ({node.label})" if name is None and node.label else path
    if not found:
        raise ValueError("check_parameters got no parameters; there is nothing to check")
    return list(found), list(found.values())


def _nodes(thing: Any, where: str) -> list[tuple[str, Any]]:
    if not isinstance(thing, (list, dict)) and not is_array(thing):
        return [(where, thing)]
    nodes, structure = flatten(thing, where)
    return list(zip(structure.names(where), nodes, strict=True))
