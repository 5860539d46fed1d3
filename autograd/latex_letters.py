"""How names, numbers and words are written in LaTeX, for documents and for notebooks.

Nothing that a user calls something is a command there. Knows text only.
"""

from __future__ import annotations

import unicodedata

from autograd.lettering import Name, printable, shortened_in_the_middle

# What LaTeX would take for a command, or print as another sign.
ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}",
}  # fmt: skip
_IN_TEX = {**ESCAPED, "…": r"\dots{}", "−": "-"}
_SIGNS = {
    "−": "-", "×": r"\times", "·": r"\cdot", "÷": r"\div", "±": r"\pm", "∓": r"\mp",
    "∂": r"\partial", "√": r"\surd", "∑": r"\sum", "∏": r"\prod", "∞": r"\infty",
    "≈": r"\approx", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≡": r"\equiv", "∝": r"\propto",
    "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow", "∇": r"\nabla", "∈": r"\in",
    "°": r"{}^\circ", "′": r"{}'", "ℓ": r"\ell", "µ": r"\mu", "∥": r"\parallel", "‖": r"\Vert",
    "∘": r"\circ", "⊙": r"\odot", "⋅": r"\cdot", "⋯": r"\cdots", "∅": r"\emptyset",
    "¬": r"\neg", "⟨": r"\langle", "⟩": r"\rangle", "≪": r"\ll", "≫": r"\gg", "∗": r"\ast",
    "½": r"\frac12", "²": "^2", "³": "^3",
}  # fmt: skip
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0308\u030a\u0327")


def name_in_latex(name: Name) -> str:
    r"""Return a name in mathematics.

    Example:
        >>> name_in_latex(Name("w", "11", "(1)", "[5]")), name_in_latex(Name("loss"))
        ('w_{11}^{(1)[5]}', '\\mathrm{loss}')
    """
    low = f"_{{{name.low}}}" if name.low else ""
    more = name.more.replace("⟨", r"\langle ").replace("⟩", r"\rangle ").replace("#", r"\#")
    high = f"^{{{name.high}{more}}}" if name.high or more else ""
    return _base_in_latex(name.base) + low + high


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
    command = mathematics(sign)
    if command:
        return f"${command}$"
    parts = unicodedata.normalize("NFD", sign)
    if len(parts) == 2 and sign <= "ÿ" and parts[0].isascii() and parts[1] in _ACCENTS:
        return sign
    return f"[U+{ord(sign):04X}]"


def mathematics(sign: str) -> str:
    r"""Return a sign of mathematics or a Greek letter as a command; empty for anything else.

    Example:
        >>> mathematics("∂"), mathematics("δ"), mathematics("x")
        ('\\partial', '\\delta', '')
    """
    return _SIGNS.get(sign) or _greek_in_latex(sign)


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
