"""Functions of an object that they do not keep alive."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any


class OfObject:
    """A function with its first argument, an object that lives elsewhere.

    Raises:
        TypeError: If the object takes no weak references.
    """

    def __init__(self, function: Callable[..., Any], owner: Any) -> None:
        self.function = function
        try:
            self.owner = weakref.ref(owner)
        except TypeError:
            kind = type(owner).__name__
            raise TypeError(
                f"a compiled method needs weak references to its object: add '__weakref__' to the "
                f"__slots__ of {kind}, or write @dataclass(slots=True, weakref_slot=True)"
            ) from None

    def __call__(self, *args: Any, **by_name: Any) -> Any:
        """Call the function with the object.

        Raises:
            ReferenceError: If the object is gone.
        """
        owner = self.owner()
        if owner is None:
            name = self.function.__qualname__
            raise ReferenceError(f"the object of {name} is gone; keep it as long as its program")
        return self.function(owner, *args, **by_name)
