"""Recording more than once: whether a function does the same each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.program.outside.world import World
from autograd.program.record.tracing import Recording

_TIMES = 16  # for a function that draws random numbers, without any effect so far


def repeatedly(record: Callable[[], Recording], world: World, name: str) -> Recording:
    """Return a recording, made again where another time might give another one.

    It might where the function reaches what nobody knows to answer the same each time, or changes
    what it reads.

    Args:
        record: Records the function.
        world: What it reads from outside.
        name: What it is called.

    Raises:
        ValueError: If it does something else another time.
    """
    before = states_of(world.generators)
    found = record()
    has_drawn = states_of(world.generators) != before
    changed = world.changed()
    if world.is_repeatable and changed is None:
        return found
    for _ in range(_TIMES if has_drawn else 1):
        again = record()
        if not are_alike(found, again):
            why = "it draws random numbers" if has_drawn else f"it changes {changed}"
            if not has_drawn and changed is None:
                why = "it depends on a clock, a file, or something else that goes on"
            raise ValueError(
                f"{name} gives other code each time it is recorded: {why}. A program would repeat "
                "the first for ever; give what changes as an argument, or leave it to eager code"
            )
    world.changed()  # what the function itself left behind is how it will be found
    return found


def states_of(generators: list[Any]) -> list[str]:
    """Return what the next random numbers depend on."""
    found = []
    for generator in generators:
        for state in ("getstate", "get_state"):
            if hasattr(generator, state):
                found.append(repr(getattr(generator, state)()))
        inner = getattr(generator, "bit_generator", generator)
        found.append(repr(getattr(inner, "state", None)))
    return found


def are_alike(one: Recording, other: Recording) -> bool:
    """Return whether two recordings are of the same code, on the same Values from outside."""
    if not one.code.is_like(other.code) or one.structure != other.structure:
        return False
    if len(one.captured) != len(other.captured):
        return False
    pairs = zip(one.captured, other.captured, strict=True)
    return all(v is w or repr(v.data) == repr(w.data) for v, w in pairs)
