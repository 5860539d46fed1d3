"""Steps: from what a function holds to all that it reads, compared by identity; compiled."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd.machine import compiled

# How a step gets at a thing from another. The compiled twin knows them by these numbers.
ROOT, DEREF, CELL, GLOBAL, ATTRIBUTE, ITEM, VALUE, TYPE, BLOCK, PAIRS, SHOT = range(11)
_ABSENT = object()


class Reach(NamedTuple):
    """One step.

    Attributes:
        access: How the thing is reached.
        start: The number of the step that reached what it is reached from.
        key: The place in that, a name or a number; of a root the thing itself; of BLOCK the
            identities of the items, of PAIRS those of keys and values, of SHOT a function and what
            it returned.
        identity: That of the thing, 0 if there was none; None where it does not matter.
    """

    access: int
    start: int
    key: Any
    identity: int | None


@compiled
class Steps:
    """Steps that were taken once, to be taken again.

    Identities stand for things that nothing here keeps alive: each is reached from one that was
    found to be the same before it, and what can be equal at another address is looked at itself.
    """

    def __init__(self) -> None:
        self._steps: list[Reach] = []
        self._kept: list[Any] = []

    def load(self, steps: list[Reach], kept: list[Any]) -> None:
        """Take other steps.

        Args:
            steps: All of them, each behind the one it starts from.
            kept: What has to live for identities to mean something.
        """
        self._steps, self._kept = steps, kept

    def hold(self) -> bool:
        """Return whether everything is the same object as before."""
        things: list[Any] = []
        for access, start, key, identity in self._steps:
            thing = _reached(access, key, things[start] if start >= 0 else None)
            if identity is not None and identity != (0 if thing is _ABSENT else id(thing)):
                return False
            if thing is False and access >= BLOCK:
                return False
            things.append(thing)
        return True


def _reached(access: int, key: Any, start: Any) -> Any:
    if access == ROOT:
        return key
    if access == DEREF:
        return start()
    if access == CELL:
        try:
            return start.__closure__[key].cell_contents
        except ValueError:
            return _ABSENT
    if access == GLOBAL:
        return start.__globals__.get(key, _ABSENT)
    if access == ATTRIBUTE:
        return getattr(start, key, _ABSENT)
    if access in (ITEM, VALUE):
        return start[key]
    if access == TYPE:
        return type(start)
    if access == BLOCK:
        return tuple(map(id, start)) == key
    if access == PAIRS:
        return (tuple(map(id, start)), tuple(map(id, start.values()))) == key
    look, before = key
    return bool(look(start) == before)
