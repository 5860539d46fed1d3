"""Cards: boxes with their name on top and a line for each fact."""

from __future__ import annotations

from autograd.render.picture import Box
from autograd.render.scene import Cluster, Mark, Rectangle, Words
from autograd.render.typography import BOLDER, text_width, typeset

TEXT, SMALL, ROW = 12.0, 11.0, 15.5
_SIDES, _ENDS = 18.0, 16.0


def lines_of(box: Box) -> list[tuple[str, bool]]:
    """The lines of a card, and whether each is bold."""
    lines = [(box.label, True)] if box.label else []
    return lines + [
        (typeset(f"{word} {text}".strip()), place == box.bold)
        for place, (word, text) in enumerate(box.rows)
    ]


def card_size(box: Box) -> tuple[float, float]:
    """Width and height of a card."""
    lines = lines_of(box)
    widths = [text_width(line, TEXT) * BOLDER if bold else text_width(line, SMALL)
              for line, bold in lines]  # fmt: skip
    return max(widths, default=0.0) + _SIDES, ROW * len(lines) + _ENDS


def card(box: Box, x: float, y: float, size: tuple[float, float]) -> Cluster:
    """Draw a card with its upper left corner at (x, y)."""
    outline = 1.3 if box.emphasis != "lit" else 2.4
    marks: list[Mark] = [Rectangle(x, y, *size, 8, box.fill, box.border, outline)]
    lines = lines_of(box)
    top = y + size[1] / 2 - ROW * (len(lines) - 1) / 2 + 4.2
    for place, (line, bold) in enumerate(lines):
        ink = box.ink if bold else box.quiet_ink
        height = TEXT if bold else SMALL
        middle = x + size[0] / 2
        marks.append(Words(middle, top + ROW * place, line, ink, height, "middle", bold=bold))
    return Cluster(box.name, box.hint, tuple(marks))
