"""JSON of bounded size: what bytes stand for is limited before they are read."""

from __future__ import annotations

import json
from typing import Any

from autograd.strict_json import json_in

MOST_BYTES = 1 << 26
MOST_NUMBERS = 1 << 22  # as objects in Python about 150 MB
_MOST_BRACKETS = 1 << 19
_MOST_OTHER_TEXT = 1 << 22  # one character beyond 16 bits makes all of a text four times as large


def json_of(data: bytes) -> Any:
    """Return the things that bytes of JSON say.

    Raises:
        ValueError: If they are not JSON, or more than is read: 64 MiB, 2²² things, 2¹⁹ brackets.

    Example:
        >>> json_of(b"[" * 2**21)
        Traceback (most recent call last):
          ...
        ValueError: 2097152 brackets; a file may have 524288
    """
    refuse_huge(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None
    return json_in(text)


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
