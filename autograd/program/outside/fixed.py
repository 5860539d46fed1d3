"""Static arguments: plain Python values that a function is recorded for, each anew."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any

from autograd.arrays import is_array

_BY_VALUE = (int, bool, str, bytes, type(None))


class Same:
    """Equal to another of the same object, as long as that lives; it does not keep it alive.

    Example:
        >>> class Model: pass
        >>> model = Model()
        >>> Same(model) == Same(model), Same(model) == Same(Model())
        (True, False)
    """

    __slots__ = ("_hash", "_of")

    def __init__(self, thing: Any) -> None:
        self._hash = hash(id(thing))
        self._of: Callable[[], Any]
        try:
            self._of = weakref.ref(thing)
        except TypeError:  # it takes no weak references
            self._of = lambda: thing

    @property
    def thing(self) -> Any:
        """The object; None if it lives no more."""
        return self._of()

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        thing = self._of()
        return isinstance(other, Same) and thing is not None and thing is other._of()


class Fixed:
    """A static argument of a call.

    Attributes:
        name: The argument's name.
        thing: What was given.
    """

    __slots__ = ("name", "thing")

    def __init__(self, name: str, thing: Any) -> None:
        self.name = name
        self.thing = thing

    @property
    def key(self) -> Hashable:
        """What is equal for things that are the same to a function."""
        return key_of(self.thing)


def key_of(thing: Any) -> Hashable:
    """Return what two things have in common that are the same to a function.

    Plain values and what holds them are the same if they are equal, and of one type; everything
    else is the same if it is one object.

    Example:
        >>> key_of([1, "a"]) == key_of([1, "a"]), key_of(1) == key_of(True)
        (True, False)
    """
    kind = type(thing)
    if kind in _BY_VALUE:
        return kind, thing
    if kind is float:
        return kind, thing.hex()
    if isinstance(thing, (list, tuple)):
        return kind, tuple(map(key_of, thing))
    if isinstance(thing, (set, frozenset)):
        return kind, frozenset(map(key_of, thing))
    if isinstance(thing, dict):
        return kind, tuple([(key_of(key), key_of(x)) for key, x in thing.items()])
    if is_array(thing) and getattr(getattr(thing, "dtype", None), "kind", "O") in tuple("biufSU"):
        return kind, thing.dtype.str, thing.shape, thing.tobytes()
    return Same(thing)


def is_gone(key: Hashable) -> bool:
    """Return whether something in a key lives no more: nothing will be equal to it."""
    if isinstance(key, Same):
        return key.thing is None
    return isinstance(key, (tuple, frozenset)) and any(map(is_gone, key))
