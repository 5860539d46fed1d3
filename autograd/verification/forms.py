"""The form of a point of foreign code: what it is made of, and new ones of the same kind.

A point is taken apart into parts, each an array or what holds no array: a number, or nested lists,
tuples and dicts of numbers. Arrays are made anew from their numbers in one go, by what they offer:
no array library is imported.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd.arrays import is_array, read
from autograd.loaded_numpy import loaded_numpy
from autograd.structure import Structure, flatten
from autograd.verification.points import finite

Numbers = Any  # a list of floats, or a vector of NumPy


class Piece(NamedTuple):
    """An array of a point, or a piece of it that holds none.

    Attributes:
        name: How it is called.
        structure: How its numbers are nested.
        start: The place of its first number among all.
        stop: The place behind its last one.
        new: Makes one of the same kind from its numbers.
    """

    name: str
    structure: Structure
    start: int
    stop: int
    new: Callable[[Numbers], Any]


class PointForm:
    """What the arguments of foreign code are made of.

    Args:
        arguments: The point.
        names: How each of them is called.

    Attributes:
        parts: In the order of their numbers.
        start: The numbers of the point.
        is_array: Whether its numbers are best kept as a vector of NumPy.

    Raises:
        TypeError: If something in a point is no real number, or an array that cannot be varied.
        ValueError: If a number is missing, or not finite.

    Example:
        >>> form = PointForm([[1.0, 2.0], {"b": 3.0}], ["w", "p"])
        >>> form.names, form.build([4.0, 5.0, 6.0])
        (['w[0]', 'w[1]', "p['b']"], [[4.0, 5.0], {'b': 6.0}])
    """

    def __init__(self, arguments: Sequence[Any], names: Sequence[str]) -> None:
        self.parts: list[Piece] = []
        self.start: list[float] = []
        self.is_array = any(map(_holds_array, arguments))
        self._trees = [self._apart(tree, name) for tree, name in zip(arguments, names, strict=True)]

    @property
    def names(self) -> list[str]:
        """How all numbers are called."""
        return [name for part in self.parts for name in part.structure.names(part.name)]

    def vector(self, numbers: Sequence[float]) -> Numbers:
        """Return the numbers as what is quick to compute with."""
        numpy = loaded_numpy() if self.is_array else None
        return list(numbers) if numpy is None else numpy.array(numbers, dtype="float64")

    def build(self, numbers: Numbers) -> list[Any]:
        """Return new arguments; arrays of NumPy are views of the vector that is given."""
        return [_built(tree, numbers) for tree in self._trees]

    def holds(self, arguments: Sequence[Any], numbers: Numbers) -> bool:
        """Return whether arguments hold these numbers still."""
        pairs = zip(self._trees, arguments, strict=True)
        return all(_is_same(tree, argument, numbers) for tree, argument in pairs)

    def read(self, tree: Any, argument: int, where: str) -> list[Any]:
        """Return the numbers of something in the form of one argument.

        Raises:
            TypeError: If it holds something that is no number.
            ValueError: If it is of another form.
        """
        return _read(self._trees[argument], tree, where)

    def _apart(self, tree: Any, name: str) -> Any:
        if isinstance(tree, (dict, list, tuple)) and _holds_array(tree):
            if isinstance(tree, dict):
                return {key: self._apart(x, f"{name}[{key!r}]") for key, x in tree.items()}
            steps = Structure(type(tree), len(tree)).steps
            parts = zip(tree, steps, strict=True)
            return _like(tree, [self._apart(x, name + step) for x, step in parts])
        numbers, structure = flatten(_with_lists(tree), name)
        paths = structure.names(name)
        begin = len(self.start)
        self.start += [finite(x, path) for x, path in zip(numbers, paths, strict=True)]
        new = _maker(tree, structure, name)
        self.parts.append(Piece(name, structure, begin, len(self.start), new))
        return self.parts[-1]


def _built(tree: Any, numbers: Numbers) -> Any:
    if isinstance(tree, Piece):
        return tree.new(numbers[tree.start : tree.stop])
    if isinstance(tree, dict):
        return {key: _built(x, numbers) for key, x in tree.items()}
    return _like(tree, [_built(x, numbers) for x in tree])


def _is_same(tree: Any, thing: Any, numbers: Numbers) -> bool:
    if isinstance(tree, Piece):
        before = tree.new(numbers[tree.start : tree.stop])
        if not is_array(before):
            return repr(_with_lists(before)) == repr(_with_lists(thing))
        if type(thing) is not type(before) or thing.shape != before.shape:
            return False
        if hasattr(before, "tobytes"):
            # What is no number equals nothing, and may have stayed the same.
            is_same = bool((thing == before).all())
            return is_same or bool(thing.tobytes() == before.tobytes())
        return repr(read(before, tree.name)) == repr(read(thing, tree.name))
    if not isinstance(thing, (dict, list, tuple)) or len(thing) != len(tree):
        return False
    keys = tree if isinstance(tree, dict) else range(len(tree))
    return all(_is_same(tree[key], thing[key], numbers) for key in keys)


def shown(thing: Any) -> str:
    """Return what something is, for an error: of an array its shape, of all else its repr.

    Example:
        >>> import numpy as np
        >>> shown(np.zeros((2, 3))), shown(None)
        ('an array of shape (2, 3)', 'None')
    """
    shape = getattr(thing, "shape", None)
    return f"an array of shape {shape}" if isinstance(shape, tuple) else f"{thing!r:.80}"


def _read(tree: Any, thing: Any, where: str) -> list[Any]:
    if isinstance(tree, Piece):
        shape, axes = getattr(thing, "shape", None), tree.structure.axes
        if axes and len(axes) > 1 and shape == axes[::-1] != axes:
            raise ValueError(f"{where} has shape {shape}, {tree.name} {axes}: it is transposed")
        if axes and isinstance(shape, tuple) and shape != axes:
            raise ValueError(f"{where} has shape {shape}, {tree.name} {axes}")
        return tree.structure.numbers_of(_with_lists(thing), where, ValueError)
    kind = dict if isinstance(tree, dict) else (list, tuple)
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    fits = isinstance(thing, kind) and len(thing) == len(keys)
    if not fits or (isinstance(thing, dict) and set(keys) != set(thing)):
        what = f"a dict of {keys}" if kind is dict else f"a list of {len(keys)}"
        raise ValueError(f"{where} is {shown(thing)}, which does not have the structure of {what}")
    return [x for key in keys for x in _read(tree[key], thing[key], f"{where}[{key!r}]")]


def _maker(tree: Any, structure: Structure, name: str) -> Callable[[Numbers], Any]:
    numpy, axes = loaded_numpy(), structure.axes
    if not is_array(tree):
        if hasattr(tree, "tolist") and axes:
            return lambda numbers: _filled(tree, numbers, name)
        return lambda numbers: structure.build(
            numbers.tolist() if hasattr(numbers, "tolist") else numbers
        )
    if type(tree) is numpy.ndarray:
        return lambda numbers: numpy.asarray(numbers, dtype="float64").reshape(axes)
    if hasattr(tree, "new_tensor"):  # of PyTorch: of the same dtype, on the same device
        return lambda numbers: tree.new_tensor(numbers).reshape(axes)
    if hasattr(tree, "__array_namespace__") and not isinstance(tree, numpy.ndarray):  # of JAX
        library = tree.__array_namespace__()
        return lambda numbers: library.reshape(library.asarray(numbers, dtype=tree.dtype), axes)

    def of_subclass(numbers: Numbers) -> Any:
        new = tree.astype("float64")
        # Of pandas: by place, whatever the labels are.
        places = getattr(new, "iloc", new)
        places[...] = numpy.asarray(numbers).reshape(axes)
        return new

    return of_subclass if hasattr(tree, "astype") else lambda numbers: _filled(tree, numbers, name)


def _filled(tree: Any, numbers: Numbers, name: str) -> Any:
    new = copy.copy(tree)
    try:
        for place, number in enumerate(numbers):
            new[place] = float(number)
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise TypeError(
            f"{name} is an array of type {type(tree).__name__}, which cannot be varied: give "
            "it as lists or as a NumPy array, and convert inside the function"
        ) from error
    return new


def _with_lists(tree: Any) -> Any:
    # Arrays that NumPy knows stay as they are; scalars and arrays of the standard library do not.
    if isinstance(tree, dict):
        return {key: _with_lists(entry) for key, entry in tree.items()}
    if isinstance(tree, (list, tuple)):
        if set(map(type, tree)) <= {float}:
            return tree
        return _like(tree, [_with_lists(entry) for entry in tree])
    return tree.tolist() if hasattr(tree, "tolist") and not is_array(tree) else tree


def _like(tree: Any, entries: list[Any]) -> Any:
    return type(tree)(*entries) if hasattr(tree, "_fields") else type(tree)(entries)


def _holds_array(tree: Any) -> bool:
    if isinstance(tree, dict):
        return any(map(_holds_array, tree.values()))
    if isinstance(tree, (list, tuple)):
        return set(map(type, tree)) != {float} and any(map(_holds_array, tree))
    return is_array(tree) or (hasattr(tree, "tolist") and not hasattr(tree, "dtype"))
