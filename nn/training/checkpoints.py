"""Checkpoints: everything that a training depends on, in one file that is whole or not there.

A file is a line that names the format, a line of JSON, the numbers as 8-byte floats in the order of
the least byte first, and the SHA-256 of all that. Nothing in it is ever run.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from autograd.files import Path, read_file, replace_file
from autograd.strict_json import count_in, shown

_FORMAT = b"chainrule checkpoint 1\n"
_DIGEST = 32
_MOST_BYTES = 1 << 31


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds.

    Attributes:
        of: What has to be the same to go on: the model, the rows, the settings, each as text.
        state: Plain data: optimizer, epochs, counters.
        numbers: Columns of floats by name, too many for JSON.
    """

    of: dict[str, str]
    state: dict[str, Any]
    numbers: dict[str, array[float]]

    def refuse_others(self, of: dict[str, str], path: Path) -> None:
        """Raise a ValueError if this is not a checkpoint of the training that is described."""
        differs = [
            f"{name} was {self.of.get(name)}, is {of.get(name)}"
            for name in dict.fromkeys([*self.of, *of])
            if self.of.get(name) != of.get(name)
        ]
        if differs:
            raise ValueError(
                f"{path!r} is the checkpoint of another training: {'; '.join(differs)}. Give "
                "another path, or delete the file to begin anew"
            )


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a file in place of the one that was there.

    Raises:
        OSError: If it cannot be written; what was there is still there.
    """
    columns = list(checkpoint.numbers.values())
    header = {
        "of": checkpoint.of,
        "state": checkpoint.state,
        "columns": {name: len(column) for name, column in checkpoint.numbers.items()},
    }
    text = json.dumps(header, separators=(",", ":")).encode("ascii") + b"\n"
    body = _FORMAT + text + b"".join(map(_bytes, columns))
    replace_file(path, body + hashlib.sha256(body).digest())


def read_checkpoint(path: Path) -> Checkpoint | None:
    """Return what a file holds; None if there is none.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it is no file, no checkpoint, one of another version, or damaged.
    """
    try:
        body = read_file(path, _MOST_BYTES)
    except FileNotFoundError:
        return None
    if not body.startswith(_FORMAT):
        known = body.startswith(_FORMAT[:-2])
        what = "of another version" if known else "not a checkpoint of a training"
        raise ValueError(f"{path!r} is {what}; nothing was changed")
    if hashlib.sha256(body[:-_DIGEST]).digest() != body[-_DIGEST:]:
        raise ValueError(f"{path!r} is damaged: its checksum is wrong; nothing was changed")
    text, _, rest = body[len(_FORMAT) : -_DIGEST].partition(b"\n")
    try:
        header = json.loads(text)
        of, state, lengths = header["of"], header["state"], header["columns"]
        numbers, begin = {}, 0
        for name, length in lengths.items():
            count_in(length, f"columns[{shown(name)}]")
            numbers[name] = _floats(rest[begin : begin + 8 * length])
            begin += 8 * length
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path!r} holds no training ({error}); nothing was changed") from None
    if begin != len(rest):
        raise ValueError(f"{path!r} has numbers that nobody knows; nothing was changed")
    return Checkpoint(of, state, numbers)


def digest(*columns: Sequence[float] | bytes) -> str:
    """Return a short text that differs where numbers differ."""
    found = hashlib.sha256()
    for column in columns:
        found.update(column if isinstance(column, bytes) else _bytes(array("d", column)))
        found.update(b"|")
    return found.hexdigest()[:16]


def code_of(function: Any) -> str:
    """Return a short text that differs where the code of a function does, or what it closes over.

    Example:
        >>> code_of(lambda a: a + 1) == code_of(lambda a: a + 1), code_of(lambda a: a + 2)[:4]
        (True, ...)
    """
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        return getattr(function, "__qualname__", type(function).__qualname__)
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    plain = [repr(x) for x in cells if isinstance(x, (int, float, str, tuple))]
    return digest(*_code_parts(code), "|".join(plain).encode())


def _code_parts(code: CodeType) -> list[bytes]:
    parts = [code.co_code, " ".join(code.co_names).encode()]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            parts += _code_parts(constant)
        else:
            parts.append(repr(constant).encode())
    return parts


def _bytes(column: array[float]) -> bytes:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()


def _floats(data: bytes) -> array[float]:
    column = array("d", data)
    if sys.byteorder == "big":
        column.byteswap()
    return column
