"""An explanation as plain text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from autograd.explanation.blocks import Block, Heading, NumberTable, Row
from autograd.explanation.writing import CLOSING, OPENING, in_names, in_numbers
from autograd.formula import Symbol
from autograd.lettering import format_number

_INDENT = "  "
_WIDEST = 90
_LABELS = (" computed once ", " once ", "")


def text_page(blocks: Iterable[Block]) -> str:
    """Return the blocks as text."""
    lines: list[str] = []
    for kind, group in groupby(blocks, type):
        members: list[Any] = list(group)
        if kind is Row:
            lines += _equations(members)
        elif kind is NumberTable:
            for table in members:
                lines += _table(table)
        else:
            for member in members:
                if isinstance(member, Heading):
                    lines += ["", member.words] if lines else [member.words]
                else:
                    lines.append(_INDENT + sentence(member.pieces))
    return "\n".join(lines)


def sentence(pieces: Iterable[Any]) -> str:
    """Return words and formulas as one text."""
    return "".join(piece if isinstance(piece, str) else plain(piece) for piece in pieces)


def plain(formula: Any) -> str:
    """Return a formula with names as text, without marks."""
    if not isinstance(formula, Symbol):
        return format_number(formula).replace("-", "−")
    return in_names(formula).replace(OPENING, "").replace(CLOSING, "")


def _equations(rows: list[Row]) -> list[str]:
    lefts = ["" if row.left is None else sentence([row.left]) for row in rows]
    width = min(max(map(len, lefts)), 24)
    found = []
    for left, row in zip(lefts, rows, strict=True):
        rights = _rights(row)
        if sum(map(len, rights)) > _WIDEST:
            for right in rights[:-2]:
                found.append(f"{_INDENT}{left:<{width}} = {right}")
                left = ""
            rights = rights[-2:]
        joined = f" = {' = '.join(rights)}" if rights else ""
        line, below = _braces(f"{_INDENT}{left:<{width}}{joined}")
        if row.note:
            note = sentence(row.note)
            line = f"{line:<60}   {note}" if len(line) < 60 else f"{line}   {note}"
        found.append(line)
        if below:
            found.append(below)
    return found


def _rights(row: Row) -> list[str]:
    if row.value is None:
        return [right if isinstance(right, str) else in_names(right) for right in row.rights]
    value = plain(row.value)
    shown = []
    for right in row.rights:
        numbers = in_numbers(right, row.value)
        if numbers is not None and numbers != value and numbers not in shown:
            shown.append(numbers)
    return [*shown, value]


def _braces(line: str) -> tuple[str, str]:
    """Take the marks out of a line; return what is drawn below it."""
    clean, below, starts = "", "", []
    for sign in line:
        if sign == OPENING:
            starts.append(len(clean))
        elif sign == CLOSING:
            start = starts.pop()
            room = len(clean) - start - 2
            label = next(label for label in _LABELS if len(label) <= room)
            if not starts and len(below) <= start:
                below = below.ljust(start) + f"└{label:─^{room}}┘"
        else:
            clean += sign
    return clean, below


def _table(table: NumberTable) -> list[str]:
    cells = [[sentence([cell]) for cell in row] for row in (table.head, *table.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.head))]
    return [
        _INDENT + "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]
