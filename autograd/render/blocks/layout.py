"""Lays out a picture of blocks: cards with their name on top, folded into rows where it is wide."""

from __future__ import annotations

from functools import partial

from autograd.render import palette
from autograd.render.caption import MARGIN, with_caption
from autograd.render.cards import SMALL, card, card_size
from autograd.render.folding import MOST_CROSSING, folded_into
from autograd.render.layered import layered_layout
from autograd.render.picture import Arrow, Picture, Stroke
from autograd.render.scene import Cluster, Mark, Point, Scene, Words
from autograd.render.strokes import ARROWHEAD, arrowhead, curve, lane_for, strands
from autograd.render.typography import text_width, typeset

WIDTHS = NARROW, WIDEST = 440.0, 820.0
PORT_GAP = 12.0
MORE_CROSSING = 16  # arrows that lead from row to row, if no fewer can


def block_scene(picture: Picture) -> Scene:
    """Place every block of a picture, from left to right and row by row."""
    lanes = [0.0] * len(picture.boxes)
    ports = [0.0] * len(picture.boxes)
    for arrow in picture.arrows:
        lane = text_width(arrow.legend, SMALL) + 8 if arrow.legend else 0.0
        lanes[arrow.head] = max(lanes[arrow.head], lane + ARROWHEAD)
        ports[arrow.head] += PORT_GAP + arrow.stroke.thickness
    sizes = [card_size(box) for box in picture.boxes]
    layout = layered_layout(
        [
            (width + lane, max(height, port))
            for (width, height), lane, port in zip(sizes, lanes, ports, strict=True)
        ],
        [(arrow.tail, arrow.head) for arrow in picture.arrows],
        port_gap=PORT_GAP,
        thickness=[arrow.stroke.thickness - Stroke().thickness for arrow in picture.arrows],
    )
    lane = lane_for(arrow.stroke for arrow in picture.arrows)
    ways = [(width, most) for width in WIDTHS for most in (MOST_CROSSING, MORE_CROSSING)]
    layout = folded_into(layout, ways if picture.narrow else ways[2:], lane)
    clusters = []
    for arrow, route in sorted(
        zip(picture.arrows, layout.routes, strict=True), key=lambda pair: pair[0].emphasis == "lit"
    ):
        corner = layout.corners[arrow.head]
        tip = MARGIN + corner[0] + lanes[arrow.head]
        way = [(x + MARGIN, y + MARGIN) for x, y in route]
        clusters.append(_arrow(arrow, way, tip))
    for box, size, lane, (x, y), height in zip(
        picture.boxes, sizes, lanes, layout.corners, layout.heights, strict=True
    ):
        middle = MARGIN + y + height / 2
        left = MARGIN + x + lane
        clusters.append(card(box, left, middle - size[1] / 2, size))
    room = NARROW if picture.narrow else WIDEST
    return with_caption(picture, clusters, layout.width, layout.height, room)


def _arrow(arrow: Arrow, route: list[Point], tip: float) -> Cluster:
    end = route[-1][1]
    reach = ARROWHEAD + 0.8 * (arrow.stroke.thickness - Stroke().thickness)
    marks: list[Mark] = [*strands(arrow.stroke, partial(curve, [*route, (tip - reach * 0.8, end)]))]
    marks.append(arrowhead(tip, end, reach, arrow.stroke.colour))
    if arrow.legend:
        x = tip - ARROWHEAD - text_width(arrow.legend, SMALL) / 2 - 4
        base = end - 2.0 - arrow.stroke.thickness / 2
        text = typeset(arrow.legend)
        marks.append(Words(x, base, text, palette.INK, SMALL, "middle", halo=True))
    return Cluster(arrow.name, arrow.hint, tuple(marks))
