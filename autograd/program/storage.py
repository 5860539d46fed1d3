"""Program files: written all at once or not at all, and read with suspicion."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from types import FunctionType
from typing import Any

from autograd.program.description import Description, description_in, text_of

Path = str | os.PathLike[str]

# What reading takes in memory: at most about 1 GiB, whatever the file says.
_MOST_BYTES = 1 << 26
_MOST_BRACKETS = 1 << 22


def write(path: Path, program: Description) -> None:
    """Write a program to a file, in place of what was there.

    Raises:
        OSError: If the file cannot be written; what was there is still there.
        TypeError: If an operation is not in the rule book.
        ValueError: If the program was never recorded, or is too large for a file.
    """
    if not program.variants:
        raise ValueError(f"{program.name} is not recorded yet; call it once before saving it")
    # A lone surrogate in a label, which UTF-8 has no bytes for, becomes its escape in JSON.
    data = text_of(program).encode("utf-8", "backslashreplace")
    _refuse_huge(data, program.name)
    target = os.path.realpath(path)
    temporary = f"{target}.{os.urandom(6).hex()}.part"
    file = open(temporary, "xb")  # noqa: SIM115 - closed below, before the file is moved
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def read(path: Path) -> Description:
    """Return the program in a file.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If what is there is not a program file, saying what is wrong and where.
    """
    name = os.fspath(path)
    if not stat.S_ISREG(os.stat(name).st_mode):
        raise ValueError(f"{name!r} is not a file")
    with open(name, "rb") as file:
        return described(file.read(_MOST_BYTES + 1), repr(name))


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
    brackets = data.count(b"[") + data.count(b"{")
    if brackets > _MOST_BRACKETS:
        raise ValueError(f"{name} has {brackets} brackets; a file may have {_MOST_BRACKETS}")


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
