"""How numbers and names look in a picture: four significant digits, indices as indices.

Knows text only: no values, no layout, no picture format.
"""

from __future__ import annotations

import re
import unicodedata

_SUBSCRIPTS = str.maketrans("0123456789ijklmn", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙ")
_SUPERSCRIPTS = str.maketrans("0123456789()ijklmnLT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ⁱʲᵏˡᵐⁿᴸᵀ")
_NAME = re.compile(
    r"(?P<base>[^\W\d_]|[^\W\d_]\w*?[^\W_])"
    r"(?:_\{?(?P<low>[0-9]+(?:,[0-9]+)*|[i-n]{1,2})\}?)?"
    r"(?:\^\{?(?P<high>\((?:[0-9]+|[i-nL])\)|[0-9]+|T)\}?)?"
    r"(?P<example>\[[0-9]+\])?"
)
CIRCLED = "①②③④⑤⑥"

# Advance widths of Helvetica (and Arial, Liberation Sans) in thousandths of the font size.
_WIDTHS = {
    **dict.fromkeys("ijl'", 222),
    **dict.fromkeys(" !,./:;I[]\\ft|", 278),
    **dict.fromkeys("()-r`{}", 334),
    **dict.fromkeys('*"^', 450),
    **dict.fromkeys("ckvsxyzJ", 500),
    **dict.fromkeys("FTZ", 611),
    **dict.fromkeys("ABEKPSVXY&+<=>~", 667),
    **dict.fromkeys("CDHNRUw", 722),
    **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("mM%", 889),
    **dict.fromkeys("W@", 1015),
}
_INDEX_WIDTH = 400
_LETTER_WIDTH = 556
_SYMBOL_WIDTH = 800
_WIDE = 1000
# Fonts that stand in for Helvetica are up to this much wider (DejaVu Sans on a bare Linux).
_MARGIN = 1.12


def format_number(number: float) -> str:
    """Four significant digits; only an exact zero is written `0`.

    Example:
        >>> [format_number(x) for x in (24.704082, 1e-7, -0.0, 123456.0, float("inf"))]
        ['24.7', '1e-07', '0', '1.235e+05', 'inf']
    """
    return f"{number + 0.0:.4g}"


def format_count(count: int) -> str:
    """A number of paths: exact while it is short, then its order of magnitude.

    Example:
        >>> format_count(2), format_count(2**60), format_count(2**4000)
        ('2', '1.15e18', '1.31e1204')
    """
    if count < 10**6:
        return str(count)
    # Python refuses to print integers of thousands of digits: the bit length gives the exponent.
    exponent = int((count.bit_length() - 1) * 0.30102999566398120)
    if count >= 10 ** (exponent + 1):
        exponent += 1
    hundredths = count // 10 ** (exponent - 2)
    return f"{hundredths // 100}.{hundredths % 100:02d}e{exponent}"


def pretty_label(label: str) -> str:
    """Write the indices of a textbook name as indices; any other label is returned as it is.

    Example:
        >>> [pretty_label(name) for name in ("w_11^(1)", "b_1^(2)", "w_10,3^(1)", "learning_rate")]
        ['w₁₁⁽¹⁾', 'b₁⁽²⁾', 'w₁₀,₃⁽¹⁾', 'learning_rate']
    """
    match = _NAME.fullmatch(label)
    if match is None:
        return label
    low = (match["low"] or "").translate(_SUBSCRIPTS)
    high = (match["high"] or "").translate(_SUPERSCRIPTS)
    return match["base"] + low + high + (match["example"] or "")


def printable(text: str) -> str:
    r"""The text on one line, without characters that XML and DOT cannot carry.

    Example:
        >>> printable("two\nlines\x00") == "two lines\ufffd"
        True
    """
    spaced = " ".join(text.split())
    return "".join(
        "\ufffd" if unicodedata.category(sign) in ("Cc", "Cs", "Cn") else sign for sign in spaced
    )


def shortened(text: str, length: int = 28) -> str:
    """The text, cut in the middle if it is longer than `length` characters.

    Example:
        >>> shortened("a_very_long_name_of_a_parameter", 11)
        'a_ver…meter'
    """
    if len(text) <= length:
        return text
    half = (length - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def text_width(text: str, size: float) -> float:
    """An estimate, on the safe side, of the width of a text set in a sans-serif face.

    Example:
        >>> text_width("", 12), text_width("i", 12) < text_width("W", 12)
        (0.0, True)
    """
    return sum(map(_advance, text)) * size / 1000 * _MARGIN


def _advance(sign: str) -> int:
    known = _WIDTHS.get(sign)
    if known is not None:
        return known
    if unicodedata.combining(sign):
        return 0
    if unicodedata.east_asian_width(sign) in "WF":
        return _WIDE
    if unicodedata.decomposition(sign).startswith(("<super>", "<sub>")):
        return _INDEX_WIDTH
    return _LETTER_WIDTH if sign.isascii() else _SYMBOL_WIDTH
