"""What a reader asks of a picture that is described already: only the paths, costs, larger text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograd.path_finding.counts import multiplications
from autograd.render.picture import CaptionLine, Picture
from autograd.render.typography import format_count

COSTS = (
    "multiplications of local derivatives: path by path {path_by_path}, forward mode {forward}, "
    "reverse mode {reverse}"
)


def only_lit(picture: Picture) -> Picture:
    """Return the picture without the boxes and arrows that are on no path.

    Plain numbers stay beside the operations that use them. Names stay what they were.
    """
    lit = {place for place, box in enumerate(picture.boxes) if box.emphasis == "lit"}
    for arrow in picture.arrows:
        box = picture.boxes[arrow.tail]
        if arrow.head in lit and box.kind == "constant" and not box.label and not box.operation:
            lit.add(arrow.tail)
    kept = sorted(lit)
    place = {old: new for new, old in enumerate(kept)}
    columns = sorted({picture.boxes[old].column for old in kept})
    column = {old: new for new, old in enumerate(columns)}
    boxes = [replace(picture.boxes[old], column=column[picture.boxes[old].column]) for old in kept]
    arrows = [
        replace(arrow, tail=place[arrow.tail], head=place[arrow.head])
        for arrow in picture.arrows
        if arrow.head in lit
        and arrow.tail in lit
        and (arrow.emphasis == "lit" or picture.boxes[arrow.tail].emphasis == "dim")
    ]
    headings = tuple(
        picture.headings[old] if old < len(picture.headings) else "" for old in columns
    )
    return replace(
        picture,
        boxes=tuple(boxes),
        arrows=tuple(arrows),
        headings=headings if picture.headings else (),
    )


def with_costs(picture: Picture, output: Any, sources: Sequence[Any]) -> Picture:
    """Return the picture with what its gradients cost, by way of computing them, in the caption."""
    found = multiplications(output, *sources)
    text = COSTS.format(
        path_by_path=format_count(found.path_by_path),
        forward=format_count(found.forward),
        reverse=format_count(found.reverse),
    )
    return replace(picture, caption=(*picture.caption, CaptionLine(text)))


def checked_font_size(size: Any) -> float:
    """Return the size of text, in pixels.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is not between 4 and 96.
    """
    if isinstance(size, bool) or not isinstance(size, (int, float)):
        raise TypeError(f"font_size must be a number of pixels, not {size!r:.80}")
    if not 4.0 <= size <= 96.0:
        raise ValueError(f"font_size must be between 4 and 96 pixels, not {size}")
    return float(size)
