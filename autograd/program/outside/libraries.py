"""Which modules are libraries, that no user changes, and which of them always compute the same."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_LIBRARIES = frozenset({
    *sys.stdlib_module_names, "autograd", "nn", "numpy", "scipy", "pandas", "sklearn", "torch",
    "jax", "matplotlib", "sympy", "graphviz", "pytest", "_pytest", "hypothesis",
}) - {"__main__", "this"}  # fmt: skip
_REPEATABLE = frozenset({
    "autograd", "nn", "numpy", "math", "cmath", "operator", "functools", "itertools", "builtins",
    "collections", "_collections", "_operator", "_functools", "fractions", "decimal", "_decimal",
    "numbers", "statistics", "enum", "types", "typing", "abc", "dataclasses", "weakref",
    "_weakref", "array", "__future__", "copy", "bisect", "heapq", "string", "warnings",
})  # fmt: skip
_DRAWN = frozenset({"next", "input", "open", "id", "hash", "eval", "exec", "__import__", "object"})


def module_of(thing: Any) -> str:
    """Return the name of the module that a function, a class or an object belongs to."""
    if isinstance(thing, ModuleType):
        return thing.__name__
    name = getattr(thing, "__module__", None)
    if not isinstance(name, str):
        owner = getattr(thing, "__objclass__", None) or type(thing)
        name = getattr(owner, "__module__", "")
    return name if isinstance(name, str) else ""


def is_library(module: str) -> bool:
    """Return whether what this module says is taken as it is.

    Example:
        >>> is_library("math"), is_library("numpy.linalg"), is_library("__main__")
        (True, True, False)
    """
    return module.partition(".")[0] in _LIBRARIES


def is_network(kind: type) -> bool:
    """Return whether objects of a class are networks: libraries read what they hold."""
    return any(owner.__module__.partition(".")[0] == "nn" for owner in kind.__mro__)


def is_repeatable(module: str) -> bool:
    """Return whether what this module computes depends on nothing but what it is given.

    Example:
        >>> is_repeatable("math"), is_repeatable("random"), is_repeatable("numpy.random")
        (True, False, False)
    """
    root, _, rest = module.partition(".")
    return root in _REPEATABLE and not (root == "numpy" and rest.startswith("random"))


def is_drawn(builtin: str) -> bool:
    """Return whether a builtin may give another result each time."""
    return builtin in _DRAWN
