"""Reading JSON that may be corrupted or hostile: every thing is of the kind asked for, or an error.

Python's reader is lenient: keys may stand twice, NaN is a number, 1e999 is infinite, and an integer
may have a million digits. Here all that is an error, and infinities are written as text.
"""

from __future__ import annotations

import json
from math import inf, isfinite, nan
from typing import Any

from autograd.program.code.checking import shown

_NOT_FINITE = {"inf": inf, "-inf": -inf, "nan": nan}
_LONGEST_INTEGER = 20  # digits and sign: 64 bits


def json_in(text: str) -> Any:
    """Return the things that JSON text says.

    Raises:
        ValueError: If it is not JSON, or says what only Python's reader would accept.

    Example:
        >>> json_in('{"a": 1, "a": 2}')
        Traceback (most recent call last):
          ...
        ValueError: the key 'a' stands twice
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise ValueError(
            f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
        ) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def number_text(number: float) -> str:
    """Return the JSON of a float, exact to the last bit."""
    return repr(number) if isfinite(number) else f'"{number!r}"'


def number_in(thing: Any, where: str) -> float:
    """Return a float; infinities and NaN are text.

    Example:
        >>> number_in("-inf", "the first number")
        -inf
    """
    if type(thing) in (float, int):
        return float(thing)
    if isinstance(thing, str) and thing in _NOT_FINITE:
        return _NOT_FINITE[thing]
    raise ValueError(f"{where} has to be a number, got {shown(thing)}")


def numbers_in(thing: Any, where: str) -> list[float]:
    """Return a list of floats."""
    return [
        x if type(x) is float else number_in(x, f"{where}[{i}]")
        for i, x in enumerate(list_in(thing, where))
    ]


def count_in(thing: Any, where: str) -> int:
    """Return a whole number from 0."""
    if type(thing) is not int or thing < 0:
        raise ValueError(f"{where} has to be a whole number from 0, got {shown(thing)}")
    return thing


def counts_in(thing: Any, where: str) -> list[int]:
    """Return a list of whole numbers from 0."""
    return [count_in(x, f"{where}[{i}]") for i, x in enumerate(list_in(thing, where))]


def text_in(thing: Any, where: str) -> str:
    """Return a text."""
    if not isinstance(thing, str):
        raise ValueError(f"{where} has to be text, got {shown(thing)}")
    return thing


def flag_in(thing: Any, where: str) -> bool:
    """Return a truth value."""
    if not isinstance(thing, bool):
        raise ValueError(f"{where} has to be true or false, got {shown(thing)}")
    return thing


def list_in(thing: Any, where: str) -> list[Any]:
    """Return a list."""
    if not isinstance(thing, list):
        raise ValueError(f"{where} has to be a list, got {shown(thing)}")
    return thing


def fields_in(thing: Any, where: str, names: str) -> list[Any]:
    """Return the values of an object that has these fields and no others."""
    if not isinstance(thing, dict):
        raise ValueError(f"{where} has to be an object, got {shown(thing)}")
    wanted = names.split()
    for name in wanted:
        if name not in thing:
            raise ValueError(f"{where} has no {name!r}")
    if len(thing) > len(wanted):
        unknown = next(name for name in thing if name not in wanted)
        raise ValueError(f"{where} has the unknown field {shown(unknown)}")
    return [thing[name] for name in wanted]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {shown(twice)} stands twice")
    return found


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise ValueError(f"an integer of {len(text)} digits")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f'{shown(text)} is too large for a float; infinity is written "inf"')
    return number


def _constant(text: str) -> float:
    raise ValueError(f'{text} is not JSON; infinities and NaN are text: "inf", "-inf", "nan"')
