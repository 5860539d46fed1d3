"""Tables of short texts: aligned lines for terminals, HTML for notebooks. Knows text only."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.html_table import html_table
from autograd.streams import for_stream, printed_anywhere

MOST_ROWS = 60


@printed_anywhere
@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: The line above it.
        header: The names of the columns.
        rows: As many texts each.
        words: How many of the first columns hold words, aligned on the left; numbers are aligned on
            the right.
        notes: Lines below it.

    Example:
        >>> print(Table("areas", ("shape", "cm²"), (("circle", "3.142"), ("square", "12")), 1))
        areas
          shape     cm²
          circle  3.142
          square     12
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 0
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [
            [for_stream(on_one_line(cell)) for cell in row] for row in (self.header, *self.rows)
        ]
        widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
        aligned = [
            "  ".join(
                cell + padding if place < self.words else padding + cell
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
                for padding in [" " * (width - _width(cell))]
            ).rstrip()
            for line in lines
        ]
        below = map(on_one_line, self.notes)
        return "\n".join([on_one_line(self.title), *[f"  {line}" for line in (*aligned, *below)]])

    def html(self) -> str:
        """Return the table as HTML.

        Example:
            >>> Table("a < b", ("a",), (("1",),)).html()[:39]
            '<table><caption>a &lt; b</caption><thea'
        """
        rows = [[on_one_line(cell) for cell in row] for row in (self.header, *self.rows)]
        below = map(on_one_line, self.notes)
        return html_table(on_one_line(self.title), rows[0], rows[1:], below, left=range(self.words))


class Tabled(ABC):
    """What is shown as a table: in lines on a terminal, as HTML in a notebook."""

    @abstractmethod
    def _table(self) -> Table:
        """Return all that is shown."""

    def __repr__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table().html()


def short_number(number: float) -> str:
    """Return a number with four significant digits; only an exact zero is written 0.

    Example:
        >>> short_number(24.704082), short_number(-0.0)
        ('24.7', '0')
    """
    return f"{number + 0.0:.4g}"


def on_one_line(text: str) -> str:
    r"""Return a text on one line, without what terminals and pages cannot show.

    Example:
        >>> on_one_line("two\nlines\x1b[2J")
        'two lines�[2J'
    """
    shown = (sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))
    return "".join(shown)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )
