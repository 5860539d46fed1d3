"""An explanation in LaTeX: one aligned display, for amsmath and for MathJax."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from autograd.explanation.blocks import Block, Heading, NumberTable, Row, Sentence
from autograd.explanation.quantities import Derivative, factors_of, terms_of
from autograd.explanation.writing import digits_needed, in_names, written
from autograd.formula import Symbol
from autograd.latex_letters import number_in_latex, text_in_latex

_NEW_LINE = " \\\\\n"
_WIDEST = 64  # signs of plain text that fit on a line of a page


def latex_rows(blocks: Iterable[Block]) -> str:
    """Return the blocks as the rows of an `align*` or `aligned`."""
    rows: list[str] = []
    for block in blocks:
        if isinstance(block, Heading):
            space = "[1.5ex]\n" if rows else ""
            if rows:
                rows[-1] += " \\\\" + space
            rows.append(rf"& \textbf{{{text_in_latex(block.words)}}}")
        elif isinstance(block, Row):
            rows += _equation(block)
        elif isinstance(block, Sentence):
            rows += _wrapped(block)
        else:
            rows.append(_table(block))
    text = ""
    for row in rows:
        text += row if row.endswith("\n") else row + _NEW_LINE
    return text.removesuffix(_NEW_LINE) + "\n"


def sentence(pieces: Iterable[Any]) -> str:
    """Return words and formulas as mathematics."""
    return "".join(
        rf"\text{{{text_in_latex_with_spaces(piece)}}}" if isinstance(piece, str) else math(piece)
        for piece in pieces
    )


def text_in_latex_with_spaces(words: str) -> str:
    """Return words in LaTeX, with the spaces at their ends."""
    before = " " if words[:1] == " " else ""
    after = " " if words[-1:] == " " and words.strip() else ""
    return before + text_in_latex(words) + after


def math(formula: Any) -> str:
    """Return a formula with names in LaTeX."""
    return in_names(formula, True) if isinstance(formula, Symbol) else number_in_latex(formula)


def _wrapped(block: Sentence) -> list[str]:
    """The rows of a sentence: words alone go on in the next line."""
    if not all(isinstance(piece, str) for piece in block.pieces):
        return [rf"& {sentence(block.pieces)}"]
    lines = textwrap.wrap("".join(block.pieces), _WIDEST)
    return [rf"& {sentence([line])}" for line in lines]


def _equation(row: Row) -> list[str]:
    left = "" if row.left is None else sentence([row.left])
    shown: list[list[str]] = []
    if row.value is None:
        for place, right in enumerate(row.rights):
            lines = broken(right)
            if place and len(lines) == 1 and isinstance(row.rights[0], Derivative):
                shown[-1][-1] += f" = {lines[0]}"  # δ = ∂L/∂z = …
            else:
                shown.append(lines)
    else:
        value = number_in_latex(row.value)
        for right in row.rights:
            numbers = broken(right, row.value)
            if numbers and numbers != [value] and numbers not in shown:
                shown.append(numbers)
        if shown:
            shown[-1][-1] += f" = {value}"
        else:
            shown.append([value])
    note = rf" \quad \text{{({text_of_note(row.note)})}}" if row.note else ""
    if not shown:
        return [f"{left} & {note}"]
    shown[-1][-1] += note
    lines = []
    for right_lines in shown:
        lines.append(f"{left} &= {right_lines[0]}")
        lines += [rf" &\quad {line}" for line in right_lines[1:]]
        left = ""
    return lines


def broken(right: Any, value: float | None = None) -> list[str]:
    """Return a formula as lines that fit on a page: what is long goes on in the next line.

    Args:
        right: The formula, or words.
        value: With numbers in the place of names: what they have to give.
    """
    if isinstance(right, str):
        return [sentence([right])]
    digits = None if value is None else digits_needed(right, value)
    if value is not None and digits is None:
        return []
    # Sums are broken between their terms, and each term between its factors.
    terms = [(sign, factors_of(term)) for sign, term in terms_of(right)]
    parts = [
        (sign if place == 0 else r" \cdot ", factor, 2 if len(factors) > 1 or sign == " - " else 1)
        for sign, factors in terms
        for place, factor in enumerate(factors)
    ]
    lines: list[str] = []
    room = 0
    for sign, part, needed in parts:
        binding = 0 if len(parts) == 1 else needed
        width = len(written(part, digits, binding)) + 3
        shown = written(part, digits, binding, True)
        if lines and room + width <= _WIDEST:
            lines[-1] += f"{sign}{shown}"
        else:
            lines.append(f"{{}}{sign}{shown}" if lines else f"{sign.strip()}{shown}")
            room = 0
        room += width
    return lines


def text_of_note(pieces: Iterable[Any]) -> str:
    """Return a note: words, with formulas between dollars."""
    return "".join(
        text_in_latex_with_spaces(piece) if isinstance(piece, str) else f"${math(piece)}$"
        for piece in pieces
    )


def _table(table: NumberTable) -> str:
    columns = "r" * len(table.head)
    lines = [" & ".join(sentence([cell]) for cell in table.head) + r" \\ \hline"]
    lines += [" & ".join(sentence([cell]) for cell in row) + r" \\" for row in table.rows]
    body = "\n".join(lines)
    return f"& \\begin{{array}}{{{columns}}}\n{body}\n\\end{{array}}"
