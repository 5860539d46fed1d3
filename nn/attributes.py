"""What an object holds: the attributes in its slots and in its dict, in the order of assignment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def attributes_of(owner: Any) -> list[tuple[str, Any]]:
    """Return an object's attributes in order: its `__slots__`, base class first, then its dict.

    Example:
        >>> class Pair:
        ...     __slots__ = ("left", "__dict__")
        >>> pair = Pair()
        >>> pair.right, pair.left = 2, 1
        >>> attributes_of(pair)
        [('left', 1), ('right', 2)]
    """
    slotted = [(name, getattr(owner, name)) for name in _slots(type(owner)) if hasattr(owner, name)]
    return slotted + list(vars(owner).items())


def _slots(owner: type) -> tuple[str, ...]:
    names: list[str] = []
    for base in reversed(owner.__mro__):
        declared: str | Sequence[str] = vars(base).get("__slots__", ())
        names += (declared,) if isinstance(declared, str) else declared
    return tuple(name for name in names if name not in ("__dict__", "__weakref__"))
