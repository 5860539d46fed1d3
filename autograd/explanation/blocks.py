"""What an explanation is made of before it is text or LaTeX: headings, equations, tables.

A piece of a sentence is a str or a formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Heading:
    """A line above a part."""

    words: str


@dataclass(frozen=True)
class Row:
    """A line of an equation.

    Attributes:
        left: What stands left of the first equals sign; None where the line above goes on.
        rights: Formulas that are equal.
        value: With numbers in the place of names: what they give, which stands at the end.
        note: What is said beside it.
    """

    left: Any
    rights: tuple[Any, ...]
    value: float | None = None
    note: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A line of words and formulas."""

    pieces: tuple[Any, ...]


@dataclass(frozen=True)
class NumberTable:
    """Rows of numbers below names; a row may begin with words."""

    head: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]


Block = Heading | Row | Sentence | NumberTable
