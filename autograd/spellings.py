"""Spellings of textbook names: w_11^(1), w_{11}^{(1)}, $w^{(1)}_{11}$ and w₁₁⁽¹⁾ are one name.

Knows text only. What is no textbook name is a name all the same, with a single spelling.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_LOW = "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙ"
_HIGH = "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ⁱʲᵏˡᵐⁿᴸᵀ"
_PLAIN = str.maketrans(_LOW + _HIGH, "0123456789ijklmn0123456789()ijklmnLT")
_INDICES = r"[0-9]+(?:\s*,\s*[0-9]+)*|[i-n](?:,?[i-n])?"
_LAYER = r"\((?:[0-9]+|[i-nL])\)|[0-9]+|T"
_NUMBER = r"\[\s*(?P<{}>[0-9]+)\s*\]"
# Subscript and superscript, in whichever order; the lecture puts the example beside the layer.
_NAME = re.compile(
    r"\\?(?P<symbol>[^\W\d_]|[^\W\d_]\w*?[^\W_])"
    + "(?:"
    + rf"_(?:(?P<low>{_INDICES})|\{{(?P<braced_low>{_INDICES})\}})|"
    + rf"\^(?:(?P<high>{_LAYER})|\{{(?P<braced_high>{_LAYER})(?:{_NUMBER.format('inner')})?\}})|"
    + _NUMBER.format("example")
    + "){0,3}"
)
_MARKED = re.compile(f"(?P<low>[{_LOW}]+(?:,[{_LOW}]+)*)|(?P<high>[{_HIGH}]+)")


class TextbookName(NamedTuple):
    """A textbook name, taken apart.

    Attributes:
        symbol: Such as z, or delta, which is also spelled δ.
        indices: What stands below, such as 11, or 12,3 where an index has two digits.
        power: What stands above, such as (1).
        example: The number in brackets, or None.
    """

    symbol: str
    indices: str
    power: str
    example: int | None

    def __str__(self) -> str:
        low = f"_{self.indices}" if self.indices else ""
        high = f"^{self.power}" if self.power else ""
        return f"{self.symbol}{low}{high}" + self.bracket

    @property
    def bracket(self) -> str:
        """The number of the example in brackets; empty if there is none."""
        return "" if self.example is None else f"[{self.example}]"


def taken_apart(name: str) -> TextbookName | None:
    """Return the parts of a textbook name; None for any other text.

    Example:
        >>> taken_apart("a_1^{(2)[5]}")
        TextbookName(symbol='a', indices='1', power='(2)', example=5)
        >>> taken_apart("two words")
    """
    text = _MARKED.sub(_unmarked, name.strip().removeprefix("$").removesuffix("$").strip())
    match = _NAME.fullmatch(text)
    if match is None:
        return None
    # What stands twice, as two subscripts, is no name: every part of the text has to be used.
    found = match.groupdict()
    symbol, low = found["symbol"], found["low"] or found["braced_low"] or ""
    power = found["high"] or found["braced_high"] or ""
    example = found["example"] or found["inner"]
    parts = re.findall(r"[_^\[]", text[len(symbol) :].replace("\\", ""))
    if len(parts) != sum(map(bool, (low, power, example))):
        return None
    low = re.sub(r"\s", "", low)
    if symbol in ("w", "W") and re.fullmatch("[0-9],[0-9]", low):
        low = low.replace(",", "")  # the comma is needed where an index has two digits
    return TextbookName(_latin(symbol), low, power, None if example is None else int(example))


def plain_name(name: str) -> str:
    r"""Return a name as labels have it: a textbook name in plain text, any other as it is.

    Raises:
        TypeError: If the name is not a str.

    Example:
        >>> names = ("w_{11}^{(1)}", "w₁₁⁽¹⁾", "$w^{(1)}_{1,1}$", "a_1^{(2)[5]}", r"\alpha", "a b")
        >>> [plain_name(name) for name in names]
        ['w_11^(1)', 'w_11^(1)', 'w_11^(1)', 'a_1^(2)[5]', 'alpha', 'a b']
    """
    if not isinstance(name, str):
        raise TypeError(f"a name is a str, got {name!r:.80}")
    found = taken_apart(name)
    return name if found is None else str(found)


def _unmarked(match: re.Match[str]) -> str:
    """Indices below and above the line, as text."""
    sign = "_" if match["low"] else "^"
    return f"{sign}{{{match[0].translate(_PLAIN)}}}"


def _latin(symbol: str) -> str:
    """The name of a small Greek letter; any other symbol as it is."""
    if len(symbol) == 1:
        head, _, letter = unicodedata.name(symbol, "").partition("GREEK SMALL LETTER ")
        if letter.isalpha() and not head:
            return letter.lower()
    return symbol
