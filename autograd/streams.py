"""What standard output can show: where it cannot encode a sign, ASCII stands in for it.

`repr` and `str` return a text without knowing where it goes; most go to standard output, which on
Windows, once it is a pipe, may know no more than 250 signs, and a sign that it does not know would
be an error. So a text for readers is made for the stream that is there at the time.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

_Kind = TypeVar("_Kind", bound=type)

_BELOW, _ABOVE = "[₀-ₜᵢ-ᵪⱼ]", "[²³¹⁰-ⁿᴬ-ᵡᶛ-ᶿ]"
_INDICES_OR_SIGN = re.compile(
    rf"(?P<below>{_BELOW}+(?:,{_BELOW}+)*)|(?P<above>{_ABOVE}+)|[^\x00-\x7f]"
)
# What stands in, and for which signs. One sign for one, where there is one that can be read: tables
# and trees stay aligned.
_SIGNS = {
    "-": "−–—─", "x": "×", "*": "·⋅∗⊙", "d": "∂", "'": "′‘’┘", '"': "“”", "/": "∕⁄÷", "|": "│├",
    "`": "└", "+": "┌┐┤┬┴┼▆", "X": "✗", "v": "✓", "o": "∘øº", "<": "⟨‹«", ">": "⟩›»", "\\": "∖",
    "?": "�", "_": "▁", ".": "▂░", ":": "▃▒", "=": "▅", "~": "▄∝", "%": "▇▓", "#": "█",
    "->": "→", "<-": "←", "<->": "↔", "=>": "⇒", "+/-": "±", "-/+": "∓", "...": "…⋯",
    "<=": "≤", ">=": "≥", "!=": "≠", "~=": "≈", "==": "≡", "||": "‖∥", "<<": "≪", ">>": "≫",
    "sqrt": "√", "inf": "∞", "sum": "Σ∑", "prod": "Π∏", "in": "∈", "del": "∇", "mu": "µ",
    "EUR": "€", "ss": "ß", "oe": "œ", "OE": "Œ", "ae": "æ", "AE": "Æ", "O": "Ø", "l": "ł", "L": "Ł",
}  # fmt: skip
_STAND_INS = {sign: ascii for ascii, signs in _SIGNS.items() for sign in signs}
_STAND_INS |= {chr(0x2460 + n): f"({n + 1})" for n in range(20)}  # ①, ②, …


def for_stream(text: str) -> str:
    r"""Return the text as standard output can encode it, with ASCII in place of what it cannot.

    Example:
        >>> import io
        >>> from contextlib import redirect_stdout
        >>> with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="cp1252")):
        ...     shown = for_stream("∂L/∂w₁₁⁽¹⁾ → δ = ½ Σ (t − y)², 損")
        >>> shown
        'dL/dw_11^(1) -> delta = ½ sum (t - y)², \\u640d'
    """
    if text.isascii():
        return text
    encoding = getattr(sys.stdout, "encoding", None)
    if not isinstance(encoding, str) or _fits(text, encoding):
        return text
    return _INDICES_OR_SIGN.sub(lambda found: _fitting(found, encoding), text)


def in_ascii(text: str) -> str:
    """Return the text with ASCII for every other sign: the same, whatever stream it was made for.

    Example:
        >>> in_ascii("2 → 3 tanh, x²")
        '2 -> 3 tanh, x^2'
    """
    return _INDICES_OR_SIGN.sub(_standing_in, text)


def printed_anywhere(kind: _Kind) -> _Kind:
    """Let what `repr` and `str` return of a class be what standard output can encode.

    Example:
        >>> @printed_anywhere
        ... class Arrow:
        ...     def __repr__(self):
        ...         return "→"
        >>> Arrow()
        →
    """
    for name in ("__repr__", "__str__"):
        if name in vars(kind):
            setattr(kind, name, _for_stream(vars(kind)[name]))
    return kind


def _for_stream(written: Callable[[Any], str]) -> Callable[[Any], str]:
    @wraps(written)
    def shown(self: Any) -> str:
        return for_stream(written(self))

    return shown


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    except LookupError:  # nothing is known of it
        return True
    return True


def _fitting(found: re.Match[str], encoding: str) -> str:
    """Indices stand together or not at all: `⁽¹⁾` does not become `(¹)`."""
    return found[0] if _fits(found[0], encoding) else _standing_in(found)


def _standing_in(found: re.Match[str]) -> str:
    mark = "_" if found["below"] else "^" if found["above"] else ""
    return mark + "".join(map(_stand_in, found[0]))


@lru_cache(maxsize=1024)
def _stand_in(sign: str) -> str:
    """Return ASCII for one sign: from the table, its name or parts, or else its number."""
    if sign.isascii():
        return sign
    if sign in _STAND_INS:
        return _STAND_INS[sign]
    greek = re.fullmatch("GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)", unicodedata.name(sign, ""))
    if greek:
        return greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
    parts = unicodedata.normalize("NFKD", sign)
    if parts != sign:
        return "".join(map(_stand_in, parts))
    return "" if unicodedata.combining(sign) else ascii(sign)[1:-1]
