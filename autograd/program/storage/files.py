"""Program files: written all at once or not at all, and read with suspicion."""

from __future__ import annotations

import os
import re
import sys
from types import FunctionType
from typing import Any

from autograd.files import Path, read_file, replace_file
from autograd.program.storage.description import Description, description_in, text_of

# What reading takes: less than 300 MB and 5 s, whatever the file says. Counted before it is read.
_MOST_BYTES = 1 << 26
_MOST_CHARACTERS = 1 << 25  # in bytes, as Python holds them: four each if one has to have four
_MOST_BRACKETS = 1 << 20
_MOST_WORDS = 1 << 21  # things in lists and objects
_MOST_SPACES = 3 << 18  # and slots of instructions


def write(path: Path, program: Description) -> None:
    """Write a program to a file, in place of what was there.

    Raises:
        OSError: If the file cannot be written, or there is a folder, a pipe or a device; what was
            there is still there.
        TypeError: If an operation is not in the rule book.
        ValueError: If the program was never recorded, or is too large for a file, or the path is
            empty.
    """
    if not program.variants:
        raise ValueError(f"{program.name} is not recorded yet; call it once before saving it")
    # A lone surrogate in a label, which UTF-8 has no bytes for, becomes its escape in JSON.
    data = text_of(program).encode("utf-8", "backslashreplace")
    _refuse_huge(data, program.name)
    replace_file(path, data)


def read(path: Path) -> Description:
    """Return the program in a file.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If what is there is not a program file, saying what is wrong and where.
    """
    return described(read_file(path, _MOST_BYTES), repr(os.fsdecode(path)))


def described(data: bytes, name: str) -> Description:
    """Return the program in the bytes of a file called `name`.

    Raises:
        ValueError: If they are not those of a program file.
    """
    try:
        _refuse_huge(data, "it")
        program = description_in(_decoded(data))
        if not program.variants:
            raise ValueError("it has no variants")
        return program
    except ValueError as error:
        raise ValueError(f"{name} is not a program file: {error}") from None


def _refuse_huge(data: bytes, name: str) -> None:
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{name} has more than {_MOST_BYTES} bytes, the most a file may have")
    size = 4 if _FOUR_BYTES.search(data) else 2 if _TWO_BYTES.search(data) else 1
    if len(data) * size > _MOST_CHARACTERS:
        raise ValueError(
            f"{name} has {len(data)} bytes, with characters that take {size} in memory; a file "
            f"with such may have {_MOST_CHARACTERS // size}"
        )
    brackets = data.count(b"[") + data.count(b"{")
    words = brackets + data.count(b",") + data.count(b":")
    for count, most, what in (
        (brackets, _MOST_BRACKETS, "brackets"),
        (words, _MOST_WORDS, "words"),
        (data.count(b" "), _MOST_SPACES, "spaces"),
    ):
        if count > most:
            raise ValueError(f"{name} has {count} {what}; a file may have {most}")


# First bytes of characters in UTF-8 that are not in Latin-1, and of those beyond 16 bits.
_TWO_BYTES, _FOUR_BYTES = re.compile(rb"[\xc4-\xff]"), re.compile(rb"[\xf0-\xff]")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None


def is_found_by_name(f: Any) -> bool:
    """Return whether another process finds a function under its name; other things carry theirs.

    Example:
        >>> is_found_by_name(is_found_by_name), is_found_by_name(lambda x: x)
        (True, False)
    """
    if not isinstance(f, FunctionType):
        return True
    found: Any = sys.modules.get(f.__module__)
    for name in f.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is f
