"""Arguments that a function needs as whole numbers, for `range` or an index: they are static."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autograd.program.record.signature import Call
from autograd.selection import Value

# What code raises that is given a Value where it needs a whole number, or a key.
_ERRORS = (TypeError, LookupError, AttributeError)


@contextmanager
def as_numbers(f: Callable[..., Any], call: Call, name: str) -> Iterator[None]:
    """Explain errors of this block that there were not if an argument was a whole number.

    Raises:
        TypeError: If f fails with Values, and does not with whole numbers in place of some. Where
            any plain number would do, it says first what it said of the Value.
    """
    try:
        yield
    except _ERRORS as error:
        needed = _needed(f, call)
        if not needed:
            raise
        listed = ", ".join(needed.values())
        static = repr(listed) if len(needed) == 1 else repr([*needed.values()])
        if not isinstance(error, LookupError) and not _fails(f, call, needed, float):
            raise TypeError(
                f"{error}. If {listed} is a plain value, and no number to differentiate by, name "
                f"it, and every other one is recorded anew: compile(f, static={static})"
            ) from error
        raise TypeError(
            f"{name} needs {listed} as a plain whole number, for a range or an index perhaps; name "
            f"it, and every other value is recorded anew: compile(f, static={static}) ({error})"
        ) from error


def _needed(f: Callable[..., Any], call: Call) -> dict[int, str]:
    """Return by their places the arguments without which, as whole numbers, f fails."""
    whole = {}
    place = 0
    for name, part in zip(call.form.names, call.structure.parts, strict=True):
        number = call.numbers[place] if part.is_number else None
        if type(number) is float and number.is_integer():
            whole[place] = name
        place += part.size
    if not whole or _fails(f, call, whole):
        return {}
    return {place: name for place, name in whole.items() if _fails(f, call, {*whole} - {place})}


def _fails(f: Callable[..., Any], call: Call, whole: Any, kind: type = int) -> bool:
    given = [kind(x) if i in whole else Value(x) for i, x in enumerate(call.numbers)]
    try:
        call._replace(numbers=given).of(f)
    except Exception:
        return True
    return False
