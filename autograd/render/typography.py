"""How much room text takes in a picture, and how it is cut to fit.

Knows text only: no values, no layout, no picture format.
"""

from __future__ import annotations

import unicodedata

from autograd.lettering import (
    counted,
    format_count,
    format_number,
    pretty_label,
    printable,
    typeset,
)

# What a picture writes is spelled below, where tables and other text find it too.
__all__ = [
    "BOLDER",
    "CIRCLED",
    "counted",
    "format_count",
    "format_number",
    "has_known_width",
    "pretty_label",
    "printable",
    "shortened",
    "text_width",
    "typeset",
]

FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
CIRCLED = "①②③④⑤⑥"

# Advance widths in thousandths of the font size: the largest of Helvetica, Arial, Liberation Sans
# and DejaVu Sans, and of their bold faces where these are more than a BOLDER part wider.
_WIDTHS = {
    **dict.fromkeys("'ijl", 300),
    **dict.fromkeys(" ,./:;I\\|", 350),
    **dict.fromkeys("()-[]f", 400),
    **dict.fromkeys("!rt⟨⟩", 450),
    **dict.fromkeys('"*J`', 550),
    **dict.fromkeys("csz", 550),
    **dict.fromkeys("?L_kvxy", 600),
    **dict.fromkeys("$0123456789FTabdeghnopqu{}–", 650),
    **dict.fromkeys("ABEKPSVXYZ", 700),
    **dict.fromkeys("CNRU", 750),
    **dict.fromkeys("&DGHOQ", 800),
    **dict.fromkeys("#+<=>^w~×−±÷≈≤≥∂√", 850),
    **dict.fromkeys("·", 350),
    **dict.fromkeys("αβγδεζηθικλμνξοπρςστυφχψωΣ′", 720),
    **dict.fromkeys("½¼¾→", 1000),
    **dict.fromkeys("M", 900),
    **dict.fromkeys("%Wm…←→" + CIRCLED, 1000),
    **dict.fromkeys("@", 1050),
}
BOLDER = 1.15  # bold text
_INDEX_WIDTH = 600
_EUROPEAN_WIDTH = 1050  # letters with accents, Greek, Cyrillic: all but a few
_LETTER_WIDTH, _SYMBOL_WIDTH, _EMOJI_WIDTH = 800, 1000, 1300
_WIDE = 1000
_MOST_MARKS = 3  # on one letter: more would leave the box above


def shortened(text: str, length: int = 28) -> str:
    """The text, cut in the middle if it is longer than `length` characters, or as many wide ones.

    Letters keep their accents, three of them at most.

    Example:
        >>> shortened("a_very_long_name_of_a_parameter", 11)
        'a_ver…meter'
    """
    signs = ["".join(signs) for signs in _clusters(text)]
    whole = "".join(signs)
    room = length * _WIDE
    if len(signs) <= length and sum(map(_advance, whole)) <= room:
        return whole
    half = (length - 1) // 2
    first, last = _fitting(signs[:half], room / 2), _fitting(signs[::-1][:half], room / 2)
    return "".join([*first, "…", *reversed(last)])


def shown_label(label: str) -> str:
    """A label as a figure shows it: on one line, indices as indices, not too long.

    Example:
        >>> shown_label("w_11^(1)")
        'w₁₁⁽¹⁾'
    """
    return shortened(pretty_label(printable(label)), 14)


def _clusters(text: str) -> list[list[str]]:
    """Every sign with the first marks on it, and with what is joined to it."""
    found: list[list[str]] = []
    marks = 0
    for sign in text:
        marks = marks + 1 if _is_mark(sign) and sign != _JOINER else 0
        if found and marks > _MOST_MARKS:
            continue
        if found and (_is_mark(sign) or found[-1][-1] == _JOINER):
            found[-1].append(sign)
        else:
            found.append([sign])
    return found


def _fitting(signs: list[str], room: float) -> list[str]:
    kept = []
    for sign in signs:
        room -= sum(map(_advance, sign))
        if room < 0.0:
            break
        kept.append(sign)
    return kept


def text_width(text: str, size: float) -> float:
    """An estimate, on the safe side, of the width of a text set in a sans-serif face.

    Example:
        >>> text_width("", 12), text_width("i", 12) < text_width("W", 12)
        (0.0, True)
    """
    return sum(map(_advance, text)) * size / 1000


def has_known_width(text: str) -> bool:
    """Whether no font is wider than `text_width` says; others have to be told how wide to be.

    Example:
        >>> has_known_width("w₁₁⁽¹⁾"), has_known_width("損失"), has_known_width("🎉")
        (True, True, False)
    """
    return all(map(_is_known, text))


_JOINER = "\u200d"


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Me", "Cf")


def _is_index(sign: str) -> bool:
    return unicodedata.decomposition(sign).startswith(("<super>", "<sub>"))


def _is_known(sign: str) -> bool:
    if sign in _WIDTHS or _is_index(sign):
        return True
    if unicodedata.category(sign) in ("Lo", "Mn") and unicodedata.east_asian_width(sign) == "W":
        return True
    return "\xa0" <= sign <= "\u0481" and (sign.isalpha() or _is_mark(sign)) and sign not in _BROAD


_BROAD = frozenset("ŒœǄǅǆǊǋǱǲǳǶʣʤʥѨѩѬѼѽЉЊЖШЩЮ")


def _advance(sign: str) -> int:
    known = _WIDTHS.get(sign)
    if known is not None:
        return known
    if _is_mark(sign):
        return 0
    category = unicodedata.category(sign)
    if unicodedata.east_asian_width(sign) in "WF":
        return _EMOJI_WIDTH if category == "So" else _WIDE
    if _is_index(sign):
        return _INDEX_WIDTH
    if sign <= "\u0481":
        return _EUROPEAN_WIDTH
    return _LETTER_WIDTH if category.startswith("L") else _SYMBOL_WIDTH
