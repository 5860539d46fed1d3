"""Breaks the lines below a picture that are wider than it should become."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from autograd.render.picture import CaptionLine
from autograd.render.typography import BOLDER, text_width


def wrapped(caption: Iterable[CaptionLine], size: float, room: float) -> tuple[CaptionLine, ...]:
    """Return the lines, those that are too wide broken at spaces, or where there is no room left.

    Args:
        caption: The lines.
        size: Of their letters.
        room: How wide a line may be.

    Example:
        >>> [line.text for line in wrapped([CaptionLine("many paths")], 12.0, 40.0)]
        ['many', 'paths']
    """
    return tuple(
        replace(line, text=text)
        for line in caption
        for text in _broken(line.text, room / (BOLDER if line.bold else 1.0), size)
    )


def _broken(text: str, room: float, size: float) -> list[str]:
    if text_width(text, size) <= room:
        return [text]
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if text_width(longer, size) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for sign in word:
            if lines[-1] and text_width(lines[-1] + sign, size) > room:
                lines.append("")
            lines[-1] += sign
    return lines
