"""Numbers as text that is read back as the same number, with just the digits that it takes."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from math import copysign, inf

DTYPES = ("double", "float")


def rounded(number: float, dtype: str) -> float:
    """Return the number of a type, of 64 or 32 bits, that is nearest to a float.

    Example:
        >>> rounded(0.1, "float"), rounded(1e300, "float")
        (0.10000000149011612, inf)
    """
    if dtype == "double":
        return number
    try:
        found: float = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return copysign(inf, number)
    return found


def numeral(number: float, dtype: str = "double") -> str:
    """Return the shortest text that this type reads as its number nearest to a float.

    Example:
        >>> numeral(1 / 3), numeral(1 / 3, "float"), numeral(-0.0, "float")
        ('0.3333333333333333', '0.33333334', '-0.0')
    """
    if dtype == "double":
        return repr(number)
    nearest = rounded(number, dtype)
    for digits in range(6 if abs(nearest) >= 2.0**-126 else 1, 10):
        text = f"{nearest:.{digits}g}"
        if rounded(float(text), dtype) == nearest:
            break
    return repr(float(text))


def spacing(number: float, dtype: str) -> float:
    """Return the unit in the last place of a number in a type.

    Example:
        >>> spacing(1.0, "double") == 2.0**-52, spacing(1.0, "float") == 2.0**-23
        (True, True)
    """
    digits, least = (53, -1074) if dtype == "double" else (24, -149)
    exponent = 0 if number == 0.0 else _exponent(number)
    unit: float = 2.0 ** max(exponent - digits, least) if number else 2.0**least
    return unit


def _exponent(number: float) -> int:
    from_bits: int = struct.unpack("<q", struct.pack("<d", abs(number)))[0] >> 52
    return from_bits - 1022 if from_bits else -1021


def numbers_on_lines(numbers: Iterable[str], first: str, width: int = 98) -> list[str]:
    """Return texts with commas between them on lines of so many characters.

    Example:
        >>> numbers_on_lines(["0.5", "-1.0", "2.0"], "  ", width=13)
        ['  0.5, -1.0,', '  2.0']
    """
    lines: list[str] = []
    line = first
    for text in numbers:
        if len(line) + len(text) + 1 > width and line != first:
            lines.append(line.rstrip())
            line = first
        line += f"{text}, "
    return [*lines, line.rstrip().rstrip(",")]
