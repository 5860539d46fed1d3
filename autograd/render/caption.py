"""The lines below a picture, those broken that are wider than it should become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from autograd.render.picture import CaptionLine, Picture
from autograd.render.scene import Cluster, Scene, Words
from autograd.render.typography import BOLDER, text_width

MARGIN, GAP, LEADING, SIZE = 14.0, 10.0, 17.0, 12.0


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


def with_caption(
    picture: Picture, clusters: Sequence[Cluster], width: float, height: float, room: float
) -> Scene:
    """Return the scene of a picture: what is drawn, with the caption below and a margin around.

    Args:
        clusters: What is drawn, the margin included in its places.
        width: Of what is drawn, without the margin.
        height: As the width.
        room: How wide the caption may make the picture.
    """
    lines = [
        Words(
            MARGIN, MARGIN + height + GAP + LEADING * (place + 0.8), line.text, line.colour, SIZE,
            bold=line.bold,
        )
        for place, line in enumerate(wrapped(picture.caption, SIZE, max(room, width)))
    ]  # fmt: skip
    if lines:
        clusters = [*clusters, Cluster("", "", tuple(lines))]
        width = max(width, *(line.room for line in lines))
        height += GAP + LEADING * len(lines)
    return Scene(picture.title, width + 2 * MARGIN, height + 2 * MARGIN, tuple(clusters))
