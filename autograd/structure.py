"""Nested lists, tuples and dicts of numbers: taken apart into leaves and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.carriers import is_carrier
from autograd.primitive import as_float

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


def flatten_like(tree: Any, like: Any, where: str) -> list[Any]:
    """Return the numbers of a structure in the order of another that has the same structure.

    Lists and tuples may stand for each other; dicts are matched by key.

    Raises:
        TypeError: If the structures differ, naming the place.

    Example:
        >>> flatten_like({"b": 1.0, "a": 2.0}, {"a": 0.0, "b": 0.0}, "tangents")
        [2.0, 1.0]
    """
    return flatten(_arrange(tree, like, where), where)[0]


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
    leaves.append(number(tree, where))
    return next


def _arrange(tree: Any, like: Any, where: str) -> Any:
    if isinstance(like, dict) and isinstance(tree, dict) and like.keys() == tree.keys():
        return {key: _arrange(tree[key], like[key], f"{where}[{key!r}]") for key in like}
    sequences = isinstance(like, (list, tuple)) and isinstance(tree, (list, tuple))
    if sequences and len(like) == len(tree):
        pairs = zip(tree, like, strict=True)
        return [_arrange(item, other, f"{where}[{i}]") for i, (item, other) in enumerate(pairs)]
    if isinstance(like, (dict, list, tuple)) or isinstance(tree, (dict, list, tuple)):
        raise TypeError(f"{where} is {tree!r}, which has not the structure of {like!r}")
    return tree


def number(thing: Any, where: str) -> Any:
    """Return a plain number as a float, and a number that carries derivatives as it is.

    Raises:
        TypeError: If it is neither, naming `where` it stands.
    """
    if is_carrier(thing):
        return thing
    try:
        return as_float(thing, where)
    except TypeError:
        instead = ": give it as .tolist()" if hasattr(thing, "tolist") else ""
        raise TypeError(
            f"{where} is {thing!r}; expected a number, or lists, tuples and dicts of "
            f"numbers{instead}"
        ) from None
