"""What is called with numbers, as type checkers see it.

Of a lambda they know no more than what it is given to: with `Callable[..., Any]` its arguments are
unknown, which is a complaint where checks are strict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias


class WithAnyArguments(Protocol):
    """Whatever can be called."""

    @property
    def __call__(self) -> Any:
        """Call it."""


AnyFunction: TypeAlias = (
    Callable[[Any], Any]
    | Callable[[Any, Any], Any]
    | Callable[[Any, Any, Any], Any]
    | WithAnyArguments
)
