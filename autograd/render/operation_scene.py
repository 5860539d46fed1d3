"""Lays out the picture of a graph of operations, with the layout of our own.

An operation is a pill that stands before its value. Every operand has a port of its own on the
pill, and its local derivative stands on the last, level stretch of its arrow, so that no two texts
can meet.
"""

from __future__ import annotations

import math
from dataclasses import replace

from autograd.render import palette
from autograd.render.layered import COLUMN_GAP, layered_layout
from autograd.render.picture import Arrow, Box, CaptionLine, Picture, Stroke
from autograd.render.scene import Cluster, Curve, Mark, Point, Rectangle, Scene, Segment, Words
from autograd.render.typography import BOLDER, text_width

TEXT, LABEL, SMALL, CAPTION = 12.0, 13.0, 10.5, 12.0
ROW, PADDING = 15.0, 6.0
PORT_GAP = 15.0
PILL_HEIGHT = 26.0
CONNECTOR, BADGED_CONNECTOR = 14.0, 40.0
ARROWHEAD = 7.0
MARGIN = 14.0
DASH = (5.0, 4.0)  # nothing gets through
HOLLOW = 0.4  # the part of a negative contribution's width that is light
CAPTION_GAP, CAPTION_LEADING = 10.0, 17.0


def operation_scene(picture: Picture) -> Scene:
    """Place every value and operation of a picture, from left to right.

    Boxes have the ids `n0`, `n1`, ... and arrows `e0`, `e1`, ...

    Example:
        >>> operation_scene(Picture("nothing", (), (), ())).clusters
        ()
    """
    measured = picture.measured or picture
    stamps = _stamps(measured)
    layout = layered_layout(
        [(stamp.width, stamp.height) for stamp in stamps],
        [(arrow.tail, arrow.head) for arrow in picture.arrows],
        port_gap=PORT_GAP,
        thickness=[_extra_thickness(arrow) for arrow in measured.arrows],
    )
    for stamp, box in zip(stamps, picture.boxes, strict=True):
        stamp.box = box
    corners = [(x + MARGIN, y + MARGIN) for x, y in layout.corners]
    clusters = []
    # Marked paths lie above the rest, boxes above all arrows.
    for arrow, route in sorted(
        zip(picture.arrows, layout.routes, strict=True), key=lambda pair: pair[0].emphasis == "lit"
    ):
        way = [(x + MARGIN, y + MARGIN) for x, y in route]
        clusters.append(_arrow(arrow, way, stamps[arrow.head], corners[arrow.head]))
    clusters += [stamp.draw(*corner) for stamp, corner in zip(stamps, corners, strict=True)]
    lines = caption_words(picture.caption, MARGIN, MARGIN + layout.height + CAPTION_GAP)
    width, height = layout.width, layout.height
    if lines:
        clusters.append(Cluster("", "", tuple(lines)))
        width = max(width, *(line.room for line in lines))
        height += CAPTION_GAP + CAPTION_LEADING * len(lines)
    return Scene(picture.title, width + 2 * MARGIN, height + 2 * MARGIN, tuple(clusters))


def caption_words(caption: tuple[CaptionLine, ...], x: float, y: float) -> list[Words]:
    """Set the lines below a picture; `y` is where the first begins."""
    return [
        Words(
            x, y + CAPTION_LEADING * (place + 0.8), line.text, line.colour, CAPTION, bold=line.bold
        )
        for place, line in enumerate(caption)
    ]


def _stamps(picture: Picture) -> list[_Stamp]:
    rooms = [0.0] * len(picture.boxes)
    lanes = [0.0] * len(picture.boxes)
    for arrow in picture.arrows:
        rooms[arrow.head] += PORT_GAP + _extra_thickness(arrow)
        lane = text_width(arrow.legend, SMALL) + 10 + ARROWHEAD
        if arrow.note:  # it may begin between the columns
            lane -= COLUMN_GAP - 14
        lanes[arrow.head] = max(lanes[arrow.head], lane)
    return [
        _Stamp(box, room, lane) for box, room, lane in zip(picture.boxes, rooms, lanes, strict=True)
    ]


def _extra_thickness(arrow: Arrow) -> float:
    """How much thicker than an ordinary arrow."""
    return arrow.stroke.thickness - Stroke().thickness


