"""The world of a function: what it reads from outside, and what of that is no longer as it was."""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Mapping
from typing import Any

from autograd.program.outside.fixed import Same
from autograd.program.outside.methods import OfObject
from autograd.program.outside.steps import Steps
from autograd.program.outside.walking import ITEMS, Walk

_NONE: Any = object()
_MOST_PER_CALL = 1 << 12  # steps that are taken at each call


class World:
    """What a function reads from outside, as it was when it was recorded.

    Attributes:
        steps: Tell quickly whether everything is the same.
        size: How much there is to compare, in steps.
        is_repeatable: Whether nothing was met that may answer differently each time.
        generators: Of random numbers, that it can reach.
        replaced: What there was in place of what changed, if it was an object.

    Example:
        >>> rates = [0.5]
        >>> world = World({"f": (lambda rates: lambda x: x * rates[0])(rates)})
        >>> world.changed()
        >>> rates[0] = 0.25
        >>> world.changed()
        'rates[0]'
    """

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self._roots = roots
        self.steps: Any = Steps()
        self.replaced: Any = None
        self._take(Walk(roots))

    def _take(self, walk: Walk) -> None:
        self._facts: dict[str, Hashable] = walk.facts
        self.size = walk.size
        self.is_repeatable = walk.is_repeatable
        self.generators = walk.generators
        self.steps.load(walk.steps, walk.kept)

    def holds(self) -> bool:
        """Return whether everything is the same object as before."""
        return bool(self.steps.hold())

    def is_small(self, instructions: int) -> bool:
        """Return whether a look at each call is worth it, for a program of so many instructions."""
        return self.size <= max(_MOST_PER_CALL, instructions)

    def changed(self) -> str | None:
        """Return the name of something that changed since the last look, or None."""
        if self.steps.hold():
            return None
        before, walk = self._facts, Walk(self._roots)
        self._take(walk)
        after = walk.facts
        for name in [*before, *after]:
            fact, now = before.get(name, _NONE), after.get(name, _NONE)
            if fact != now:
                return self._named(name, fact, now)
        return None

    def _named(self, name: str, fact: Any, now: Any) -> str:
        """Return the name of what changed where a fact did, and note what was there."""
        found = name.partition(" (its")[0]
        if name.endswith(ITEMS) and type(fact) is type(now) is tuple and len(fact) == len(now):
            place = next(
                i for i, (one, other) in enumerate(zip(fact, now, strict=True)) if one != other
            )
            found, fact = f"{found}[{place}]", fact[place]
        self.replaced = fact.thing if isinstance(fact, Same) else None
        return found


def roots_of(f: Any, name: str, static: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a function reads from: itself, its object, and objects that are static."""
    found: dict[str, Any] = {name: f}
    if isinstance(f, OfObject):
        found = {name: f.function, "self": f.owner}
    for argument, thing in static.items():
        try:
            found[argument] = weakref.ref(thing)
        except TypeError:
            continue  # a plain value, which is compared with every call's
    return found
