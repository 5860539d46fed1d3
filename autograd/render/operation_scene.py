"""Lays out the picture of a graph of operations, with the layout of our own.

An operation and its value are one card; a plain number that only one operation uses stands in its
card, too. Every operand has a port of its own on the card's left side, and its local derivative
stands on the last, level stretch of its arrow, so that no two texts can meet. What is as long as a
chain is folded into rows.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from autograd.primitives import RULES
from autograd.render import palette
from autograd.render.caption import MARGIN, with_caption
from autograd.render.folding import MOST_CROSSING, folded_into
from autograd.render.layered import layered_layout
from autograd.render.picture import Arrow, Box, Picture, Stroke
from autograd.render.scene import Cluster, Mark, Point, Rectangle, Scene, Words
from autograd.render.strokes import ARROWHEAD, arrowhead, curve, lane_for, strands
from autograd.render.typography import BOLDER, text_width, typeset

TEXT, LABEL, SMALL = 12.0, 13.0, 10.5
ROW, HEADER, PADDING = 15.0, 19.0, 6.0
PORT_GAP = 15.0
GAP = 22.0  # between columns
WIDEST, NARROW = 960.0, 440.0
MORE_CROSSING = MOST_CROSSING, 6, 10, 14  # arrows that lead from row to row, if no fewer can
_INFIX = {rule.symbol for rule in RULES.values() if rule.binding and rule.arity == 2}


def operation_scene(picture: Picture) -> Scene:
    """Place every value and operation of a picture, from left to right.

    Boxes have the ids `n0`, `n1`, ... and arrows `e0`, `e1`, ...; those of a plain number in a card
    are on it.

    Example:
        >>> operation_scene(Picture("nothing", (), (), ())).clusters
        ()
    """
    measured = picture.measured or picture
    inside = _numbers_inside(picture)
    stamps = _stamps(measured, inside)
    drawn = [place for place in range(len(picture.boxes)) if place not in inside]
    column = {place: position for position, place in enumerate(drawn)}
    outer = [arrow for arrow in picture.arrows if arrow.tail not in inside]
    layout = layered_layout(
        [(stamps[place].width, stamps[place].height) for place in drawn],
        [(column[arrow.tail], column[arrow.head]) for arrow in outer],
        port_gap=PORT_GAP,
        column_gap=GAP,
        thickness=[
            _extra_thickness(arrow) for arrow in measured.arrows if arrow.tail not in inside
        ],
    )
    lane = lane_for(arrow.stroke for arrow in measured.arrows)
    widths = (NARROW, WIDEST) if picture.narrow else (WIDEST,)
    ways = [(width, crossing) for width in widths for crossing in MORE_CROSSING]
    layout = folded_into(layout, ways, lane)
    corners = [(x + MARGIN, y + MARGIN) for x, y in layout.corners]
    clusters = []
    # Marked paths lie above the rest, boxes above all arrows.
    for arrow, route in sorted(
        zip(outer, layout.routes, strict=True), key=lambda pair: pair[0].emphasis == "lit"
    ):
        way = [(x + MARGIN, y + MARGIN) for x, y in route]
        head = arrow.head
        clusters.append(_arrow(arrow, way, stamps[head], corners[column[head]]))
    for place, corner in zip(drawn, corners, strict=True):
        stamps[place].box = picture.boxes[place]
        clusters += stamps[place].draw(*corner)
    room = NARROW if picture.narrow else WIDEST
    return with_caption(picture, clusters, layout.width, layout.height, room)


def _numbers_inside(picture: Picture) -> dict[int, Arrow]:
    """The places of plain numbers that stand in the card of the operation that uses them."""
    uses: dict[int, list[Arrow]] = {}
    operands: dict[int, int] = {}
    for arrow in picture.arrows:
        uses.setdefault(arrow.tail, []).append(arrow)
        operands[arrow.head] = operands.get(arrow.head, 0) + 1
    found = {}
    for place, arrows in uses.items():
        box = picture.boxes[place]
        plain = box.kind == "constant" and not box.label and not box.operation
        infix = picture.boxes[arrows[0].head].operation in _INFIX and len(arrows) == 1
        if plain and infix and operands[arrows[0].head] == 2:
            found[place] = arrows[0]
    return found


def _stamps(picture: Picture, inside: dict[int, Arrow]) -> list[_Stamp]:
    rooms = [0.0] * len(picture.boxes)
    lanes = [0.0] * len(picture.boxes)
    numbers: dict[int, tuple[Box, bool]] = {}
    met: set[int] = set()
    for arrow in picture.arrows:
        if arrow.tail in inside:
            is_first = arrow.head not in met
            numbers[arrow.head] = picture.boxes[arrow.tail], is_first
        else:
            rooms[arrow.head] += PORT_GAP + _extra_thickness(arrow)
            lane = text_width(arrow.legend, SMALL) + 10 + ARROWHEAD
            if arrow.note:  # it may begin between the columns
                lane -= GAP / 2
            lanes[arrow.head] = max(lanes[arrow.head], lane)
        met.add(arrow.head)
    return [
        _Stamp(box, room, lane, numbers.get(place))
        for place, (box, room, lane) in enumerate(zip(picture.boxes, rooms, lanes, strict=True))
    ]


def _extra_thickness(arrow: Arrow) -> float:
    """How much thicker than an ordinary arrow."""
    return arrow.stroke.thickness - Stroke().thickness


class _Stamp:
    """A card with its measures: on top the label and the operation, below the rows.

    Args:
        box: What stands on it.
        room: How high it must be for its ports.
        lane: The room on its left for local derivatives.
        number: The plain number in it, and whether it is the first operand.
    """

    def __init__(self, box: Box, room: float, lane: float, number: tuple[Box, bool] | None) -> None:
        self.box = box
        self.number = number
        self.words = max((text_width(word, SMALL) for word, _ in box.rows if word), default=-5.0)
        numbers = max(text_width(number, TEXT) for _, number in box.rows)
        self.label_width = text_width(box.label, LABEL) * BOLDER
        header = self.label_width + self._operation_width()
        if box.label and box.operation:
            header += 10
        self.header = HEADER if header else 0.0
        self.card_width = 2 * PADDING + max(self.words + 5 + numbers, header)
        self.card_height = max(self.header + ROW * len(box.rows) + 6, 22.0, room + 4)
        self.lane = lane if box.operation else 0.0
        self.width, self.height = self.card_width + self.lane, self.card_height
        if box.badge:
            self.height += 20

    def _operation_width(self) -> float:
        width = text_width(self.box.operation, TEXT)
        return width + (text_width(f" {self._number_text()}", TEXT) if self.number else 0.0)

    def _number_text(self) -> str:
        return self.number[0].rows[0][1] if self.number else ""

    def draw(self, x: float, y: float) -> list[Cluster]:
        """Draw it with its upper left corner at (x, y), lane included."""
        box, left = self.box, x + self.lane
        top = y + (self.height - self.card_height) / 2
        marks: list[Mark] = [
            Rectangle(
                left, top, self.card_width, self.card_height, 4, box.fill, box.border, box.outline
            )
        ]
        clusters = []
        used = self.header + ROW * len(box.rows) + 6
        # A head stays on top, however many rows there are below it.
        start = top if self.header else top + max(self.card_height - used, 0.0) / 2
        if self.header:
            header, number = self._header(left, start)
            marks += header
            clusters += number
        line = start + self.header + 3 + 11.2
        right = left + self.card_width - PADDING
        for word, number_text in box.rows:
            if word:
                marks.append(Words(left + PADDING, line, word, box.quiet_ink, SMALL))
            marks.append(Words(right, line, typeset(number_text), box.ink, TEXT, "end"))
            line += ROW
        if box.badge:
            marks += self._badge(left + self.card_width, top)
        return [Cluster(box.name, box.hint, tuple(marks)), *clusters]

    def _header(self, left: float, top: float) -> tuple[list[Mark], list[Cluster]]:
        """On the left the label, on the right the operation with the plain number in it."""
        box = self.box
        marks: list[Mark] = []
        clusters: list[Cluster] = []
        base = top + 15.5
        if box.operation:
            fill = palette.DIM_FILL if box.emphasis == "dim" else palette.OPERATION_FILL
            marks.append(Rectangle(left + 1, top + 1, self.card_width - 2, HEADER + 1, 3, fill))
        if box.label:
            marks.append(Words(left + PADDING, base, box.label, box.ink, LABEL, bold=True))
        right = left + self.card_width - PADDING
        if self.number and not self.number[1]:
            clusters.append(self._number_cluster(right, base))
            right -= text_width(f"{self._number_text()} ", TEXT)
        if box.operation:
            marks.append(Words(right, base, box.operation, box.ink, TEXT, "end"))
            right -= text_width(f"{box.operation} ", TEXT)
        if self.number and self.number[1]:
            clusters.append(self._number_cluster(right, base))
        return marks, clusters

    def _number_cluster(self, right: float, base: float) -> Cluster:
        assert self.number is not None
        box = self.number[0]
        words = Words(right, base, typeset(self._number_text()), box.ink, TEXT, "end")
        return Cluster(box.name, box.hint, (words,))

    def _badge(self, x: float, y: float) -> list[Mark]:
        badge = self.box.badge
        width = text_width(badge, SMALL) + 8
        return [
            Rectangle(x - width + 6, y - 12, width, 16, 8, palette.INK),
            Words(x - width / 2 + 6, y - 0.3, badge, palette.PAPER, SMALL, "middle", bold=True),
        ]


def _arrow(arrow: Arrow, route: list[Point], stamp: _Stamp, corner: Point) -> Cluster:
    _, end_y = route[-1]
    tip = corner[0] + stamp.lane - stamp.box.outline / 2
    reach = ARROWHEAD + 1.2 * _extra_thickness(arrow)
    marks: list[Mark] = [
        *strands(arrow.stroke, partial(curve, [*route, (tip - reach * 0.8, end_y)]))
    ]
    ink = arrow.ink if arrow.emphasis == "lit" else arrow.stroke.colours[0]
    marks.append(arrowhead(tip, end_y, reach, ink))
    if arrow.legend:
        base = end_y - 2.0 - arrow.stroke.thickness / 2
        words = Words(corner[0], base, typeset(arrow.legend), arrow.ink, SMALL, "middle", halo=True)
        room = stamp.lane - ARROWHEAD
        right = words.room / 2 + 4 if arrow.note else room / 2
        marks.append(replace(words, x=words.x + room - right))
    return Cluster(arrow.name, arrow.hint, tuple(marks))
