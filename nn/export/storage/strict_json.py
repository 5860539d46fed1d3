"""JSON that may be corrupted or hostile: bounded before it is read, and of the kind asked for.

Python's reader is lenient: keys may stand twice, NaN is a number, 1e999 is infinite, an integer may
have a million digits. Here all that is an error that says where.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

MOST_BYTES = 1 << 26
MOST_NUMBERS = 1 << 22  # as objects in Python about 150 MB
_MOST_BRACKETS = 1 << 19
_MOST_OTHER_TEXT = 1 << 22  # one character beyond 16 bits makes all of a text four times as large
_LONGEST_INTEGER = 20  # digits and sign: 64 bits


def json_in(data: bytes) -> Any:
    """Return the things that bytes of JSON say.

    Raises:
        ValueError: If they are not JSON, or more than is read: 64 MiB, 2²² things, 2¹⁹ brackets.

    Example:
        >>> json_in(b'{"a": 1, "a": 2}')
        Traceback (most recent call last):
          ...
        ValueError: the key 'a' stands twice
        >>> json_in(b"[" * 2**21)
        Traceback (most recent call last):
          ...
        ValueError: 2097152 brackets; a file may have 524288
    """
    refuse_huge(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None
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


def refuse_huge(data: bytes) -> None:
    """Raise a ValueError if bytes of JSON are more, or stand for more, than is read."""
    brackets = data.count(b"[") + data.count(b"{")
    things = brackets + data.count(b",") + data.count(b":")
    for count, most, what in (
        (len(data), MOST_BYTES, "bytes"),
        (brackets, _MOST_BRACKETS, "brackets"),
        (data.count(b":"), _MOST_BRACKETS, "colons"),
        (things, MOST_NUMBERS + _MOST_BRACKETS, "numbers and other things"),
    ):
        if count > most:
            raise ValueError(f"{count} {what}; a file may have {most}")
    if len(data) > _MOST_OTHER_TEXT and not data.isascii():
        raise ValueError(f"{len(data)} bytes, and not all of them ASCII")


def json_text(thing: Any) -> str:
    """Return the JSON of plain things in ASCII; floats are exact to the last bit.

    Example:
        >>> json_text({"a": [0.1, -0.0, True]})
        '{"a": [0.1, -0.0, true]}'
    """
    return json.dumps(thing, allow_nan=False)


def fields_in(thing: Any, where: str, needed: str, possible: str = "") -> dict[str, Any]:
    """Return an object that has all needed fields, and no others than the possible ones.

    Raises:
        ValueError: If it is none.

    Example:
        >>> fields_in({"units": 1}, "layers[0]", "units inputs")
        Traceback (most recent call last):
          ...
        ValueError: layers[0] has no 'inputs'
    """
    if not isinstance(thing, dict):
        raise ValueError(f"{where} has to be an object, got {shown(thing)}")
    for name in needed.split():
        if name not in thing:
            raise ValueError(f"{where} has no {name!r}")
    known = {*needed.split(), *possible.split()}
    for name in thing:
        if name not in known:
            raise ValueError(f"{where} has the unknown field {shown(name)}")
    return thing


def list_in(thing: Any, where: str) -> list[Any]:
    """Return a list, or raise a ValueError."""
    if not isinstance(thing, list):
        raise ValueError(f"{where} has to be a list, got {shown(thing)}")
    return thing


def count_in(thing: Any, where: str, least: int = 0) -> int:
    """Return a whole number, or raise a ValueError."""
    if type(thing) is not int or thing < least:
        raise ValueError(f"{where} has to be a whole number from {least}, got {shown(thing)}")
    return thing


def flag_in(thing: Any, where: str) -> bool:
    """Return a truth value, or raise a ValueError."""
    if type(thing) is not bool:
        raise ValueError(f"{where} has to be true or false, got {shown(thing)}")
    return thing


def text_in(thing: Any, where: str) -> str:
    """Return a text, or raise a ValueError."""
    if not isinstance(thing, str):
        raise ValueError(f"{where} has to be text, got {shown(thing)}")
    return thing


def shown(thing: Any) -> str:
    """Return a short text of what a file holds; a container is named, not written out.

    Example:
        >>> shown([1, 2]), shown("x" * 100)[-8:]
        ('a list of 2', 'xxxxx...')
    """
    if isinstance(thing, (list, dict)):
        return f"{'a list' if isinstance(thing, list) else 'an object'} of {len(thing)}"
    text = repr(thing)
    return text if len(text) <= 60 else f"{text[:57]}..."


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
    raise ValueError(f"{text} is not JSON, and no parameter")
