"""Nested lists, tuples and dicts of numbers: taken apart into leaves and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Build = Callable[[Iterator[Any]], Any]


def flatten(tree: Any, where: str) -> tuple[list[Any], Callable[[Sequence[Any]], Any]]:
    """Return the numbers of a nested structure, and a function that puts others in their place.

    Args:
        tree: A number, or lists, tuples, named tuples and dicts of such, to any depth.
        where: What it is, for the error.

    Raises:
        TypeError: If something in it is neither a container nor a number, naming its place.

    Example:
        >>> leaves, rebuild = flatten({"w": [1.0, 2.0], "b": 3.0}, "params")
        >>> leaves
        [1.0, 2.0, 3.0]
        >>> rebuild("xyz")
        {'w': ['x', 'y'], 'b': 'z'}
    """
    leaves: list[Any] = []
    build = _take_apart(tree, where, leaves)
    return leaves, lambda things: build(iter(things))


def _take_apart(tree: Any, where: str, leaves: list[Any]) -> Build:
    if isinstance(tree, dict):
        keys = list(tree)
        parts = [_take_apart(tree[key], f"{where}[{key!r}]", leaves) for key in keys]
        return lambda things: {k: part(things) for k, part in zip(keys, parts, strict=True)}
    if isinstance(tree, (list, tuple)):
        parts = [_take_apart(item, f"{where}[{i}]", leaves) for i, item in enumerate(tree)]
        kind = type(tree)
        if hasattr(tree, "_fields"):  # a named tuple
            return lambda things: kind(*[part(things) for part in parts])
        return lambda things: kind([part(things) for part in parts])
    if isinstance(tree, (str, bytes)) or tree is None or hasattr(tree, "__len__"):
        raise TypeError(
            f"{where} is {tree!r}; expected a number, or lists, tuples and dicts of numbers"
        )
    leaves.append(tree)
    return next
