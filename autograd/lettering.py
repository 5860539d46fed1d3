"""How names and numbers are written for people: indices as indices, four significant digits.

As plain Unicode and as LaTeX. Knows text only: no values, no layout.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

_SUBSCRIPTS = str.maketrans("0123456789ijklmn", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙ")
_SUPERSCRIPTS = str.maketrans("0123456789()ijklmnLT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ⁱʲᵏˡᵐⁿᴸᵀ")
_NAME = re.compile(
    r"(?P<base>[^\W\d_]|[^\W\d_]\w*?[^\W_])"
    r"(?:_\{?(?P<low>[0-9]+(?:,[0-9]+)*|[i-n]{1,2})\}?)?"
    r"(?:\^\{?(?P<high>\((?:[0-9]+|[i-nL])\)|[0-9]+|T)\}?)?"
    r"(?P<example>\[[0-9]+\])?"
)
_IN_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "`": r"\textasciigrave{}", "…": r"\dots{}", "−": "-", "'": "'", "-": "-",
}  # fmt: skip
_SIGNS = {
    "½": r"\frac12", "²": "^2", "³": "^3", "·": r"\cdot", "×": r"\times", "±": r"\pm",
    "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "→": r"\to", "∞": r"\infty", "∂": r"\partial",
    "√": r"\surd", "′": "'", "⟨": r"\langle", "⟩": r"\rangle",
}  # fmt: skip
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0308\u030a\u0327")
_SIGN = re.compile(r"(?<![^\W\d_])-(?=[0-9]|inf)|(?<=[0-9]e)-(?=[0-9])")
_LONGEST = 40


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

    @property
    def latex(self) -> str:
        r"""The name in LaTeX, in mathematics.

        Example:
            >>> Name("w", "11", "(1)", "[5]").latex, Name("θ").latex, Name("loss").latex
            ('w_{11}^{(1)[5]}', '\\theta', '\\mathrm{loss}')
        """
        low = f"_{{{self.low}}}" if self.low else ""
        more = self.more.replace("⟨", r"\langle ").replace("⟩", r"\rangle ").replace("#", r"\#")
        high = f"^{{{self.high}{more}}}" if self.high or more else ""
        return _base_in_latex(self.base) + low + high

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


def number_in_latex(number: float, digits: int = 4) -> str:
    r"""Return a number as `format_number` does, in LaTeX.

    Example:
        >>> number_in_latex(-1.5e-7), number_in_latex(float("inf"))
        ('-1.5 \\times 10^{-7}', '\\infty')
    """
    shown = f"{number + 0.0:.{digits}g}".replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    mantissa, _, exponent = shown.partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else shown


def text_in_latex(text: str) -> str:
    r"""Return any text as LaTeX that prints it: nothing in it is a command.

    Letters that few fonts of TeX have are written as their number in Unicode.

    Example:
        >>> print(text_in_latex("50 % of \\input{x}"))
        50 \% of \textbackslash{}input\{x\}
        >>> text_in_latex("é🦆")
        'é[U+1F986]'
    """
    return "".join(_sign_in_latex(sign) for sign in printable(text))


def _sign_in_latex(sign: str) -> str:
    if sign in _IN_TEX:
        return _IN_TEX[sign]
    if " " <= sign <= "~":
        return sign
    command = _SIGNS.get(sign) or _greek_in_latex(sign)
    if command:
        return f"${command}$"
    parts = unicodedata.normalize("NFD", sign)
    if len(parts) == 2 and sign <= "ÿ" and parts[0].isascii() and parts[1] in _ACCENTS:
        return sign
    return f"[U+{ord(sign):04X}]"


def _base_in_latex(base: str) -> str:
    if base.isascii() and (base.isdigit() or (len(base) == 1 and base.isalpha())):
        return base
    greek = _greek_in_latex(base) if len(base) == 1 else ""
    if greek:
        return greek
    shown = text_in_latex(shortened_in_the_middle(base))
    is_word = base.replace("_", "").isalnum() and base.isascii()
    return rf"\mathrm{{{shown}}}" if is_word else rf"\text{{{shown}}}"


def _greek_in_latex(sign: str) -> str:
    """The command for a Greek letter, or an empty string: some have none."""
    words = unicodedata.name(sign, "").split()
    if len(words) == 4 and words[0] == "GREEK" and words[2] == "LETTER":
        command = words[3].lower().replace("lamda", "lambda")
        if words[1] == "SMALL" and command != "omicron":
            return "\\" + command
        if words[1] == "CAPITAL" and command in _CAPITALS:
            return "\\" + command.capitalize()
    return ""


_CAPITALS = frozenset(
    ["gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega"]
)


def shortened_in_the_middle(text: str) -> str:
    """Return the text, without its middle if it is long."""
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]}…{text[-half:]}"
