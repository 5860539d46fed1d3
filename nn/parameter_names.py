"""A parameter by its name: the label that the lectures give it, or its path in the model."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from autograd import plain_name
from autograd.streams import for_stream

_SHOWN = 6


def parameter_named(name: Any, named: Sequence[tuple[str, Any]], owner: str) -> Any:
    """Return the one of the parameters, which come with their paths, that has this name.

    Raises:
        TypeError: If the name is not a str.
        KeyError: If no parameter has this name; the error has the nearest ones.
        ValueError: If several have it; the error has their paths.

    Example:
        >>> from autograd import Value
        >>> slope = Value(2.0, "w_1")
        >>> parameter_named("w_{1}", [("slope", slope)], "Line") is slope
        True
    """
    if not isinstance(name, str):
        raise TypeError(f"a parameter is asked for by its name, a str, got {name!r:.80}")
    by_path = [parameter for path, parameter in named if path == name]
    if by_path:
        return by_path[0]
    found = [pair for pair in named if pair[1].label == name]
    if not found:
        wanted = plain_name(name)
        found = [pair for pair in named if pair[1].label and plain_name(pair[1].label) == wanted]
    if len(found) == 1:
        return found[0][1]
    if found:
        paths = ", ".join(repr(path) for path, _ in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        message = f"{len(found)} parameters of {owner} are called {name!r}: {paths}{more}"
        raise ValueError(for_stream(message))
    names = [parameter.label for _, parameter in named if parameter.label]
    names += [path for path, _ in named]
    near = get_close_matches(name, dict.fromkeys(names), n=3, cutoff=0.5)
    which = f"the nearest names are {', '.join(map(repr, near))}" if near else "nor a similar one"
    raise KeyError(for_stream(f"{owner} has no parameter {name!r}; {which}"))
