"""How numbers and names are written, wherever a reader sees them: in pictures, tables, text.

Knows text only: no values, no layout, no format.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import groupby

_SUBSCRIPTS = str.maketrans("0123456789ijklmn", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙ")
_SUPERSCRIPTS = str.maketrans("0123456789()ijklmnLT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ⁱʲᵏˡᵐⁿᴸᵀ")
_NAME = re.compile(
    r"(?P<base>[^\W\d_]|[^\W\d_]\w*?[^\W_])"
    r"(?:_\{?(?P<low>[0-9]+(?:,[0-9]+)*|[i-n]{1,2})\}?)?"
    r"(?:\^\{?(?P<high>\((?:[0-9]+|[i-nL])\)|[0-9]+|T)\}?)?"
    r"(?P<example>\[[0-9]+\])?"
)
_LONGEST = 40
_SIGN = re.compile(r"(?<![^\W\d_])-(?=[0-9]|inf)|(?<=[0-9]e)-(?=[0-9])")


def format_number(number: float) -> str:
    """Four significant digits; only an exact zero is written `0`.

    Example:
        >>> [format_number(x) for x in (24.704082, 1e-7, -0.0, 123456.0, float("inf"))]
        ['24.7', '1e-07', '0', '1.235e+05', 'inf']
    """
    return f"{number + 0.0:.4g}"


def typeset(text: str) -> str:
    """Set the signs of numbers as typographers do; the text is for looking at, not for reading in.

    Example:
        >>> typeset("a -0.5"), typeset("1e-07"), typeset("left-hand")
        ('a −0.5', '1e−07', 'left-hand')
    """
    return _SIGN.sub("−", text)


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


def counted(count: int, noun: str) -> str:
    """A number and a noun, in the plural unless it is one.

    Example:
        >>> counted(1, "path"), counted(1600, "path")
        ('1 path', '1600 paths')
    """
    return f"{format_count(count)} {noun}" + ("" if count == 1 else "s")


@dataclass(frozen=True)
class Name:
    """A name as textbooks write it.

    Attributes:
        base: The letter or word.
        low: What stands below: indices of units.
        high: What stands above: a layer in parentheses, a power.
        more: What stands above behind it: an example in brackets.
    """

    base: str
    low: str = ""
    high: str = ""
    more: str = ""

    def __str__(self) -> str:
        high = self.high.translate(_SUPERSCRIPTS)
        return self.base + self.low.translate(_SUBSCRIPTS) + high + self.more

    def behind(self, more: str) -> Name:
        """Return the name with something more above."""
        return replace(self, more=self.more + more)


def read_name(label: str) -> Name:
    """Return a label as a name; its indices are recognised if it is written as a textbook's.

    Example:
        >>> read_name("w_11^(1)")
        Name(base='w', low='11', high='(1)', more='')
        >>> read_name("two words")
        Name(base='two words', low='', high='', more='')
    """
    match = _NAME.fullmatch(label)
    if match is None:
        return Name(label)
    return Name(match["base"], match["low"] or "", match["high"] or "", match["example"] or "")


def pretty_label(label: str) -> str:
    """Write the indices of a textbook name as indices; any other label is returned as it is.

    Example:
        >>> [pretty_label(name) for name in ("w_11^(1)", "b_1^(2)", "w_10,3^(1)", "learning_rate")]
        ['w₁₁⁽¹⁾', 'b₁⁽²⁾', 'w₁₀,₃⁽¹⁾', 'learning_rate']
    """
    return str(read_name(label))


def index_runs(text: str) -> list[tuple[str, str]]:
    """Split a text into what stands below (`_`), above (`^`), and on the line.

    Example:
        >>> index_runs("w₁₁⁽²⁾ x")
        [('', 'w'), ('_', '11'), ('^', '(2)'), ('', ' x')]
    """
    return [
        (kind, unicodedata.normalize("NFKC", "".join(run)) if kind else "".join(run))
        for kind, run in groupby(text, _index_kind)
    ]


def _index_kind(sign: str) -> str:
    decomposed = unicodedata.decomposition(sign)
    return {"<sub>": "_", "<super>": "^"}.get(decomposed.partition(" ")[0], "")


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


def shortened_in_the_middle(text: str) -> str:
    """Return the text, without its middle if it is long."""
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]}…{text[-half:]}"
