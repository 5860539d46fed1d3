"""Reading JSON that may be corrupted or hostile: every thing is of the kind asked for, or an error.

Python's reader is lenient: keys may stand twice, NaN is a number, 1e999 is infinite, and an integer
may have a million digits. Here all that is an error. Infinities may be written as text.
"""

from __future__ import annotations

import json
from math import inf, isfinite, nan
from typing import Any

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


def count_in(thing: Any, where: str, least: int = 0) -> int:
    """Return a whole number."""
    if type(thing) is not int or thing < least:
        raise ValueError(f"{where} has to be a whole number from {least}, got {shown(thing)}")
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


def fields_in(thing: Any, where: str, needed: str, possible: str = "") -> dict[str, Any]:
    """Return an object that has all needed fields, and no others than the possible ones.

    Example:
        >>> fields_in({"units": 1}, "layers[0]", "units inputs")
        Traceback (most recent call last):
          ...
        ValueError: layers[0] has no 'inputs'
    """
    if not isinstance(thing, dict):
        raise ValueError(f"{where} has to be an object, got {shown(thing)}")
    wanted = needed.split()
    for name in wanted:
        if name not in thing:
            raise ValueError(f"{where} has no {name!r}")
    known = {*wanted, *possible.split()}
    for name in thing:
        if name not in known:
            raise ValueError(f"{where} has the unknown field {shown(name)}")
    return thing


def values_in(thing: Any, where: str, names: str) -> list[Any]:
    """Return the values of an object that has these fields and no others."""
    fields = fields_in(thing, where, names)
    return [fields[name] for name in names.split()]


def shown(thing: Any) -> str:
    """Return a few words on a thing of any kind and size; a container is named, not written out.

    Example:
        >>> shown([1, 2]), shown({}), shown("x" * 100)[-15:], shown(1 << 99)
        ('a list of 2', 'an object of 0', '… of length 102', 'a huge int')
    """
    if isinstance(thing, (list, dict)):
        return f"{'a list' if isinstance(thing, list) else 'an object'} of {len(thing)}"
    if thing is None or isinstance(thing, (str, int, float)):
        text = repr(thing) if not isinstance(thing, int) or abs(thing) < 1 << 64 else "a huge int"
        return text if len(text) <= 60 else f"{text[:50]}… of length {len(text)}"
    return f"a {type(thing).__name__}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {shown(key)} stands twice")
            seen.add(key)
    return found


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise ValueError(f"an integer of {len(text)} digits")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{shown(text)} is too large for a float")
    return number


def _constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON: its numbers are finite")
