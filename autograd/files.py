"""Files written all at once or not at all: till then what was there stays; and files read whole."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]


def read_file(path: Path, most: int) -> bytes:
    """Return what a file holds, of at most so many bytes; a pipe or a device has no end.

    Raises:
        FileNotFoundError: If there is none.
        OSError: If it cannot be read.
        ValueError: If there is a folder, a pipe or a device, the file has more bytes, or the path
            is empty.

    Example:
        >>> read_file("", 100)
        Traceback (most recent call last):
          ...
        ValueError: the path of the file to read is empty
    """
    name = os.fsdecode(path)
    if not name:
        raise ValueError("the path of the file to read is empty")
    if not stat.S_ISREG(os.stat(name).st_mode):
        raise ValueError(f"{name!r} is not a file: there is a folder, a pipe or a device")
    with open(name, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{name!r} has more than {most} bytes, the most such a file may have")
    return data


def replace_file(path: Path, data: bytes) -> None:
    """Write a file in place of what was there; its mode and a link to it stay.

    Raises:
        OSError: If it cannot be written, or there is something that is no file, as a folder, a pipe
            or a device; what was there is still there.
        ValueError: If the path is empty.

    Example:
        >>> replace_file("", b"")
        Traceback (most recent call last):
          ...
        ValueError: the path of the file to write is empty
    """
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(data)


@contextmanager
def replacing(path: Path, suffix: str = ".part") -> Iterator[str]:
    """Make an empty file to be written, which takes the place of the one at `path` in the end.

    Args:
        path: The file to replace.
        suffix: Of the name of the file to be written.

    Raises:
        OSError: As `replace_file`.
        ValueError: If the path is empty.
    """
    name = os.fsdecode(path)
    if not name:
        raise ValueError("the path of the file to write is empty")
    if not os.path.basename(name):  # what is resolved would be the file without the slash
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    target = os.path.realpath(name)
    before = _file_there(target, name)
    temporary = os.path.join(os.path.dirname(target), f".{os.urandom(8).hex()}{suffix}")
    try:
        # As the old file from the start: nobody who could not read that one reads this one.
        mode = 0o666 if before is None else 0o600
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        try:
            if before is not None:
                _take_after(temporary, before)
            yield temporary
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.filename == temporary:
            # One with a second name, even None, would show it.
            raise type(error)(error.errno, error.strerror, name) from None
        raise


def _file_there(target: str, name: str) -> os.stat_result | None:
    """Return what is known of the file that will be replaced; None if there is none."""
    try:
        found = os.stat(target)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a file but a pipe, device or socket", name)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
    return found


def _take_after(made: str, before: os.stat_result) -> None:
    """Give a new file owner and mode of the old one."""
    now = os.stat(made)
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        os.chown(made, before.st_uid, before.st_gid)
    os.chmod(made, stat.S_IMODE(before.st_mode))