class _Stamp:
    """A box with its measures: [lane of local derivatives | pill | connector | label | rows]."""

    def __init__(self, box: Box, room: float, lane: float) -> None:
        self.box = box
        self.words = max((text_width(word, SMALL) for word, _ in box.rows if word), default=-5.0)
        numbers = max(text_width(number, TEXT) for _, number in box.rows)
        self.rows_width = 2 * PADDING + self.words + 5 + numbers
        self.label_width = text_width(box.label, LABEL) * BOLDER + 2 * PADDING if box.label else 0.0
        self.card_width = self.label_width + self.rows_width
        self.card_height = max(ROW * len(box.rows) + 6, 22.0)
        self.width, self.height = self.card_width, self.card_height
        self.lane = self.pill_width = self.pill_height = self.connector = 0.0
        if box.operation:
            self.lane = lane
            self.pill_width = max(text_width(box.operation, TEXT) + 16, PILL_HEIGHT)
            self.pill_height = max(PILL_HEIGHT, room + 2)
            self.connector = BADGED_CONNECTOR if box.badge else CONNECTOR
            if box.badge:
                self.connector = max(self.connector, text_width(box.badge, SMALL) + 24)
            self.width += lane + self.pill_width + self.connector
            self.height = max(self.height, self.pill_height)

    def pill_entry(self, rise: float) -> float:
        """How far right of the pill's left side its outline is, at a height off its middle."""
        radius = min(self.pill_width, self.pill_height) / 2
        beyond = abs(rise) - (self.pill_height / 2 - radius)
        return radius - math.sqrt(max(radius**2 - beyond**2, 0.0)) if beyond > 0 else 0.0

    def draw(self, x: float, y: float) -> Cluster:
        box = self.box
        marks: list[Mark] = []
        middle = y + self.height / 2
        if box.operation:
            pill, card = x + self.lane, x + self.width - self.card_width
            end = pill + self.pill_width
            marks += strands(box.stroke, [(end, middle), (card, middle)])
            marks.append(
                Rectangle(
                    pill,
                    middle - self.pill_height / 2,
                    self.pill_width,
                    self.pill_height,
                    min(self.pill_width, self.pill_height) / 2,
                    palette.DIM_FILL if box.emphasis == "dim" else palette.OPERATION_FILL,
                    box.border,
                    box.outline,
                )
            )
            centre = pill + self.pill_width / 2
            marks.append(Words(centre, middle + 4.2, box.operation, box.ink, TEXT, "middle"))
            if box.badge:
                marks += self._badge(end + self.connector / 2, middle)
        marks += self._card(x + self.width - self.card_width, middle)
        return Cluster(box.name, box.hint, tuple(marks))

    def _badge(self, x: float, y: float) -> list[Mark]:
        badge = self.box.badge
        width = text_width(badge, SMALL) + 8
        return [
            Rectangle(x - width / 2, y - 8, width, 16, 8, palette.INK),
            Words(x, y + 3.7, badge, palette.PAPER, SMALL, "middle", bold=True),
        ]

    def _card(self, x: float, middle: float) -> list[Mark]:
        box, top = self.box, middle - self.card_height / 2
        size = self.card_width, self.card_height
        marks: list[Mark] = [Rectangle(x, top, *size, 4, box.fill, box.border, box.outline)]
        split = x + self.label_width
        if box.label:
            centre = (x + split) / 2
            marks += [
                Words(centre, middle + 4.5, box.label, box.ink, LABEL, "middle", bold=True),
                Curve(
                    (("M", split, top), ("L", split, top + self.card_height)),
                    box.border,
                    0.8,
                    opacity=0.55,
                ),
            ]
        start = middle - ROW * (len(box.rows) - 1) / 2 + 4.2
        right = x + self.card_width - PADDING
        for place, (word, number) in enumerate(box.rows):
            line = start + ROW * place
            if word:
                marks.append(Words(split + PADDING, line, word, box.quiet_ink, SMALL))
            marks.append(Words(right, line, number, box.ink, TEXT, "end"))
        return marks


def _arrow(arrow: Arrow, route: list[Point], stamp: _Stamp, corner: Point) -> Cluster:
    _, end_y = route[-1]
    rise = end_y - (corner[1] + stamp.height / 2)
    tip = corner[0] + stamp.lane + stamp.pill_entry(rise) - stamp.box.outline / 2
    reach = ARROWHEAD + 1.2 * _extra_thickness(arrow)
    marks: list[Mark] = [*strands(arrow.stroke, [*route, (tip - reach * 0.8, end_y)])]
    half = reach * 0.45
    head: tuple[Segment, ...] = (
        ("M", tip, end_y),
        ("L", tip - reach, end_y - half),
        ("L", tip - reach, end_y + half),
        ("Z",),
    )
    ink = arrow.ink if arrow.emphasis == "lit" else arrow.stroke.colours[0]
    marks.append(Curve(head, None, fill=ink))
    if arrow.legend:
        base = end_y - 2.0 - arrow.stroke.thickness / 2
        words = Words(corner[0], base, arrow.legend, arrow.ink, SMALL, "middle", halo=True)
        room = stamp.lane - ARROWHEAD
        right = words.room / 2 + 4 if arrow.note else room / 2
        marks.append(replace(words, x=words.x + room - right))
    return Cluster(arrow.name, arrow.hint, tuple(marks))


def strands(stroke: Stroke, points: list[Point]) -> list[Curve]:
    """Draw the strands of a line side by side along its points."""
    curves = []
    edge = -stroke.thickness / 2
    for colour, width, hollow, dashed in stroke.strands():
        way = _curve(points, edge + width / 2)
        curves.append(Curve(way, colour, width, dash=DASH if dashed else ()))
        if hollow:
            curves.append(Curve(way, palette.PAPER, width * HOLLOW))
        edge += width
    return curves


def _curve(points: list[Point], shift: float) -> tuple[Segment, ...]:
    """The way through the points, level at each, moved by `shift` to keep strands parallel."""
    x, y = points[0]
    parts: list[Segment] = [("M", x, y + shift)]
    for right, lower in points[1:]:
        if abs(lower - y) < 0.05:
            parts.append(("L", right, y + shift))
        else:
            turn = (x + right) / 2 - (shift if lower > y else -shift)
            parts.append(("C", turn, y + shift, turn, lower + shift, right, lower + shift))
        x, y = right, lower
    return tuple(parts)
