"""Every operation: a card for each value, an arrow for each use of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd.page.geometry import (
    Binding,
    bars_of,
    hidden_numbers,
    laid_out,
    line_of,
    outlined,
    placeholder,
    texts_of,
)
from autograd.page.graph_table import GraphTable
from autograd.render.compose import compose
from autograd.render.picture import Box

_WIDE = 5  # as wide as −0.1234
_PARTIAL = 4


def operation_level(table: GraphTable) -> dict[str, Any]:
    """Return the picture of every operation: boxes, lines, and where their texts stand."""
    picture = compose(table.output, None, len(table.order))
    constants = [node.is_constant for node in table.order]
    picture = replace(
        picture,
        boxes=tuple(map(_with_room, picture.boxes, constants)),
        arrows=tuple(hidden_numbers(arrow, _PARTIAL) for arrow in picture.arrows),
    )
    scene, clusters = laid_out(picture)
    boxes = []
    for place, box in enumerate(picture.boxes):
        found = clusters[box.name]
        bindings = {0: Binding("v", [place]), 1: Binding("g", [place])}
        boxes.append(
            {
                **outlined(box, found),
                **bars_of(found),
                "nodes": [place],
                "pick": place,
                "texts": texts_of(found, bindings, {}),
            }
        )
    lines = []
    for arrow in picture.arrows:
        number = int(arrow.name.removeprefix("e"))  # they come in the order of reading
        if arrow.name in clusters:  # a plain number in a card has no line
            found = clusters[arrow.name]
            bound = {0: Binding("e", [number])}
            lines.append(
                {
                    **line_of(found),
                    "head_box": arrow.head,
                    "edges": [number],
                    "texts": texts_of(found, bound, {}),
                }
            )
    return {
        "name": "operation",
        "title": "operations",
        "width": round(scene.width, 1),
        "height": round(scene.height, 1),
        "boxes": boxes,
        "lines": lines,
        "words": [],
    }


def _with_room(box: Box, is_constant: bool) -> Box:
    """The box with room for its value, and below it for its gradient."""
    rows = [("" if is_constant else "data", placeholder(0, _WIDE))]
    if not is_constant:
        rows.append(("grad", placeholder(1, _WIDE)))
    return replace(box, rows=tuple(rows))
