"""What is remembered of an object while it lives, by its identity: it may be equal to others."""

from __future__ import annotations

import weakref
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing")


class Remembered(Generic[Thing]):
    """A thing for each object, forgotten when the object is gone.

    Objects need no hash: dataclasses that are modules have none.

    Example:
        >>> class Part:
        ...     pass
        >>> part, known = Part(), Remembered()
        >>> known.set(part, 3)
        >>> known.get(part), known.get(Part())
        (3, None)
    """

    def __init__(self) -> None:
        self._things: dict[int, tuple[weakref.ref[Any], Thing]] = {}

    def get(self, owner: Any) -> Thing | None:
        """Return what is remembered of an object, or None."""
        found = self._things.get(id(owner))
        return found[1] if found is not None and found[0]() is owner else None

    def set(self, owner: Any, thing: Thing) -> None:
        """Remember a thing."""
        key = id(owner)
        self._things[key] = weakref.ref(owner, lambda _: self._things.pop(key, None)), thing

    def forget(self, owner: Any) -> None:
        """Remember nothing of an object any more."""
        self._things.pop(id(owner), None)
