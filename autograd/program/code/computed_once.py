"""What is computed when it is first asked for, and kept with the object it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class computed_once(Generic[T]):  # noqa: N801
    """A `functools.cached_property` without its lock.

    Before Python 3.12 that one lock is held for all objects while one of them computes: by a
    thread that a forked process does not have, for ever.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: Any) -> computed_once[T]: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T: ...
    def __get__(self, instance: object | None, owner: Any) -> computed_once[T] | T:
        """Compute the attribute, which from now on is found before this is asked."""
        if instance is None:
            return self
        found: T = vars(instance).setdefault(self._name, self._compute(instance))
        return found


def kept_with(owner: object, key: Any, compute: Callable[[], T]) -> T:
    """Return what was computed for an object under a key, kept as long as the object lives.

    Example:
        >>> class Owner: pass
        >>> owner = Owner()
        >>> kept_with(owner, "sum", lambda: 1 + 1), kept_with(owner, "sum", lambda: 0)
        (2, 2)
    """
    kept: dict[Any, T] = vars(owner).setdefault("_kept", {})
    return kept[key] if key in kept else kept.setdefault(key, compute())
