r"""Text as LaTeX that cannot be anything but text: indices as indices, other signs spelled out.

Only letters, digits and a few signs of ASCII pass as they are; all else becomes a command that is
listed here, or a box with its number. Therefore no label runs anything, and any engine reads it.
"""

from __future__ import annotations

import re
import unicodedata

from autograd.latex_letters import ESCAPED, mathematics
from autograd.lettering import index_runs

# Ligatures, and signs that other packages give a meaning to, besides.
_ESCAPED = {
    **ESCAPED, '"': r"\textquotedbl{}", "'": r"\textquotesingle{}", "-": "{-}", ",": "{,}",
    "!": "{!}", "?": "{?}", " ": r"\ ",
}  # fmt: skip
_LETTERS = {
    "…": r"\ldots{}", "–": r"\textendash{}", "—": r"\textemdash{}", "’": r"\textquoteright{}",
    "‘": r"\textquoteleft{}", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}",
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}",
    "Ø": r"\O{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "\xa0": r"\ ",
    "½": r"\textonehalf{}", "¼": r"\textonequarter{}", "¾": r"\textthreequarters{}",
    "§": r"\S{}", "†": r"\dag{}", "£": r"\pounds{}", "€": r"\texteuro{}", "©": r"\copyright{}",
}  # fmt: skip
_ACCENTS = {
    "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=",
    "\u0306": r"\u", "\u0307": r"\.", "\u0308": r"\"", "\u030a": r"\r", "\u030b": r"\H",
    "\u030c": r"\v", "\u0327": r"\c", "\u0328": r"\k",
}  # fmt: skip
_ACCENTED = re.compile(f"(?s:.)[{''.join(_ACCENTS)}]?")
_PLAIN = re.compile(r"[A-Za-z0-9.:;/+*=()\[\]@]")
_MINUS = re.compile(r"(?<![^\s(×=+e])-(?=[0-9.]|inf)")


def tex_text(text: str) -> str:
    r"""Return the text for LaTeX.

    Example:
        >>> print(tex_text("w₁₁⁽²⁾ = -0.5 \\input"))
        w$_{11}^{(2)}$\ =\ $-$0.5\ \textbackslash{}input
        >>> print(tex_text("∂L/∂é 損"))
        $\partial$L/$\partial$\'{e}\ \chainrulesign{640D}
    """
    parts = []
    for kind, signs in index_runs(_MINUS.sub("−", text)):
        if kind:
            parts.append((kind, _plain_index(signs.replace("\u2212", "-"))))
        else:
            parts.append(("", _ACCENTED.sub(lambda found: _sign(found[0]), signs)))
    return _joined(parts)


def _plain_index(text: str) -> str:
    return "".join(sign if _PLAIN.match(sign) or sign in "-," else _sign(sign) for sign in text)


def _joined(parts: list[tuple[str, str]]) -> str:
    """Put what is low and what is high behind the same letter above each other."""
    made, open_ = "", ""
    for kind, text in parts:
        if kind and open_ and kind != open_[-1]:
            made = f"{made[:-1]}{kind}{{{text}}}$"
            open_ = ""
        elif kind:
            made += f"${kind}{{{text}}}$"
            open_ = kind
        else:
            made += text
            open_ = ""
    return made


def _sign(sign: str) -> str:
    """One sign, perhaps with one mark on it."""
    decomposed = unicodedata.normalize("NFD", sign)
    base, mark = decomposed[0], decomposed[1:]
    if mark in _ACCENTS and base.isascii() and base.isalpha():
        return f"{_ACCENTS[mark]}{{{base}}}"
    if len(sign) > 1:
        return "".join(map(_sign, sign))
    if _PLAIN.fullmatch(sign):
        return sign
    for table in (_ESCAPED, _LETTERS):
        if sign in table:
            return table[sign]
    command = mathematics(sign)
    if command:
        return f"${command}$"
    if "①" <= sign <= "⑳":
        return rf"\chainrulecircled{{{ord(sign) - ord('①') + 1}}}"
    return rf"\chainrulesign{{{ord(sign):04X}}}"
